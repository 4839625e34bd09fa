/* sink_compare.c - each block that comes back, against what was sent. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"
#include "host/core/angle.h"
#include "sink_in.h"

#define WINDOW_S 10
#define MAX_TOLD 5 /* changes, and streams, with a line of their own */

/* ---- accounts ---- */

static uint32_t count_units(const struct cis_sink *sink)
{
	const struct cis_sink_config *sc = &sink->sc;
	uint32_t n = 0;

	for (uint32_t i = sc->first; i < sc->end; i++)
		n += sc->maker->ops->config(sc->maker, i, sc->start)->n_pmu;
	return n;
}

static void enter_units(struct cis_sink *sink)
{
	const struct cis_sink_config *sc = &sink->sc;

	for (uint32_t i = sc->first; i < sc->end; i++) {
		const struct cis_c37_config *cfg =
			sc->maker->ops->config(sc->maker, i, sc->start);

		for (uint16_t p = 0; p < cfg->n_pmu; p++)
			cis_roster_add(sink->roster, &cfg->pmu[p], i, p);
		sink->time_base[i - sc->first] = cfg->time_base;
	}
	cis_roster_sort(sink->roster);
}

static int open_book(struct cis_sink *sink, struct cis_diag *diag)
{
	const struct cis_sink_config *sc = &sink->sc;
	uint32_t n = cis_roster_size(sink->roster);
	uint32_t *stream_of = malloc(n * sizeof(*stream_of));
	const struct cis_book_config bc = {
		.n_stream = sc->end - sc->first,
		.n_unit = n,
		.stream_of = stream_of,
		.rate = sc->start.rate,
		.window_s = fmax(WINDOW_S, 4 * sc->late_s),
		.late_s = sc->late_s,
	};
	int err;

	if (!stream_of)
		return cis_fail(diag, -ENOMEM, "out of memory");
	for (uint32_t i = 0; i < n; i++)
		stream_of[i] =
			cis_roster_unit(sink->roster, i)->stream - sc->first;
	err = cis_book_new(&bc, &sink->book, diag);
	free(stream_of);
	return err;
}

int cis_sink_open_accounts(struct cis_sink *sink, struct cis_diag *diag)
{
	uint32_t n = count_units(sink);

	sink->listed = calloc(n / 64 + 1u, sizeof(*sink->listed));
	sink->buf = malloc(sink->sc.maker->frame_max);
	sink->time_base =
		calloc(sink->sc.end - sink->sc.first, sizeof(*sink->time_base));
	if (!sink->listed || !sink->buf || !sink->time_base ||
	    cis_roster_new(n, &sink->roster))
		return cis_fail(diag, -ENOMEM, "out of memory");
	enter_units(sink);
	return open_book(sink, diag);
}

void cis_sink_free_accounts(struct cis_sink *sink)
{
	for (unsigned i = 0; i < sink->n_stream; i++)
		cis_sink_lineup_free(&sink->stream[i]);
	cis_book_free(sink->book);
	cis_roster_free(sink->roster);
	cis_c37_data_free(sink->data);
	free(sink->room);
	free(sink->listed);
	free(sink->time_base);
	free(sink->buf);
}

bool cis_sink_is_listed(const struct cis_sink *sink, uint32_t unit)
{
	return sink->listed[unit / 64] >> unit % 64 & 1;
}

/* ---- the PDC's configuration ---- */

static struct cis_sink_stream *find(const struct cis_sink_link *link,
				    uint16_t idcode)
{
	struct cis_sink *sink = link->sink;

	for (unsigned i = 0; i < sink->n_stream; i++)
		if (sink->stream[i].link == link &&
		    sink->stream[i].idcode == idcode)
			return &sink->stream[i];
	return NULL;
}

