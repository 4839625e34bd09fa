/* comedi_opts.c - see comedi_opts.h. */
#include "comedi_opts.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "host/core/opt.h"

#define MIN_RATE_HZ  1.0
#define MAX_RATE_HZ  1e7
#define MAX_CHAN_NUM 65535 /* CR_PACK() has 16 bits for it */
#define MAX_RANGE    255   /* ... and 8 for the range */
#define MIN_BUFFER_S 0.01
#define MAX_BUFFER_S 60.0

#define MAX_LINE       65535
#define MAX_CONVERT_NS 1e9
#define MAX_RATE_ERR   0.01 /* more is another board than was thought */

/* How the front end is wired unless told. */
#define MCU_CLOCK_LINE 0
#define MCU_START_LINE 1

static const char *const keys[] = {
	"dev",         "subdevice",      "channels",
	"range",       "aref",           "rate",
	"buffer",      "buffer_s",       "clock",
	"clock_line",  "clock_delay_ns", "clock_wait_s",
	"start",       "convert_ns",     "pps_channel",
	"calibration", "max_rate_error", NULL};

static int get_text(const char *text, const char *key, char *buf, size_t size,
		    struct cis_diag *diag)
{
	size_t len;
	const char *value = cis_opt_text(text, key, &len);

	if (!value)
		return 0;
	if (len == 0 || len >= size)
		return cis_fail(diag, -EINVAL, "%s: %s", key,
				len ? "too long" : "no value");
	memcpy(buf, value, len);
	buf[len] = '\0';
	return 0;
}

/* A whole number of 0..max; *value keeps its default when key is absent. */
static int get_count(const char *text, const char *key, double max,
		     double *value, struct cis_diag *diag)
{
	size_t len;
	int err = cis_opt_f64(text, key, value, diag);

	if (err || !cis_opt_text(text, key, &len))
		return err;
	if (!(*value >= 0 && *value <= max && *value == floor(*value)))
		return cis_fail(diag, -EINVAL,
				"%s: not a whole number from 0 to %.0f", key,
				max);
	return 0;
}

/* "0+1+2" */
static int parse_channels(struct cis_comedi_opts *opts, const char *list,
			  struct cis_diag *diag)
{
	opts->n_chan = 0;
	for (const char *s = list;; s++) {
		size_t len = strspn(s, "0123456789");
		unsigned num = 0;

		if (len == 0 || len > 5 || (s[len] && s[len] != '+'))
			return cis_fail(diag, -EINVAL,
					"channels: \"%s\" is not a list such "
					"as 0+1+2",
					list);
		while (len--)
			num = num * 10 + (unsigned)(*s++ - '0');
		if (num > MAX_CHAN_NUM || opts->n_chan == CIS_MAX_CHAN)
			return cis_fail(diag, -EINVAL, "channels: too %s",
					num > MAX_CHAN_NUM ? "high" : "many");
		opts->chan[opts->n_chan++] = num;
		if (!*s)
			return 0;
	}
}

static int parse_aref(struct cis_comedi_opts *opts, const char *word,
		      struct cis_diag *diag)
{
	static const char *const names[] = {"diff", "ground", "common",
					    "other"};

	for (int i = 0; i < 4; i++) {
		if (!strcmp(word, names[i])) {
			opts->aref = CIS_AREF_DIFF + (unsigned)i;
			return 0;
		}
	}
	return cis_fail(diag, -EINVAL,
			"aref: \"%s\" is none of diff ground common other",
			word);
}

/* "PFI0" or "0", ":falling" behind it. */
static int parse_edge(struct cis_comedi_line *line, const char *word,
		      const char *key, struct cis_diag *diag)
{
	const char *digits = word + (strncmp(word, "PFI", 3) ? 0 : 3);
	size_t len = strspn(digits, "0123456789");
	unsigned num = 0;

	for (size_t i = 0; i < len && num <= MAX_LINE; i++)
		num = num * 10 + (unsigned)(digits[i] - '0');
	if (len == 0 || num > MAX_LINE ||
	    (digits[len] && strcmp(digits + len, ":falling") != 0 &&
	     strcmp(digits + len, ":rising") != 0))
		return cis_fail(diag, -EINVAL,
				"%s: \"%s\" is no line; give its number, such "
				"as external:0 or external:PFI0, and :falling "
				"behind it for the other edge",
				key, word);
	*line = (struct cis_comedi_line){
		.external = true,
		.line = num,
		.falling = !strcmp(digits + len, ":falling")};
	return 0;
}

