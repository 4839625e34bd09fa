/*
 * compare_run.h - reference and PMU out of closed forms, paired and judged.
 */
#ifndef TESTS_COMPARE_RUN_H
#define TESTS_COMPARE_RUN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cisoid/compare.h"
#include "cisoid/signal.h"

#define T0_S INT64_C(1800000000) /* TAI, any second will do */

static inline struct cis_instant instant_of(uint32_t rate, uint64_t n)
{
	return (struct cis_instant){
		T0_S + (int64_t)(n / rate), (uint32_t)(n % rate), {rate, 1}};
}

/* A report of six phasors and two sequences, with nothing in them. */
static inline struct cis_report *blank_report(struct cis_instant at)
{
	struct cis_report *rep = calloc(1, sizeof(*rep));

	assert_non_null(rep);
	rep->at = at;
	rep->u_freq_hz = rep->u_rocof_hz_per_s = NAN;
	rep->time_quality.unc_s = INFINITY;
	return rep;
}

/* "key=value key=value" */
static inline struct cis_signal signal_of(const char *keys)
{
	struct cis_signal sig;
	struct cis_diag diag = {""};
	char text[512], *save = NULL;

	cis_signal_init(&sig);
	snprintf(text, sizeof(text), "%s", keys);
	for (char *key = strtok_r(text, " ", &save); key;
	     key = strtok_r(NULL, " ", &save)) {
		char *value = strchr(key, '=');

		*value++ = '\0';
		assert_int_equal(cis_signal_set(&sig, key, value, &diag), 0);
	}
	assert_int_equal(cis_signal_finish(&sig, &diag), 0);
	return sig;
}

static const struct cis_match_phasor signal_phasors[] = {
	{"VA", CIS_MATCH_VOLTAGE, false}, {"VB", CIS_MATCH_VOLTAGE, false},
	{"VC", CIS_MATCH_VOLTAGE, false}, {"IA", CIS_MATCH_CURRENT, false},
	{"IB", CIS_MATCH_CURRENT, false}, {"IC", CIS_MATCH_CURRENT, false},
	{"V+", CIS_MATCH_VOLTAGE, true},  {"I+", CIS_MATCH_CURRENT, true},
};

static inline const struct cis_match_side *signal_sides(void)
{
	static const struct cis_match_side sides[CIS_N_SIDE] = {
		{8, signal_phasors}, {8, signal_phasors}};

	return sides;
}

struct bench {
	struct cis_match_map map;
	struct cis_tally_config cfg;
	struct cis_pair *pair;
	struct cis_tally *tally;
	struct cis_sweep sweep[8], doubtful_sweep; /* of the first */
	struct cis_row_chan last;                  /* of the first match */
	uint64_t n_row, n_left;
	double first_left_s, last_left_s; /* since T0_S */
};

/* Matches by name; what the reports say, or `given`, is the uncertainty. */
static inline struct bench *bench_new(const char *map)
{
	struct bench *b = calloc(1, sizeof(*b));
	const struct cis_pair_config pc = {{0, 0}, 0, 0};
	struct cis_diag diag = {""};

	assert_non_null(b);
	assert_int_equal(cis_match_parse(map, signal_sides(), &b->map, &diag),
			 0);
	b->cfg = (struct cis_tally_config){.map = &b->map,
					   .fnom_hz = 50,
					   .given = {NAN, NAN, NAN, NAN, NAN}};
	b->first_left_s = b->last_left_s = NAN;
	assert_int_equal(cis_pair_new(&pc, &b->pair), 0);
	return b;
}

/* After cfg has been set. */
static inline void bench_begin(struct bench *b)
{
	struct cis_diag diag = {""};

	assert_int_equal(cis_tally_new(&b->cfg, &b->tally, &diag), 0);
}

static inline void bench_rows(struct bench *b)
{
	struct cis_row row;

	while (cis_tally_next(b->tally, &row)) {
		double t = (double)(row.at.tai_s - T0_S) +
			   (double)row.at.k / row.at.rate.num;

		b->n_row++;
		b->last = row.chan[0];
		for (uint32_t i = 0; i < row.n_chan; i++)
			cis_sweep_add_row(&b->sweep[i], &row, i);
		cis_sweep_add_doubtful(&b->doubtful_sweep, &row, 0);
		if (!row.left)
			continue;
		if (b->n_left++ == 0)
			b->first_left_s = t;
		b->last_left_s = t;
	}
}

static inline void bench_events(struct bench *b)
{
	struct cis_pair_event event;

	while (cis_pair_next(b->pair, &event)) {
		assert_int_equal(cis_tally_put(b->tally, &event), 0);
		bench_rows(b);
	}
}

static inline void bench_put(struct bench *b, enum cis_side side,
			     const struct cis_report *rep,
			     const struct cis_arrival *arrival)
{
	assert_int_equal(cis_pair_put(b->pair, side, rep, arrival), 0);
	bench_events(b);
}

static inline void bench_end(struct bench *b)
{
	cis_pair_end(b->pair, CIS_REF);
	cis_pair_end(b->pair, CIS_DUT);
	bench_events(b);
	cis_tally_end(b->tally);
	bench_rows(b);
}

/* Both signals from T0_S, n reports at `rate`. */
static inline void bench_run(struct bench *b, const struct cis_signal *ref,
			     const struct cis_signal *dut, uint32_t rate,
			     uint64_t n)
{
	struct cis_report *rep = blank_report(instant_of(rate, 0));

	for (uint64_t i = 0; i < n; i++) {
		cis_signal_report(ref, 1, T0_S, instant_of(rate, i), i, rep);
		bench_put(b, CIS_REF, rep, NULL);
		cis_signal_report(dut, 2, T0_S, instant_of(rate, i), i, rep);
		bench_put(b, CIS_DUT, rep, NULL);
	}
	free(rep);
	bench_end(b);
}

/* The same, of keys, at 50 reports/s; b->cfg has been set. */
static inline void bench_compare(struct bench *b, const char *ref,
				 const char *dut, uint64_t n)
{
	struct cis_signal r = signal_of(ref), d = signal_of(dut);

	bench_begin(b);
	bench_run(b, &r, &d, 50, n);
}

static inline const struct cis_error_stat *
bench_chan(const struct bench *b, uint32_t i, enum cis_chan_error what)
{
	return cis_tally_chan(b->tally, i, what);
}

static inline void bench_free(struct bench *b)
{
	cis_pair_free(b->pair);
	cis_tally_free(b->tally);
	free(b);
}

#endif
