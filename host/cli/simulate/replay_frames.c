/*
 * replay_frames.c - recordings of frames; see replay_parts.h.
 *
 * A stream that is sent unasked may begin long before its first configuration:
 * then the file is read once more, with the first configurations told before it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/decode/decode.h"
#include "host/cli/decode/decode_input.h"
#include "host/net/capture.h"
#include "replay_parts.h"

/* The first configuration of an IDCODE and sender, as it came. */
struct early {
	struct early *next;
	struct cis_capture_frame cf;
	char from[CIS_ENDPOINT_SIZE], to[CIS_ENDPOINT_SIZE];
	uint16_t idcode;
	uint8_t frame[];
};

/* Up to which configuration frame of its IDCODE a stream has followed. */
struct follow {
	const struct cis_c37_config *cfg;
	uint64_t turn;
};

struct frames {
	struct cis_replay_reading *rd;
	struct cis_decode_book *book;
	struct early *early, **last;
	uint64_t *turn; /* configuration frames so far, by IDCODE */
	struct follow *follow;
	size_t n_follow;
	uint64_t n_data, n_kept, n_crc, n_misfit, n_unread;
	int err;
};

/* ---- configurations ---- */

static int copy_pmu(const struct cis_c37_pmu *from, struct cis_c37_pmu *to)
{
	struct cis_c37_pmu pmu = *from;
	int err;

	pmu.phasor = pmu.analog = NULL;
	pmu.digital = NULL;
	err = cis_c37_pmu_size(&pmu, from->n_phasor, from->n_analog,
			       from->n_digital);
	if (err)
		return err;
	memcpy(pmu.phasor, from->phasor, from->n_phasor * sizeof(*pmu.phasor));
	memcpy(pmu.analog, from->analog, from->n_analog * sizeof(*pmu.analog));
	memcpy(pmu.digital, from->digital,
	       from->n_digital * sizeof(*pmu.digital));
	*to = pmu;
	return 0;
}

static struct cis_c37_config *copy_of(const struct cis_c37_config *from)
{
	struct cis_c37_config *cfg;
	struct cis_c37_pmu *pmu;

	if (cis_c37_config_new(from->n_pmu, &cfg))
		return NULL;
	pmu = cfg->pmu;
	*cfg = *from;
	cfg->pmu = pmu;
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		if (copy_pmu(&from->pmu[i], &cfg->pmu[i])) {
			cis_c37_config_free(cfg);
			return NULL;
		}
	}
	return cfg;
}

static int remember(struct frames *fr, const struct cis_decoded *d)
{
	const struct cis_capture_frame *cf = d->from;
	const char *from = cf->from ? cf->from : "";
	struct early *e;

	for (e = fr->early; e; e = e->next)
		if (e->idcode == d->head.idcode && !strcmp(e->from, from))
			return 0;
	e = malloc(sizeof(*e) + cf->len);
	if (!e)
		return -ENOMEM;
	*e = (struct early){.cf = *cf, .idcode = d->head.idcode};
	snprintf(e->from, sizeof(e->from), "%s", from);
	snprintf(e->to, sizeof(e->to), "%s", cf->to ? cf->to : "");
	memcpy(e->frame, cf->frame, cf->len);
	e->cf.frame = e->frame;
	e->cf.from = cf->from ? e->from : NULL;
	e->cf.to = cf->to ? e->to : NULL;
	*fr->last = e;
	fr->last = &e->next;
	return 0;
}

static void take_config(struct frames *fr, const struct cis_decoded *d)
{
	fr->turn[d->head.idcode]++;
	if (d->cfg && !d->cont_idx && d->from->crc_ok)
		fr->err = remember(fr, d);
}

/* ---- data ---- */

static int make_room(struct frames *fr, size_t n)
{
	size_t cap = 2 * n + 16;
	struct follow *more;

	if (n < fr->n_follow)
		return 0;
	more = realloc(fr->follow, cap * sizeof(*more));
	if (!more)
		return -ENOMEM;
	memset(more + fr->n_follow, 0, (cap - fr->n_follow) * sizeof(*more));
	fr->follow = more;
	fr->n_follow = cap;
	return 0;
}

/* The configuration of stream i is told when it may be another. */
static int follow(struct frames *fr, uint32_t i, const struct cis_decoded *d)
{
	struct cis_recording *rec = fr->rd->rec;
	uint64_t turn = fr->turn[d->head.idcode];
	struct cis_c37_config *cfg;
	struct follow *f;

	if (make_room(fr, i))
		return -ENOMEM;
	f = &fr->follow[i];
	if (f->cfg == d->cfg && f->turn == turn)
		return 0;
	cfg = copy_of(d->cfg);
	if (!cfg)
		return -ENOMEM;
	f->cfg = d->cfg;
	f->turn = turn;
	cis_replay_name(cfg);
	return cis_recording_config(rec, i, cfg);
}