void cis_sink_config(const struct cis_sink_link *link,
		     const struct cis_c37_config *cfg)
{
	struct cis_sink_stream *s = find(link, cfg->idcode);
	struct cis_sink *sink = link->sink;

	if (!s && sink->n_stream == CIS_CLIENT_MAX_STREAM)
		return;
	if (!s) {
		s = &sink->stream[sink->n_stream++];
		s->link = link;
		s->idcode = cfg->idcode;
	}
	if (cis_sink_line_up(sink, cfg, s)) {
		cis_log(CIS_LOG_ERR, "sink: out of memory");
		return;
	}
	s->begun = false;
	cis_log(sink->n_stream <= MAX_TOLD ? CIS_LOG_INFO : CIS_LOG_DEBUG,
		"sink: idcode=%u pmus=%u ours=%u others=%u of=%u sent",
		cfg->idcode, cfg->n_pmu, (unsigned)s->n_known,
		(unsigned)s->n_foreign,
		(unsigned)cis_roster_size(sink->roster));
}

/* ---- one block ---- */

static const char *const what_words[CIS_DIFF_N] = {
	[CIS_DIFF_NOTHING] = "nothing", [CIS_DIFF_STAT] = "STAT",
	[CIS_DIFF_PHASOR] = "phasor",   [CIS_DIFF_FREQ] = "frequency",
	[CIS_DIFF_ROCOF] = "ROCOF",     [CIS_DIFF_ANALOG] = "analog",
	[CIS_DIFF_DIGITAL] = "digital",
};

static void value_words(const struct cis_diff_side *side,
			const struct cis_diff *d, int channel, char *buf,
			size_t size)
{
	const struct cis_c37_block *b = side->block;
	double complex p;

	switch (d->what) {
	case CIS_DIFF_PHASOR:
		p = b->phasor_rms[channel];
		snprintf(buf, size, "%.32s %.7g at %.5f deg",
			 side->pmu->phasor[channel].name, cabs(p),
			 carg(p) * CIS_DEG_PER_RAD);
		break;
	case CIS_DIFF_FREQ:
		snprintf(buf, size, "%.6f Hz", b->freq_hz);
		break;
	case CIS_DIFF_ROCOF:
		snprintf(buf, size, "%.6g Hz/s", b->rocof_hz_per_s);
		break;
	case CIS_DIFF_ANALOG:
		snprintf(buf, size, "%.32s %.7g",
			 side->pmu->analog[channel].name, b->analog[channel]);
		break;
	case CIS_DIFF_DIGITAL:
		snprintf(buf, size, "word %d 0x%04X", channel + 1,
			 b->digital[channel]);
		break;
	default:
		snprintf(buf, size, "STAT 0x%04X", b->stat);
		break;
	}
}

static void tell_change(struct cis_sink *sink, struct cis_instant at,
			const struct cis_diff_side *ours,
			const struct cis_diff_side *theirs,
			const struct cis_diff *d)
{
	char is[96], was[96], date[CIS_UTC_SIZE];

	if (sink->n_told++ >= MAX_TOLD)
		return;
	value_words(theirs, d, d->channel, is, sizeof(is));
	value_words(ours, d, d->ours, was, sizeof(was));
	cis_log(CIS_LOG_WARN,
		"sink: changed: idcode=%u time=%s %s: %s came back, sent "
		"was %s%s",
		ours->pmu->idcode,
		cis_utc_format(cis_instant_time(at), 3, date),
		what_words[d->what], is, was,
		sink->n_told == MAX_TOLD ? "; more are counted only" : "");
}

static enum cis_back compare(struct cis_sink *sink, struct cis_sink_stream *s,
			     uint16_t i, struct cis_instant at,
			     const struct cis_diff_side *theirs)
{
	struct cis_diff_map map;
	struct cis_diff_side ours;
	struct cis_diff d;
	enum cis_back back;

	if (!cis_sink_make(sink, s->unit[i], at, &ours))
		return CIS_BACK_MISSING;
	map = cis_sink_channels(s, i, ours.pmu, theirs->pmu);
	back = cis_block_diff(&ours, theirs, &map, &d);
	if (back == CIS_BACK_CHANGED) {
		sink->n_diff[d.what]++;
		tell_change(sink, at, &ours, theirs, &d);
	}
	for (unsigned bit = 0; back == CIS_BACK_WHOLE && d.marked >> bit; bit++)
		sink->n_marked[bit] += d.marked >> bit & 1;
	return back;
}

