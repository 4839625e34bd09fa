/* replay_spec.c - what stands on the command line with --replay; see replay.h. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/near.h"
#include "host/core/opt.h"
#include "host/sim/maker_replay.h"
#include "replay.h"

/* ---- the words ---- */

static const char *const words[] = {"speed", "loop", NULL};

/* "2", "0.5", "1/3" */
static bool fraction(const char *text, double *x)
{
	char *end;
	double by = 1;

	*x = strtod(text, &end);
	if (end != text && *end == '/') {
		text = end + 1;
		by = strtod(text, &end);
	}
	*x /= by;
	return end != text && !*end && isfinite(*x);
}

static int take_word(const char *item, struct cis_replay_spec *spec,
		     struct cis_diag *diag)
{
	const char *value = strchr(item, '=') + 1;
	size_t len = (size_t)(value - 1 - item);
	char word[32];
	const char *near;

	snprintf(word, sizeof(word), "%.*s", len < 31 ? (int)len : 31, item);
	if (!strcmp(word, "speed")) {
		if (fraction(value, &spec->speed) &&
		    spec->speed >= CIS_REPLAY_SLOWEST * (1 - 1e-9) &&
		    spec->speed <= CIS_REPLAY_FASTEST)
			return 0;
		return cis_fail(diag, -EINVAL,
				"--replay: speed=%.40s: a number of 0.01 to "
				"100 is needed, or a fraction such as 1/3",
				value);
	}
	if (!strcmp(word, "loop")) {
		if (!strcmp(value, "0") || !strcmp(value, "1")) {
			spec->loop = *value == '1';
			return 0;
		}
		return cis_fail(diag, -EINVAL,
				"--replay: loop=%.40s: is neither 0 nor 1",
				value);
	}
	near = cis_near(word, words);
	return cis_fail(diag, -EINVAL,
			"--replay: there is no word \"%s\"%s%s%s; there are "
			"speed=X and loop=1",
			word, near ? ", did you mean \"" : "", near ? near : "",
			near ? "\"" : "");
}

/* A comma is part of the name where no word with an equals sign follows. */
int cis_replay_parse(const char *text, struct cis_replay_spec *spec,
		     struct cis_diag *diag)
{
	struct cis_diag why;
	char *comma;
	int err = 0;

	spec->speed = 1;
	spec->loop = false;
	if (strlen(text) >= sizeof(spec->file))
		return cis_fail(diag, -EINVAL,
				"--replay: a name of %zu bytes is too long",
				strlen(text));
	strcpy(spec->file, text);
	while (!err && (comma = strrchr(spec->file, ',')) &&
	       strchr(comma, '=')) {
		err = take_word(comma + 1, spec, diag);
		*comma = '\0';
	}
	if (!err && cis_opt_once(text + strlen(spec->file), &why))
		err = cis_fail(diag, -EINVAL, "--replay: %.300s", why.msg);
	if (!err && !spec->file[0])
		err = cis_fail(diag, -EINVAL,
			       "--replay: names no file: "
			       "FILE[,speed=X][,loop=1]");
	return err;
}

/* ---- what stands beside it ---- */

static bool is_among(const char *option, const char *const *list)
{
	while (*list && strcmp(*list, option) != 0)
		list++;
	return *list != NULL;
}

void cis_replay_beside(struct cis_replay_spec *spec, const char *option)
{
	/* How frames go out, whatever they say; and the seed of --impair. */
	static const char *const any[] = {"replay",
					  "stream",
					  "listen",
					  "cfg",
					  "cfg-every",
					  "for",
					  "connection-file",
					  "start",
					  "t0",
					  "pace",
					  "duration",
					  "force",
					  "web",
					  "shard",
					  "send",
					  "impair",
					  "sink",
					  "json",
					  "seed",
					  NULL};
	static const char *const of_frames[] = {
		"format",  "c37",       "idcode", "time-base",
		"station", "test-mode", NULL};

	spec->cfg_said |= !strcmp(option, "cfg") || !strcmp(option, "for");
	if (is_among(option, any))
		return;
	if (is_among(option, of_frames))
		spec->of_frames = option;
	else
		spec->of_signal = option;
}
