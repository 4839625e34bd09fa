/* comparison.c - a comparison from its inputs to its exit status. */
#include "comparison.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"
#include "reports_live.h"

static const struct cis_command *const cmd = &cis_cmd_compare;

bool cis_comparison_simulated(const struct cis_comparison *c)
{
	return cis_comparison_about(c, CIS_REF)->simulated ||
	       cis_comparison_about(c, CIS_DUT)->simulated;
}

const char *cis_comparison_dut_name(const struct cis_comparison *c,
				    uint32_t match)
{
	return c->names[CIS_DUT].phasor[c->map.match[match].dut].name;
}

/* ---- inputs ---- */

static void find_span(struct cis_comparison_side *side)
{
	side->n = cis_reports_n(side->store);
	for (size_t i = 0; i < side->n; i++) {
		struct cis_instant at = cis_reports_at(side->store, i);

		if (i == 0 || cis_instant_compare(at, side->first) < 0)
			side->first = at;
		if (i == 0 || cis_instant_compare(at, side->last) > 0)
			side->last = at;
	}
}

static int status_for(int err)
{
	switch (err) {
	case -ENODATA:
		return CIS_EXIT_INCOMPLETE;
	case -EINVAL:
		return CIS_EXIT_USAGE;
	case -ENOMEM:
		return CIS_EXIT_RUNTIME;
	default:
		return CIS_EXIT_INVALID;
	}
}

static int open_files(struct cis_comparison *c)
{
	for (unsigned s = 0; s < CIS_N_SIDE; s++) {
		struct cis_comparison_side *side = &c->side[s];
		struct cis_warn_list warn = {.n = 0};
		struct cis_diag diag = {""};
		int err;

		if (cis_reports_is_live(c->cfg.what[s]))
			continue;
		err = cis_reports_read(c->cfg.what[s], &c->cfg.pick[s],
				       &side->store, &warn, &diag);
		cis_cli_warn(&warn);
		if (err)
			return cis_cli_fail(cmd, status_for(err), "%s",
					    diag.msg);
		side->begun = side->done = true;
		find_span(side);
	}
	return 0;
}

static bool is_live(const struct cis_comparison *c)
{
	return cis_reports_is_live(c->cfg.what[CIS_REF]) ||
	       cis_reports_is_live(c->cfg.what[CIS_DUT]);
}

/* ---- nothing to compare ---- */

static const char *span(const struct cis_comparison *c, enum cis_side s,
			char *buf, size_t size)
{
	const struct cis_comparison_side *side = &c->side[s];
	char from[CIS_UTC_SIZE], to[CIS_UTC_SIZE];

	if (side->n == 0)
		snprintf(buf, size, "no report");
	else
		snprintf(buf, size, "%s to %s",
			 cis_utc_format(cis_instant_time(side->first), 3, from),
			 cis_utc_format(cis_instant_time(side->last), 3, to));
	return buf;
}

static int no_pairs(const struct cis_comparison *c)
{
	const struct cis_comparison_side *r = &c->side[CIS_REF],
					 *d = &c->side[CIS_DUT];
	char ref[100], dut[100];
	bool apart = r->n == 0 || d->n == 0 ||
		     cis_instant_compare(r->last, d->first) < 0 ||
		     cis_instant_compare(d->last, r->first) < 0;

	return cis_cli_fail(
		cmd, CIS_EXIT_INCOMPLETE,
		"%s: the reference has %s, the PMU %s%s%s",
		apart ? "no common time" : "no instant that both sides report",
		span(c, CIS_REF, ref, sizeof(ref)),
		span(c, CIS_DUT, dut, sizeof(dut)), c->incomplete ? "; " : "",
		c->incomplete ? c->incomplete : "");
}

static bool have_common_time(const struct cis_comparison *c)
{
	const struct cis_comparison_side *r = &c->side[CIS_REF],
					 *d = &c->side[CIS_DUT];

	return r->n && d->n && cis_instant_compare(r->first, d->last) <= 0 &&
	       cis_instant_compare(d->first, r->last) <= 0;
}

/* ---- the goal ---- */

/* From the first instant to the end of the last: a period of the slower. */
static double length_s(const struct cis_comparison *c)
{
	double period_s = 0;

	for (unsigned s = 0; s < CIS_N_SIDE; s++)
		period_s =
			fmax(period_s,
			     1 / cis_rate_hz(cis_comparison_about(c, s)->rate));
	return period_s + cis_split_diff_s(cis_instant_split(c->row_last),
					   cis_instant_split(c->row_first));
}

/* Data that end before --count or --duration are reached are incomplete, a file
 * as well as a stream; who stopped it knows. */
static void check_goal(struct cis_comparison *c)
{
	double asked_s = c->cfg.duration_s, s;

	if (!c->full && c->has_row && isfinite(asked_s) &&
	    length_s(c) >= asked_s - 1e-9)
		c->full = true;
	if (c->full)
		c->incomplete = NULL;
	if (c->full || c->incomplete || c->stopped || !c->has_row)
		return;
	s = length_s(c);
	if (c->cfg.count)
		cis_fail(&c->why, 0,
			 "the data have %llu pairs of the %llu of --count",
			 (unsigned long long)c->n_pair,
			 (unsigned long long)c->cfg.count);
	else if (isfinite(asked_s))
		cis_fail(&c->why, 0,
			 "the data have %.9g s of the %.9g s of --duration", s,
			 asked_s);
	else
		return;
	c->incomplete = c->why.msg;
}

/* ---- the course ---- */

