/* devices_map.c - what was found, as sections of a configuration file. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cisoid/utc.h"
#include "devices_parts.h"
#include "host/acq/dates/clock.h"
#include "host/cli/outfile.h"
#include "host/cli/settings.h"

static int check_name(const char *name, struct cis_diag *diag)
{
	if (!strpbrk(name, "[]\r\n;#="))
		return 0;
	return cis_fail(diag, -EINVAL,
			"%s: no section of a configuration can have this name; "
			"rename the channel",
			name);
}

static void write_head(FILE *f, const struct cis_devices_test *t)
{
	struct cis_clock clock;
	char now[CIS_UTC_SIZE];

	cis_clock_init(&clock, "system", NULL);
	fprintf(f,
		"# Corrections of inputs that carry one signal, against %s.\n"
		"# By cisoid devices test, %s\n"
		"# Source: %.100s\n"
		"# %.150s\n"
		"# %.4g s at %.10g Hz of a signal of %.6f Hz\n"
		"# Uncertainties are those against %s.\n",
		t->map->chan[t->against].name,
		cis_utc_format(cis_clock_now(&clock), 0, now), t->ask->source,
		t->info->detail, t->n_scan / t->rate_hz, t->rate_hz,
		t->found.freq_hz, t->map->chan[t->against].name);
	if (t->info->simulated)
		fputs("# SIMULATED - NOT A CALIBRATION\n", f);
}

/* What is known of `against` is known of a channel compared with it. */
static double with_u_of_against(const struct cis_devices_test *t, double u,
				double u_against, uint32_t c)
{
	return c == t->against ? u_against : hypot(u, u_against);
}

/* Corrections that were there are part of it: this takes their place. */
static void write_channel(FILE *f, const struct cis_devices_test *t, uint32_t c)
{
	const struct cis_selfcheck_chan *ch = &t->found.chan[c];
	const char *name = t->map->chan[c].name;
	struct cis_cal_chan was = cis_devices_correction(t->ask, name);
	struct cis_cal_chan against =
		cis_devices_correction(t->ask, t->map->chan[t->against].name);
	double gain = was.gain / ch->gain;
	double u_rel =
		with_u_of_against(t, ch->u_gain / ch->gain,
				  against.u_gain / fabs(against.gain), c);
	double u_s = with_u_of_against(t, ch->u_delay_s, against.u_delay_s, c);

	fprintf(f,
		"\n[channel.%s]\n"
		"gain       = %.9f\n"
		"u_gain     = %.2g\n"
		"delay_ns   = %.3f\n"
		"u_delay_ns = %.2g\n",
		name, gain, fabs(gain) * u_rel,
		1e9 * (was.delay_s - ch->delay_s), 1e9 * u_s);
}

/* ---- what a file holds that would be lost ---- */

static bool writes(const struct cis_devices_test *t,
		   const struct cis_conf_item *item)
{
	static const char *const keys[] = {"gain", "u_gain", "delay_ns",
					   "u_delay_ns"};
	bool key = false, channel = false;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		key = key || !strcmp(item->key->key, keys[i]);
	if (!key || strncmp(item->section, "channel.", 8) != 0)
		return false;
	for (uint32_t c = 0; c < t->map->n_chan; c++)
		channel = channel ||
			  !strcmp(item->section + 8, t->map->chan[c].name);
	return channel;
}

static int check_items(const struct cis_devices_test *t,
		       const struct cis_conf *conf, struct cis_diag *diag)
{
	for (uint32_t i = 0; i < conf->n; i++)
		if (!writes(t, &conf->item[i]))
			return cis_fail(diag, -EEXIST,
					"%.160s: %.40s of [%.63s] would be "
					"lost; write to another file, and take "
					"its lines over",
					conf->item[i].origin,
					conf->item[i].key->key,
					conf->item[i].section);
	return 0;
}

static int check_file(const struct cis_devices_test *t, FILE *f,
		      struct cis_diag *diag)
{
	struct cis_conf *conf = malloc(sizeof(*conf));
	struct cis_diag why = {""};
	int err;

	if (!conf)
		return cis_fail(diag, -ENOMEM, "out of memory");
	cis_conf_init(conf, cis_settings_keys);
	if (cis_conf_read(conf, f, t->ask->write, &why))
		err = cis_fail(diag, -EEXIST,
			       "%.300s; this is no file that was written here: "
			       "write to another one",
			       why.msg);
	else
		err = check_items(t, conf, diag);
	free(conf);
	return err;
}

int cis_devices_check_map(const struct cis_devices_test *t,
			  struct cis_diag *diag)
{
	const char *path = t->ask->write;
	struct stat st;
	FILE *f;
	int err;

	if (!path || !strcmp(path, "-") || stat(path, &st) ||
	    !S_ISREG(st.st_mode))
		return 0;
	f = fopen(path, "r");
	if (!f)
		return cis_fail(diag, -errno, "%s: %s", path, strerror(errno));
	err = check_file(t, f, diag);
	fclose(f);
	return err;
}

int cis_devices_write_map(const struct cis_devices_test *t,
			  struct cis_diag *diag)
{
	struct cis_outfile of;
	int err = 0;

	for (uint32_t c = 0; !err && c < t->map->n_chan; c++)
		err = check_name(t->map->chan[c].name, diag);
	if (!err)
		err = cis_outfile_open(&of, t->ask->write, t->ask->force, diag);
	if (err)
		return err;
	write_head(of.f, t);
	for (uint32_t c = 0; c < t->map->n_chan; c++)
		write_channel(of.f, t, c);
	err = cis_outfile_commit(&of, diag);
	if (err)
		cis_outfile_abort(&of);
	return err;
}