static int parse_clock(struct cis_comedi_opts *opts, const char *text,
		       struct cis_diag *diag)
{
	char word[CIS_MCU_WHERE_SIZE] = "";
	int err = get_text(text, "clock", word, sizeof(word), diag);

	if (err || !word[0] || !strcmp(word, "internal"))
		return err;
	if (!strncmp(word, "external:", 9))
		return parse_edge(&opts->clock, word + 9, "clock", diag);
	err = cis_front_end_take(&opts->front_end, word, strlen(word), diag);
	if (err != -ENOENT)
		return err;
	return cis_fail(diag, -EINVAL,
			"clock: \"%.60s\" is none of internal, external:LINE "
			"and mcu:PORT",
			word);
}

static int parse_start(struct cis_comedi_opts *opts, const char *text,
		       struct cis_diag *diag)
{
	char word[64] = "";
	int err = get_text(text, "start", word, sizeof(word), diag);

	if (err || !word[0])
		return err;
	if (!strncmp(word, "external:", 9))
		return parse_edge(&opts->start, word + 9, "start", diag);
	if (strcmp(word, "now") != 0)
		return cis_fail(
			diag, -EINVAL,
			"start: \"%s\" is neither now nor external:LINE", word);
	if (opts->front_end.where[0])
		return cis_fail(
			diag, -EINVAL,
			"start: with clock=mcu the front end starts the "
			"board; give the line, such as external:%d",
			MCU_START_LINE);
	return 0;
}

/* The words that go with a front end, and without one mean nothing. */
static int parse_front_end(struct cis_comedi_opts *opts, const char *text,
			   struct cis_diag *diag)
{
	static const char *const own[] = {"clock_line", "clock_delay_ns",
					  "clock_wait_s"};
	struct cis_front_end_opts *fe = &opts->front_end;
	char line[64] = "";
	size_t len;
	int err;

	for (size_t i = 0; i < 3 && !fe->where[0]; i++)
		if (cis_opt_text(text, own[i], &len))
			return cis_fail(diag, -EINVAL, "%s: is for clock=mcu",
					own[i]);
	if (!fe->where[0])
		return 0;
	opts->clock = (struct cis_comedi_line){.external = true,
					       .line = MCU_CLOCK_LINE};
	opts->start = (struct cis_comedi_line){.external = true,
					       .line = MCU_START_LINE};
	err = get_text(text, "clock_line", line, sizeof(line), diag);
	if (!err && line[0])
		err = parse_edge(&opts->clock, line, "clock_line", diag);
	if (!err)
		err = cis_opt_f64(text, "clock_delay_ns", &fe->delay_ns, diag);
	if (!err)
		err = cis_opt_f64(text, "clock_wait_s", &fe->wait_s, diag);
	return err ? err : cis_front_end_check(fe, opts->rate_hz, diag);
}

static int parse_time(struct cis_comedi_opts *opts, const char *text,
		      struct cis_diag *diag)
{
	double convert_ns = 0, pps = 0;
	size_t len;
	int err = parse_clock(opts, text, diag);

	if (!err)
		err = parse_front_end(opts, text, diag);
	if (!err)
		err = parse_start(opts, text, diag);
	if (!err)
		err = get_count(text, "convert_ns", MAX_CONVERT_NS, &convert_ns,
				diag);
	if (!err)
		err = get_count(text, "pps_channel", MAX_CHAN_NUM, &pps, diag);
	if (err)
		return err;
	opts->has_convert = cis_opt_text(text, "convert_ns", &len);
	opts->convert_ns = (unsigned)convert_ns;
	opts->has_pps = cis_opt_text(text, "pps_channel", &len);
	opts->pps_chan = (unsigned)pps;
	if (opts->has_convert && opts->convert_ns == 0)
		return cis_fail(diag, -EINVAL,
				"convert_ns: must be above 0; leave it out for "
				"the fastest that the board can");
	return 0;
}