/* All that will come is there. */
static int finish(struct cis_comparison *c)
{
	struct cis_diag diag = {""};
	int err = 0;

	if (!have_common_time(c))
		return no_pairs(c);
	if (!c->mapped) {
		cis_comparison_names(c);
		if (!c->cfg.map)
			cis_comparison_guess(c);
		err = cis_comparison_map(c, &diag);
		if (!err)
			err = cis_comparison_start(c, &diag);
	}
	if (err)
		return cis_cli_fail(cmd, status_for(err), "%s", diag.msg);
	err = cis_comparison_feed(c);
	if (!err)
		cis_comparison_finish(c);
	if (err)
		return cis_cli_fail(cmd, CIS_EXIT_STORAGE, "%s: %s", c->cfg.csv,
				    strerror(-err));
	check_goal(c);
	return c->n_pair ? 0 : no_pairs(c);
}

static int judge(struct cis_comparison *c)
{
	struct cis_diag diag = {""};
	int err = 0;

	if (c->limit)
		err = cis_tally_decide(c->tally, c->limit, c->cfg.rule,
				       &c->ruling, &diag);
	if (err)
		return cis_cli_fail(cmd, status_for(err), "%s", diag.msg);
	return 0;
}

static bool accepted(const struct cis_comparison *c)
{
	const struct cis_tally_count *n = cis_tally_count(c->tally);

	for (unsigned i = 0; i < CIS_N_DOUBT; i++)
		if (c->cfg.accept >> i & 1 &&
		    n->doubt[CIS_REF][i] + n->doubt[CIS_DUT][i] > 0)
			return true;
	return false;
}

static void tell(const struct cis_comparison *c)
{
	const struct cis_tally_count *n = cis_tally_count(c->tally);
	char names[300];

	cis_cli_warn(&c->tell);
	cis_match_unused(&c->map, &c->names[CIS_DUT], names, sizeof(names));
	if (names[0])
		cis_log(CIS_LOG_WARN,
			"phasors of the PMU that are not compared: %s", names);
	if (c->incomplete)
		cis_log(CIS_LOG_WARN, "ended early: %s", c->incomplete);
	if (accepted(c))
		cis_log(CIS_LOG_WARN,
			"reports that say they must not be used are judged: "
			"see --accept");
	if (n->judged == 0 && n->doubtful > 0)
		cis_log(CIS_LOG_WARN,
			"nothing was judged: the figures are of doubtful "
			"reports, for information; see --accept");
}

/* The errors go to the CSV alone when it is standard output. */
static int print(struct cis_comparison *c)
{
	bool to_csv = c->cfg.csv && !strcmp(c->cfg.csv, "-");
	struct cis_diag diag = {""};
	int err = 0;

	if (c->cfg.json)
		err = cis_comparison_json(stdout, c);
	else if (!to_csv)
		cis_comparison_table(stdout, c);
	if (err)
		return cis_cli_fail(cmd, CIS_EXIT_RUNTIME, "out of memory");
	err = cis_outfile_commit(&c->csv, &diag);
	if (err && err != -EPIPE)
		return cis_cli_fail(cmd, CIS_EXIT_STORAGE, "%s", diag.msg);
	return 0;
}

/* EXIT STATUS of cisoid(1). */
static int verdict(const struct cis_comparison *c)
{
	enum cis_decision d = c->ruling.overall.decision;
	const struct cis_tally_count *n = cis_tally_count(c->tally);

	if (c->limit && d == CIS_DECIDE_FAIL)
		return CIS_EXIT_FAIL;
	if (c->incomplete)
		return CIS_EXIT_INCOMPLETE;
	if (c->limit)
		return d == CIS_DECIDE_PASS ? CIS_EXIT_OK
					    : CIS_EXIT_INDETERMINATE;
	if (n->judged + n->doubtful == 0)
		return cis_cli_fail(cmd, CIS_EXIT_INCOMPLETE,
				    "no pair could be judged: see what was "
				    "left out");
	return CIS_EXIT_OK;
}

static int course(struct cis_comparison *c)
{
	struct cis_diag diag = {""};
	int err = c->cfg.csv ? cis_outfile_open(&c->csv, c->cfg.csv,
						c->cfg.force, &diag)
			     : 0;
	int status;

	if (err)
		return cis_cli_fail(cmd, cis_exit_for_output(err), "%s",
				    diag.msg);
	status = open_files(c);
	if (!status && is_live(c))
		status = cis_comparison_listen(c);
	if (!status)
		status = finish(c);
	if (!status)
		status = judge(c);
	if (status)
		return status;
	tell(c);
	status = print(c);
	return status ? status : verdict(c);
}

static void release(struct cis_comparison *c)
{
	cis_outfile_abort(&c->csv);
	cis_tally_free(c->tally);
	cis_pair_free(c->pair);
	cis_pair_free(c->guess_pair);
	cis_guess_free(c->guess[0]);
	cis_guess_free(c->guess[1]);
	for (unsigned s = 0; s < CIS_N_SIDE; s++) {
		cis_reports_live_free(c->side[s].live);
		cis_reports_free(c->side[s].store);
	}
	free(c);
}

int cis_comparison_run(const struct cis_comparison_config *cfg)
{
	struct cis_comparison *c = calloc(1, sizeof(*c));
	int status;

	if (!c)
		return cis_cli_fail(cmd, CIS_EXIT_RUNTIME, "out of memory");
	c->cfg = *cfg;
	status = course(c);
	release(c);
	return status;
}
