/*
 * conf.c - see conf.h.
 *
 * libinih neither counts lines for its handler nor knows comments after '#'
 * within a line: the reader below does both.
 */
#include "conf.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "near.h"

#define MAX_KEYS 64

void cis_conf_init(struct cis_conf *conf, const struct cis_conf_key *keys)
{
	memset(conf, 0, sizeof(*conf));
	conf->keys = keys;
}

/* ---- which keys there are ---- */

static bool section_is(const char *pattern, const char *section)
{
	size_t len = strlen(pattern);

	if (len > 2 && !strcmp(pattern + len - 2, ".*"))
		return !strncmp(pattern, section, len - 1) && section[len - 1];
	return !strcmp(pattern, section);
}

static const struct cis_conf_key *key_of(const struct cis_conf *conf,
					 const char *section, const char *key)
{
	for (const struct cis_conf_key *k = conf->keys; k->section; k++)
		if (section_is(k->section, section) && !strcmp(k->key, key))
			return k;
	return NULL;
}

static int unknown(const struct cis_conf *conf, const char *section,
		   const char *key, const char *origin, struct cis_diag *diag)
{
	const char *keys[MAX_KEYS + 1] = {NULL}, *sections[MAX_KEYS + 1];
	size_t n_key = 0, n_section = 0;
	const char *near;

	for (const struct cis_conf_key *k = conf->keys; k->section; k++) {
		if (section_is(k->section, section) && n_key < MAX_KEYS)
			keys[n_key++] = k->key;
		if (n_section < MAX_KEYS)
			sections[n_section++] = k->section;
	}
	keys[n_key] = NULL;
	sections[n_section] = NULL;
	if (!*section)
		return cis_fail(diag, -EINVAL, "%s: %s: no [section] before it",
				origin, key);
	if (n_key == 0) {
		near = cis_near(section, sections);
		return cis_fail(diag, -EINVAL, "%s: unknown section [%s]%s%s%s",
				origin, section, near ? "; did you mean [" : "",
				near ? near : "", near ? "]?" : "");
	}
	near = cis_near(key, keys);
	return cis_fail(diag, -EINVAL, "%s: unknown key \"%s\" in [%s]%s%s%s",
			origin, key, section, near ? "; did you mean \"" : "",
			near ? near : "", near ? "\"?" : "");
}

/* ---- values ---- */

static const struct {
	const char *prefix;
	double factor;
} prefixes[] = {{"", 1},     {"k", 1e3},  {"M", 1e6}, {"G", 1e9},
		{"m", 1e-3}, {"u", 1e-6}, {"n", 1e-9}};

/* Factor of "kHz" for base "Hz"; minutes and hours for "s"; 0: not a unit. */
static double unit_factor(const char *unit, const char *base)
{
	size_t len = strlen(unit), base_len = strlen(base);

	if (!strcmp(base, "s") && !strcmp(unit, "min"))
		return 60;
	if (!strcmp(base, "s") && !strcmp(unit, "h"))
		return 3600;
	if (len < base_len || strcmp(unit + len - base_len, base) != 0)
		return 0;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strlen(prefixes[i].prefix) == len - base_len &&
		    !strncmp(unit, prefixes[i].prefix, len - base_len))
			return prefixes[i].factor;
	return 0;
}

static int parse_number(const struct cis_conf_key *k, const char *text,
			const char *origin, double *number,
			struct cis_diag *diag)
{
	char *end;
	double v = strtod(text, &end), factor = 1;

	if (end == text || !isfinite(v))
		return cis_fail(diag, -EINVAL,
				"%s: %s: \"%s\" is not a number%s%s", origin,
				k->key, text, *k->unit ? " in " : "", k->unit);
	while (*end == ' ' || *end == '\t')
		end++;
	if (*end || *k->unit)
		factor = unit_factor(end, k->unit);
	if (factor == 0)
		return cis_fail(diag, -EINVAL, "%s: %s: %s \"%s\"%s%s expected",
				origin, k->key,
				*end ? "bad unit" : "no unit in",
				*end ? end : text,
				*k->unit ? "; a value in " : "; a bare number",
				k->unit);
	v *= factor;
	if (v < k->min || v > k->max)
		return cis_fail(diag, -EINVAL,
				"%s: %s: %s is not within %g to %g%s%s", origin,
				k->key, text, k->min, k->max,
				*k->unit ? " " : "", k->unit);
	*number = v;
	return 0;
}

static bool is_word(const char *words, const char *text)
{
	for (const char *w = words; *w;) {
		size_t len = strcspn(w, "|");

		if (strlen(text) == len && !strncmp(w, text, len))
			return true;
		w += len + (w[len] == '|');
	}
	return false;
}

static struct cis_conf_item *slot_for(struct cis_conf *conf,
				      const char *section,
				      const struct cis_conf_key *key)
{
	for (uint32_t i = 0; i < conf->n; i++)
		if (conf->item[i].key == key &&
		    !strcmp(conf->item[i].section, section))
			return &conf->item[i];
	if (conf->n == CIS_CONF_MAX_ITEM)
		return NULL;
	return &conf->item[conf->n++];
}

