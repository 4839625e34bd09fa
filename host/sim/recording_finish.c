/*
 * recording_finish.c - recorded frames put in order: sorted by their stamps,
 * streams of one PMU joined, IDCODEs that two have made unique.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "recording_parts.h"

/* ---- in order ---- */

/* By stamp, then by arrival. The time bases of two editions may differ, so
 * fractions are put on one scale, 1/2^40 s. */
struct key {
	int64_t tai_s;
	uint64_t frac;
	size_t from;
};

static struct key key_of(const struct cis_recorded_stream *s, size_t i)
{
	const struct cis_recorded *f = &s->frame[i];
	uint32_t base = s->edition[f->edition]->time_base & 0xFFFFFF;

	return (struct key){
		.tai_s = f->tai_s,
		.frac = base ? ((uint64_t)f->fracsec << 40) / base : 0,
		.from = i,
	};
}

static int by_stamp(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->tai_s != y->tai_s)
		return x->tai_s < y->tai_s ? -1 : 1;
	if (x->frac != y->frac)
		return x->frac < y->frac ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

/* A recording is in order as a rule, which costs nothing then. */
static int sort(struct cis_recorded_stream *s)
{
	struct key *key = malloc((s->n_frame + 1) * sizeof(*key));
	struct cis_recorded *to = malloc((s->n_frame + 1) * sizeof(*to));
	bool in_order = true;

	if (!key || !to) {
		free(key);
		free(to);
		return -ENOMEM;
	}
	for (size_t i = 0; i < s->n_frame; i++) {
		key[i] = key_of(s, i);
		in_order = in_order &&
			   (i == 0 || by_stamp(&key[i - 1], &key[i]) < 0);
	}
	if (!in_order) {
		qsort(key, s->n_frame, sizeof(*key), by_stamp);
		for (size_t i = 0; i < s->n_frame; i++)
			to[i] = s->frame[key[i].from];
		memcpy(s->frame, to, s->n_frame * sizeof(*to));
	}
	free(key);
	free(to);
	return 0;
}

static bool same_stamp(const struct cis_recorded *a,
		       const struct cis_recorded *b)
{
	return a->tai_s == b->tai_s && a->fracsec == b->fracsec;
}

/* The first of those with one stamp stays. */
static void leave_out_doubles(struct cis_recording *rec,
			      struct cis_recorded_stream *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_frame; i++) {
		if (n > 0 && same_stamp(&s->frame[n - 1], &s->frame[i]))
			rec->twice++;
		else
			s->frame[n++] = s->frame[i];
	}
	s->n_frame = n;
}

/* ---- one IDCODE from several places ---- */

static size_t host_len(const char *from)
{
	const char *colon = strrchr(from, ':');

	return colon ? (size_t)(colon - from) : strlen(from);
}

static bool same_host(const struct cis_recorded_stream *a,
		      const struct cis_recorded_stream *b)
{
	size_t n = host_len(a->from);

	return n == host_len(b->from) && !memcmp(a->from, b->from, n);
}

/* Two frames with one stamp that are not the same. */
static bool contradict(const struct cis_recorded_stream *a,
		       const struct cis_recorded_stream *b)
{
	size_t i = 0, k = 0;

	while (i < a->n_frame && k < b->n_frame) {
		const struct cis_recorded *f = &a->frame[i], *g = &b->frame[k];

		if (same_stamp(f, g) &&
		    memcmp(f->frame, g->frame, cis_recorded_len(f->frame)) != 0)
			return true;
		if (f->tai_s < g->tai_s ||
		    (f->tai_s == g->tai_s && f->fracsec < g->fracsec))
			i++;
		else
			k++;
	}
	return false;
}

/* The number of cfg among the editions of `to`, with its own copy freed. */
static int take_edition(struct cis_recorded_stream *to,
			struct cis_c37_config *cfg)
{
	for (uint32_t e = 0; e < to->n_edition; e++) {
		if (cis_recorded_same(to->edition[e], cfg)) {
			cis_c37_config_free(cfg);
			return (int)e;
		}
	}
	if (cis_recorded_edition(to, cfg))
		return -ENOMEM;
	return (int)to->n_edition - 1;
}

static int join(struct cis_recorded_stream *to,
		struct cis_recorded_stream *from)
{
	size_t n = to->n_frame + from->n_frame;
	struct cis_recorded *frame = realloc(to->frame, n * sizeof(*frame));

