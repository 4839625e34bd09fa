/* dater_spec.c - see dater_spec.h. */
#include "dater_spec.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/opt.h"

#define PPS_CHANNEL  "pps-channel:"
#define PPS_DEV      "pps:"
#define ERROR_S      100e-9 /* what is common to all pulses, unless told */
#define MAX_DELAY_NS 1e8
#define DRIFT_PPB    10.0 /* a second: a quartz in a room that is heated */

static int parse_options(const char *text, struct cis_dater_spec *spec,
			 struct cis_diag *diag)
{
	static const char *const keys[] = {"delay_ns", "error_ns", "drift_ppb",
					   NULL};
	double delay_ns = 0, error_ns = 1e9 * ERROR_S, drift_ppb = DRIFT_PPB;
	struct cis_diag why;
	size_t len;

	if (cis_opt_check(text, keys, &why) ||
	    cis_opt_f64(text, "delay_ns", &delay_ns, &why) ||
	    cis_opt_f64(text, "error_ns", &error_ns, &why) ||
	    cis_opt_f64(text, "drift_ppb", &drift_ppb, &why))
		return cis_fail(diag, -EINVAL, "time source: %.300s", why.msg);
	if (!(fabs(delay_ns) <= MAX_DELAY_NS) ||
	    !(error_ns >= 0 && error_ns <= MAX_DELAY_NS))
		return cis_fail(diag, -EINVAL,
				"time source: delay_ns and error_ns are at "
				"most %.0f",
				MAX_DELAY_NS);
	if (drift_ppb != DRIFT_PPB && spec->kind != CIS_DATER_PPS_CHANNEL)
		return cis_fail(diag, -EINVAL,
				"time source: drift_ppb is for pps-channel");
	if (!(drift_ppb >= 0.1 && drift_ppb <= 1000))
		return cis_fail(diag, -EINVAL,
				"time source: drift_ppb is from 0.1 to 1000");
	spec->drift_per_s = 1e-9 * drift_ppb;
	spec->delay_s = 1e-9 * delay_ns;
	spec->error_s = 1e-9 * error_ns;
	spec->error_told = cis_opt_text(text, "error_ns", &len) != NULL;
	return 0;
}

static int parse_channel(const char *text, struct cis_dater_spec *spec,
			 struct cis_diag *diag)
{
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > 5 || (text[len] && text[len] != ','))
		return cis_fail(diag, -EINVAL,
				"time source: \"%s%.60s\" names no input of "
				"the board; write pps-channel:7",
				PPS_CHANNEL, text);
	spec->channel = (unsigned)strtoul(text, NULL, 10);
	return parse_options(text + len + (text[len] == ','), spec, diag);
}

static int parse_dev(const char *text, struct cis_dater_spec *spec,
		     struct cis_diag *diag)
{
	size_t len = strcspn(text, ",");

	if (len == 0 || len >= sizeof(spec->dev))
		return cis_fail(diag, -EINVAL,
				"time source: \"%s%.60s\" names no device; "
				"write pps:/dev/pps0",
				PPS_DEV, text);
	memcpy(spec->dev, text, len);
	return parse_options(text + len + (text[len] == ','), spec, diag);
}

/* Those that name no input and no device; -ENOENT: none of them. */
static int parse_word(const char *text, struct cis_dater_spec *spec,
		      struct cis_diag *diag)
{
	static const struct {
		const char *word;
		enum cis_dater_kind kind;
	} words[] = {{"system", CIS_DATER_SYSTEM},
		     {"none", CIS_DATER_NONE},
		     {"external", CIS_DATER_EXTERNAL}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i].word);

		if (strncmp(text, words[i].word, len) != 0)
			continue;
		spec->kind = words[i].kind;
		if (!text[len])
			return 0;
		if (text[len] == ',' && spec->kind == CIS_DATER_EXTERNAL)
			return parse_options(text + len + 1, spec, diag);
	}
	return -ENOENT;
}

int cis_dater_parse(const char *text, struct cis_dater_spec *spec,
		    struct cis_diag *diag)
{
	struct cis_dater_spec s = {.error_s = ERROR_S};
	int err;

	if (!strncmp(text, PPS_CHANNEL, strlen(PPS_CHANNEL))) {
		s.kind = CIS_DATER_PPS_CHANNEL;
		err = parse_channel(text + strlen(PPS_CHANNEL), &s, diag);
	} else if (!strncmp(text, PPS_DEV, strlen(PPS_DEV))) {
		s.kind = CIS_DATER_PPS_DEV;
		err = parse_dev(text + strlen(PPS_DEV), &s, diag);
	} else {
		err = parse_word(text, &s, diag);
	}
	if (err == -ENOENT)
		return cis_fail(diag, -EINVAL,
				"\"%.60s\": no such time source; there are "
				"external, pps-channel:N, pps:DEV, system and "
				"none",
				text);
	if (!err)
		*spec = s;
	return err;
}

const char *cis_dater_name(enum cis_dater_kind kind)
{
	static const char *const names[] = {
		[CIS_DATER_SYSTEM] = "system",
		[CIS_DATER_NONE] = "none",
		[CIS_DATER_EXTERNAL] = "external",
		[CIS_DATER_PPS_CHANNEL] = "pps-channel",
		[CIS_DATER_PPS_DEV] = "pps",
	};

	return names[kind];
}

enum cis_clock_kind cis_dater_clock(enum cis_dater_kind kind)
{
	return kind == CIS_DATER_NONE ? CIS_CLOCK_NONE : CIS_CLOCK_SYSTEM;
}
