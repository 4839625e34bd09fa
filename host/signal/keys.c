/*
 * keys.c - signal keys from text, and what follows from them; see signal.h.
 *
 * Keys are a table of plain numbers, families of one number per channel
 * (va_deg), harmonics (h3, h3_deg) and a few words.
 */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/signal.h"
#include "phase.h"

#define SQRT2 1.414213562373095048802

/* value = number * scale, number within min and max. For families `at` is the
 * first of six. */
struct number {
	const char *name;
	size_t at;
	double min, max, scale;
};

#define AT(member) offsetof(struct cis_signal, member)

static const struct number numbers[] = {
	{"f", AT(given.f_hz), 1, 1000, 1},
	{"rocof", AT(rocof_hz_per_s), -1000, 1000, 1},
	{"rocof_s", AT(rocof_s), -1e9, 1e9, 1},
	{"f_to", AT(f_to_hz), 1, 1000, 1},
	{"v", AT(given.rms[0]), 0, 1e9, 1},
	{"i", AT(given.rms[1]), 0, 1e9, 1},
	{"v_deg", AT(given.deg[0]), -1e6, 1e6, 1},
	{"i_deg", AT(given.deg[1]), -1e6, 1e6, 1},
	{"am", AT(am), -1, 1, 1},
	{"am_hz", AT(am_hz), 0, 1000, 1},
	{"pm", AT(pm_rad), -100, 100, 1},
	{"pm_hz", AT(pm_hz), 0, 1000, 1},
	{"step_mag", AT(step_mag), -1, 100, 1},
	{"step_deg", AT(step_rad), -360, 360, CIS_RAD_PER_DEG},
	{"step_s", AT(step_s), -1e9, 1e9, 1},
	{"ih_hz", AT(ih_hz), 0, 1e6, 1},
	{"ih", AT(ih), -100, 100, 1},
	{"dc", AT(dc), -100, 100, 1},
	{"range_v", AT(given.range[0]), 1e-9, 1e12, 1},
	{"range_a", AT(given.range[1]), 1e-9, 1e12, 1},
	{"mag_noise", AT(given.mag_noise), 0, 10, 1},
	{"deg_noise", AT(given.angle_noise_rad), 0, 360, CIS_RAD_PER_DEG},
	{"f_noise_mhz", AT(f_noise_hz), 0, 1e6, 1e-3},
	{"err_pct", AT(err_mag), -100, 1000, 1e-2},
	{"err_deg", AT(err_rad), -360, 360, CIS_RAD_PER_DEG},
	{"err_us", AT(err_s), -1e7, 1e7, 1e-6},
	{"clock_ppm", AT(clock_ppm), -1e5, 1e5, 1},
	{"skew_ns", AT(skew_s), -1e6, 1e6, 1e-9},
};

/* prefix, one of va vb vc ia ib ic, suffix */
static const struct family {
	const char *prefix, *suffix;
	struct number number;
} families[] = {
	{"", "", {NULL, AT(given.phase_rms), 0, 1e9, 1}},
	{"", "_deg", {NULL, AT(given.phase_deg), -1e6, 1e6, 1}},
	{"", "_noise", {NULL, AT(given.phase_mag_noise), 0, 10, 1}},
	{"",
	 "_deg_noise",
	 {NULL, AT(given.phase_angle_noise_rad), 0, 360, CIS_RAD_PER_DEG}},
	{"gain_", "", {NULL, AT(gain), -1000, 1000, 1}},
	{"delay_ns_", "", {NULL, AT(delay_s), -1e9, 1e9, 1e-9}},
};

static const char *const phases[CIS_SIGNAL_N_CHAN] = {"va", "vb", "vc",
						      "ia", "ib", "ic"};

void cis_signal_init(struct cis_signal *sig)
{
	memset(sig, 0, sizeof(*sig));
	sig->fnom_hz = 50;
	sig->given.f_hz = sig->f_to_hz = NAN;
	sig->step_s = sig->ih_hz = NAN;
	sig->snr_db = INFINITY;
	sig->declared = true;
	sig->seed = 1;
	sig->given.rms[0] = 120;
	sig->given.rms[1] = 5;
	sig->given.range[0] = sig->given.range[1] = NAN;
	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++) {
		sig->gain[c] = 1;
		sig->given.phase_rms[c] = NAN;
		sig->given.phase_deg[c] = NAN;
		sig->given.phase_mag_noise[c] = NAN;
		sig->given.phase_angle_noise_rad[c] = NAN;
	}
}

/* ---- numbers ---- */

static int read_number(const char *key, const char *text, double *value,
		       struct cis_diag *diag)
{
	char *end;