/* One value; `origin` says where it comes from. */
static int set(struct cis_conf *conf, const char *section, const char *key,
	       const char *value, const char *origin, struct cis_diag *diag)
{
	const struct cis_conf_key *k = key_of(conf, section, key);
	struct cis_conf_item *item;
	double number = NAN;

	if (!k)
		return unknown(conf, section, key, origin, diag);
	if (strlen(value) >= CIS_CONF_TEXT ||
	    strlen(section) >= sizeof(item->section))
		return cis_fail(diag, -EINVAL, "%s: %s: too long", origin, key);
	if (k->unit && parse_number(k, value, origin, &number, diag))
		return -EINVAL;
	if (!k->unit && k->words && !is_word(k->words, value))
		return cis_fail(diag, -EINVAL,
				"%s: %s: \"%.60s\" is not one of %s", origin,
				key, value, k->words);
	item = slot_for(conf, section, k);
	if (!item)
		return cis_fail(diag, -EINVAL, "%s: too many values", origin);
	item->key = k;
	item->number = number;
	snprintf(item->section, sizeof(item->section), "%s", section);
	snprintf(item->text, sizeof(item->text), "%s", value);
	snprintf(item->origin, sizeof(item->origin), "%s", origin);
	return 0;
}

/* ---- files ---- */

struct reader {
	struct cis_conf *conf;
	FILE *f;
	const char *name;
	unsigned line;
	unsigned too_long; /* its line, from 1; 0: none */
	int err;
	struct cis_diag *diag;
};

/*
 * One line for libinih: counted, its comment cut off (a '#' at the start or
 * after a blank), and its indent, which libinih would take for a sign that the
 * line continues the value before.
 */
static char *read_line(char *text, int size, void *stream)
{
	struct reader *r = stream;
	char *got = fgets(text, size, r->f);
	size_t lead;

	if (!got)
		return NULL;
	r->line++;
	if (!strchr(text, '\n') && !feof(r->f) && !r->too_long)
		r->too_long = r->line;
	lead = strspn(text, " \t");
	memmove(text, text + lead, strlen(text + lead) + 1);
	for (char *c = text; *c; c++) {
		if (*c == '#' && (c == text || isspace((unsigned char)c[-1]))) {
			strcpy(c, "\n");
			break;
		}
	}
	return got;
}

static int handle(void *user, const char *section, const char *key,
		  const char *value)
{
	struct reader *r = user;
	char origin[CIS_CONF_TEXT];

	snprintf(origin, sizeof(origin), "%s:%u", r->name, r->line);
	r->err = set(r->conf, section, key, value, origin, r->diag);
	return r->err == 0;
}

int cis_conf_read(struct cis_conf *conf, FILE *f, const char *name,
		  struct cis_diag *diag)
{
	struct reader r = {.conf = conf, .f = f, .name = name, .diag = diag};
	int bad_line = ini_parse_stream(read_line, &r, handle, &r);

	if (r.err)
		return r.err;
	if (ferror(f))
		return cis_fail(diag, -EIO, "%s: cannot be read", name);
	if (r.too_long)
		return cis_fail(diag, -EINVAL, "%s:%u: the line is too long",
				name, r.too_long);
	if (bad_line)
		return cis_fail(diag, -EINVAL,
				"%s:%d: neither [section] nor key = value",
				name, bad_line);
	return 0;
}

int cis_conf_set_text(struct cis_conf *conf, const char *text,
		      struct cis_diag *diag)
{
	char section[64];
	size_t eq = strcspn(text, "="), dot = eq;
	char key[64];

	while (dot > 0 && text[dot - 1] != '.')
		dot--;
	if (!text[eq] || dot < 2 || dot > sizeof(section) || eq - dot > 60)
		return cis_fail(diag, -EINVAL,
				"--set: \"%.80s\" is not section.key=value",
				text);
	snprintf(section, sizeof(section), "%.*s", (int)dot - 1, text);
	snprintf(key, sizeof(key), "%.*s", (int)(eq - dot), text + dot);
	return set(conf, section, key, text + eq + 1, "--set", diag);
}

int cis_conf_read_env(struct cis_conf *conf, struct cis_diag *diag)
{
	for (const struct cis_conf_key *k = conf->keys; k->section; k++) {
		char name[80];
		const char *value;
		int err;

		snprintf(name, sizeof(name), "CISOID_%s_%s", k->section,
			 k->key);
		for (char *c = name; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		value = getenv(name);
		if (!value)
			continue;
		err = set(conf, k->section, k->key, value, name, diag);
		if (err)
			return err;
	}
	return 0;
}

/* ---- asking ---- */

const struct cis_conf_item *cis_conf_find(const struct cis_conf *conf,
					  const char *section, const char *key)
{
	for (uint32_t i = 0; i < conf->n; i++)
		if (!strcmp(conf->item[i].section, section) &&
		    !strcmp(conf->item[i].key->key, key))
			return &conf->item[i];
	return NULL;
}

const char *cis_conf_get(const struct cis_conf *conf, const char *section,
			 const char *key)
{
	const struct cis_conf_item *item = cis_conf_find(conf, section, key);
	const struct cis_conf_key *k = key_of(conf, section, key);

	return item ? item->text : k ? k->preset : "";
}

double cis_conf_number(const struct cis_conf *conf, const char *section,
		       const char *key)
{
	const struct cis_conf_item *item = cis_conf_find(conf, section, key);
	const struct cis_conf_key *k = key_of(conf, section, key);
	double number = NAN;

	if (item)
		return item->number;
	if (k && k->unit && *k->preset)
		(void)parse_number(k, k->preset, "default", &number, NULL);
	return number;
}
