/* decode_book.c - which configuration explains a frame; see decode.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"

#define DEFAULT_TIME_BASE 1000000

struct page {
	struct page *next;
	uint32_t pair;
	uint16_t idcode;
	bool is_cfg1; /* what the PMU could send, for want of what it does */
	char host[CIS_ENDPOINT_SIZE]; /* of the PMU, without its port */
	struct cis_c37_config *cfg;
	struct cis_c37_data *data;
};

struct cis_decode_book {
	struct page *pages;
	struct cis_c37_config *shown; /* of a frame that explains nothing */
	char text[CIS_C37_MAX_FRAME];
};

struct cis_decode_book *cis_decode_book_new(void)
{
	return calloc(1, sizeof(struct cis_decode_book));
}

static void page_clear(struct page *p)
{
	cis_c37_data_free(p->data);
	cis_c37_config_free(p->cfg);
	p->data = NULL;
	p->cfg = NULL;
}

void cis_decode_book_free(struct cis_decode_book *book)
{
	if (!book)
		return;
	while (book->pages) {
		struct page *p = book->pages;

		book->pages = p->next;
		page_clear(p);
		free(p);
	}
	cis_c37_config_free(book->shown);
	free(book);
}

static void host_of(const char *endpoint, char *host)
{
	const char *colon = endpoint ? strrchr(endpoint, ':') : NULL;

	snprintf(host, CIS_ENDPOINT_SIZE, "%.*s",
		 colon ? (int)(colon - endpoint) : 0, endpoint ? endpoint : "");
}

/* Of the same conversation, else of the same host: commands may go by TCP and
 * data by UDP. */
static struct page *find(struct cis_decode_book *book,
			 const struct cis_capture_frame *f, uint16_t idcode)
{
	char host[CIS_ENDPOINT_SIZE];

	for (struct page *p = book->pages; p; p = p->next)
		if (p->pair == f->pair && p->idcode == idcode && p->cfg)
			return p;
	host_of(f->from, host);
	for (struct page *p = book->pages; p; p = p->next)
		if (p->idcode == idcode && p->cfg && !strcmp(p->host, host))
			return p;
	return NULL;
}

/* The page of a conversation and IDCODE, begun if it is new; NULL: no memory */
static struct page *page_for(struct cis_decode_book *book, uint32_t pair,
			     uint16_t idcode)
{
	struct page *p;

	for (p = book->pages; p; p = p->next)
		if (p->pair == pair && p->idcode == idcode)
			return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->pair = pair;
	p->idcode = idcode;
	p->next = book->pages;
	book->pages = p;
	return p;
}

/* Whether a configuration is to explain what follows: a good one, and no CFG-1
 * where there is a CFG-2. */
static bool explains(const struct page *p, const struct cis_capture_frame *f,
		     bool is_cfg1)
{
	return f->crc_ok && (!is_cfg1 || !p->cfg || p->is_cfg1);
}

/* Takes the configuration. */
static int keep(struct cis_decode_book *book, const struct cis_capture_frame *f,
		struct cis_c37_config *cfg, bool is_cfg1)
{
	struct page *p = page_for(book, f->pair, cfg->idcode);

	if (!p) {
		cis_c37_config_free(cfg);
		return -ENOMEM;
	}
	if (!explains(p, f, is_cfg1)) {
		book->shown = cfg;
		return 0;
	}
	page_clear(p);
	host_of(f->from, p->host);
	p->cfg = cfg;
	p->is_cfg1 = is_cfg1;
	return cis_c37_data_new(cfg, &p->data);
}

static int decode_config(struct cis_decode_book *book,
			 const struct cis_capture_frame *f,
			 struct cis_decoded *out)
{
	struct cis_c37_config *cfg;
	struct cis_diag diag;
	int err = cis_c37_config_decode(f->frame, f->len, &cfg, &diag);

	if (err == -ENOMEM)
		return err;
	if (err < 0) {
		snprintf(out->note, sizeof(out->note), "%s", diag.msg);
		return 0;
	}
	out->cfg = cfg;
	out->time_base = cfg->time_base;
	out->note[0] = '\0';
	return keep(book, f, cfg, out->head.type == CIS_C37_CFG1);
}

static void decode_data(const struct page *page,
			const struct cis_capture_frame *f,
			struct cis_decoded *out)
{
	struct cis_diag diag;

	if (!page) {
		snprintf(out->note, sizeof(out->note),
			 "no configuration of IDCODE %u before this frame",
			 out->head.idcode);
		return;
	}
	out->cfg = page->cfg;
	if (cis_c37_data_decode(page->cfg, f->frame, f->len, page->data,
				&diag) < 0)
		snprintf(out->note, sizeof(out->note), "%s", diag.msg);
	else
		out->data = page->data;
	if (out->data && page->is_cfg1)
		snprintf(out->note, sizeof(out->note),
			 "explained by CFG-1, for want of CFG-2");
}

/* Commands come before any configuration, and their time matters little. */
static void note_time(bool known, struct cis_decoded *out)
{
	if (out->head.fracsec >= out->time_base)
		snprintf(out->note, sizeof(out->note),
			 "FRACSEC is not below TIME_BASE");
	else if (!known && out->head.type != CIS_C37_CMD)
		snprintf(out->note, sizeof(out->note),
			 "TIME_BASE is not known, %d is assumed",
			 DEFAULT_TIME_BASE);
}

int cis_decode_frame(struct cis_decode_book *book,
		     const struct cis_capture_frame *frame,
		     struct cis_decoded *out)
{
	const struct page *page;

	memset(out, 0, sizeof(*out));
	cis_c37_config_free(book->shown);
	book->shown = NULL;
	out->from = frame;
	(void)cis_c37_peek(frame->frame, frame->len, &out->head);
	page = find(book, frame, out->head.idcode);
	out->time_base = page ? page->cfg->time_base : DEFAULT_TIME_BASE;
	note_time(page != NULL, out);
	switch (out->head.type) {
	case CIS_C37_CFG1:
	case CIS_C37_CFG2:
		return decode_config(book, frame, out);
	case CIS_C37_DATA:
		decode_data(page, frame, out);
		break;
	case CIS_C37_HDR:
		cis_c37_header_decode(frame->frame, frame->len, book->text);
		out->text = book->text;
		break;
	case CIS_C37_CMD:
		out->command = cis_c37_command_decode(frame->frame, frame->len);
		break;
	case CIS_C37_CFG3:
		snprintf(out->note, sizeof(out->note),
			 "configuration frames 3 are not decoded");
		break;
	}
	return 0;
}
