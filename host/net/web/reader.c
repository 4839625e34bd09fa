/* reader.c - a browser that follows the events; see web_in.h.
 *
 * It has whole events in a buffer of its own, so that none is torn when the
 * backlog goes on without it. With the query "once=1" it gets what there is and
 * no more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web_in.h"

#define HEAD_SIZE 128 /* "skipped" or a comment, before the events */

struct cis_web_reader {
	struct cis_web_reader *next, *prev;
	struct cis_web *web;
	struct MHD_Connection *connection;
	bool waits; /* suspended */
	bool once;
	unsigned i_greeting, n_greeting;
	uint64_t next_event;
	uint64_t sent_ms; /* when there was last something for it */
	size_t len, sent;
	char buf[HEAD_SIZE + CIS_WEB_MAX_EVENT];
};

static bool ends(const struct cis_web_reader *r)
{
	return r->once ||
	       atomic_load_explicit(&r->web->stop, memory_order_acquire);
}

/*
 * The next greeting. The last has the name of the event before the first that is
 * to come: who is cut off behind it goes on there, and before it is a newcomer.
 */
static void greet(struct cis_web_reader *r)
{
	struct cis_text *text =
		cis_shelf_nth(&r->web->greetings, r->i_greeting++);
	char id[CIS_BACKLOG_ID_SIZE];
	size_t n_head = 0;

	if (r->i_greeting == r->n_greeting) {
		cis_backlog_id(r->web->backlog, r->next_event - 1, id);
		n_head = (size_t)snprintf(r->buf, HEAD_SIZE, "id: %s\n", id);
	}
	memcpy(r->buf + n_head, text->text, text->len);
	r->len = n_head + text->len;
	cis_text_release(text);
}

/* What is new; nothing for long: a comment. */
static void follow(struct cis_web_reader *r)
{
	const uint64_t now_ms = cis_web_now_ms();
	uint64_t skipped;
	size_t n_head = 0, len;

	len = cis_backlog_read(r->web->backlog, &r->next_event,
			       r->buf + HEAD_SIZE, CIS_WEB_MAX_EVENT, &skipped);
	if (skipped)
		n_head = (size_t)snprintf(
			r->buf, HEAD_SIZE,
			"event: skipped\ndata: {\"n\":%llu}\n\n",
			(unsigned long long)skipped);
	else if (len == 0 && now_ms - r->sent_ms >= CIS_WEB_PING_MS)
		n_head = (size_t)snprintf(r->buf, HEAD_SIZE, ":\n\n");
	memmove(r->buf + n_head, r->buf + HEAD_SIZE, len);
	r->len = n_head + len;
	if (r->len > 0)
		r->sent_ms = now_ms;
	atomic_fetch_add_explicit(&r->web->n_skipped, skipped,
				  memory_order_relaxed);
}

static void fill(struct cis_web_reader *r)
{
	r->sent = 0;
	if (r->i_greeting < r->n_greeting)
		greet(r);
	else
		follow(r);
}

static ssize_t read_events(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct cis_web_reader *r = cls;
	size_t n;

	(void)pos;
	if (r->sent == r->len)
		fill(r);
	if (r->len == 0) {
		if (ends(r))
			return MHD_CONTENT_READER_END_OF_STREAM;
		r->waits = true;
		MHD_suspend_connection(r->connection);
		return 0;
	}
	n = r->len - r->sent < max ? r->len - r->sent : max;
	memcpy(buf, r->buf + r->sent, n);
	r->sent += n;
	return (ssize_t)n;
}

static void reader_free(void *cls)
{
	struct cis_web_reader *r = cls;

	if (r->next)
		r->next->prev = r->prev;
	if (r->prev)
		r->prev->next = r->next;
	else
		r->web->readers = r->next;
	atomic_fetch_sub_explicit(&r->web->n_reader, 1, memory_order_relaxed);
	free(r);
}

/* Where it goes on; a newcomer is greeted and has a little of before. */
static void place(struct cis_web_reader *r, const char *last_id)
{
	struct cis_web *web = r->web;
	const uint64_t now_ms = r->sent_ms;

	if (cis_backlog_after(web->backlog, last_id, &r->next_event))
		return;
	r->n_greeting = cis_shelf_count(&web->greetings);
	r->next_event = cis_backlog_since(
		web->backlog,
		now_ms < CIS_WEB_FILL_MS ? 0 : now_ms - CIS_WEB_FILL_MS);
}

static struct cis_web_reader *reader_new(struct cis_web *web,
					 struct MHD_Connection *connection)
{
	struct cis_web_reader *r = calloc(1, sizeof(*r));
	const char *once = MHD_lookup_connection_value(
		connection, MHD_GET_ARGUMENT_KIND, "once");

	if (!r)
		return NULL;
	r->web = web;
	r->connection = connection;
	r->once = once && !strcmp(once, "1");
	r->sent_ms = cis_web_now_ms();
	place(r, MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
					     "Last-Event-ID"));
	/* At once, so that all on the way see that something comes; the browser
	 * comes back after a second. */
	r->len = (size_t)snprintf(r->buf, HEAD_SIZE, ":\nretry: 1000\n\n");
	r->next = web->readers;
	if (r->next)
		r->next->prev = r;
	web->readers = r;
	atomic_fetch_add_explicit(&web->n_reader, 1, memory_order_relaxed);
	return r;
}

/* Some may be gone: a comment to each finds out. */
static void look_after(struct cis_web *web)
{
	for (struct cis_web_reader *r = web->readers; r; r = r->next)
		r->sent_ms = 0;
}

enum MHD_Result cis_web_follow(struct cis_web *web,
			       struct MHD_Connection *connection)
{
	static const struct cis_web_refusal full = {
		503, "too many browsers follow already"};
	struct cis_web_link *link = cis_web_link_of(connection);
	struct cis_web_reader *r;
	struct MHD_Response *response;

	if (!link)
		return MHD_NO;
	if (atomic_load_explicit(&web->n_reader, memory_order_relaxed) >=
		    CIS_WEB_MAX_READER ||
	    cis_web_links_follow(web, link) >= CIS_WEB_HOST_READER) {
		look_after(web);
		return cis_web_refuse(web, connection, &full);
	}
	r = reader_new(web, connection);
	if (!r)
		return MHD_NO;
	response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, 16384, read_events, r, reader_free);
	if (!response) {
		reader_free(r);
		return MHD_NO;
	}
	link->follows = true;
	MHD_add_response_header(response, "X-Accel-Buffering", "no");
	return cis_web_answer(connection, MHD_HTTP_OK,
			      "text/event-stream; charset=utf-8", response);
}

void cis_web_readers_wake(struct cis_web *web, uint64_t now_ms)
{
	const uint64_t end = cis_backlog_end(web->backlog);
	const bool stop =
		atomic_load_explicit(&web->stop, memory_order_acquire);

	for (struct cis_web_reader *r = web->readers; r; r = r->next) {
		if (!r->waits || !(stop || r->next_event < end ||
				   now_ms - r->sent_ms >= CIS_WEB_PING_MS))
			continue;
		r->waits = false;
		MHD_resume_connection(r->connection);
	}
}
