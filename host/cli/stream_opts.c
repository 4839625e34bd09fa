/* stream_opts.c - see stream_opts.h. */
#include "stream_opts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host/core/near.h"

#define MAX_CFG_EVERY_S 3600

enum {
	FORMAT_FLOAT = CIS_C37_FMT_POLAR | CIS_C37_FMT_PHASOR_FLOAT |
		       CIS_C37_FMT_ANALOG_FLOAT | CIS_C37_FMT_FREQ_FLOAT,
};

/*
 * Receivers on the nibble 1, which all of them read; those that ask for nothing
 * by UDP get their configuration often enough for a person to wait for it. A
 * minute's announcement of a change is the standard's; ten seconds are enough to
 * be seen.
 */
static const struct {
	const char *name;
	struct cis_stream_opts opts;
} presets[] = {
	{"pmuct", {FORMAT_FLOAT, 1, 2011, 1000000, 10, CIS_C37_CFG2, 10}},
	{"openpdc", {FORMAT_FLOAT, 1, 2011, 1000000, 60, CIS_C37_CFG2, 10}},
	{"openpdc-udp", {FORMAT_FLOAT, 1, 2011, 1000000, 10, CIS_C37_CFG2, 10}},
	{"wireshark", {FORMAT_FLOAT, 1, 2011, 1000000, 5, CIS_C37_CFG2, 10}},
	{"strict", {FORMAT_FLOAT, 2, 2011, 1000000, 60, CIS_C37_CFG2, 60}},
};

#define N_PRESET (sizeof(presets) / sizeof(presets[0]))

void cis_stream_defaults(struct cis_stream_opts *opts)
{
	*opts = (struct cis_stream_opts){FORMAT_FLOAT, 1, 2011, 1000000, 60,
					 CIS_C37_CFG2, 60};
}

static const struct cis_stream_opts *preset(const char *name)
{
	for (size_t i = 0; i < N_PRESET; i++)
		if (!strcmp(presets[i].name, name))
			return &presets[i].opts;
	return NULL;
}

int cis_stream_check_receiver(const char *name, struct cis_diag *diag)
{
	const char *names[N_PRESET + 1] = {NULL};
	const char *near;

	if (preset(name))
		return 0;
	for (size_t i = 0; i < N_PRESET; i++)
		names[i] = presets[i].name;
	near = cis_near(name, names);
	return cis_fail(diag, -EINVAL,
			"for: \"%.40s\" is no receiver known here%s%s%s; there "
			"are pmuct, openpdc, openpdc-udp, wireshark and strict",
			name, near ? " (did you mean " : "", near ? near : "",
			near ? "?)" : "");
}

/* ---- the command line ---- */

static int take_cfg(struct cis_stream_said *said, const char *value,
		    struct cis_diag *diag)
{
	if (strcmp(value, "2") != 0 && strcmp(value, "3") != 0)
		return cis_fail(diag, -EINVAL,
				"--cfg: \"%.40s\" is neither 2 nor 3", value);
	said->cfg = (uint16_t)(value[0] - '0');
	return 0;
}

static int take_c37(struct cis_stream_said *said, const char *value,
		    struct cis_diag *diag)
{
	if (strcmp(value, "2005") != 0 && strcmp(value, "2011") != 0)
		return cis_fail(diag, -EINVAL,
				"--c37: \"%.40s\" is neither 2005 nor 2011",
				value);
	said->c37 = strcmp(value, "2005") ? 2011 : 2005;
	return 0;
}

static int take_cfg_every(struct cis_stream_said *said, const char *value,
			  struct cis_diag *diag)
{
	uint32_t s = 0;
	size_t len = strlen(value);
	char digits[16] = "";

	if (len > 1 && value[len - 1] == 's')
		len--;
	if (len < sizeof(digits))
		memcpy(digits, value, len);
	said->has_cfg_every = true;
	if (cis_arg_u32("cfg-every", digits, 0, MAX_CFG_EVERY_S, &s, NULL))
		return cis_fail(diag, -EINVAL,
				"--cfg-every: \"%.40s\" is not 0 to %d whole "
				"seconds",
				value, MAX_CFG_EVERY_S);
	said->cfg_every_s = s;
	return 0;
}

