/* replay_opts.c - see replay_opts.h. */
#include "replay_opts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "host/core/opt.h"

static const char *const keys[] = {"loop", "time", "primary"};

/* ",key=" of small letters at `c` is meant for us, and misspelt. */
static bool looks_like_key(const char *c)
{
	size_t len = strspn(c + 1, "abcdefghijklmnopqrstuvwxyz_");

	return len > 0 && c[1 + len] == '=';
}

/* A name with a comma is that of a file, or ends in a key unknown to us. */
static int check_name(const char *path, struct cis_diag *diag)
{
	const char *c = strchr(path, ',');

	while (c && !looks_like_key(c))
		c = strchr(c + 1, ',');
	if (!c || !access(path, F_OK))
		return 0;
	return cis_fail(diag, -EINVAL,
			"replay: %.200s: no such file, and \"%.*s\" is no key; "
			"there are loop, time and primary",
			path, (int)strcspn(c + 1, "="), c + 1);
}

/* The file's name may hold commas: it ends where a key begins. */
static size_t path_len(const char *opts)
{
	for (const char *c = strchr(opts, ','); c; c = strchr(c + 1, ','))
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			size_t len = strlen(keys[i]);

			if (!strncmp(c + 1, keys[i], len) && c[1 + len] == '=')
				return (size_t)(c - opts);
		}
	return strlen(opts);
}

static int set_switch(const char *key, const char *value, bool *on,
		      struct cis_diag *diag)
{
	if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
		return cis_fail(diag, -EINVAL,
				"replay: %s=%.40s: 0 or 1 expected", key,
				value);
	*on = *value == '1';
	return 0;
}

static int set_option(struct cis_replay_opts *o, char *item,
		      struct cis_diag *diag)
{
	char *value = strchr(item, '=');

	if (value)
		*value++ = '\0';
	else
		value = item + strlen(item);
	if (!strcmp(item, "loop"))
		return set_switch(item, value, &o->loop, diag);
	if (!strcmp(item, "primary"))
		return set_switch(item, value, &o->primary, diag);
	if (strcmp(item, "time") != 0)
		return cis_fail(diag, -EINVAL,
				"replay: unknown option \"%.40s\"; there are "
				"loop, time and primary",
				item);
	if (strcmp(value, "now") != 0 && strcmp(value, "recorded") != 0)
		return cis_fail(diag, -EINVAL,
				"replay: time=%.40s: now or recorded expected",
				value);
	o->now = !strcmp(value, "now");
	return 0;
}

int cis_replay_opts_parse(const char *text, struct cis_replay_opts *o,
			  struct cis_diag *diag)
{
	size_t len = path_len(text);
	char rest[256], *item = rest;
	struct cis_diag why;

	if (len == 0)
		return cis_fail(diag, -EINVAL,
				"replay: no file is named (replay:FILE.cfg)");
	if (len >= sizeof(o->path) || strlen(text + len) >= sizeof(rest))
		return cis_fail(diag, -ENAMETOOLONG,
				"replay: %.60s...: name too long", text);
	memcpy(o->path, text, len);
	o->path[len] = '\0';
	if (check_name(o->path, diag))
		return -EINVAL;
	strcpy(rest, text + len + (text[len] == ','));
	if (cis_opt_once(rest, &why))
		return cis_fail(diag, -EINVAL, "replay: %.300s", why.msg);
	while (*item) {
		char *next = item + strcspn(item, ",");
		int err;

		if (*next)
			*next++ = '\0';
		err = set_option(o, item, diag);
		if (err)
			return err;
		item = next;
	}
	return 0;
}