static int parse_buffer(struct cis_comedi_opts *opts, const char *text,
			struct cis_diag *diag)
{
	static const char *const names[] = {"buffer", "buffer_s"};
	size_t len;

	for (int i = 0; i < 2; i++) {
		int err = cis_opt_f64(text, names[i], &opts->buffer_s, diag);

		if (err)
			return err;
		if (cis_opt_text(text, names[i], &len) &&
		    !(opts->buffer_s >= MIN_BUFFER_S &&
		      opts->buffer_s <= MAX_BUFFER_S))
			return cis_fail(diag, -EINVAL,
					"%s: not from %g to %g seconds of "
					"samples",
					names[i], MIN_BUFFER_S, MAX_BUFFER_S);
	}
	return 0;
}

static int parse_rate(struct cis_comedi_opts *opts, const char *text,
		      struct cis_diag *diag)
{
	int err = cis_opt_f64(text, "rate", &opts->rate_hz, diag);

	if (!err &&
	    !(opts->rate_hz >= MIN_RATE_HZ && opts->rate_hz <= MAX_RATE_HZ))
		return cis_fail(diag, -EINVAL,
				"rate: not from %.0f to %.0f scans a second",
				MIN_RATE_HZ, MAX_RATE_HZ);
	if (!err)
		err = cis_opt_f64(text, "max_rate_error", &opts->max_rate_err,
				  diag);
	if (!err &&
	    !(opts->max_rate_err >= 0 && opts->max_rate_err <= MAX_RATE_ERR))
		return cis_fail(diag, -EINVAL,
				"max_rate_error: not from 0 to %g, a part of "
				"the rate",
				MAX_RATE_ERR);
	return err;
}

static int parse_numbers(struct cis_comedi_opts *opts, const char *text,
			 struct cis_diag *diag)
{
	double subdevice = -1, range = 0;
	int err = get_count(text, "subdevice", 255, &subdevice, diag);

	if (!err)
		err = get_count(text, "range", MAX_RANGE, &range, diag);
	if (!err)
		err = parse_buffer(opts, text, diag);
	if (!err)
		err = parse_rate(opts, text, diag);
	if (err)
		return err;
	opts->subdevice = (int)subdevice;
	opts->range = (unsigned)range;
	return 0;
}

static int parse_inputs(struct cis_comedi_opts *opts, const char *text,
			struct cis_diag *diag)
{
	char channels[8 * CIS_MAX_CHAN] = "0+1+2+3+4+5", aref[16] = "";
	int err = get_text(text, "channels", channels, sizeof(channels), diag);

	if (!err)
		err = parse_channels(opts, channels, diag);
	if (!err)
		err = get_text(text, "aref", aref, sizeof(aref), diag);
	if (!err && aref[0])
		err = parse_aref(opts, aref, diag);
	return err;
}

int cis_comedi_opts_parse(struct cis_comedi_opts *opts, const char *text,
			  struct cis_diag *diag)
{
	struct cis_comedi_opts o = {.dev = "/dev/comedi0",
				    .aref = CIS_AREF_ANY,
				    .rate_hz = 18000,
				    .max_rate_err = MAX_RATE_ERR};
	int err = cis_opt_check(text, keys, diag);

	cis_front_end_defaults(&o.front_end);
	if (!err)
		err = get_text(text, "dev", o.dev, sizeof(o.dev), diag);
	if (!err)
		err = get_text(text, "calibration", o.calibration,
			       sizeof(o.calibration), diag);
	if (!err)
		err = parse_numbers(&o, text, diag);
	if (!err)
		err = parse_inputs(&o, text, diag);
	if (!err)
		err = parse_time(&o, text, diag);
	if (!err)
		*opts = o;
	return err;
}