	*value = strtod(text, &end);
	if (end == text || *end || isnan(*value))
		return cis_fail(diag, -EINVAL, "%s: \"%.60s\" is not a number",
				key, text);
	return 0;
}

static int set_number(struct cis_signal *sig, const struct number *number,
		      const char *key, const char *text, struct cis_diag *diag)
{
	double value;

	if (read_number(key, text, &value, diag))
		return -EINVAL;
	if (value < number->min || value > number->max)
		return cis_fail(diag, -EINVAL,
				"%s: %.60s is not within %g to %g", key, text,
				number->min, number->max);
	value *= number->scale;
	memcpy((char *)sig + number->at, &value, sizeof(value));
	return 0;
}

static int set_plain(struct cis_signal *sig, const char *key, const char *text,
		     struct cis_diag *diag)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!strcmp(key, numbers[i].name))
			return set_number(sig, &numbers[i], key, text, diag);
	return -ENOENT;
}

static int set_family(struct cis_signal *sig, const char *key, const char *text,
		      struct cis_diag *diag)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		const struct family *fam = &families[i];
		size_t len = strlen(fam->prefix);

		if (strncmp(key, fam->prefix, len) != 0)
			continue;
		for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++) {
			struct number number = fam->number;

			if (strncmp(key + len, phases[c], 2) != 0 ||
			    strcmp(key + len + 2, fam->suffix) != 0)
				continue;
			number.at += c * sizeof(double);
			return set_number(sig, &number, key, text, diag);
		}
	}
	return -ENOENT;
}

/* h2 to h50, h2_deg to h50_deg. */
static int set_harmonic(struct cis_signal *sig, const char *key,
			const char *text, struct cis_diag *diag)
{
	struct number number = {NULL, AT(harm), -100, 100, 1};
	unsigned long n;
	char *end;

	if (key[0] != 'h' || key[1] < '1' || key[1] > '9')
		return -ENOENT;
	n = strtoul(key + 1, &end, 10);
	if (!strcmp(end, "_deg"))
		number = (struct number){NULL, AT(harm_rad), -1e6, 1e6,
					 CIS_RAD_PER_DEG};
	else if (*end)
		return -ENOENT;
	if (n < 2 || n > CIS_SIGNAL_MAX_HARM)
		return -ENOENT;
	number.at += n * sizeof(double);
	return set_number(sig, &number, key, text, diag);
}

/* ---- words ---- */

/* 0 or 1 for the first or the second of two words. */
static int choose(const char *key, const char *text, const char *const words[2],
		  struct cis_diag *diag)
{
	for (int i = 0; i < 2; i++)
		if (!strcmp(text, words[i]))
			return i;
	return cis_fail(diag, -EINVAL, "%s: \"%.60s\" is neither %s nor %s",
			key, text, words[0], words[1]);
}

static int set_fnom(struct cis_signal *sig, const char *text,
		    struct cis_diag *diag)
{
	double value;

	if (read_number("fnom", text, &value, diag))
		return -EINVAL;
	if (value != 50 && value != 60)
		return cis_fail(diag, -EINVAL,
				"fnom: %.60s is neither 50 nor 60", text);
	sig->fnom_hz = value;
	return 0;
}

static int set_snr(struct cis_signal *sig, const char *text,
		   struct cis_diag *diag)
{
	double value;

	if (read_number("snr_db", text, &value, diag))
		return -EINVAL;
	if (!(value >= -200))
		return cis_fail(diag, -EINVAL,
				"snr_db: %.60s is not within -200 to inf",
				text);
	sig->snr_db = value;
	return 0;
}

static int set_bits(struct cis_signal *sig, const char *text,
		    struct cis_diag *diag)
{
	double value;

	if (read_number("bits", text, &value, diag))
		return -EINVAL;
	if (!(value >= 0 && value <= 32) || value != rint(value))
		return cis_fail(
			diag, -EINVAL,
			"bits: %.60s is not a whole number from 0 to 32", text);
	sig->bits = value;
	return 0;
}

static int set_seed(struct cis_signal *sig, const char *text,
		    struct cis_diag *diag)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || end == text || *end || strchr(text, '-'))
		return cis_fail(diag, -EINVAL,
				"seed: \"%.60s\" is not a whole number from 0 "
				"to 18446744073709551615",
				text);
	sig->seed = value;
	return 0;
}

static int set_word(struct cis_signal *sig, const char *key, const char *text,
		    struct cis_diag *diag)
{
	static const char *const seq[] = {"abc", "acb"},
				 *const noise[] = {"gauss", "uniform"},
				 *const declared[] = {"0", "1"};
	int choice;

