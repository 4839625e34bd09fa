/*
 * aware_parts.h - a recording, its blind reports and its fits: what the files
 * of the test-aware fit share.
 */
#ifndef HOST_ESTIM_AWARE_PARTS_H
#define HOST_ESTIM_AWARE_PARTS_H

#include "aware_seed.h"
#include "channels.h"

#define CIS_AWARE_WHY 160

#define CIS_AWARE_BAD (CIS_REPORT_GAP | CIS_REPORT_NOSIGNAL | CIS_REPORT_NOFIT)

/* A report without its unused channels. */
struct cis_kept {
	struct cis_instant at;
	struct cis_time_quality time_quality;
	uint32_t flags, notes;
	double freq_hz, rocof_hz_per_s, u_freq_hz, u_rocof_hz_per_s;
};

enum cis_aware_outcome {
	CIS_AWARE_HOLDS,
	CIS_AWARE_REFUSED,
	CIS_AWARE_IDLE, /* no signal: nothing to fit */
};

struct cis_aware_chan {
	enum cis_aware_outcome outcome;
	char why[CIS_AWARE_WHY];
	struct cis_fitted fit;
	bool rounded; /* what is left is the converter's rounding alone */
};

struct cis_aware {
	struct cis_aware_config cfg;
	struct cis_estim_config estim;
	struct cis_estim *blind;     /* of the samples */
	struct cis_estim *modelled;  /* of the fitted waveforms */
	struct cis_designs *designs; /* of both blind estimators, or NULL */
	struct cis_history hist;
	bool broken; /* more than one stretch */
	struct cis_split_time origin;
	struct cis_aware_tools tools;
	struct cis_aware_chan *chan;
	double *block; /* [n_chan][max_block] */
	/* The blind reports. */
	size_t n_kept, room;
	struct cis_kept *kept;
	double complex *phasor; /* [n_kept][n_phasor] */
	struct cis_fit *fit;    /* [n_kept][n_chan] */
	uint32_t n_phasor;
	size_t next; /* to be popped */
	bool finished;
	struct cis_chan_fit *of_chan;
	struct cis_report rep;
};

/* Of n numbers, which it sorts; NaN of none. */
double cis_aware_median(double *x, size_t n);

struct cis_track cis_aware_track(const struct cis_aware *aw, uint32_t c);

__attribute__((format(printf, 2, 3))) void
cis_aware_refuse(struct cis_aware_chan *ch, const char *fmt, ...);

/* The median of a channel's blind frequencies: that of the middle. NaN: it has
 * none. */
double cis_aware_blind_hz(const struct cis_aware *aw, uint32_t c);

/* The frequency of the reports is of the voltages, if there are any that are
 * not idle. */
bool cis_aware_makes_frequency(const struct cis_aware *aw, uint32_t c);

/* Refuse channels whose model does not hold: by what the fit has left, and by
 * what the blind estimator says. */
void cis_aware_check_residual(struct cis_aware *aw, uint32_t c);
int cis_aware_check_blind(struct cis_aware *aw);

#endif
