/*
 * tally.c - pairs judged, steps left out, doubtful ones measured; see compare.h.
 *
 * Rows wait until the reference is known for half a window beyond them: a step
 * found then still takes them out.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tally.h"

#define DEFAULT_CYCLES 3
#define MAX_HALF_S     2
/* Rows are held for so many reports per second; see hold(). */
#define MAX_RATE_HZ    500
#define SPARE_ROWS     64

struct held {
	struct cis_row row;
	bool step_told; /* a two-sided estimate: right beside a step */
};

/* The last instant within half a window of what went before. */
struct until {
	bool set;
	struct cis_split_time at;
};

struct cis_tally {
	struct cis_tally_config cfg;
	struct cis_match_map map;
	struct cis_watch watch;
	struct held *held;
	struct cis_row_chan *chans;
	uint32_t n_held, first, room;
	uint32_t n_decided; /* of those held, whatever comes */
	bool begun, ended;
	struct cis_instant newest;
	double ref_period_s;
	struct until step, disturbed;
	struct cis_tally_count count;
	struct cis_figures judged, doubtful;
};

/* ---- memory ---- */

static int check(const struct cis_tally_config *cfg, struct cis_diag *diag)
{
	if (cfg->map->n == 0 || cfg->map->n > CIS_MATCH_MAX)
		return cis_fail(diag, -EINVAL,
				"the channel map is empty: nothing to compare");
	if (!(cfg->fnom_hz > 0) || !isfinite(cfg->fnom_hz))
		return cis_fail(diag, -EINVAL,
				"the nominal frequency must be 50 or 60 Hz");
	if (!(cfg->half_window_s >= 0) || cfg->half_window_s > MAX_HALF_S)
		return cis_fail(diag, -EINVAL,
				"half the reference's window is 0 to %d s, not "
				"%g s",
				MAX_HALF_S, cfg->half_window_s);
	return 0;
}

static int allot(struct cis_tally *t)
{
	uint32_t n = t->map.n;

	t->room =
		SPARE_ROWS + (uint32_t)ceil(t->cfg.half_window_s * MAX_RATE_HZ);
	t->held = calloc(t->room, sizeof(*t->held));
	t->chans = calloc((size_t)t->room * n, sizeof(*t->chans));
	if (!t->held || !t->chans || cis_figures_init(&t->judged, n) ||
	    cis_figures_init(&t->doubtful, n))
		return -ENOMEM;
	for (uint32_t i = 0; i < t->room; i++)
		t->held[i].row.chan = &t->chans[(size_t)i * n];
	return cis_watch_init(&t->watch, &t->map, t->cfg.fnom_hz);
}

int cis_tally_new(const struct cis_tally_config *cfg, struct cis_tally **out,
		  struct cis_diag *diag)
{
	struct cis_tally *t;
	int err = check(cfg, diag);

	if (err)
		return err;
	t = calloc(1, sizeof(*t));
	if (!t)
		return cis_fail(diag, -ENOMEM, "out of memory");
	t->map = *cfg->map;
	t->cfg = *cfg;
	t->cfg.map = &t->map;
	if (cfg->half_window_s == 0)
		t->cfg.half_window_s = DEFAULT_CYCLES / cfg->fnom_hz;
	err = allot(t);
	if (err) {
		cis_tally_free(t);
		return cis_fail(diag, err, "out of memory");
	}
	*out = t;
	return 0;
}

void cis_tally_free(struct cis_tally *tally)
{
	if (!tally)
		return;
	cis_watch_release(&tally->watch);
	free(tally->held);
	free(tally->chans);
	cis_figures_release(&tally->judged);
	cis_figures_release(&tally->doubtful);
	free(tally);
}

/* ---- steps ---- */

static struct held *held_at(const struct cis_tally *t, uint32_t i)
{
	return &t->held[(t->first + i) % t->room];
}

static double since_s(struct cis_instant a, struct cis_instant b)
{
	return cis_split_diff_s(cis_instant_split(a), cis_instant_split(b));
}

/* What is far within a microsecond of the border is on it. */
#define BORDER_S 1e-6

static void exclude(struct cis_tally *t, struct cis_instant from,
		    struct cis_instant to, uint32_t why)
{
	double half_s = t->cfg.half_window_s + BORDER_S;
	struct until *until = why == CIS_LEFT_STEP ? &t->step : &t->disturbed;