	if (!frame)
		return -ENOMEM;
	to->frame = frame;
	to->cap = n;
	for (uint32_t e = 0; e < from->n_edition; e++) {
		int is = take_edition(to, from->edition[e]);

		if (is < 0)
			return is;
		from->edition[e] = NULL;
		for (size_t i = 0; i < from->n_frame; i++)
			if (from->frame[i].edition == e)
				to->frame[to->n_frame++] =
					(struct cis_recorded){
						.frame = from->frame[i].frame,
						.tai_s = from->frame[i].tai_s,
						.fracsec =
							from->frame[i].fracsec,
						.edition = (uint32_t)is};
	}
	cis_recorded_clear(from);
	return sort(to);
}

static int join_all(struct cis_recording *rec)
{
	for (uint32_t i = 1; i < rec->n_stream; i++) {
		struct cis_recorded_stream *s = &rec->stream[i];

		/* The list of an IDCODE goes from the last to the first. */
		for (uint32_t k = s->next; k != CIS_NO_STREAM && s->n_frame;
		     k = rec->stream[k].next) {
			struct cis_recorded_stream *to = &rec->stream[k];
			int err;

			if (!to->n_frame || !same_host(to, s) ||
			    contradict(to, s))
				continue;
			err = join(to, s);
			if (err)
				return err;
		}
	}
	return 0;
}

/* Streams without frames go. */
static void close_up(struct cis_recording *rec)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < rec->n_stream; i++) {
		if (rec->stream[i].n_frame == 0)
			cis_recorded_clear(&rec->stream[i]);
		else
			rec->stream[n++] = rec->stream[i];
	}
	rec->n_stream = n;
}

/* ---- IDCODEs ---- */

static void readdress(struct cis_recorded_stream *s, uint16_t idcode)
{
	for (size_t i = 0; i < s->n_frame; i++)
		cis_put_be16(s->frame[i].frame + CIS_C37_IDCODE_AT, idcode);
	for (uint32_t e = 0; e < s->n_edition; e++) {
		struct cis_c37_config *cfg = s->edition[e];

		if (cfg->n_pmu == 1 && cfg->pmu[0].idcode == cfg->idcode)
			cfg->pmu[0].idcode = idcode;
		cfg->idcode = idcode;
	}
	s->idcode = idcode;
}

static int number(struct cis_recording *rec, struct cis_warn_list *warn,
		  struct cis_diag *diag)
{
	bool *used = calloc(UINT16_MAX + 1, sizeof(*used));
	bool *seen = calloc(UINT16_MAX + 1, sizeof(*seen));
	uint32_t i, is;

	for (i = 0; used && i < rec->n_stream; i++)
		used[rec->stream[i].idcode] = true;
	for (i = 0; used && seen && i < rec->n_stream; i++) {
		struct cis_recorded_stream *s = &rec->stream[i];

		if (!seen[s->idcode]) {
			seen[s->idcode] = true;
			continue;
		}
		for (is = s->idcode + 1u; is < UINT16_MAX && used[is]; is++)
			;
		if (is == UINT16_MAX)
			break;
		cis_warn(warn,
			 "IDCODE %u also comes from %s: it is sent as IDCODE "
			 "%u",
			 s->idcode, s->from[0] ? s->from : "another sender",
			 (unsigned)is);
		used[is] = seen[is] = true;
		readdress(s, (uint16_t)is);
	}
	is = used && seen;
	free(used);
	free(seen);
	if (!is)
		return cis_fail(diag, -ENOMEM, "out of memory");
	if (i < rec->n_stream)
		return cis_fail(diag, -EBADMSG,
				"no IDCODE is free for another stream of "
				"IDCODE %u",
				rec->stream[i].idcode);
	return 0;
}

/* ---- the end ---- */

int cis_recording_finish(struct cis_recording *rec, struct cis_warn_list *warn,
			 struct cis_diag *diag)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < rec->n_stream; i++)
		err = sort(&rec->stream[i]);
	if (!err)
		err = join_all(rec);
	if (err)
		return cis_fail(diag, err, "out of memory");
	close_up(rec);
	if (rec->n_stream == 0)
		return cis_fail(diag, -ENODATA, "no data frames");
	for (uint32_t i = 0; i < rec->n_stream; i++)
		leave_out_doubles(rec, &rec->stream[i]);
	err = number(rec, warn, diag);
	return err ? err : cis_recording_grid(rec, warn, diag);
}
