/* args.c - values of options; see cli.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cisoid/c37.h"
#include "cisoid/utc.h"
#include "cli.h"

#define MAX_DURATION_S 1e9 /* 31 years */

int cis_arg_u32(const char *name, const char *text, uint32_t min, uint32_t max,
		uint32_t *value, struct cis_diag *diag)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (end == text || *end)
		return cis_fail(diag, -EINVAL,
				"--%s: \"%s\" is not a whole number", name,
				text);
	if (errno || v < min || v > max)
		return cis_fail(diag, -EINVAL,
				"--%s: %s is not within %u to %u", name, text,
				(unsigned)min, (unsigned)max);
	*value = (uint32_t)v;
	return 0;
}

/* n/d where one of them is 1; f below 1 as 1/d. */
static int rate_from(double f, struct cis_rate *rate)
{
	double d = 1 / f;

	if (f >= 1 && f == floor(f) && f <= 32767) {
		*rate = (struct cis_rate){(uint32_t)f, 1};
		return 0;
	}
	if (f > 0 && fabs(d - round(d)) < 1e-9 * d && d <= 32767) {
		*rate = (struct cis_rate){1, (uint32_t)round(d)};
		return 0;
	}
	return -EINVAL;
}

int cis_arg_rate(const char *text, struct cis_rate *rate, struct cis_diag *diag)
{
	unsigned n, d;
	int end = 0;
	char *stop;
	double f = strtod(text, &stop);

	if (sscanf(text, "%6u/%6u%n", &n, &d, &end) == 2 && !text[end] && d > 0)
		f = (double)n / d;
	else if (stop == text || *stop || !isfinite(f))
		f = 0;
	if (rate_from(f, rate))
		return cis_fail(diag, -EINVAL,
				"--rate: \"%s\" is neither a whole number of "
				"frames a second (1 to 32767) nor one frame in "
				"a whole number of seconds (1/5)",
				text);
	return 0;
}

int cis_arg_duration(const char *name, const char *text, double *s,
		     struct cis_diag *diag)
{
	static const struct {
		const char *unit;
		double s;
	} units[] = {{"", 1},      {"s", 1},     {"ms", 1e-3},
		     {"us", 1e-6}, {"ns", 1e-9}, {"min", 60},
		     {"m", 60},    {"h", 3600},  {"d", 86400}};
	char *end;
	double v = strtod(text, &end);

	while (end != text && *end == ' ')
		end++;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (end == text || strcmp(end, units[i].unit) != 0)
			continue;
		if (!(v > 0) || v * units[i].s > MAX_DURATION_S)
			break;
		*s = v * units[i].s;
		return 0;
	}
	return cis_fail(diag, -EINVAL,
			"--%s: \"%s\" is not a duration such as 10s, 500ms, "
			"5min or 1h",
			name, text);
}

int cis_arg_station(const char *text, const char **name, struct cis_diag *diag)
{
	size_t n = 0;
	bool shown = true;

	/* Characters of UTF-8, not bytes. */
	for (const char *c = text; *c; c++) {
		n += ((unsigned char)*c & 0xC0) != 0x80;
		shown &= (unsigned char)*c >= ' ' && *c != '\x7f';
	}
	if (!shown)
		return cis_fail(diag, -EINVAL,
				"--station: control characters are no part of "
				"a name");
	if (n == 0 || n > 16)
		return cis_fail(
			diag, -EINVAL,
			"--station: \"%.80s\" is not 1 to 16 characters", text);
	*name = text;
	return 0;
}

int cis_arg_fnom(const char *text, double *fnom_hz, struct cis_diag *diag)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end || (v != 50 && v != 60))
		return cis_fail(diag, -EINVAL, "--fnom: \"%s\" is not 50 or 60",
				text);
	*fnom_hz = v;
	return 0;
}

int cis_arg_fnom_hz(const char *text, unsigned *fnom_hz, struct cis_diag *diag)
{
	double hz = 0;
	int err = cis_arg_fnom(text, &hz, diag);

	if (!err)
		*fnom_hz = (unsigned)hz;
	return err;
}

int cis_arg_edition(const char *text, enum cis_edition *edition,
		    struct cis_diag *diag)
{
	if (!cis_edition_parse(text, strlen(text), edition))
		return 0;
	return cis_fail(diag, -EINVAL,
			"--edition: \"%s\" is not 2011, 2014 or 2018", text);
}

int cis_arg_class(const char *text, enum cis_class *perf_class,
		  struct cis_diag *diag)
{
	if (!strcmp(text, "p") || !strcmp(text, "P"))
		*perf_class = CIS_CLASS_P;
	else if (!strcmp(text, "m") || !strcmp(text, "M"))
		*perf_class = CIS_CLASS_M;
	else
		return cis_fail(diag, -EINVAL, "--class: \"%s\" is not p or m",
				text);
	return 0;
}

int cis_arg_test(const char *text, bool wanted[CIS_N_TEST],
		 struct cis_diag *diag)
{
	enum cis_test test;
	struct cis_diag why = {""};

	if (cis_test_parse(text, &test, &why))
		return cis_fail(diag, -EINVAL, "--test: %.300s", why.msg);
	wanted[test] = true;
	return 0;
}

int cis_arg_format(const char *text, uint16_t *format, struct cis_diag *diag)
{
	uint16_t f = CIS_C37_FMT_POLAR | CIS_C37_FMT_PHASOR_FLOAT |
		     CIS_C37_FMT_ANALOG_FLOAT | CIS_C37_FMT_FREQ_FLOAT;

	for (const char *w = text; *w;) {
		size_t len = strcspn(w, ",");

		if (len == 5 && !memcmp(w, "polar", len))
			f |= CIS_C37_FMT_POLAR;
		else if (len == 4 && !memcmp(w, "rect", len))
			f &= (uint16_t)~CIS_C37_FMT_POLAR;
		else if (len == 5 && !memcmp(w, "float", len))
			f |= 0xE;
		else if (len == 3 && !memcmp(w, "int", len))
			f &= 1;
		else
			return cis_fail(diag, -EINVAL,
					"--format: \"%.*s\" is not one of "
					"polar rect int float",
					(int)len, w);
		w += len + (w[len] == ',');
	}
	*format = f;
	return 0;
}

static struct cis_time now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return cis_time_from_posix(ts.tv_sec, ts.tv_nsec);
}

int cis_arg_time(const char *name, const char *text, struct cis_time *t,
		 struct cis_diag *diag)
{
	double s;

	if (!strcmp(text, "now")) {
		*t = now();
		return 0;
	}
	if (!strncmp(text, "now+", 4)) {
		if (cis_arg_duration(name, text + 4, &s, diag))
			return -EINVAL;
		*t = cis_time_add_ns(now(), (int64_t)(s * 1e9));
		return 0;
	}
	if (!strcmp(text, "next-minute")) {
		int64_t soc = cis_utc_from_tai(cis_time_floor_s(now())).soc;

		t->tai_ns =
			cis_tai_from_soc((soc / 60 + 1) * 60) * CIS_NS_PER_S;
		return 0;
	}
	if (cis_utc_parse(text, t, diag)) {
		char msg[sizeof(diag->msg)];

		if (!diag)
			return -EINVAL;
		memcpy(msg, diag->msg, sizeof(msg));
		return cis_fail(diag, -EINVAL, "--%s: %.250s", name, msg);
	}
	return 0;
}