	for (uint32_t i = 0; i < t->n_held; i++) {
		struct held *h = held_at(t, i);

		if (since_s(from, h->row.at) <= half_s && !h->step_told)
			h->row.left |= why;
	}
	until->set = true;
	until->at = cis_instant_split(to);
}

static bool is_within(const struct cis_tally *t, const struct until *until,
		      struct cis_instant at)
{
	double since = cis_split_diff_s(cis_instant_split(at), until->at);

	return until->set && since <= t->cfg.half_window_s + BORDER_S;
}

static void watch(struct cis_tally *t, const struct cis_side_report *ref)
{
	struct cis_instant from, to;

	t->ref_period_s = 1 / cis_rate_hz(ref->at.rate);
	if (t->cfg.judge_steps)
		return;
	if (cis_doubts_of(ref) & ~(t->cfg.accept[CIS_REF] | CIS_DOUBT_SOFT)) {
		cis_watch_reset(&t->watch);
	} else if (cis_watch_put(&t->watch, ref, &from, &to)) {
		t->count.jumps += !is_within(t, &t->step, from);
		exclude(t, from, to, CIS_LEFT_STEP);
	}
	if (ref->notes & CIS_NOTE_DISTURBED)
		exclude(t, ref->at, ref->at, CIS_LEFT_DISTURBED);
}

/* ---- in ---- */

/* Instants do not go back but where a clock did: what came before is decided. */
static void begin_anew(struct cis_tally *t)
{
	t->n_decided = t->n_held;
	t->step.set = t->disturbed.set = false;
	cis_watch_reset(&t->watch);
}

static uint32_t left_of(const struct cis_tally *t,
			const struct cis_pair_event *event,
			const struct cis_row *row)
{
	const struct cis_side_report *ref = event->report[CIS_REF];
	uint32_t left = 0;

	if (!ref || !event->report[CIS_DUT])
		return CIS_LEFT_ALONE;
	if (ref->contradicted || event->report[CIS_DUT]->contradicted)
		left |= CIS_LEFT_CONTRADICTED;
	if (row->doubts[CIS_REF] & ~t->cfg.accept[CIS_REF])
		left |= CIS_LEFT_REF;
	if (row->doubts[CIS_DUT] & ~t->cfg.accept[CIS_DUT])
		left |= CIS_LEFT_DUT;
	if (t->cfg.judge_steps)
		return left;
	if (ref->notes & CIS_NOTE_DISTURBED)
		left |= CIS_LEFT_DISTURBED;
	if (ref->notes & CIS_NOTE_STEP)
		return left;
	if (is_within(t, &t->step, row->at))
		left |= CIS_LEFT_STEP;
	if (is_within(t, &t->disturbed, row->at))
		left |= CIS_LEFT_DISTURBED;
	return left;
}

static void hold(struct cis_tally *t, const struct cis_pair_event *event)
{
	struct held *h = held_at(t, t->n_held++);
	const struct cis_side_report *ref = event->report[CIS_REF];

	cis_row_fill(&t->cfg, event, &h->row);
	h->row.left = left_of(t, event, &h->row);
	h->step_told = ref && ref->notes & CIS_NOTE_STEP;
}

static void add_latency(struct cis_tally *t, const struct cis_side_report *dut)
{
	uint32_t doubts = cis_doubts_of(dut) & ~t->cfg.accept[CIS_DUT];
	bool untimed = doubts & (CIS_REPORT_UNSYNC | CIS_DOUBT_ARRIVAL);

	cis_error_add(
		&(untimed ? &t->doubtful : &t->judged)->pmu[CIS_ERR_LATENCY],
		dut->arrival.latency_s, NAN, dut->at);
}

int cis_tally_put(struct cis_tally *tally, const struct cis_pair_event *event)
{
	const struct cis_side_report *ref = event->report[CIS_REF];
	const struct cis_side_report *dut = event->report[CIS_DUT];

	if (tally->n_held == tally->room)
		return -EAGAIN;
	if (tally->begun && cis_instant_compare(event->at, tally->newest) <= 0)
		begin_anew(tally);
	tally->begun = true;
	tally->newest = event->at;
	if (ref)
		watch(tally, ref);
	if (dut)
		add_latency(tally, dut);
	if (event->other_rate) {
		tally->count.left[5]++;
		return 0;
	}
	hold(tally, event);
	return 0;
}

void cis_tally_contradict(struct cis_tally *tally, struct cis_instant at)
{
	tally->count.contradictions++;
	for (uint32_t i = 0; i < tally->n_held; i++) {
		struct held *h = held_at(tally, i);

		if (cis_instant_compare(h->row.at, at) == 0)
			h->row.left |= CIS_LEFT_CONTRADICTED;
	}
}

