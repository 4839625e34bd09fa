/*
 * reports_frames.c - reports out of the frames of a capture or a file; see
 * reports_parts.h. Of several streams the one that is picked; the others are
 * only named.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/decode/decode.h"
#include "host/cli/decode/decode_input.h"
#include "reports_parts.h"

struct stream {
	uint32_t pair;
	uint16_t idcode;
	char from[CIS_ENDPOINT_SIZE];
	char names[80];  /* of its PMUs */
	bool fits, many; /* its PMU; and others of the same frames */
};

struct frames {
	struct cis_reports *r;
	const struct cis_reports_pick *pick;
	struct cis_warn_list *warn;
	struct cis_diag *diag;
	struct cis_decode_book *book;
	struct cis_report rep;
	uint16_t pmu;  /* of the stream that is read */
	size_t picked; /* that stream, once n_fit is not 0 */
	const struct cis_c37_config *seen; /* the last that fitted */
	uint64_t n_changed;
	size_t n_stream, cap, n_fit;
	struct stream *stream;
	int err;
};

/* ---- streams ---- */

static bool is_from(const struct stream *s, const struct cis_capture_frame *f,
		    uint16_t idcode)
{
	return s->pair == f->pair && s->idcode == idcode &&
	       !strcmp(s->from, f->from ? f->from : "");
}

/* The first one that fits is read. */
static void choose(struct frames *fr, struct stream *s,
		   const struct cis_c37_config *cfg)
{
	int i = cis_reports_pick_pmu(cfg, fr->pick, s->from, &s->many);

	cis_reports_list(cfg, s->names, sizeof(s->names));
	s->fits = i >= 0;
	if (i < 0 || fr->n_fit++)
		return;
	fr->picked = (size_t)(s - fr->stream);
	fr->pmu = (uint16_t)i;
	fr->err = cis_reports_describe(&fr->r->about, cfg, fr->pmu, fr->diag);
}

static bool grow(struct frames *fr)
{
	size_t cap = fr->cap ? 2 * fr->cap : 16;
	struct stream *more = realloc(fr->stream, cap * sizeof(*more));

	if (!more)
		return false;
	fr->stream = more;
	fr->cap = cap;
	return true;
}

/* The number of a data frame's stream, begun if it is new. */
static size_t stream_of(struct frames *fr, const struct cis_decoded *d)
{
	struct stream *s;

	for (size_t i = 0; i < fr->n_stream; i++)
		if (is_from(&fr->stream[i], d->from, d->head.idcode))
			return i;
	if (fr->n_stream == fr->cap && !grow(fr)) {
		fr->err = cis_fail(fr->diag, -ENOMEM, "out of memory");
		return 0;
	}
	s = &fr->stream[fr->n_stream++];
	s->pair = d->from->pair;
	s->idcode = d->head.idcode;
	snprintf(s->from, sizeof(s->from), "%s",
		 d->from->from ? d->from->from : "");
	choose(fr, s, d->cfg);
	return fr->n_stream - 1;
}

/* ---- frames ---- */

/* A configuration is compared when it is another than before. */
static bool still_fits(struct frames *fr, const struct cis_decoded *d)
{
	if (fr->n_changed)
		return false;
	if (d->cfg != fr->seen &&
	    !cis_reports_fits(&fr->r->about, d->cfg, fr->pmu))
		return false;
	fr->seen = d->cfg;
	return true;
}

static void take_data(struct frames *fr, const struct cis_decoded *d)
{
	size_t i = stream_of(fr, d);
	const struct cis_capture_frame *f = d->from;
	struct cis_arrival arrival;

	if (fr->err || fr->n_fit == 0 || i != fr->picked)
		return;
	if (!still_fits(fr, d)) {
		fr->n_changed++;
		return;
	}
	arrival = cis_reports_from_frame(d->cfg, fr->pmu, d->data,
					 f->from ? &f->time : NULL, &fr->rep);
	if (cis_reports_put(fr->r, &fr->rep, &arrival))
		fr->err = cis_fail(fr->diag, -ENOMEM, "out of memory");
}

