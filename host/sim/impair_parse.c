/* impair_parse.c - the words of --impair; see impair.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/near.h"
#include "host/core/opt.h"
#include "impair.h"

#define EXAMPLE    "loss=1%%,burst=5,delay=20ms"
#define MAX_TIME_S 3600.0
#define MAX_BURST  1000.0
#define MAX_BEGIN  0.9 /* looking back stays short: in_burst() */
#define WORD_SIZE  48

enum key {
	KEY_LOSS,
	KEY_BURST,
	KEY_DUP,
	KEY_REORDER,
	KEY_CRC,
	KEY_TRUNC,
	KEY_LENGTH,
	KEY_BACK,
	KEY_DELAY,
	KEY_JITTER,
	KEY_STOP,
	N_KEY
};

static const char *const keys[N_KEY + 1] = {
	"loss",   "burst", "dup",   "reorder", "crc",  "trunc",
	"length", "back",  "delay", "jitter",  "stop", NULL};

/* ---- values ---- */

static int read_share(const char *key, const char *text, double *share,
		      struct cis_diag *diag)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || isnan(v) || (*end && strcmp(end, "%") != 0))
		return cis_fail(diag, -EINVAL,
				"%s=%s: \"%s\" is not a share of the frames "
				"such as 0.1%%",
				key, text, text);
	if (*end != '%' && v != 0)
		return cis_fail(diag, -EINVAL,
				"%s=%s: a share of the frames is written with "
				"a percent sign: %s=%s%%, or %s=%.10g%%",
				key, text, key, text, key, v * 100);
	if (!(v >= 0 && v <= 100))
		return cis_fail(diag, -EINVAL,
				"%s=%s: not within 0%% to 100%% of the frames",
				key, text);
	*share = v / 100;
	return 0;
}

static int read_time(const char *key, const char *text, double *s,
		     struct cis_diag *diag)
{
	static const struct {
		const char *unit;
		double s;
	} units[] = {{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"min", 60}};
	char *end;
	double v = strtod(text, &end);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (end == text || strcmp(end, units[i].unit) != 0)
			continue;
		if (!(v >= 0 && v * units[i].s <= MAX_TIME_S))
			return cis_fail(diag, -EINVAL,
					"%s: %s is not within 0 to %g s", key,
					text, MAX_TIME_S);
		*s = v * units[i].s;
		return 0;
	}
	return cis_fail(diag, -EINVAL,
			"%s: \"%s\" is not a time such as 20ms or 2s", key,
			text);
}

/* "0.1%/2s": cuts the text at the slash; NULL without one. */
static const char *cut(char *text)
{
	char *slash = strchr(text, '/');

	if (!slash)
		return NULL;
	*slash = '\0';
	return slash + 1;
}

static int take_burst(struct cis_impair *imp, const char *text,
		      struct cis_diag *diag)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end || !(v >= 1 && v <= MAX_BURST))
		return cis_fail(diag, -EINVAL,
				"burst=%s: the mean number of frames that are "
				"lost in a row is 1 to %g",
				text, MAX_BURST);
	imp->burst_len = v;
	return 0;
}

/* SOC counts whole seconds. */
static int take_back(struct cis_impair *imp, char *text, struct cis_diag *diag)
{
	const char *by = cut(text);
	double back_s = 1;

	if (read_share("back", text, &imp->share[CIS_FATE_BACKWARD], diag) ||
	    (by && read_time("back", by, &back_s, diag)))
		return -EINVAL;
	if (back_s < 1 || back_s != rint(back_s))
		return cis_fail(diag, -EINVAL,
				"back: time stamps go back by whole seconds, "
				"not %s",
				by);
	imp->back_s = (uint32_t)back_s;
	return 0;
}

static int take_stop(struct cis_impair *imp, char *text, struct cis_diag *diag)
{
	const char *every = cut(text);

	if (!every)
		return cis_fail(diag, -EINVAL,
				"stop=%s: how long of how long? stop=2s/60s is "
				"silent for 2 s of every 60 s",
				text);
	if (read_time("stop", text, &imp->stop_s, diag) ||
	    read_time("stop", every, &imp->stop_every_s, diag))
		return -EINVAL;
	if (imp->stop_s > 0 && imp->stop_s >= imp->stop_every_s)
		return cis_fail(diag, -EINVAL,
				"stop=%s/%s: nothing would ever be sent", text,
				every);
	return 0;
}

