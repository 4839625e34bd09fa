/*
 * settings_check.c - are the values of the configuration of use?
 *
 * The table of keys knows units and ranges; what else a value must be is asked
 * of the part that will use it, and told with the place it comes from.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/estim.h"
#include "cisoid/source.h"
#include "cli.h"
#include "host/acq/dates/dater.h"
#include "host/core/opt.h"
#include "host/net/addr.h"
#include "settings.h"
#include "stream_opts.h"

static int check_fnom(const struct cis_conf_item *item, struct cis_diag *diag)
{
	if (item->number == 50 || item->number == 60)
		return 0;
	return cis_fail(diag, -EINVAL, "%g Hz is not 50 Hz or 60 Hz",
			item->number);
}

static int check_name(const struct cis_conf_item *item, struct cis_diag *diag)
{
	const char *name;

	if (!cis_arg_station(item->text, &name, NULL))
		return 0;
	return cis_fail(diag, -EINVAL,
			"\"%.80s\" is not 1 to 16 characters that can be shown",
			item->text);
}

static int check_rates(const struct cis_conf_item *item, struct cis_diag *diag)
{
	struct cis_rate rate;

	return cis_arg_rate(item->text, &rate, diag);
}

static int check_profile(const struct cis_conf_item *item,
			 struct cis_diag *diag)
{
	struct cis_estim_config cfg = {.fnom_hz = 50};

	return cis_estim_parse_profile(item->text, &cfg, diag);
}

static int check_format(const struct cis_conf_item *item, struct cis_diag *diag)
{
	uint16_t format;

	return cis_arg_format(item->text, &format, diag);
}

static int check_receiver(const struct cis_conf_item *item,
			  struct cis_diag *diag)
{
	return cis_stream_check_receiver(item->text, diag);
}

static int check_endpoints(const struct cis_conf_item *item,
			   struct cis_diag *diag)
{
	char text[CIS_CONF_TEXT], *rest = text;
	int err = 0;

	strcpy(text, item->text);
	for (char *spec; !err && (spec = cis_addr_next(&rest));) {
		struct cis_addr addr;

		err = cis_addr_parse(spec, &addr, diag);
	}
	return err;
}

static int check_gain(const struct cis_conf_item *item, struct cis_diag *diag)
{
	if (item->number != 0)
		return 0;
	return cis_fail(diag, -EINVAL,
			"0 leaves nothing of the channel; 1 changes nothing");
}

static int check_time(const struct cis_conf_item *item, struct cis_diag *diag)
{
	struct cis_dater_spec spec;

	return *item->text ? cis_dater_parse(item->text, &spec, diag) : 0;
}

static int check_web(const struct cis_conf_item *item, struct cis_diag *diag)
{
	return cis_settings_check_web(item->text, diag);
}

static int check_web_names(const struct cis_conf_item *item,
			   struct cis_diag *diag)
{
	struct cis_settings_web web;

	strcpy(web.text, item->text);
	return cis_settings_web_names(web.text, &web, diag);
}

static const struct {
	const char *section, *key;
	int (*check)(const struct cis_conf_item *item, struct cis_diag *diag);
} checks[] = {
	{"bench", "name", check_name},
	{"bench", "nominal_freq", check_fnom},
	{"channel.*", "gain", check_gain},
	{"reference", "profile", check_profile},
	{"reference", "rates", check_rates},
	{"stream.*", "for", check_receiver},
	{"stream.*", "format", check_format},
	{"stream.*", "listen", check_endpoints},
	{"stream.*", "send", check_endpoints},
	{"time", "source", check_time},
	{"web", "listen", check_web},
	{"web", "names", check_web_names},
};

static int check_item(const struct cis_conf_item *item, struct cis_diag *diag)
{
	struct cis_diag why = {""};

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (!strcmp(item->key->section, checks[i].section) &&
		    !strcmp(item->key->key, checks[i].key) &&
		    checks[i].check(item, &why))
			return cis_fail(diag, -EINVAL, "%.200s: %s: %s",
					item->origin, item->key->key, why.msg);
	return 0;
}

static void leave_out(char *spec, const char *words)
{
	char *item = strstr(spec, words);

	if (item)
		memmove(item, item + strcspn(item, ","),
			strlen(item) - strcspn(item, ",") + 1);
}

/* Its words are the source's to check when it is there. */
static void leave_out_front_end(char *spec)
{
	if (!strstr(spec, "clock=mcu:"))
		return;
	leave_out(spec, "clock=mcu:");
	leave_out(spec, "clock_delay_ns=");
	leave_out(spec, "clock_wait_s=");
}

/* A formula can be tried; boards, files and front ends are for those who use
 * them. */
static int check_signal(const struct cis_conf *conf, struct cis_diag *diag)
{
	const struct cis_conf_item *item = cis_conf_find(conf, "daq", "signal");
	char spec[CIS_SPEC_SIZE];
	struct cis_source *src;
	struct cis_diag why = {""};
	int err = cis_settings_source(conf, spec, diag);

	if (err || !item || strncmp(spec, "mock:", 5) != 0)
		return err;
	err = cis_opt_once(strchr(spec, ':') + 1, &why);
	leave_out_front_end(spec);
	if (err || cis_source_open(spec, &src, &why))
		return cis_fail(diag, -EINVAL, "%.200s: signal: %s",
				item->origin, why.msg);
	cis_source_close(src);
	return 0;
}

static int check_table(const struct cis_conf *conf, const char *name,
		       struct cis_diag *diag)
{
	char section[128], path[CIS_CAL_PATH];
	struct cis_cal_table *table;
	struct cis_diag why = {""};
	int err = 0;

	snprintf(section, sizeof(section), "channel.%s", name);
	cis_settings_table(conf, section, path);
	if (path[0])
		err = cis_cal_table_read(path, &table, &why);
	if (err)
		return cis_fail(diag, -EINVAL, "%.120s: table: %s",
				cis_conf_find(conf, section, "table")->origin,
				why.msg);
	if (path[0])
		cis_cal_table_free(table);
	return 0;
}

static int check_stream(const struct cis_conf *conf, const char *name,
			struct cis_diag *diag)
{
	struct cis_stream_opts opts;
	struct cis_stream_said said;
	struct cis_diag why = {""};
	char section[64];

	snprintf(section, sizeof(section), "stream.%s", name);
	cis_stream_from_conf(&said, conf, section);
	cis_stream_defaults(&opts);
	cis_stream_apply(&opts, &said);
	if (!cis_stream_check(&opts, &why))
		return 0;
	return cis_fail(diag, -EINVAL, "[%s] %s", section, why.msg);
}

int cis_settings_check(const struct cis_conf *conf, struct cis_diag *diag)
{
	const char *name;
	int err = 0;

	for (uint32_t i = 0; i < conf->n && !err; i++)
		err = check_item(&conf->item[i], diag);
	for (unsigned i = 0;
	     !err && (name = cis_settings_name(conf, "channel", i)); i++)
		err = check_table(conf, name, diag);
	for (unsigned i = 0;
	     !err && (name = cis_settings_name(conf, "stream", i)); i++)
		err = check_stream(conf, name, diag);
	return err ? err : check_signal(conf, diag);
}
