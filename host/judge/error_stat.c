/*
 * error_stat.c - figures of one error over many reports; words of what keeps a
 * pair from being judged; uncertainties as text. See compare.h.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/angle.h"
#include "tally.h"

static void take_extremes(struct cis_error_stat *s, double x, double u,
			  struct cis_instant at)
{
	double upper = fabs(x) + u, lower = fabs(x) - u;

	if (s->n == 1) {
		s->max = s->min = x;
		s->upper = upper;
		s->lower = lower;
	}
	s->max = fmax(s->max, x);
	s->min = fmin(s->min, x);
	s->upper =
		isnan(upper) || isnan(s->upper) ? NAN : fmax(s->upper, upper);
	s->lower =
		isnan(lower) || isnan(s->lower) ? NAN : fmax(s->lower, lower);
	if (s->n > 1 && fabs(x) <= s->max_abs)
		return;
	s->max_abs = fabs(x);
	s->worst = at;
	s->u_worst = u;
}

/* Welford, "Note on a method for calculating corrected sums of squares and
 * products", 1962. */
void cis_error_add(struct cis_error_stat *stat, double x, double u,
		   struct cis_instant at)
{
	double off;

	if (isnan(x)) {
		stat->n_missing++;
		return;
	}
	stat->n++;
	take_extremes(stat, x, u, at);
	off = x - stat->mean;
	stat->mean += off / (double)stat->n;
	stat->m2 += off * (x - stat->mean);
	stat->sigma =
		stat->n > 1 ? sqrt(stat->m2 / (double)(stat->n - 1)) : NAN;
}

/* ---- words ---- */

static const char *join(uint32_t bits, const char *const *words, unsigned n,
			char *buf)
{
	buf[0] = '\0';
	for (unsigned i = 0; i < n; i++) {
		if (!(bits >> i & 1))
			continue;
		if (buf[0])
			strcat(buf, "+");
		strcat(buf, words[i]);
	}
	return buf;
}

const char *cis_doubt_words(uint32_t doubts, char buf[CIS_DOUBT_SIZE])
{
	static const char *const words[CIS_N_DOUBT] = {
		"gap", "clip", "nosignal", "nofit", "unsync", "test", "arrival",
	};

	return join(doubts, words, CIS_N_DOUBT, buf);
}

const char *cis_left_words(uint32_t left, char buf[CIS_DOUBT_SIZE])
{
	static const char *const words[CIS_N_LEFT] = {
		"alone",     "ref",  "dut",          "step",
		"disturbed", "rate", "contradicted",
	};

	return join(left, words, CIS_N_LEFT, buf);
}

/* ---- uncertainties as text ---- */

static int set_unc(struct cis_unc *u, const char *item, struct cis_diag *diag)
{
	const struct {
		const char *key;
		double *to;
		double scale;
	} keys[] = {
		{"tve=", &u->tve_pct, 1},
		{"me=", &u->mag_pct, 1},
		{"pe=", &u->phase_rad, CIS_RAD_PER_DEG},
		{"fe=", &u->fe_hz, 1},
		{"rfe=", &u->rfe_hz_per_s, 1},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		size_t len = strlen(keys[i].key);
		char *end;
		double x;

		if (strncmp(item, keys[i].key, len) != 0)
			continue;
		x = strtod(item + len, &end);
		if (end == item + len || *end || !(x >= 0) || !isfinite(x))
			return cis_fail(diag, -EINVAL,
					"the uncertainty \"%.60s\" is not a "
					"number of 0 or more",
					item);
		if (!isnan(*keys[i].to))
			return cis_fail(diag, -EINVAL,
					"the uncertainty of \"%.*s\" is given "
					"twice",
					(int)len - 1, keys[i].key);
		*keys[i].to = x * keys[i].scale;
		return 0;
	}
	return cis_fail(
		diag, -EINVAL,
		"no uncertainty is called \"%.60s\"; there are tve= me= "
		"(%%), pe= (degrees), fe= (Hz), rfe= (Hz/s)",
		item);
}

int cis_unc_parse(const char *text, struct cis_unc *out, struct cis_diag *diag)
{
	struct cis_unc u = {NAN, NAN, NAN, NAN, NAN};

	do {
		size_t len = strcspn(text, ",");
		char item[80];
		int err;

		snprintf(item, sizeof(item), "%.*s",
			 (int)(len < sizeof(item) ? len : sizeof(item) - 1),
			 text);
		err = set_unc(&u, item, diag);
		if (err)
			return err;
		text += len + (text[len] == ',');
	} while (*text);
	*out = u;
	return 0;
}