/* ---- items ---- */

static int take(struct cis_impair *imp, enum key key, char *text,
		struct cis_diag *diag)
{
	static const enum cis_fate_kind kinds[N_KEY] = {
		[KEY_LOSS] = CIS_FATE_LOST,
		[KEY_DUP] = CIS_FATE_DOUBLED,
		[KEY_REORDER] = CIS_FATE_REORDERED,
		[KEY_CRC] = CIS_FATE_BAD_CRC,
		[KEY_TRUNC] = CIS_FATE_TRUNCATED,
		[KEY_LENGTH] = CIS_FATE_BAD_LENGTH};

	switch (key) {
	case KEY_BURST:
		return take_burst(imp, text, diag);
	case KEY_BACK:
		return take_back(imp, text, diag);
	case KEY_DELAY:
		return read_time("delay", text, &imp->delay_s, diag);
	case KEY_JITTER:
		return read_time("jitter", text, &imp->jitter_s, diag);
	case KEY_STOP:
		return take_stop(imp, text, diag);
	default:
		return read_share(keys[key], text, &imp->share[kinds[key]],
				  diag);
	}
}

static int unknown(const char *word, struct cis_diag *diag)
{
	const char *near = cis_near(word, keys);

	return cis_fail(diag, -EINVAL,
			"\"%s\" is no impairment%s%s%s; there are loss burst "
			"dup reorder crc trunc length back delay jitter stop",
			word, near ? "; did you mean \"" : "", near ? near : "",
			near ? "\"?" : "");
}

static int find_key(const char *word, struct cis_diag *diag)
{
	for (int k = 0; k < N_KEY; k++)
		if (!strcmp(word, keys[k]))
			return k;
	return unknown(word, diag);
}

/* One "key=value" of `len` bytes. */
static int take_item(struct cis_impair *imp, const char *item, size_t len,
		     struct cis_diag *diag)
{
	char word[WORD_SIZE];
	char *value;
	int key;

	snprintf(word, sizeof(word), "%.*s", (int)(len < 4096 ? len : 4096),
		 item);
	if (len == 0 || len >= sizeof(word))
		return cis_fail(diag, -EINVAL,
				"\"%s\" is not KEY=VALUE, as in " EXAMPLE,
				word);
	value = strchr(word, '=');
	if (value)
		*value++ = '\0';
	key = find_key(word, diag);
	if (key < 0)
		return key;
	if (!value || !*value)
		return cis_fail(diag, -EINVAL,
				"%s has no value; as in " EXAMPLE, word);
	return take(imp, (enum key)key, value, diag);
}

/* ---- the whole ---- */

static int check(const struct cis_impair *imp, struct cis_diag *diag)
{
	double loss = imp->share[CIS_FATE_LOST], sum = 0;
	double b = imp->burst_len;

	for (unsigned k = 0; k < CIS_N_FATE; k++)
		sum += imp->share[k];
	if (sum > 1 + 1e-9)
		return cis_fail(diag, -EINVAL,
				"%.6g%% of the frames altogether; a frame has "
				"one fate, and 100%% is all of them",
				100 * sum);
	if (b > 0 && loss == 0)
		return cis_fail(diag, -EINVAL,
				"burst=%g: nothing is lost; add loss=1%%", b);
	if (b > 0 && loss > MAX_BEGIN * b * (1 - loss))
		return cis_fail(diag, -EINVAL,
				"loss=%g%%: in bursts of %g at most %.4g%% can "
				"be lost; make them longer",
				100 * loss, b,
				100 * MAX_BEGIN * b / (1 + MAX_BEGIN * b));
	return 0;
}

int cis_impair_parse(const char *text, struct cis_impair *imp,
		     struct cis_diag *diag)
{
	struct cis_impair read = {.seed = imp->seed};

	for (const char *item = text;; item++) {
		size_t len = strcspn(item, ",");

		if (take_item(&read, item, len, diag))
			return -EINVAL;
		item += len;
		if (!*item)
			break;
	}
	if (cis_opt_once(text, diag) || check(&read, diag))
		return -EINVAL;
	*imp = read;
	return 0;
}
