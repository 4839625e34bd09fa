/* settings.c - see settings.h. */
#include "settings.h"

#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAIN_FILE "/etc/cisoid/cisoid.conf"
#define DROP_INS  "/etc/cisoid/conf.d/*.conf"
#define CHANNEL   "channel."

const struct cis_conf_key cis_settings_keys[] = {
	{"bench", "name", NULL, 0, 0, NULL, "CISOID",
	 "station name in the frames, at most 16 characters"},
	{"bench", "nominal_freq", "Hz", 50, 60, NULL, "",
	 "50 Hz or 60 Hz; as the source says, else 50 Hz"},
	{"daq", "driver", NULL, 0, 0, "comedi|mock|replay", "mock",
	 "comedi, mock or replay"},
	{"daq", "device", NULL, 0, 0, NULL, "/dev/comedi0",
	 "comedi: the board"},
	{"daq", "subdevice", "", 0, 255, NULL, "",
	 "comedi: analog input; the first that samples by itself"},
	{"daq", "channels", NULL, 0, 0, NULL, "0+1+2+3+4+5",
	 "comedi: inputs, in the order VA VB VC IA IB IC"},
	{"daq", "range", "", 0, 255, NULL, "0", "comedi: number of the range"},
	{"daq", "reference", NULL, 0, 0, "diff|ground|common|other", "",
	 "comedi: what inputs are measured against; diff where there is"},
	{"daq", "buffer", "s", 0.01, 60, NULL, "", "comedi: room for samples"},
	{"daq", "clock", NULL, 0, 0, NULL, "internal",
	 "scan clock: internal, external:LINE (comedi), mcu:PORT (and mock)"},
	{"daq", "clock_line", NULL, 0, 0, NULL, "",
	 "comedi: where the clock of mcu comes in; 0"},
	{"daq", "clock_delay_ns", "", 0, 1e6, NULL, "0",
	 "comedi, mock: ns by which the front end's pulse is late"},
	{"daq", "clock_wait", "s", 0, 3600, NULL, "120 s",
	 "comedi, mock: how long the front end may take to lock"},
	{"daq", "start", NULL, 0, 0, NULL, "now",
	 "comedi: now, or external:LINE on a whole second; external:1 of mcu"},
	{"daq", "convert_ns", "", 1, 1e9, NULL, "",
	 "comedi: ns from channel to channel; as fast as the board can"},
	{"daq", "calibration", NULL, 0, 0, NULL, "",
	 "comedi: a file, or none; the board's own where it has one"},
	{"daq", "max_rate_error", "", 0, 0.01, NULL, "0.01",
	 "comedi: refuse a board whose rate differs by a larger part"},
	{"daq", "ring", "s", 0.1, 60, NULL, "2 s",
	 "samples that may wait for the estimator"},
	{"daq", "file", NULL, 0, 0, NULL, "", "replay: the .cfg or .cff file"},
	{"daq", "signal", NULL, 0, 0, NULL, "",
	 "mock: signal keys, such as f=50.1,v=120"},
	{"daq", "rate", "Hz", 300, 1e6, NULL, "18 kHz",
	 "scans a second (comedi, mock)"},
	{"channel.*", "gain", "", -1e9, 1e9, NULL, "1",
	 "factor for the samples: the inverse of the transducer's"},
	{"channel.*", "offset", "", -1e9, 1e9, NULL, "0",
	 "V or A added to the samples before that"},
	{"channel.*", "ratio", "", 1e-9, 1e9, NULL, "1",
	 "of the transducer: primary to secondary"},
	{"channel.*", "delay_ns", "", -1e7, 1e7, NULL, "0",
	 "ns added to the channel's delay: minus the transducer's"},
	{"channel.*", "u_gain", "", 0, 1e9, NULL, "0",
	 "standard uncertainty (k = 1) of gain and ratio, as of gain"},
	{"channel.*", "u_delay_ns", "", 0, 1e7, NULL, "0",
	 "standard uncertainty (k = 1) of the delay"},
	{"channel.*", "table", NULL, 0, 0, NULL, "",
	 "CSV: what is left to correct, over frequency and level"},
	{"time", "source", NULL, 0, 0, NULL, "",
	 "external, pps-channel:N, pps:DEV, system, none; as the source is"},
	{"time", "max_error", "s", 1e-9, 10, NULL, "",
	 "refuses what can never be as good, flags what is not"},
	{"reference", "rates", "", 1e-4, 32767, NULL, "",
	 "reports a second; the nominal frequency unless told"},
	{"reference", "profile", NULL, 0, 0, NULL, "reference",
	 "the estimator: p, m, reference, ls7 or ls7:CYCLES"},
	{"stream.*", "listen", NULL, 0, 0, NULL, "",
	 "answer commands at tcp:HOST:PORT, udp:HOST:PORT, ..."},
	{"stream.*", "send", NULL, 0, 0, NULL, "",
	 "send unasked to udp:HOST:PORT, ..."},
	{"stream.*", "idcode", "", 1, 65534, NULL, "1", "IDCODE of the frames"},
	{"stream.*", "for", NULL, 0, 0, NULL, "",
	 "as the receiver likes it: pmuct, openpdc, wireshark, ..."},
	{"stream.*", "c37", NULL, 0, 0, "2005|2011", "",
	 "SYNC's version and what STAT means; 2005's version, 2011's STAT"},
	{"stream.*", "cfg", NULL, 0, 0, "2|3", "2",
	 "the configuration that goes out unasked"},
	{"stream.*", "cfg_every", "s", 0, 3600, NULL, "60 s",
	 "how often it does; 0 s: once"},
	{"stream.*", "format", NULL, 0, 0, NULL, "polar,float",
	 "polar or rect, float or int"},
	{"stream.*", "time_base", "", 1, 16777215, NULL, "1000000",
	 "parts of a second in FRACSEC"},
	{"stream.*", "change", "s", 0, 86400, NULL, "60 s",
	 "how long SIGHUP's change is announced; 0 s: it is not"},
	{"web", "listen", NULL, 0, 0, NULL, "127.0.0.1:8118",
	 "the page: HOST:PORT, or off; the next port where this is taken"},
	{"web", "names", NULL, 0, 0, NULL, "",
	 "names of hosts by which a proxy calls the page"},
	{NULL, NULL, NULL, 0, 0, NULL, NULL, NULL},
};

