/*
 * app_wave.c - GET /api/waveform: samples and the curve of their fit.
 *
 * Thousands of numbers, on the thread that sends frames: they are written in
 * decimal by hand, ten digits of the channel's largest, and kept for a while.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_page.h"
#include "cisoid/utc.h"

#define KEPT_NS   INT64_C(300000000)
#define WANTED_NS INT64_C(5000000000)
#define DIGITS    10
#define NUMBER    (DIGITS + 12)       /* bytes of one at most */
#define NAME      (6 * CIS_NAME_SIZE) /* as \u00xx */
#define HEAD      512

struct out {
	char *at;
};

static void put(struct out *o, const char *text)
{
	const size_t len = strlen(text);

	memcpy(o->at, text, len + 1);
	o->at += len;
}

/* How many decimals show DIGITS digits of `most`. */
static int decimals_for(double most)
{
	int whole =
		most > 0 && isfinite(most) ? (int)floor(log10(most)) + 1 : 0;
	int n = DIGITS - whole;

	return n < 0 ? 0 : n > 15 ? 15 : n;
}

static double power_of(int n)
{
	double p = 1;

	while (n-- > 0)
		p *= 10;
	return p;
}

/* What is beyond all measure is no number. */
static void put_fixed(struct out *o, double x, int decimals)
{
	const double scaled = fabs(x) * power_of(decimals);
	char digits[24];
	int n = 0;
	uint64_t v;

	if (!(scaled < 1e18)) {
		put(o, "null");
		return;
	}
	v = (uint64_t)(scaled + 0.5);
	if (x < 0 && v > 0)
		*o->at++ = '-';
	for (; v > 0 || n <= decimals; v /= 10)
		digits[n++] = (char)('0' + v % 10);
	while (n > decimals)
		*o->at++ = digits[--n];
	if (decimals > 0)
		*o->at++ = '.';
	while (n > 0)
		*o->at++ = digits[--n];
}

/* As it is, but for what JSON does not allow in a string. */
static void put_name(struct out *o, const char *name)
{
	for (const char *c = name; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == '"' || *c == '\\')
			o->at += sprintf(o->at, "\\u%04x",
					 (unsigned)(unsigned char)*c);
		else
			*o->at++ = *c;
	}
}

static double most_of(const double *x, uint32_t n)
{
	double most = 0;

	for (uint32_t i = 0; i < n; i++)
		most = fabs(x[i]) > most ? fabs(x[i]) : most;
	return most;
}

static void put_channel(struct out *o, const struct cis_app_page *p,
			const struct cis_tap_view *v, uint32_t c)
{
	const struct cis_chan *chan = &p->view->map->chan[c];
	const double *x = v->x + (size_t)c * v->n_scan;
	const int decimals = decimals_for(most_of(x, v->n_scan));

	put(o, c ? ",{\"name\":\"" : "{\"name\":\"");
	put_name(o, chan->name);
	put(o, chan->quantity == CIS_VOLTAGE ? "\",\"unit\":\"V\""
					     : "\",\"unit\":\"A\"");
	o->at += sprintf(o->at, ",\"delay_s\":%.9g", v->delay_s[c]);
	for (unsigned k = 0; k < 2; k++) {
		put(o, k ? ",\"fit\":" : ",\"samples\":");
		for (uint32_t i = 0; i < v->n_scan; i++) {
			*o->at++ = i ? ',' : '[';
			put_fixed(o,
				  k ? cis_tap_fit(v, c, p->view->ec->fnom_hz, i)
				    : x[i],
				  decimals);
		}
		put(o, "]");
	}
	put(o, "}");
}

static void put_head(struct out *o, const struct cis_tap_view *v)
{
	const struct cis_instant at = v->rep.at;
	const double soc = (double)cis_utc_from_tai(at.tai_s).soc;
	char date[CIS_UTC_SIZE];

	cis_utc_format(cis_instant_time(at), 6, date);
	o->at += sprintf(o->at,
			 "{\"t0\":%.6f,\"from_s\":%.12f,\"report_t\":\"%s\","
			 "\"fs_hz\":%.12g,\"window_s\":%.9g,\"channels\":[",
			 soc + (double)at.k / at.rate.num + v->from_s,
			 v->from_s, date, v->rate_hz, v->n_scan / v->rate_hz);
}

static char *text_of(const struct cis_app_page *p, const struct cis_tap_view *v)
{
	const size_t each = NAME + 128 + (size_t)v->n_scan * 2 * NUMBER;
	char *text = malloc(HEAD + v->n_chan * each);
	struct out o = {text};

	if (!text)
		return NULL;
	put_head(&o, v);
	for (uint32_t c = 0; c < v->n_chan; c++)
		put_channel(&o, p, v, c);
	put(&o, "]}");
	return text;
}

char *cis_app_wave(struct cis_app_page *p)
{
	const int64_t now_ns = cis_clock_monotonic_ns();
	const struct cis_tap_view *v;

	p->wave_asked_ns = now_ns;
	cis_tap_want(p->tap, true);
	if (p->wave && now_ns - p->wave_ns < KEPT_NS)
		return strdup(p->wave);
	v = cis_tap_look(p->tap);
	if (!v || !p->begun)
		return NULL;
	free(p->wave);
	p->wave = text_of(p, v);
	p->wave_ns = now_ns;
	return p->wave ? strdup(p->wave) : NULL;
}

void cis_app_wave_rest(struct cis_app_page *p)
{
	if (cis_clock_monotonic_ns() - p->wave_asked_ns < WANTED_NS)
		return;
	cis_tap_want(p->tap, false);
	free(p->wave);
	p->wave = NULL;
}
