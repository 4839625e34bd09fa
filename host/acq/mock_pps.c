/* mock_pps.c - see mock_pps.h. */
#include "mock_pps.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/signal/noise.h"

#define OF_EDGES   UINT64_C(0x50505301) /* streams of noise */
#define OF_SAMPLES UINT64_C(0x50505302)

const char *const cis_mock_pps_keys[] = {
	"pps_channel",  "pps_v",         "pps_tau_us", "pps_width_ms",
	"pps_noise_mv", "pps_jitter_ns", "pps_off_s",  "pps_on_s",
	"pps_seed",     "pps_every_s",   "pps_late_s", NULL,
};

void cis_mock_pps_init(struct cis_mock_pps *pps)
{
	*pps = (struct cis_mock_pps){
		.peak_v = 5,
		.tau_s = 300e-6,
		.width_s = 0.1,
		.every_s = 1,
		.off_s = INFINITY,
		.on_s = INFINITY,
		.seed = 1,
	};
}

struct key {
	const char *name;
	double min, max;
	double unit;
	double *to; /* NULL: not a plain number */
};

static int set_number(const struct key *key, const char *text, double *value,
		      struct cis_diag *diag)
{
	char *end;

	*value = strtod(text, &end);
	if (end == text || *end || !(*value >= key->min && *value <= key->max))
		return cis_fail(diag, -EINVAL,
				"%s: \"%.60s\" is not a number from %g to %g",
				key->name, text, key->min, key->max);
	return 0;
}

int cis_mock_pps_set(struct cis_mock_pps *pps, const char *key,
		     const char *text, struct cis_diag *diag)
{
	double channel = 0, seed = (double)pps->seed, value = 0;
	const struct key keys[] = {
		{"pps_channel", 0, 65535, 1, &channel},
		{"pps_seed", 0, 1e9, 1, &seed},
		{"pps_v", -100, 100, 1, &pps->peak_v},
		{"pps_tau_us", 0, 1e5, 1e-6, &pps->tau_s},
		{"pps_width_ms", 0.1, 999, 1e-3, &pps->width_s},
		{"pps_noise_mv", 0, 1e4, 1e-3, &pps->noise_v},
		{"pps_jitter_ns", 0, 1e8, 1e-9, &pps->jitter_s},
		{"pps_every_s", 0.01, 100, 1, &pps->every_s},
		{"pps_late_s", -1, 1, 1, &pps->late_s},
		{"pps_off_s", 0, 1e9, 1, &pps->off_s},
		{"pps_on_s", 0, 1e9, 1, &pps->on_s},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(key, keys[i].name) != 0)
			continue;
		if (set_number(&keys[i], text, &value, diag))
			return -EINVAL;
		*keys[i].to = value * keys[i].unit;
		pps->seed = (uint64_t)seed;
		pps->on = pps->on || keys[i].to == &channel;
		return 0;
	}
	return -ENOENT;
}

/* The network's answer to a step of 1, t after it. */
static double charge(const struct cis_mock_pps *pps, double t)
{
	if (t <= 0)
		return 0;
	return pps->tau_s > 0 ? -expm1(-t / pps->tau_s) : 1;
}

/* Of pulse k, after_s after it should have come. */
static double pulse(const struct cis_mock_pps *pps, int64_t k, double after_s)
{
	double at_s = (double)k * pps->every_s;
	double t = after_s, jitter = 0;

	if (at_s >= pps->off_s && at_s < pps->on_s)
		return 0;
	if (pps->jitter_s > 0)
		jitter = pps->jitter_s *
			 cis_noise_gauss(pps->seed, OF_EDGES, (uint64_t)k);
	t -= jitter;
	return charge(pps, t) - charge(pps, t - pps->width_s);
}

double cis_mock_pps_sample(const struct cis_mock_pps *pps,
			   struct cis_split_time t, int64_t t0_tai_s,
			   uint64_t n)
{
	/* In whole seconds apart: the pulse's date is as exact as t. */
	double whole_s = (double)(t.tai_s - t0_tai_s);
	double part_s = t.frac_s - pps->late_s;
	int64_t last = (int64_t)floor((whole_s + part_s) / pps->every_s);
	double v = 0;

	/* The tail of the last, this one, and the next if it is early. */
	for (int64_t k = last - 1; k <= last + 1; k++)
		v += pulse(pps, k, whole_s - (double)k * pps->every_s + part_s);
	v *= pps->peak_v;
	if (pps->noise_v > 0)
		v += pps->noise_v * cis_noise_gauss(pps->seed, OF_SAMPLES, n);
	return v;
}