static int read_file(struct cis_conf *conf, const char *path,
		     struct cis_diag *diag)
{
	struct stat st;
	FILE *f;
	int err;

	if (stat(path, &st))
		return cis_fail(diag, -errno, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return cis_fail(diag, -EISDIR,
				"%s: is a directory; name a file", path);
	f = fopen(path, "r");
	if (!f)
		return cis_fail(diag, -errno, "%s: %s", path, strerror(errno));
	err = cis_conf_read(conf, f, path, diag);
	fclose(f);
	return err;
}

/* A file that need not be there. */
static int read_optional(struct cis_conf *conf, const char *path,
			 struct cis_diag *diag)
{
	struct stat st;

	return stat(path, &st) ? 0 : read_file(conf, path, diag);
}

static int read_drop_ins(struct cis_conf *conf, struct cis_diag *diag)
{
	glob_t found;
	int err = 0;

	if (glob(DROP_INS, 0, NULL, &found))
		return 0;
	for (size_t i = 0; i < found.gl_pathc && !err; i++)
		err = read_file(conf, found.gl_pathv[i], diag);
	globfree(&found);
	return err;
}

static int read_user_file(struct cis_conf *conf, struct cis_diag *diag)
{
	const char *dir = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	char path[4096];

	if (dir && *dir)
		snprintf(path, sizeof(path), "%s/cisoid/cisoid.conf", dir);
	else if (home && *home)
		snprintf(path, sizeof(path), "%s/.config/cisoid/cisoid.conf",
			 home);
	else
		return 0;
	return read_optional(conf, path, diag);
}

int cis_settings_read(struct cis_conf *conf, const char *file,
		      struct cis_diag *diag)
{
	int err;

	cis_conf_init(conf, cis_settings_keys);
	if (file) {
		err = read_file(conf, file, diag);
	} else {
		err = read_optional(conf, MAIN_FILE, diag);
		if (!err)
			err = read_drop_ins(conf, diag);
		if (!err)
			err = read_user_file(conf, diag);
	}
	if (!err)
		err = cis_conf_read_env(conf, diag);
	return err;
}

/* An origin is "FILE:LINE". */
bool cis_settings_reads(const struct cis_conf *conf, const char *path)
{
	struct stat st, of;

	if (stat(path, &st))
		return false;
	for (uint32_t i = 0; i < conf->n; i++) {
		const char *origin = conf->item[i].origin;
		const char *colon = strrchr(origin, ':');
		char file[CIS_CONF_TEXT];

		if (!colon)
			continue;
		snprintf(file, sizeof(file), "%.*s", (int)(colon - origin),
			 origin);
		if (!stat(file, &of) && of.st_dev == st.st_dev &&
		    of.st_ino == st.st_ino)
			return true;
	}
	return false;
}

int cis_settings_set(struct cis_conf *conf, const char *const *list,
		     struct cis_diag *diag)
{
	int err = 0;