static void take(void *arg, const struct cis_capture_frame *frame)
{
	struct frames *fr = arg;
	struct cis_decoded d;

	if (!fr->err)
		fr->err = cis_decode_frame(fr->book, frame, &d);
	if (fr->err || d.head.type != CIS_C37_DATA) {
		/* A new configuration may lie where the last one was. */
		fr->seen = NULL;
		return;
	}
	if (!frame->crc_ok)
		fr->r->about.crc_errors++;
	else if (!d.data)
		fr->r->about.unread++;
	else
		take_data(fr, &d);
}

/* ---- the end ---- */

static void list(const struct frames *fr, bool all, char *buf, size_t size)
{
	buf[0] = '\0';
	for (size_t i = 0; i < fr->n_stream; i++) {
		const struct stream *s = &fr->stream[i];
		size_t len = strlen(buf);

		if (all || s->fits)
			snprintf(buf + len, size - len, "%s%s%s%s",
				 len ? "; " : "", s->names,
				 s->from[0] ? " from " : "", s->from);
	}
}

static int check(struct frames *fr)
{
	const char *what = fr->r->about.what;
	char names[200];

	if (fr->n_stream == 0)
		return cis_fail(fr->diag, -ENODATA,
				"%.160s: no data frame that a configuration "
				"explains (%llu without)",
				what, (unsigned long long)fr->r->about.unread);
	list(fr, fr->n_fit == 0, names, sizeof(names));
	if (fr->n_fit == 0)
		return cis_fail(fr->diag, -EINVAL,
				"%.80s: holds no such PMU; it has %s", what,
				names);
	if (fr->stream[fr->picked].many && fr->n_fit == 1)
		return cis_reports_many(what, fr->stream[fr->picked].names,
					fr->pick, fr->diag);
	if (fr->n_fit > 1)
		return cis_fail(fr->diag, -EINVAL,
				"%.50s: holds several streams (%s): --%s or "
				"--%s chooses",
				what, names, fr->pick->idcode_option,
				fr->pick->station_option);
	if (fr->n_changed)
		cis_warn(fr->warn,
			 "%.160s: the configuration changes after %zu reports; "
			 "the %llu frames after it are left out",
			 what, fr->r->n, (unsigned long long)fr->n_changed);
	return 0;
}

static void tell_holes(const struct frames *fr,
		       const struct cis_capture_stats *st)
{
	if (st->cut)
		cis_warn(fr->warn,
			 "%.160s: %llu packets were captured in part only",
			 fr->r->about.what, (unsigned long long)st->cut);
	if (st->gaps)
		cis_warn(fr->warn, "%.160s: TCP streams have %llu holes",
			 fr->r->about.what, (unsigned long long)st->gaps);
}

int cis_reports_read_frames(const char *path,
			    const struct cis_reports_pick *pick,
			    struct cis_reports *r, struct cis_warn_list *warn,
			    struct cis_diag *diag)
{
	struct frames *fr = calloc(1, sizeof(*fr));
	struct cis_capture_stats stats;
	const struct cis_decode_taker to = {
		.of = {.take = take, .arg = fr, .stats = &stats, .warn = warn}};
	int err;

	if (!fr)
		return cis_fail(diag, -ENOMEM, "out of memory");
	fr->r = r;
	fr->pick = pick;
	fr->warn = warn;
	fr->diag = diag;
	fr->book = cis_decode_book_new();
	err = fr->book ? cis_decode_input(path, &to, diag)
		       : cis_fail(diag, -ENOMEM, "out of memory");
	if (!err)
		err = fr->err;
	if (!err)
		err = check(fr);
	if (!err)
		tell_holes(fr, &stats);
	cis_decode_book_free(fr->book);
	free(fr->stream);
	free(fr);
	return err;
}
