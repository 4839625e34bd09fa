/*
 * accept.h - the acceptance figures: signals in closed form through the
 * estimator, in all profiles at once, and the largest errors beside what is
 * asked.
 *
 * A rig holds the rows of its profiles; each run samples one signal around some
 * report instants and gives the same samples to every profile, once as a system
 * of three voltages (frequency from V+) and once as phase A alone.
 */
#ifndef TESTS_ACCEPT_H
#define TESTS_ACCEPT_H

#include <stdio.h>

#include "check.h"
#include "cisoid/aware.h"
#include "cisoid/estim.h"
#include "cisoid/signal.h"

#define ACCEPT_N_PROFILE 4 /* enum cis_profile */
#define ACCEPT_RATE_HZ   18000

#define ACCEPT_P (1u << CIS_PROFILE_P)
#define ACCEPT_M (1u << CIS_PROFILE_M)
#define ACCEPT_R (1u << CIS_PROFILE_REFERENCE)

struct accept_figures {
	double tve_pct, fe_hz, rfe_hz_per_s;
};

/* Which reports are judged. */
enum accept_which {
	ACCEPT_SMOOTH, /* all, and none may be noted CIS_NOTE_STEP */
	ACCEPT_ANY,    /* all, noted or not */
	ACCEPT_NOTED,  /* those that are */
	ACCEPT_OTHERS, /* those that are not */
};

enum accept_view { ACCEPT_SYSTEM, ACCEPT_ALONE, ACCEPT_N_VIEW };

/* What was seen of one profile. */
struct accept_seen {
	unsigned n_seen;
	unsigned n;         /* judged */
	unsigned n_refused; /* the test-aware fit did not hold: not judged */
	struct accept_figures max;    /* of the errors' magnitudes */
	struct accept_figures square; /* sums of squares; TVE of channels */
	unsigned n_tve;
	uint32_t flags, notes; /* all that occurred */
};

struct accept_rig {
	double fnom_hz;
	struct cis_rate fps;
	unsigned profiles; /* ACCEPT_P | ... */
	enum accept_which which;
	struct cis_designs *designs[ACCEPT_N_PROFILE];
	struct accept_seen seen[ACCEPT_N_PROFILE][ACCEPT_N_VIEW];
};

/* One signal, and the report instants at which it is looked at. */
struct accept_case {
	struct cis_signal sig;
	double offset_s; /* the signal's time when the second begins */
	double shift_s;  /* of the samples after the report instants */
	double from_s, to_s;
	/* Reports nearer to a corner do not count. */
	double corner_s[2], exclusion_s; /* signal's time; NaN: none */
	bool alone;              /* phase A alone: three times as fast */
	enum accept_which which; /* the rig's */
	enum cis_model model;    /* test-aware, instead of the profile alone */
	bool harmonics;          /* of which that fit knows */
};

/* Report instants on a sample, and 13 and 27.7 us off. */
#define ACCEPT_N_SHIFT 3
double accept_shift_s(unsigned i);

void accept_init(struct accept_rig *rig, double fnom_hz, unsigned fps,
		 unsigned profiles);
void accept_fini(struct accept_rig *rig);
/* Forgets what was seen; the rows stay. */
void accept_clear(struct accept_rig *rig);

/* The default signal of 120 V, the keys, and one report at 1 s. */
struct accept_case accept_case(const struct accept_rig *rig, const char *keys);
void accept_key(struct accept_case *c, const char *key, double value);

/* Every report of every profile must come; its errors are added to `seen`. */
void accept_run(struct accept_rig *rig, struct accept_case *c);

/* Number i of a sequence of random numbers in [0, 1). */
double accept_random(unsigned i);

struct accept_asked {
	enum cis_profile profile;
	struct accept_figures at_most;
};

/*
 * Prints what was seen beside what was asked, and fails where it is more, where
 * a report was flagged and where a step was seen that is not there.
 */
void accept_check(const struct accept_rig *rig, const char *test,
		  const struct accept_asked *asked, unsigned n_asked);
/* Of the system alone; what phase A has is printed. */
void accept_check_system(const struct accept_rig *rig, const char *test,
			 const struct accept_asked *asked, unsigned n_asked);
/* Prints alone: what is worth knowing beside. */
void accept_show(const struct accept_rig *rig, const char *test,
		 const struct accept_asked *asked);
/* Root mean squares instead of maxima, of phase A alone. */
void accept_check_rms(const struct accept_rig *rig, const char *test,
		      const struct accept_asked *asked, unsigned n_asked);

#endif