static int keep(struct frames *fr, const struct cis_decoded *d)
{
	struct cis_recording *rec = fr->rd->rec;
	const struct cis_capture_frame *cf = d->from;
	int i = cis_recording_stream(rec, d->head.idcode,
				     cf->from ? cf->from : "");
	int err = i < 0 ? i : follow(fr, (uint32_t)i, d);

	if (err)
		return err;
	fr->n_kept++;
	return cis_recording_put(rec, (uint32_t)i, cf->frame,
				 cf->from ? &cf->time : NULL);
}

static void take_data(struct frames *fr, const struct cis_decoded *d)
{
	fr->n_data++;
	if (!d->from->crc_ok)
		fr->n_crc++;
	else if (!d->cfg)
		fr->n_unread++;
	else if (!d->data)
		fr->n_misfit++;
	else
		fr->err = keep(fr, d);
}

static void take(void *arg, const struct cis_capture_frame *cf)
{
	struct frames *fr = arg;
	struct cis_decoded d;

	if (!fr->err)
		fr->err = cis_decode_frame(fr->book, cf, &d);
	if (fr->err)
		return;
	switch (d.head.type) {
	case CIS_C37_DATA:
		take_data(fr, &d);
		break;
	case CIS_C37_CFG1:
	case CIS_C37_CFG2:
	case CIS_C37_CFG3:
		take_config(fr, &d);
		break;
	default:
		break;
	}
}

/* ---- the file ---- */

static int read_once(struct frames *fr, struct cis_capture_stats *stats,
		     struct cis_warn_list *warn)
{
	const struct cis_decode_taker to = {
		.of = {.take = take, .arg = fr, .stats = stats, .warn = warn}};
	int err;

	fr->book = cis_decode_book_new();
	if (!fr->book)
		return cis_replay_cannot_keep(fr->rd, -ENOMEM);
	for (struct early *e = fr->early; e && !fr->err; e = e->next)
		take(fr, &e->cf);
	err = cis_decode_input(fr->rd->file, &to, fr->rd->diag);
	if (!err && fr->err)
		err = cis_replay_cannot_keep(fr->rd, fr->err);
	cis_decode_book_free(fr->book);
	return err;
}

/* All that the first reading kept is dropped. */
static int begin_anew(struct frames *fr)
{
	size_t max = fr->rd->rec->max_bytes;

	cis_recording_free(fr->rd->rec);
	fr->rd->rec = cis_recording_new(max);
	if (!fr->rd->rec)
		return cis_replay_cannot_keep(fr->rd, -ENOMEM);
	memset(fr->follow, 0, fr->n_follow * sizeof(*fr->follow));
	fr->n_data = fr->n_kept = fr->n_crc = fr->n_misfit = fr->n_unread = 0;
	return 0;
}

static int check(const struct frames *fr, const struct cis_capture_stats *st)
{
	const char *file = fr->rd->file;
	struct cis_diag *diag = fr->rd->diag;

	if (fr->n_kept)
		return 0;
	if (fr->n_data == 0)
		return cis_fail(diag, -ENODATA,
				"%.160s: holds %llu frames, none of them data",
				file, (unsigned long long)st->frames);
	if (fr->n_unread)
		return cis_fail(diag, -ENODATA,
				"%.120s: holds data and no configuration that "
				"explains them: record from the beginning, as "
				"cisoid listen --pcap does, which asks for the "
				"configuration",
				file);
	return cis_fail(diag, -ENODATA,
			"%.160s: none of its %llu data frames can be used: a "
			"wrong CRC, or another length than the configuration "
			"tells",
			file, (unsigned long long)fr->n_data);
}

static void tell(const struct frames *fr, const struct cis_capture_stats *st)
{
	const struct {
		uint64_t n;
		const char *what;
	} told[] = {
		{fr->n_crc, "left out, data frames with a wrong CRC"},
		{fr->n_misfit,
		 "left out, data frames that do not fit their configuration"},
		{fr->n_unread, "left out, data frames without a configuration"},
		{st->cut, "packets that were captured in part only"},
		{st->gaps, "places where bytes of a TCP stream are missing"},
	};

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (told[i].n)
			cis_warn(fr->rd->warn, "%.160s: %s: %llu", fr->rd->file,
				 told[i].what, (unsigned long long)told[i].n);
}

static int read_frames(struct frames *fr)
{
	struct cis_capture_stats stats = {.packets = 0};
	int err = read_once(fr, &stats, fr->rd->warn);

	if (!err && fr->n_unread && fr->early) {
		err = begin_anew(fr);
		if (!err)
			err = read_once(fr, &stats, NULL);
	}
	if (!err)
		err = check(fr, &stats);
	if (!err)
		tell(fr, &stats);
	return err;
}

int cis_replay_read_frames(struct cis_replay_reading *rd)
{
	struct frames fr = {.rd = rd};
	int err;

	fr.last = &fr.early;
	fr.turn = calloc(UINT16_MAX + 1, sizeof(*fr.turn));
	err = fr.turn ? read_frames(&fr) : cis_replay_cannot_keep(rd, -ENOMEM);
	while (fr.early) {
		struct early *e = fr.early;

		fr.early = e->next;
		free(e);
	}
	free(fr.turn);
	free(fr.follow);
	return err;
}