void cis_tally_end(struct cis_tally *tally)
{
	tally->ended = true;
}

/* ---- out ---- */

static void count_doubts(struct cis_tally *t, const struct cis_row *row)
{
	for (int s = 0; s < CIS_N_SIDE; s++)
		for (unsigned i = 0; i < CIS_N_DOUBT; i++) {
			uint32_t has = row->doubts[s] >> i & 1;
			uint32_t accepted = t->cfg.accept[s] >> i & 1;

			t->count.doubt[s][i] += has;
			t->count.doubtful_by[s][i] +=
				row->doubtful && has && !accepted;
		}
}

static bool has_errors(const struct cis_row *row)
{
	bool any =
		!isnan(row->pmu[CIS_ERR_FE]) || !isnan(row->pmu[CIS_ERR_RFE]);

	for (uint32_t i = 0; i < row->n_chan; i++)
		any |= !isnan(row->chan[i].error[CIS_ERR_TVE]);
	return any;
}

/* A reference without a true value is no reference, whatever else it says. */
static bool is_doubtful(const struct cis_tally *t, const struct cis_row *row)
{
	uint32_t hard = row->doubts[CIS_REF] &
			~(t->cfg.accept[CIS_REF] | CIS_DOUBT_SOFT);

	return row->left && !hard &&
	       !(row->left & ~(CIS_LEFT_REF | CIS_LEFT_DUT)) && has_errors(row);
}

static void add(struct cis_tally *t, struct cis_row *row)
{
	row->doubtful = is_doubtful(t, row);
	for (unsigned i = 0; i < CIS_N_LEFT; i++)
		t->count.left[i] += row->left >> i & 1;
	if (!row->present[CIS_REF] || !row->present[CIS_DUT])
		return;
	t->count.pairs++;
	count_doubts(t, row);
	t->count.judged += !row->left;
	t->count.doubtful += row->doubtful;
	if (!row->left)
		cis_figures_add(&t->judged, row);
	else if (row->doubtful)
		cis_figures_add(&t->doubtful, row);
}

bool cis_tally_next(struct cis_tally *tally, struct cis_row *row)
{
	double ahead_s = tally->cfg.half_window_s + BORDER_S +
			 (CIS_WATCH_KEEP - 1) * tally->ref_period_s;
	struct held *h = held_at(tally, 0);
	bool decided;

	if (tally->n_held == 0)
		return false;
	decided = tally->ended || tally->n_decided > 0 ||
		  since_s(tally->newest, h->row.at) > ahead_s;
	if (!decided && tally->n_held < tally->room)
		return false;
	/* More reports per second than there is room for: not to be known. */
	if (!decided)
		h->row.left |= CIS_LEFT_STEP;
	tally->first = (tally->first + 1) % tally->room;
	tally->n_held--;
	tally->n_decided -= tally->n_decided > 0;
	*row = h->row;
	add(tally, row);
	return true;
}

const struct cis_tally_count *cis_tally_count(const struct cis_tally *tally)
{
	return &tally->count;
}

uint32_t cis_tally_n_match(const struct cis_tally *tally)
{
	return tally->map.n;
}

const struct cis_match *cis_tally_match(const struct cis_tally *tally,
					uint32_t i)
{
	return &tally->map.match[i];
}

const struct cis_error_stat *cis_tally_chan(const struct cis_tally *tally,
					    uint32_t match,
					    enum cis_chan_error what)
{
	return &tally->judged.chan[match].error[what];
}

uint64_t cis_tally_without(const struct cis_tally *tally, uint32_t match,
			   enum cis_side side)
{
	return tally->judged.chan[match].n_without[side];
}

const char *cis_tally_unmatched(const struct cis_tally *tally)
{
	return tally->map.unmatched;
}

const struct cis_error_stat *cis_tally_pmu(const struct cis_tally *tally,
					   enum cis_pmu_error what)
{
	return &tally->judged.pmu[what];
}

const struct cis_error_stat *
cis_tally_doubtful_chan(const struct cis_tally *tally, uint32_t match,
			enum cis_chan_error what)
{
	return &tally->doubtful.chan[match].error[what];
}

const struct cis_error_stat *
cis_tally_doubtful_pmu(const struct cis_tally *tally, enum cis_pmu_error what)
{
	return &tally->doubtful.pmu[what];
}
