/* json_line.c - see json_line.h. */
#include "json_line.h"

#include <stdbool.h>
#include <string.h>

static const char *skip_space(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* From a quote to behind its partner. */
static const char *skip_string(const char *p)
{
	p++;
	while (*p && *p != '"')
		p += p[0] == '\\' && p[1] ? 2 : 1;
	return *p ? p + 1 : p;
}

/* From the first character of a value to behind it. */
static const char *skip_value(const char *p)
{
	size_t depth = 0;

	do {
		if (*p == '"') {
			p = skip_string(p);
			continue;
		}
		depth += *p == '{' || *p == '[';
		depth -= depth && (*p == '}' || *p == ']');
		p++;
	} while (*p && (depth || !strchr(",:}] \t\r\n", *p)));
	return p;
}

static bool key_is(const char *p, const char *key)
{
	size_t len = strlen(key);

	return *p == '"' && !strncmp(p + 1, key, len) && p[1 + len] == '"';
}

/* The key, or the item, that the step leads to from the value at p; NULL: it is
 * not there. */
static const char *find(const char *p, const struct cis_json_step *step)
{
	if (*p != (step->key ? '{' : '['))
		return NULL;
	p = skip_space(p + 1);
	for (size_t i = 0; *p && *p != '}' && *p != ']'; i++) {
		if (step->key ? key_is(p, step->key) : i == step->i)
			return p;
		p = skip_space(skip_value(p));
		if (step->key && *p == ':')
			p = skip_space(skip_value(skip_space(p + 1)));
		if (*p == ',')
			p = skip_space(p + 1);
	}
	return NULL;
}

unsigned cis_json_line(const char *text, const struct cis_json_step *step,
		       size_t n_step)
{
	const char *at = skip_space(text), *p = at;
	unsigned line = 1;

	for (size_t n = 0; n < n_step && p; n++) {
		p = find(p, &step[n]);
		at = p ? p : at;
		if (p && step[n].key)
			p = skip_space(skip_space(skip_string(p)) + 1);
	}
	for (p = text; p < at; p++)
		line += *p == '\n';
	return line;
}
