/* page_demo.c - see page_demo.h. */
#include "page_demo.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/judge.h"
#include "host/cli/json_value.h"
#include "host/core/angle.h"

#define DRIVER    "mock"
#define FACTOR    1.003
#define N_PHASOR  (CIS_SIGNAL_N_CHAN + 2)
#define LIMIT_PCT 1.0  /* TVE, IEC/IEEE 60255-118-1:2018, steady state */
#define NOTHING   1e-9 /* of the largest: a phasor of 0, but for rounding */

/* Keys that are not the signal's are the driver's own. */
static void set_keys(struct cis_signal *sig, char *list)
{
	char *save = NULL;

	for (char *key = strtok_r(list, ",", &save); key;
	     key = strtok_r(NULL, ",", &save)) {
		char *value = strchr(key, '=');

		if (!value)
			continue;
		*value++ = '\0';
		cis_signal_set(sig, key, value, NULL);
	}
}

static bool is_mock(const char *source)
{
	const size_t len = strlen(DRIVER);

	return !strncmp(source, DRIVER, len) &&
	       (source[len] == ':' || source[len] == '\0');
}

void cis_page_demo_init(struct cis_page_demo *demo, const char *source,
			int64_t t0_tai_s, const struct cis_cal *cal)
{
	char *list = is_mock(source) ? strdup(source) : NULL;
	char *keys;

	demo->on = false;
	if (!list)
		return;
	cis_signal_init(&demo->sig);
	keys = strchr(list, ':');
	if (keys)
		set_keys(&demo->sig, keys + 1);
	free(list);
	demo->on = !cis_signal_finish(&demo->sig, NULL);
	demo->t0_tai_s = t0_tai_s;
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++)
		demo->ratio[c] = cal ? cis_cal_info(cal, c).ratio : 1;
}

static double complex sequence(const double complex x[3])
{
	const double complex a = cexp(I * CIS_TWO_PI / 3);

	return (x[0] + a * x[1] + a * a * x[2]) / 3;
}

/* In the order of the reports: six channels, V+, I+. */
static void measure(const struct cis_page_demo *demo,
		    const struct cis_page_sample *s,
		    struct cis_state dut[N_PHASOR])
{
	const struct cis_split_time t = cis_instant_split(s->at);
	struct cis_signal_truth truth;
	double complex x[N_PHASOR];
	double most = 0;

	cis_signal_truth(&demo->sig, t.tai_s - demo->t0_tai_s, t.frac_s,
			 &truth);
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++)
		x[c] = FACTOR * demo->ratio[c] * truth.phasor_rms[c];
	x[CIS_SIGNAL_N_CHAN] = sequence(x);
	x[CIS_SIGNAL_N_CHAN + 1] = sequence(x + 3);
	for (unsigned i = 0; i < N_PHASOR; i++)
		most = fmax(most, cabs(x[i]));
	for (unsigned i = 0; i < N_PHASOR; i++)
		dut[i] = (struct cis_state){
			.x = cabs(x[i]) > NOTHING * most ? x[i]
							 : cis_rect(NAN, NAN),
			.freq_hz = truth.freq_hz,
			.rocof_hz_per_s = truth.rocof_hz_per_s};
}

json_t *cis_page_demo_report(const struct cis_page_demo *demo,
			     const struct cis_page_sample *s)
{
	struct cis_state dut[N_PHASOR];
	struct cis_errors e = {.fe_hz = NAN, .rfe_hz_per_s = NAN};
	json_t *phasors, *tve;

	if (!demo->on || s->n_phasor != N_PHASOR)
		return NULL;
	measure(demo, s, dut);
	phasors = json_array();
	tve = json_array();
	for (unsigned i = 0; i < N_PHASOR; i++) {
		const struct cis_state ref = {s->phasor_rms[i], s->freq_hz,
					      s->rocof_hz_per_s};

		e = cis_errors_of(&dut[i], &ref);
		json_array_append_new(phasors, cis_page_phasor(dut[i].x));
		json_array_append_new(tve, cis_json_number(e.tve_pct));
	}
	return json_pack("{s:o, s:o, s:o, s:o}", "phasors", phasors,
			 "tve_percent", tve, "fe_hz", cis_json_number(e.fe_hz),
			 "rfe_hz_per_s", cis_json_number(e.rfe_hz_per_s));
}

json_t *cis_page_demo_state(const struct cis_page_demo *demo)
{
	if (!demo->on)
		return NULL;
	return json_pack("{s:s, s:b, s:f}", "name", "magnitudes 0.3 % high",
			 "simulated", 1, "limit_tve_percent", LIMIT_PCT);
}
