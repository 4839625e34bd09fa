/* page_text.c - JSON into events, without an allocation for the text. */
#include <errno.h>
#include <string.h>

#include "cisoid/utc.h"
#include "page_in.h"

#define FLAGS JSON_COMPACT

json_t *cis_page_date(struct cis_time t)
{
	char text[CIS_UTC_SIZE];

	return json_string(cis_utc_format(t, 6, text));
}

json_t *cis_page_error(const char *code, const char *message, const char *hint,
		       const char *field)
{
	return json_pack("{s:{s:s, s:s, s:s*, s:s*}}", "error", "code", code,
			 "message", message, "hint", hint, "field", field);
}

int cis_page_publish(struct cis_page *page, const char *event, json_t *v)
{
	size_t len = json_dumpb(v, page->text, sizeof(page->text), FLAGS);

	json_decref(v);
	if (len == 0 || len > sizeof(page->text))
		return -EMSGSIZE;
	return cis_web_publish(page->web, event, page->text, len);
}

void cis_page_batch(struct cis_page *page)
{
	page->text[0] = '[';
	page->text_len = 1;
}

/* Each is followed by what becomes ',' or ']'. */
static bool fits(struct cis_page *page, const json_t *v)
{
	const size_t room = sizeof(page->text) - page->text_len;
	const size_t left = room > 0 ? room - 1 : 0;
	const size_t len =
		json_dumpb(v, page->text + page->text_len, left, FLAGS);

	if (len == 0 || len > left)
		return false;
	page->text_len += len;
	page->text[page->text_len++] = ',';
	return true;
}

int cis_page_batch_add(struct cis_page *page, const char *event, json_t *v)
{
	bool done = fits(page, v);

	if (!done && event && page->text_len > 1) {
		cis_page_batch_end(page, event);
		cis_page_batch(page);
		done = fits(page, v);
	}
	json_decref(v);
	return done ? 0 : -EMSGSIZE;
}

void cis_page_batch_end(struct cis_page *page, const char *event)
{
	if (page->text_len <= 1)
		return;
	page->text[page->text_len - 1] = ']';
	cis_web_publish(page->web, event, page->text, page->text_len);
}

void cis_page_greet(struct cis_page *page, const char *event, size_t len)
{
	cis_web_greet(page->web, event, page->text, len);
}

void cis_page_batch_greet(struct cis_page *page, const char *event)
{
	if (page->text_len <= 1)
		return;
	page->text[page->text_len - 1] = ']';
	cis_page_greet(page, event, page->text_len);
}
