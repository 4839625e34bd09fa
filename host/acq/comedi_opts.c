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

static const char *const keys[] = {"dev",   "subdevice", "channels", "range",
				   "aref",  "rate",      "buffer",   "clock",
				   "start", NULL};

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

/* Only the board's own clock, started at once, so far. */
static int refuse_external(const char *text, struct cis_diag *diag)
{
	char word[64] = "internal";
	int err = get_text(text, "clock", word, sizeof(word), diag);

	if (!err && strcmp(word, "internal") != 0)
		return cis_fail(diag, -EINVAL,
				"clock: \"%s\" is not supported yet; only the "
				"board's internal clock is",
				word);
	strcpy(word, "now");
	if (!err)
		err = get_text(text, "start", word, sizeof(word), diag);
	if (!err && strcmp(word, "now") != 0)
		return cis_fail(diag, -EINVAL,
				"start: \"%s\" is not supported yet; only now "
				"is",
				word);
	return err;
}

static int parse_numbers(struct cis_comedi_opts *opts, const char *text,
			 struct cis_diag *diag)
{
	double subdevice = -1, range = 0;
	int err = get_count(text, "subdevice", 255, &subdevice, diag);
	size_t len;

	if (!err)
		err = get_count(text, "range", MAX_RANGE, &range, diag);
	if (!err)
		err = cis_opt_f64(text, "buffer", &opts->buffer_s, diag);
	if (!err && cis_opt_text(text, "buffer", &len) &&
	    !(opts->buffer_s >= MIN_BUFFER_S && opts->buffer_s <= MAX_BUFFER_S))
		return cis_fail(diag, -EINVAL,
				"buffer: not from %g to %g seconds of samples",
				MIN_BUFFER_S, MAX_BUFFER_S);
	if (!err)
		err = cis_opt_f64(text, "rate", &opts->rate_hz, diag);
	if (!err &&
	    !(opts->rate_hz >= MIN_RATE_HZ && opts->rate_hz <= MAX_RATE_HZ))
		return cis_fail(diag, -EINVAL,
				"rate: not from %.0f to %.0f scans a second",
				MIN_RATE_HZ, MAX_RATE_HZ);
	if (err)
		return err;
	opts->subdevice = (int)subdevice;
	opts->range = (unsigned)range;
	return 0;
}

int cis_comedi_opts_parse(struct cis_comedi_opts *opts, const char *text,
			  struct cis_diag *diag)
{
	struct cis_comedi_opts o = {
		.dev = "/dev/comedi0", .aref = CIS_AREF_ANY, .rate_hz = 18000};
	char channels[8 * CIS_MAX_CHAN] = "0+1+2+3+4+5", aref[16] = "";
	int err = cis_opt_check(text, keys, diag);

	if (!err)
		err = refuse_external(text, diag);
	if (!err)
		err = get_text(text, "dev", o.dev, sizeof(o.dev), diag);
	if (!err)
		err = parse_numbers(&o, text, diag);
	if (!err)
		err = get_text(text, "channels", channels, sizeof(channels),
			       diag);
	if (!err)
		err = parse_channels(&o, channels, diag);
	if (!err)
		err = get_text(text, "aref", aref, sizeof(aref), diag);
	if (!err && aref[0])
		err = parse_aref(&o, aref, diag);
	if (!err)
		*opts = o;
	return err;
}
