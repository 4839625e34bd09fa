/* json_doc.c - see json_doc.h. */
#include "json_doc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/core/near.h"
#include "json_line.h"

#define MAX_LEN  ((size_t)4 << 20)
#define MAX_STEP 8

/* ---- places ---- */

struct cis_json_at cis_json_root(const struct cis_json_doc *doc)
{
	return (struct cis_json_at){.doc = doc, .value = doc->root};
}

struct cis_json_at cis_json_member(const struct cis_json_at *up,
				   const char *key)
{
	return (struct cis_json_at){.doc = up->doc,
				    .up = up,
				    .key = key,
				    .value = json_object_get(up->value, key)};
}

struct cis_json_at cis_json_item(const struct cis_json_at *up, size_t i)
{
	return (struct cis_json_at){.doc = up->doc,
				    .up = up,
				    .i = i,
				    .value = json_array_get(up->value, i)};
}

/* From the root down; the root itself is no step. */
static size_t steps_to(const struct cis_json_at *at,
		       struct cis_json_step step[MAX_STEP])
{
	size_t n = 0, i = 0;

	for (const struct cis_json_at *a = at; a->up; a = a->up)
		n++;
	for (const struct cis_json_at *a = at; a->up; a = a->up, i++)
		if (n - 1 - i < MAX_STEP)
			step[n - 1 - i] = (struct cis_json_step){a->key, a->i};
	return n < MAX_STEP ? n : MAX_STEP;
}

static void write_path(const struct cis_json_step *step, size_t n,
		       char path[CIS_JSON_PATH_SIZE])
{
	size_t len = 0;

	path[0] = '\0';
	for (size_t i = 0; i < n && len < CIS_JSON_PATH_SIZE; i++) {
		char *to = path + len;
		size_t room = CIS_JSON_PATH_SIZE - len;

		if (step[i].key)
			len += (size_t)snprintf(to, room, "%s%.40s",
						i ? "." : "", step[i].key);
		else
			len += (size_t)snprintf(to, room, "[%zu]", step[i].i);
	}
	for (char *p = path; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = '?';
}

int cis_json_fail(const struct cis_json_at *at, struct cis_diag *diag,
		  const char *fmt, ...)
{
	struct cis_json_step step[MAX_STEP];
	size_t n = steps_to(at, step);
	char path[CIS_JSON_PATH_SIZE];
	struct cis_diag why;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why.msg, sizeof(why.msg), fmt, ap);
	va_end(ap);
	write_path(step, n, path);
	if (at->doc->fault) {
		strcpy(at->doc->fault->path, path);
		at->doc->fault->why = why;
	}
	return cis_fail(diag, -EBADMSG, "%s:%u: %s%s%s", at->doc->name,
			cis_json_line(at->doc->text, step, n), path,
			n ? ": " : "", why.msg);
}

/* ---- the text ---- */

/* What jansson found, in our words where it has a code for it. */
static int refuse(const struct cis_json_doc *doc, const json_error_t *error,
		  struct cis_diag *diag)
{
	/* duplicate object key near '"rate"' */
	const char *key = strchr(error->text, '"');
	int len = key ? (int)strcspn(key + 1, "\"") : 0;

	switch (json_error_code(error)) {
	case json_error_duplicate_key:
		return cis_fail(diag, -EBADMSG,
				"%s:%d: %.*s: the key stands twice; leave one",
				doc->name, error->line, len < 60 ? len : 60,
				key ? key + 1 : "");
	case json_error_stack_overflow:
		return cis_fail(diag, -EBADMSG,
				"%s:%d: brackets within brackets, too deep for "
				"a scenario",
				doc->name, error->line);
	case json_error_invalid_utf8:
		return cis_fail(diag, -EBADMSG,
				"%s:%d: not UTF-8; save it as UTF-8", doc->name,
				error->line);
	case json_error_numeric_overflow:
		return cis_fail(diag, -EBADMSG,
				"%s:%d: %.100s; numbers go to 1.8e308, whole "
				"ones to 9223372036854775807",
				doc->name, error->line, error->text);
	default:
		return cis_fail(diag, -EBADMSG, "%s:%d: not JSON: %.160s",
				doc->name, error->line, error->text);
	}
}

static int parse(struct cis_json_doc *doc, struct cis_diag *diag)
{
	json_error_t error;
	size_t mark = !strncmp(doc->text, "\xEF\xBB\xBF", 3) ? 3 : 0;

	if (doc->len == mark)
		return cis_fail(diag, -EBADMSG,
				"%s: empty; a scenario is an "
				"object of JSON: {}",
				doc->name);
	memset(doc->text, ' ', mark);
	doc->root =
		json_loadb(doc->text, doc->len, JSON_REJECT_DUPLICATES, &error);
	if (!doc->root)
		return refuse(doc, &error, diag);
	if (json_is_object(doc->root))
		return 0;
	json_decref(doc->root);
	return cis_fail(diag, -EBADMSG,
			"%s:1: an array; a scenario is an object, in braces",
			doc->name);
}

int cis_json_doc_parse(const char *name, const char *text, size_t len,
		       struct cis_json_doc *doc, struct cis_diag *diag)
{
	struct cis_json_doc d = {.name = name, .len = len};

