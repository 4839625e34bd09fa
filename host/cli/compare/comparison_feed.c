/*
 * comparison_feed.c - reports of both sides to the judge, and its rows to the
 * statistics and files; see comparison.h.
 */
#include <errno.h>
#include <math.h>

#include "comparison.h"

/* Frames of one side may be so much later than the other's. */
#define MAX_LAG_S  3
#define MIN_WAIT   16
#define MAX_HALF_S 2 /* that the judge looks back and ahead */
#define MAX_WAIT   8192
#define LOOK_AHEAD 4 /* reports */

/* The date of a report, for its turn: a wrong one in the future is betrayed by
 * those that follow it. */
static struct cis_instant turn_of(const struct cis_comparison_side *side,
				  size_t i)
{
	struct cis_instant least = cis_reports_at(side->store, i);
	size_t end = i + LOOK_AHEAD;

	if (end > cis_reports_n(side->store))
		end = cis_reports_n(side->store);
	while (++i < end)
		if (cis_instant_compare(cis_reports_at(side->store, i), least) <
		    0)
			least = cis_reports_at(side->store, i);
	return least;
}

/* A file keeps pace with a stream. */
static bool keeps_pace(const struct cis_comparison_side *file,
		       const struct cis_comparison_side *stream, size_t i)
{
	struct cis_instant at = turn_of(file, i);

	return stream->n > 1 && cis_instant_compare(at, stream->now) <= 0 &&
	       cis_instant_compare(at, stream->before) <= 0;
}

enum cis_side cis_comparison_turn(const struct cis_comparison *c,
				  const size_t at[CIS_N_SIDE])
{
	bool has[CIS_N_SIDE];
	enum cis_side side;

	for (unsigned s = 0; s < CIS_N_SIDE; s++)
		has[s] = c->side[s].begun &&
			 at[s] < cis_reports_n(c->side[s].store);
	if (has[CIS_REF] && has[CIS_DUT])
		return cis_instant_compare(
			       turn_of(&c->side[CIS_REF], at[CIS_REF]),
			       turn_of(&c->side[CIS_DUT], at[CIS_DUT])) <= 0
			       ? CIS_REF
			       : CIS_DUT;
	if (!has[CIS_REF] && !has[CIS_DUT])
		return CIS_N_SIDE;
	side = has[CIS_REF] ? CIS_REF : CIS_DUT;
	if (c->side[side].live || c->side[!side].done ||
	    keeps_pace(&c->side[side], &c->side[!side], at[side]))
		return side;
	return CIS_N_SIDE;
}

bool cis_comparison_common(const struct cis_comparison *c,
			   struct cis_instant at)
{
	for (unsigned s = 0; s < CIS_N_SIDE; s++) {
		const struct cis_comparison_side *side = &c->side[s];

		if (side->n == 0 || cis_instant_compare(at, side->first) < 0 ||
		    (side->done && cis_instant_compare(at, side->last) > 0))
			return false;
	}
	return true;
}

/* ---- the start ---- */

/* What the streams say, else the nominal frequency that is nearer. */
static unsigned fnom_hz(const struct cis_comparison *c)
{
	struct cis_report rep;
	struct cis_arrival arrival;

	for (unsigned s = CIS_N_SIDE; s-- > 0;)
		if (cis_reports_about(c->side[s].store)->fnom_hz)
			return cis_reports_about(c->side[s].store)->fnom_hz;
	for (unsigned s = 0; s < CIS_N_SIDE; s++)
		for (size_t i = 0; i < cis_reports_n(c->side[s].store); i++) {
			cis_reports_get(c->side[s].store, i, &rep, &arrival);
			if (!isnan(rep.freq_hz))
				return rep.freq_hz > 55 ? 60 : 50;
		}
	return 50;
}

static int find_limit(struct cis_comparison *c, struct cis_diag *diag)
{
	struct cis_rate rate = cis_comparison_about(c, CIS_DUT)->rate;
	struct cis_criteria criteria = {.edition = c->cfg.edition,
					.perf_class = c->cfg.perf_class,
					.fnom_hz = fnom_hz(c),
					.report_rate = rate.num};

	if (!c->cfg.has_limits)
		return 0;
	if (rate.den > 1)
		return cis_fail(diag, -EINVAL,
				"--limits: there are none for a report every "
				"%u s",
				(unsigned)rate.den);
	if (cis_criteria_check(&criteria, diag))
		return -EINVAL;
	c->limit = cis_limit_find(&criteria, c->cfg.test);
	if (!c->limit)
		return cis_fail(diag, -EINVAL,
				"--test: this edition has no %s for this class "
				"and rate",
				cis_test_name(c->cfg.test));
	/* A row that cannot be judged so is refused before the work. */
	return cis_tally_decide(c->tally, c->limit, c->cfg.rule, &c->ruling,
				diag);
}

static uint32_t wait_of(const struct cis_comparison *c)
{
	double most = MIN_WAIT;

	for (unsigned s = 0; s < CIS_N_SIDE; s++)
		most = fmax(most,
			    MAX_LAG_S * cis_rate_hz(cis_reports_about(
							    c->side[s].store)
							    ->rate));
	return (uint32_t)fmin(ceil(most), MAX_WAIT);
}