static int take_format(struct cis_stream_said *said, const char *value,
		       struct cis_diag *diag)
{
	uint16_t format;

	said->format = value;
	return cis_arg_format(value, &format, diag);
}

static int take_receiver(struct cis_stream_said *said, const char *value,
			 struct cis_diag *diag)
{
	struct cis_diag why;

	said->receiver = value;
	if (cis_stream_check_receiver(value, &why))
		return cis_fail(diag, -EINVAL, "--%.300s", why.msg);
	return 0;
}

int cis_stream_take(struct cis_stream_said *said, const char *name,
		    const char *value, struct cis_diag *diag)
{
	int err;

	if (!strcmp(name, "for"))
		err = take_receiver(said, value, diag);
	else if (!strcmp(name, "format"))
		err = take_format(said, value, diag);
	else if (!strcmp(name, "c37"))
		err = take_c37(said, value, diag);
	else if (!strcmp(name, "time-base"))
		err = cis_arg_u32(name, value, 1, CIS_C37_MAX_TIME_BASE,
				  &said->time_base, diag);
	else if (!strcmp(name, "cfg"))
		err = take_cfg(said, value, diag);
	else if (!strcmp(name, "cfg-every"))
		err = take_cfg_every(said, value, diag);
	else
		return 0;
	return err ? err : 1;
}

/* ---- the configuration file ---- */

static const char *text_of(const struct cis_conf *conf, const char *section,
			   const char *key)
{
	const struct cis_conf_item *item = cis_conf_find(conf, section, key);

	return item ? item->text : NULL;
}

static uint32_t number_of(const struct cis_conf *conf, const char *section,
			  const char *key)
{
	const struct cis_conf_item *item = cis_conf_find(conf, section, key);

	return item ? (uint32_t)item->number : 0;
}

static uint16_t year_of(const struct cis_conf *conf, const char *section,
			const char *key)
{
	const char *text = text_of(conf, section, key);

	return text ? (uint16_t)strtoul(text, NULL, 10) : 0;
}

void cis_stream_from_conf(struct cis_stream_said *said,
			  const struct cis_conf *conf, const char *section)
{
	const struct cis_conf_item *every =
		cis_conf_find(conf, section, "cfg_every");
	const struct cis_conf_item *change =
		cis_conf_find(conf, section, "change");

	memset(said, 0, sizeof(*said));
	said->receiver = text_of(conf, section, "for");
	said->format = text_of(conf, section, "format");
	said->c37 = year_of(conf, section, "c37");
	said->cfg = year_of(conf, section, "cfg");
	said->time_base = number_of(conf, section, "time_base");
	said->has_cfg_every = every != NULL;
	said->cfg_every_s = every ? every->number : 0;
	said->has_change = change != NULL;
	said->change_s = change ? change->number : 0;
}

/* ---- together ---- */

void cis_stream_apply(struct cis_stream_opts *opts,
		      const struct cis_stream_said *said)
{
	const struct cis_stream_opts *p =
		said->receiver ? preset(said->receiver) : NULL;

	if (p)
		*opts = *p;
	if (said->format)
		cis_arg_format(said->format, &opts->format, NULL);
	if (said->c37) {
		opts->version = said->c37 == 2005 ? 1 : 2;
		opts->edition = said->c37;
	}
	if (said->time_base)
		opts->time_base = said->time_base;
	if (said->cfg)
		opts->push = said->cfg == 3 ? CIS_C37_CFG3 : CIS_C37_CFG2;
	if (said->has_cfg_every)
		opts->cfg_every_s = (uint32_t)said->cfg_every_s;
	if (said->has_change)
		opts->change_s = said->change_s;
}

int cis_stream_check(const struct cis_stream_opts *opts, struct cis_diag *diag)
{
	if (opts->edition != 2005 || opts->push != CIS_C37_CFG3)
		return 0;
	return cis_fail(diag, -EINVAL,
			"cfg 3: the edition of 2005, which c37 asks for, has "
			"no CFG-3; say cfg 2 or c37 2011");
}