	if (!strcmp(key, "fnom"))
		return set_fnom(sig, text, diag);
	if (!strcmp(key, "snr_db"))
		return set_snr(sig, text, diag);
	if (!strcmp(key, "bits"))
		return set_bits(sig, text, diag);
	if (!strcmp(key, "seed"))
		return set_seed(sig, text, diag);
	if (!strcmp(key, "seq")) {
		choice = choose(key, text, seq, diag);
		if (choice >= 0)
			sig->given.acb = choice;
	} else if (!strcmp(key, "noise")) {
		choice = choose(key, text, noise, diag);
		if (choice >= 0)
			sig->noise_uniform = choice;
	} else if (!strcmp(key, "declared")) {
		choice = choose(key, text, declared, diag);
		if (choice >= 0)
			sig->declared = choice;
	} else {
		return -ENOENT;
	}
	return choice < 0 ? choice : 0;
}

int cis_signal_set(struct cis_signal *sig, const char *key, const char *value,
		   struct cis_diag *diag)
{
	int (*const setters[])(struct cis_signal *, const char *, const char *,
			       struct cis_diag *) = {set_plain, set_family,
						     set_harmonic, set_word};
	int err = -ENOENT;

	for (size_t i = 0; err == -ENOENT && i < 4; i++)
		err = setters[i](sig, key, value, diag);
	return err;
}

/* ---- what follows ---- */

static double either(double given, double otherwise)
{
	return isnan(given) ? otherwise : given;
}

static void resolve_phases(struct cis_signal *sig)
{
	static const double behind_deg[] = {0, -120, 120};
	const struct cis_signal_given *given = &sig->given;

	for (unsigned c = 0; c < CIS_SIGNAL_N_CHAN; c++) {
		double turn_deg = behind_deg[c % 3] * (given->acb ? -1 : 1);
		double deg = either(given->phase_deg[c],
				    given->deg[c / 3] + turn_deg);

		sig->rms[c] = either(given->phase_rms[c], given->rms[c / 3]);
		sig->angle_rad[c] = remainder(deg, 360) * CIS_RAD_PER_DEG;
		sig->mag_noise[c] =
			either(given->phase_mag_noise[c], given->mag_noise);
		sig->angle_noise_rad[c] =
			either(given->phase_angle_noise_rad[c],
			       given->angle_noise_rad);
		sig->sigma[c] = sig->rms[c] * pow(10, -sig->snr_db / 20);
	}
}

static double default_range(const double rms[3])
{
	double most = fmax(fmax(rms[0], rms[1]), rms[2]);

	return most > 0 ? 1.5 * SQRT2 * most : 1;
}

static void resolve_ranges(struct cis_signal *sig)
{
	sig->range_v = either(sig->given.range[0], default_range(sig->rms));
	sig->range_a = either(sig->given.range[1], default_range(sig->rms + 3));
	sig->lsb[0] = sig->lsb[1] = 0;
	if (sig->bits > 0) {
		sig->lsb[0] = ldexp(sig->range_v, 1 - (int)sig->bits);
		sig->lsb[1] = ldexp(sig->range_a, 1 - (int)sig->bits);
	}
}

static int check(const struct cis_signal *sig, struct cis_diag *diag)
{
	double rise = sig->f_to_hz - sig->f_hz;

	if (!isnan(sig->f_to_hz) && rise * sig->rocof_hz_per_s <= 0 &&
	    rise != 0)
		return cis_fail(diag, -EINVAL,
				"f_to: %g Hz is never reached from %g Hz at "
				"%g Hz/s; change rocof",
				sig->f_to_hz, sig->f_hz, sig->rocof_hz_per_s);
	if ((sig->step_mag != 0 || sig->step_rad != 0) && isnan(sig->step_s))
		return cis_fail(diag, -EINVAL,
				"%s: the step has no instant; give step_s",
				sig->step_mag != 0 ? "step_mag" : "step_deg");
	if (sig->ih != 0 && isnan(sig->ih_hz))
		return cis_fail(diag, -EINVAL,
				"ih: the interharmonic has no frequency; give "
				"ih_hz");
	return 0;
}

int cis_signal_finish(struct cis_signal *sig, struct cis_diag *diag)
{
	struct cis_signal done = *sig;

	done.f_hz = either(done.given.f_hz, done.fnom_hz);
	if (check(&done, diag))
		return -EINVAL;
	resolve_phases(&done);
	resolve_ranges(&done);
	done.top_harm = 0;
	for (unsigned n = 2; n <= CIS_SIGNAL_MAX_HARM; n++)
		if (done.harm[n] != 0)
			done.top_harm = n;
	cis_signal_plan_ramp(&done);
	*sig = done;
	return 0;
}