	d.text = malloc(len + 1);
	if (!d.text)
		return cis_fail(diag, -ENOMEM, "out of memory");
	memcpy(d.text, text, len);
	d.text[len] = '\0';
	if (parse(&d, diag)) {
		free(d.text);
		return -EBADMSG;
	}
	*doc = d;
	return 0;
}

/* The length, or a negative errno. */
static ssize_t load(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	ssize_t n;

	if (!f)
		return -errno;
	n = fstat(fileno(f), &st) ? -errno : 0;
	if (n == 0 && S_ISDIR(st.st_mode))
		n = -EISDIR;
	if (n == 0)
		n = (ssize_t)fread(buf, 1, size, f);
	if (n >= 0 && ferror(f))
		n = -EIO;
	fclose(f);
	return n;
}

int cis_json_doc_read(const char *path, struct cis_json_doc *doc,
		      struct cis_diag *diag)
{
	char *buf = malloc(MAX_LEN + 1);
	ssize_t n = buf ? load(path, buf, MAX_LEN + 1) : -ENOMEM;
	int err;

	if (n < 0)
		err = cis_fail(diag, n == -EIO ? -EBADMSG : (int)n, "%s: %s",
			       path, strerror((int)-n));
	else if (n > (ssize_t)MAX_LEN)
		err = cis_fail(diag, -EBADMSG,
			       "%s: more than 4 MiB, too much for a scenario; "
			       "\"every\" repeats an event",
			       path);
	else
		err = cis_json_doc_parse(path, buf, (size_t)n, doc, diag);
	free(buf);
	return err;
}

void cis_json_doc_free(struct cis_json_doc *doc)
{
	json_decref(doc->root);
	free(doc->text);
}

/* ---- values ---- */

static const char *type_name(json_type type)
{
	switch (type) {
	case JSON_OBJECT:
		return "an object, in braces,";
	case JSON_ARRAY:
		return "a list, in brackets,";
	case JSON_STRING:
		return "a text, in quotes,";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	default:
		return "null";
	}
}

static bool is_type(const json_t *value, json_type type)
{
	if (type == JSON_REAL)
		return json_is_number(value);
	if (type == JSON_TRUE)
		return json_is_boolean(value);
	return json_typeof(value) == type;
}

/* "a number is expected here, not a text". */
int cis_json_check_type(const struct cis_json_at *at, json_type type,
			struct cis_diag *diag)
{
	const char *is;

	if (!at->value || is_type(at->value, type))
		return 0;
	is = type_name(json_typeof(at->value));
	return cis_json_fail(at, diag, "%s is expected here, not %.*s",
			     type_name(type), (int)strcspn(is, ","), is);
}

int cis_json_check_keys(const struct cis_json_at *at, const char *const keys[],
			struct cis_diag *diag)
{
	const char *key, *near;
	json_t *value;
	int err = cis_json_check_type(at, JSON_OBJECT, diag);

	if (err)
		return err;
	json_object_foreach(at->value, key, value)
	{
		struct cis_json_at bad = cis_json_member(at, key);
		size_t i = 0;

		while (keys[i] && strcmp(keys[i], key) != 0)
			i++;
		if (keys[i])
			continue;
		near = cis_near(key, keys);
		return cis_json_fail(&bad, diag, "there is no such key%s%s%s",
				     near ? "; did you mean \"" : "",
				     near ? near : "", near ? "\"?" : "");
	}
	return 0;
}

int cis_json_get_number(const struct cis_json_at *at, double *value,
			struct cis_diag *diag)
{
	int err = cis_json_check_type(at, JSON_REAL, diag);

	if (!err && at->value)
		*value = json_number_value(at->value);
	return err;
}

int cis_json_get_text(const struct cis_json_at *at, const char **text,
		      struct cis_diag *diag)
{
	int err = cis_json_check_type(at, JSON_STRING, diag);

	if (!err && at->value)
		*text = json_string_value(at->value);
	return err;
}

static int no_such_word(const struct cis_json_at *at, const char *text,
			const char *const words[], struct cis_diag *diag)
{
	const char *near = cis_near(text, words);
	char list[160] = "";

	for (size_t i = 0, len = 0; words[i] && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, " %s",
					words[i]);
	if (near)
		return cis_json_fail(at, diag,
				     "there is no \"%.40s\"; did you mean "
				     "\"%s\"?",
				     text, near);
	return cis_json_fail(at, diag, "there is no \"%.40s\"; there are%s",
			     text, list);
}

int cis_json_get_word(const struct cis_json_at *at, const char *const words[],
		      unsigned *word, struct cis_diag *diag)
{
	const char *text = NULL;
	int err = cis_json_get_text(at, &text, diag);

	if (err || !text)
		return err;
	for (unsigned i = 0; words[i]; i++)
		if (!strcmp(words[i], text)) {
			*word = i;
			return 0;
		}
	return no_such_word(at, text, words, diag);
}

const char *cis_json_number_text(const json_t *number,
				 char buf[CIS_JSON_NUMBER_SIZE])
{
	double v = json_number_value(number);

	if (json_is_integer(number)) {
		snprintf(buf, CIS_JSON_NUMBER_SIZE, "%" JSON_INTEGER_FORMAT,
			 json_integer_value(number));
		return buf;
	}
	snprintf(buf, CIS_JSON_NUMBER_SIZE, "%.15g", v);
	if (strtod(buf, NULL) != v)
		snprintf(buf, CIS_JSON_NUMBER_SIZE, "%.17g", v);
	return buf;
}