/* Given, or as the reference says, else what the judge takes without. */
static double half_window_s(const struct cis_comparison *c)
{
	double told_s = cis_comparison_about(c, CIS_REF)->window_s / 2;

	if (c->cfg.half_window_s > 0)
		return c->cfg.half_window_s;
	return fmin(told_s > 0 ? told_s : 3.0 / fnom_hz(c), MAX_HALF_S);
}

int cis_comparison_start(struct cis_comparison *c, struct cis_diag *diag)
{
	uint32_t wait = wait_of(c);
	struct cis_pair_config pc = {
		.n_phasor = {c->names[CIS_REF].n, c->names[CIS_DUT].n},
		.depth = 4 * wait > 256 ? 4 * wait : 256,
		.wait = wait};
	struct cis_tally_config tc = {.map = &c->map,
				      .fnom_hz = fnom_hz(c),
				      .accept = {c->cfg.accept, c->cfg.accept},
				      .given = c->cfg.u};
	int err;

	tc.half_window_s = c->half_window_s = half_window_s(c);
	err = cis_pair_new(&pc, &c->pair);
	if (err)
		return cis_fail(diag, err, "out of memory");
	err = cis_tally_new(&tc, &c->tally, diag);
	if (!err)
		err = find_limit(c, diag);
	if (!err && c->csv.f)
		cis_comparison_csv_header(c);
	c->mapped = !err;
	return err;
}

/* ---- rows ---- */

static void take_row(struct cis_comparison *c, const struct cis_row *row)
{
	bool pair = row->present[CIS_REF] && row->present[CIS_DUT];

	for (unsigned s = 0; s < CIS_N_SIDE; s++)
		if (!pair && row->present[s] &&
		    !(row->left & CIS_LEFT_OTHER_RATE))
			c->side[s].alone++;
	c->row_last = row->at;
	c->n_pair += pair;
	if (c->csv.f)
		cis_comparison_csv_row(c, row);
	for (uint32_t i = 0; i < c->map.n; i++) {
		cis_sweep_add_row(&c->sweep[i], row, i);
		cis_sweep_add_doubtful(&c->doubtful_sweep[i], row, i);
	}
}

static void take_rows(struct cis_comparison *c)
{
	struct cis_row row;

	while (cis_tally_next(c->tally, &row))
		take_row(c, &row);
}

/* What one side sent before or after the other is no loss. */
static bool outside(struct cis_comparison *c, const struct cis_pair_event *ev)
{
	if (cis_comparison_common(c, ev->at))
		return false;
	for (unsigned s = 0; s < CIS_N_SIDE; s++)
		c->side[s].outside += ev->report[s] != NULL;
	return true;
}

static bool past_duration(const struct cis_comparison *c, struct cis_instant at)
{
	return c->has_row &&
	       cis_split_diff_s(cis_instant_split(at),
				cis_instant_split(c->row_first)) >=
		       c->cfg.duration_s - 1e-9;
}

static void take_event(struct cis_comparison *c,
		       const struct cis_pair_event *ev)
{
	if (!c->has_row)
		c->row_first = c->row_last = ev->at;
	c->has_row = true;
	cis_tally_put(c->tally, ev);
	take_rows(c);
	c->n_fed += ev->report[CIS_REF] && ev->report[CIS_DUT];
	c->full = c->cfg.count && c->n_fed >= c->cfg.count;
}

static void take_events(struct cis_comparison *c)
{
	struct cis_pair_event ev;

	while (!c->full && cis_pair_next(c->pair, &ev)) {
		if (outside(c, &ev))
			continue;
		if (past_duration(c, ev.at))
			c->full = true;
		else
			take_event(c, &ev);
	}
}

static void put(struct cis_comparison *c, enum cis_side s)
{
	struct cis_comparison_side *side = &c->side[s];
	struct cis_report rep;
	struct cis_arrival arrival;
	uint64_t contradicted = cis_pair_count(c->pair, s)->contradicted;

	cis_reports_get(side->store, side->cursor++, &rep, &arrival);
	if (!cis_comparison_common(c, rep.at)) {
		side->outside++;
		return;
	}
	cis_pair_put(c->pair, s, &rep, &arrival);
	if (cis_pair_count(c->pair, s)->contradicted > contradicted)
		cis_tally_contradict(c->tally, rep.at);
	take_events(c);
}

int cis_comparison_feed(struct cis_comparison *c)
{
	while (!c->full) {
		size_t at[] = {c->side[0].cursor, c->side[1].cursor};
		enum cis_side s = cis_comparison_turn(c, at);

		if (s == CIS_N_SIDE)
			break;
		put(c, s);
	}
	for (unsigned s = 0; s < CIS_N_SIDE; s++) {
		struct cis_comparison_side *side = &c->side[s];

		if (side->live && side->cursor == cis_reports_n(side->store)) {
			cis_reports_drop(side->store);
			side->cursor = 0;
		}
	}
	return c->csv.f && ferror(c->csv.f) ? -EIO : 0;
}

void cis_comparison_finish(struct cis_comparison *c)
{
	cis_pair_end(c->pair, CIS_REF);
	cis_pair_end(c->pair, CIS_DUT);
	take_events(c);
	cis_tally_end(c->tally);
	take_rows(c);
}
