/* page_frame.c - frames for the page; see page.h. */
#include <stdio.h>
#include <string.h>

#include "cisoid/c37.h"
#include "host/cli/json_value.h"
#include "page_in.h"

/* Of the room of one flush; the rest is for configurations and commands. */
#define MAX_DATA       40
#define MAX_DATA_BYTES (48 * 1024)
/* Twice as long in hexadecimal, it must fit into one event. */
#define MAX_FRAME      (CIS_PAGE_TEXT / 2 - 512)

static enum cis_c37_type type_of(const uint8_t *frame, size_t len,
				 struct cis_c37_head *head)
{
	*head = (struct cis_c37_head){.type = CIS_C37_DATA};
	cis_c37_peek(frame, len, head);
	return head->type;
}

static bool has_room(const struct cis_page_frames *f, bool data, size_t len)
{
	const uint32_t n_most = data ? MAX_DATA : CIS_PAGE_FRAMES;
	const size_t most = data ? MAX_DATA_BYTES : CIS_PAGE_BYTES;

	return f->n < n_most && len <= MAX_FRAME && f->n_byte + len <= most;
}

void cis_page_frame(struct cis_page *page, const struct cis_page_frame *frame)
{
	struct cis_page_frames *f = page ? &page->frames : NULL;
	struct cis_c37_head head;
	struct cis_page_kept *kept;

	if (!f)
		return;
	if (!page->watched &&
	    type_of(frame->frame, frame->len, &head) == CIS_C37_DATA)
		return;
	if (!has_room(f,
		      type_of(frame->frame, frame->len, &head) == CIS_C37_DATA,
		      frame->len)) {
		f->n_unshown++;
		return;
	}
	kept = &f->kept[f->n++];
	kept->in = frame->in;
	kept->unsent = frame->unsent;
	kept->when = frame->when;
	kept->at = f->n_byte;
	kept->len = frame->len;
	snprintf(kept->stream, sizeof(kept->stream), "%s",
		 frame->stream ? frame->stream : "");
	snprintf(kept->peer, sizeof(kept->peer), "%s",
		 frame->peer ? frame->peer : "");
	memcpy(f->bytes + f->n_byte, frame->frame, frame->len);
	f->n_byte += frame->len;
}

static const char *hex_of(struct cis_page_frames *f,
			  const struct cis_page_kept *kept)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *from = f->bytes + kept->at;
	char *to = f->hex;

	for (size_t i = 0; i < kept->len; i++) {
		*to++ = digits[from[i] >> 4];
		*to++ = digits[from[i] & 15];
	}
	*to = '\0';
	return f->hex;
}

static json_t *object(struct cis_page_frames *f,
		      const struct cis_page_kept *kept)
{
	static const char *const names[] = {
		[CIS_C37_DATA] = "data", [CIS_C37_HDR] = "hdr",
		[CIS_C37_CFG1] = "cfg1", [CIS_C37_CFG2] = "cfg2",
		[CIS_C37_CMD] = "cmd",   [CIS_C37_CFG3] = "cfg3"};
	struct cis_c37_head head;
	enum cis_c37_type type = type_of(f->bytes + kept->at, kept->len, &head);

	return json_pack("{s:o, s:s, s:i, s:i, s:s, s:s, s:b, s:o, s:o}", "t",
			 cis_page_date(kept->when), "type", names[type],
			 "idcode", (int)head.idcode, "len", (int)kept->len,
			 "hex", hex_of(f, kept), "way", kept->in ? "in" : "out",
			 "unsent", kept->unsent, "stream",
			 cis_json_text(kept->stream), "peer",
			 cis_json_text(kept->peer));
}

/* ---- configurations, for those who come later ---- */

static bool is_config(const json_t *v)
{
	return !strncmp(json_string_value(json_object_get(v, "type")), "cfg",
			3);
}

static bool same(const json_t *a, const json_t *b)
{
	static const char *const keys[] = {"type", "idcode", "stream"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!json_equal(json_object_get(a, keys[i]),
				json_object_get(b, keys[i])))
			return false;
	return true;
}

/* The newest stands first; what it replaces, or the oldest, goes. */
static void keep(struct cis_page_frames *f, json_t *v)
{
	unsigned i = 0;

	while (i < CIS_PAGE_CONFIGS - 1 && f->config[i] &&
	       !same(f->config[i], v))
		i++;
	json_decref(f->config[i]);
	for (; i > 0; i--)
		f->config[i] = f->config[i - 1];
	f->config[0] = json_incref(v);
}

static void greet(struct cis_page *page)
{
	cis_page_batch(page);
	for (unsigned i = 0; i < CIS_PAGE_CONFIGS; i++)
		if (page->frames.config[i])
			cis_page_batch_add(page, NULL,
					   json_incref(page->frames.config[i]));
	cis_page_batch_greet(page, "frame");
}

void cis_page_frames_flush(struct cis_page *page)
{
	struct cis_page_frames *f = &page->frames;
	bool news = false;

	if (f->n == 0)
		return;
	cis_page_batch(page);
	for (uint32_t i = 0; i < f->n; i++) {
		json_t *v = object(f, &f->kept[i]);

		if (v && is_config(v)) {
			keep(f, v);
			news = true;
		}
		if (cis_page_batch_add(page, "frame", v))
			f->n_unshown++;
	}
	cis_page_batch_end(page, "frame");
	f->n = 0;
	f->n_byte = 0;
	if (news)
		greet(page);
}

void cis_page_frames_free(struct cis_page_frames *f)
{
	for (unsigned i = 0; i < CIS_PAGE_CONFIGS; i++)
		json_decref(f->config[i]);
}