/* Of what was not sent: does it claim to be data? */
static enum cis_back claim(const struct cis_c37_pmu *pmu,
			   const struct cis_c37_block *block)
{
	if (block->stat & CIS_C37_STAT_ERROR_MASK)
		return CIS_BACK_MISSING;
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		if (!isnan(creal(block->phasor_rms[i])))
			return CIS_BACK_WHOLE;
	return isnan(block->freq_hz) ? CIS_BACK_MISSING : CIS_BACK_WHOLE;
}

static void take_block(struct cis_sink *sink, struct cis_sink_stream *s,
		       uint16_t i, struct cis_instant at,
		       const struct cis_diff_side *theirs)
{
	uint32_t unit = s->unit[i];
	struct cis_book_block block = {at, sink->arrived, CIS_BACK_WHOLE};
	enum cis_book_place place;
	int64_t latency_ns;

	if (!cis_book_begun(sink->book, unit))
		return;
	place = cis_book_find(sink->book, unit, at);
	if (place == CIS_BOOK_SENT)
		block.back = compare(sink, s, i, at, theirs);
	else if (place == CIS_BOOK_UNSENT)
		block.back = claim(theirs->pmu, theirs->block);
	place = cis_book_came(sink->book, unit, &block, &latency_ns);
	if (place == CIS_BOOK_SENT && block.back != CIS_BACK_MISSING)
		cis_spread_add(&sink->latency_s, (double)latency_ns * 1e-9);
}

/* ---- one frame ---- */

bool cis_sink_instant(const struct cis_sink *sink, uint32_t time_base,
		      const struct cis_c37_head *head, struct cis_instant *at)
{
	struct cis_rate rate = sink->sc.start.rate;
	const struct cis_c37_config grid = {
		.time_base = time_base,
		.data_rate = rate.den > 1 ? (int16_t) - (int)rate.den
					  : (int16_t)rate.num,
	};
	uint32_t base = time_base & CIS_C37_MAX_TIME_BASE;
	double off_s;

	*at = cis_c37_head_instant(&grid, head);
	off_s = (double)(cis_c37_tai_s(head) - at->tai_s) +
		cis_c37_frac_s(head->fracsec, time_base) -
		cis_instant_split(*at).frac_s;
	return base && fabs(off_s) <= 1.0 / base;
}

/* From the first frame on, all PMUs that it has are expected. */
static void begin(struct cis_sink *sink, struct cis_sink_stream *s,
		  struct cis_instant at)
{
	bool all = true;

	for (uint16_t i = 0; i < s->n_block; i++) {
		if (s->unit[i] == CIS_ROSTER_NONE)
			continue;
		cis_book_begin(sink->book, s->unit[i], at, s->stride);
		all &= cis_book_begun(sink->book, s->unit[i]);
	}
	s->begun = all;
}

void cis_sink_data(const struct cis_sink_link *link,
		   const struct cis_c37_config *cfg,
		   const struct cis_c37_data *data)
{
	struct cis_sink_stream *s = find(link, cfg->idcode);
	struct cis_sink *sink = link->sink;
	struct cis_instant at;

	if (!s || s->n_block != data->n_pmu)
		return;
	s->frames++;
	sink->made = false;
	if (!cis_sink_instant(sink, cfg->time_base, &data->head, &at)) {
		sink->n_off_grid++;
		return;
	}
	cis_spread_add(
		&sink->wait_s,
		(double)cis_time_diff_ns(sink->arrived, cis_instant_time(at)) *
			1e-9);
	if (!s->begun)
		begin(sink, s, at);
	for (uint16_t i = 0; i < s->n_block; i++) {
		const struct cis_diff_side theirs = {&cfg->pmu[i],
						     &data->block[i]};

		if (s->unit[i] != CIS_ROSTER_NONE)
			take_block(sink, s, i, at, &theirs);
	}
}
