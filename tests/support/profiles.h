/*
 * profiles.h - the profiles made of rows, and what they are held to: the
 * figures of acceptance for 50 Hz and 50 reports a second, docs/estimator.md 10.
 */
#ifndef TESTS_PROFILES_H
#define TESTS_PROFILES_H

#include "estim_run.h"

struct limits {
	double tve_pct, fe_hz, rfe_hz_per_s;
};

struct profile {
	const char *name;
	enum cis_profile profile;
	double half_s, ahead_s;      /* window, and what a report waits for */
	struct limits on_seed;       /* frequency range */
	struct limits between;       /* the same, anywhere */
	struct limits harmonic;      /* 10 %, reference and m; 1 %, p */
	struct cis_designs *designs; /* for 50 Hz, 50 reports a second */
};

#define N_PROFILE 3

static struct profile profiles[N_PROFILE] = {
	{"p",
	 CIS_PROFILE_P,
	 0.04,
	 0,
	 {1e-10, 1e-11, 1e-9},
	 {1e-7, 1e-9, 5e-8},
	 {6e-4, 6e-4, 1.5e-2},
	 NULL},
	{"m",
	 CIS_PROFILE_M,
	 0.14,
	 0,
	 {1e-10, 1e-11, 1e-9},
	 {5e-6, 8e-7, 1e-5},
	 {3e-4, 2e-5, 4e-3},
	 NULL},
	{"reference",
	 CIS_PROFILE_REFERENCE,
	 0.25,
	 0.041,
	 {1e-10, 1e-11, 1e-9},
	 {1e-6, 2e-7, 5e-6},
	 {5e-5, 2e-6, 3e-4},
	 NULL},
};

/* Rows are made once for all tests of a program. */
static int profiles_setup(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++) {
		struct cis_estim_config cfg = {.profile = profiles[i].profile,
					       .fnom_hz = 50,
					       .rate = {50, 1}};

		profiles[i].designs = cis_designs_new(&cfg);
		if (!profiles[i].designs)
			return -1;
	}
	return 0;
}

static int profiles_teardown(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_PROFILE; i++)
		cis_designs_free(profiles[i].designs);
	return 0;
}

static struct run run_of(const struct profile *p)
{
	struct run r = run_init(50);

	r.profile = p->profile;
	r.designs = p->designs;
	return r;
}

#endif