	for (size_t i = 0; !err && list[i]; i++)
		err = cis_conf_set_text(conf, list[i], diag);
	return err;
}

/* ",key=value" for what was said, ",key=number" for what has a unit. */
static void append(char *spec, const struct cis_conf *conf, const char *key,
		   const char *as)
{
	const struct cis_conf_item *item = cis_conf_find(conf, "daq", key);
	size_t len = strlen(spec);

	if (!item)
		return;
	if (item->key->unit)
		snprintf(spec + len, CIS_SPEC_SIZE - len, "%s%s=%.17g",
			 spec[len - 1] == ':' ? "" : ",", as, item->number);
	else
		snprintf(spec + len, CIS_SPEC_SIZE - len, "%s%s=%s",
			 spec[len - 1] == ':' ? "" : ",", as, item->text);
}

static void append_front_end(char *spec, const struct cis_conf *conf)
{
	append(spec, conf, "clock_delay_ns", "clock_delay_ns");
	append(spec, conf, "clock_wait", "clock_wait_s");
}

/* Its own clock has no name, and a board's lines it has not; what else the words
 * for a clock are, the mock judges. */
static void append_mock(char *spec, const struct cis_conf *conf)
{
	const char *signal = cis_conf_get(conf, "daq", "signal");
	const char *clock = cis_conf_get(conf, "daq", "clock");
	const struct cis_conf_item *fnom =
		cis_conf_find(conf, "bench", "nominal_freq");

	if (strcmp(clock, "internal") != 0 &&
	    strncmp(clock, "external:", 9) != 0)
		append(spec, conf, "clock", "clock");
	append_front_end(spec, conf);
	if (fnom && !strstr(signal, "fnom="))
		snprintf(spec + strlen(spec), CIS_SPEC_SIZE - strlen(spec),
			 "%sfnom=%g", spec[strlen(spec) - 1] == ':' ? "" : ",",
			 fnom->number);
	if (*signal)
		snprintf(spec + strlen(spec), CIS_SPEC_SIZE - strlen(spec),
			 "%s%s", spec[strlen(spec) - 1] == ':' ? "" : ",",
			 signal);
}

int cis_settings_source(const struct cis_conf *conf, char spec[CIS_SPEC_SIZE],
			struct cis_diag *diag)
{
	const char *driver = cis_conf_get(conf, "daq", "driver");
	const char *file = cis_conf_get(conf, "daq", "file");

	snprintf(spec, CIS_SPEC_SIZE, "%s:", driver);
	if (!strcmp(driver, "replay")) {
		if (!*file)
			return cis_fail(diag, -EINVAL,
					"[daq] driver = replay needs a file");
		snprintf(spec, CIS_SPEC_SIZE, "replay:%s", file);
		return 0;
	}
	append(spec, conf, "rate", "rate");
	if (!strcmp(driver, "comedi")) {
		append(spec, conf, "device", "dev");
		append(spec, conf, "subdevice", "subdevice");
		append(spec, conf, "channels", "channels");
		append(spec, conf, "range", "range");
		append(spec, conf, "reference", "aref");
		append(spec, conf, "buffer", "buffer");
		append(spec, conf, "clock", "clock");
		append_front_end(spec, conf);
		append(spec, conf, "clock_line", "clock_line");
		append(spec, conf, "start", "start");
		append(spec, conf, "convert_ns", "convert_ns");
		append(spec, conf, "calibration", "calibration");
		append(spec, conf, "max_rate_error", "max_rate_error");
		return 0;
	}
	append_mock(spec, conf);
	return 0;
}

void cis_settings_table(const struct cis_conf *conf, const char *section,
			char path[CIS_CAL_PATH])
{
	const struct cis_conf_item *item =
		cis_conf_find(conf, section, "table");
	const char *slash = item ? strrchr(item->origin, '/') : NULL;
	int folder = slash ? (int)(slash - item->origin) + 1 : 0;

	if (!item || !*item->text)
		path[0] = '\0';
	else if (item->text[0] == '/')
		snprintf(path, CIS_CAL_PATH, "%s", item->text);
	else
		snprintf(path, CIS_CAL_PATH, "%.*s%s", folder, item->origin,
			 item->text);
}

/* What the section of this item says, and presets for the rest. */
static void set_channel(const struct cis_conf *conf,
			const struct cis_conf_item *item,
			struct cis_cal_chan *chan)
{
	const char *section = item->section;

	*chan = (struct cis_cal_chan){
		.name = section + strlen(CHANNEL),
		.origin = item->origin,
		.gain = cis_conf_number(conf, section, "gain"),
		.offset = cis_conf_number(conf, section, "offset"),
		.ratio = cis_conf_number(conf, section, "ratio"),
		.delay_s = 1e-9 * cis_conf_number(conf, section, "delay_ns"),
		.u_gain = cis_conf_number(conf, section, "u_gain"),
		.u_delay_s =
			1e-9 * cis_conf_number(conf, section, "u_delay_ns"),
	};
	cis_settings_table(conf, section, chan->table);
}

uint32_t cis_settings_channels(const struct cis_conf *conf,
			       struct cis_cal_chan *list, uint32_t max)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < conf->n && n < max; k++) {
		const struct cis_conf_item *item = &conf->item[k];
		bool seen = strncmp(item->section, CHANNEL, strlen(CHANNEL));

		for (uint32_t i = 0; i < n && !seen; i++)
			seen = !strcmp(list[i].name,
				       item->section + strlen(CHANNEL));
		if (!seen)
			set_channel(conf, item, &list[n++]);
	}
	return n;
}

const char *cis_settings_name(const struct cis_conf *conf, const char *kind,
			      unsigned i)
{
	size_t len = strlen(kind);

	for (uint32_t k = 0; k < conf->n; k++) {
		const char *section = conf->item[k].section;
		bool seen = false;

		if (strncmp(section, kind, len) != 0 || section[len] != '.')
			continue;
		for (uint32_t j = 0; j < k && !seen; j++)
			seen = !strcmp(conf->item[j].section, section);
		if (!seen && i-- == 0)
			return section + len + 1;
	}
	return NULL;
}
