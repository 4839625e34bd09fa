/* csv_read.c - see csv_read.h. */
#include "csv_read.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RECORD (1u << 20) /* bytes */

void cis_csv_reader_init(struct cis_csv_reader *r, FILE *f, const char *name)
{
	static const char mark[] = "\xEF\xBB\xBF";
	size_t n = 0;
	int c;

	memset(r, 0, sizeof(*r));
	r->f = f;
	r->name = name;
	r->next_line = 1;
	while (n < 3 && (c = getc(f)) != EOF) {
		if (c != (unsigned char)mark[n]) {
			ungetc(c, f);
			break;
		}
		n++;
	}
}

void cis_csv_reader_free(struct cis_csv_reader *r)
{
	free(r->text);
	free(r->at);
	r->text = NULL;
	r->at = NULL;
}

const char *cis_csv_field(const struct cis_csv_reader *r, size_t i)
{
	return r->text + r->at[i];
}

static int put(struct cis_csv_reader *r, char c)
{
	if (r->len == r->text_cap) {
		size_t cap = r->text_cap ? 2 * r->text_cap : 1024;
		char *more = cap > MAX_RECORD ? NULL : realloc(r->text, cap);

		if (!more)
			return cap > MAX_RECORD ? -EBADMSG : -ENOMEM;
		r->text = more;
		r->text_cap = cap;
	}
	r->text[r->len++] = c;
	return 0;
}

static int begin_field(struct cis_csv_reader *r)
{
	if (r->n_field == r->field_cap) {
		size_t cap = r->field_cap ? 2 * r->field_cap : 64;
		size_t *more = realloc(r->at, cap * sizeof(*more));

		if (!more)
			return -ENOMEM;
		r->at = more;
		r->field_cap = cap;
	}
	r->at[r->n_field++] = r->len;
	return 0;
}

/* The line end that begins with c is taken whole. */
static void end_line(struct cis_csv_reader *r, int c)
{
	int next = c == '\r' ? getc(r->f) : EOF;

	if (c == '\r' && next != '\n' && next != EOF)
		ungetc(next, r->f);
	r->next_line++;
}

/* The rest of a quoted field; its first quote has been taken. */
static int quoted(struct cis_csv_reader *r)
{
	int c, err = 0;

	while (!err && (c = getc(r->f)) != EOF && c != 0) {
		if (c == '"') {
			int next = getc(r->f);

			if (next != '"') {
				if (next != EOF)
					ungetc(next, r->f);
				return 0;
			}
		}
		r->next_line += c == '\n';
		err = put(r, (char)c);
	}
	return err ? err : -EILSEQ;
}

static int record(struct cis_csv_reader *r)
{
	int err = begin_field(r), c;
	bool fresh = true; /* at the beginning of a field */

	while (!err && (c = getc(r->f)) != EOF && c != '\r' && c != '\n') {
		if (c == 0)
			return -EBADMSG;
		if (c == '"' && fresh)
			err = quoted(r);
		else if (c == ',')
			err = put(r, '\0');
		else
			err = put(r, (char)c);
		fresh = c == ',';
		if (!err && fresh)
			err = begin_field(r);
	}
	if (err)
		return err;
	if (c != EOF)
		end_line(r, c);
	return put(r, '\0');
}

static int explain(const struct cis_csv_reader *r, int err,
		   struct cis_diag *diag)
{
	unsigned long long line = (unsigned long long)r->line;

	if (err == -EILSEQ)
		return cis_fail(diag, -EBADMSG,
				"%.160s:%llu: a quote is opened and not closed",
				r->name, line);
	if (err == -EBADMSG && r->len >= MAX_RECORD)
		return cis_fail(diag, err, "%.160s:%llu: the line is too long",
				r->name, line);
	if (err == -EBADMSG)
		return cis_fail(diag, err,
				"%.160s:%llu: is no text: it holds a zero byte",
				r->name, line);
	return cis_fail(diag, err, "%.160s: %s", r->name, strerror(-err));
}

static bool is_blank(const struct cis_csv_reader *r)
{
	return r->n_field == 1 && r->text[0] == '\0';
}

int cis_csv_read(struct cis_csv_reader *r, struct cis_diag *diag)
{
	int err;

	do {
		int c = getc(r->f);

		if (c == EOF)
			return ferror(r->f) ? explain(r, -EIO, diag) : 0;
		ungetc(c, r->f);
		r->line = r->next_line;
		r->len = r->n_field = 0;
		err = record(r);
	} while (!err && is_blank(r));
	return err ? explain(r, err, diag) : 1;
}
