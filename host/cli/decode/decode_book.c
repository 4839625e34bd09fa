/* decode_book.c - which configuration explains a frame; see decode.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "decode_lint.h"
#include "host/core/be.h"

#define HEAD_LEN          14
#define DEFAULT_TIME_BASE 1000000
/* A CFG-3 in fragments: at most so many bytes of one stream. */
#define MAX_SERIES        (256 * 1024)

/* Captures of fleets have thousands of IDCODEs. */
#define N_SHELF 4096

struct page {
	struct page *next; /* on its shelf */
	uint32_t pair;
	uint16_t idcode;
	bool is_cfg1; /* what the PMU could send, for want of what it does */
	char host[CIS_ENDPOINT_SIZE]; /* of the PMU, without its port */
	struct cis_c37_config *cfg;
	struct cis_c37_data *data;
	uint8_t *series; /* NULL until a fragment comes */
	struct cis_c37_join join;
};

struct cis_decode_book {
	struct page *shelf[N_SHELF];  /* by IDCODE */
	struct cis_c37_config *shown; /* of a frame that explains nothing */
	struct cis_decode_lint *lint;
	char text[CIS_C37_MAX_FRAME];
};

struct cis_decode_book *cis_decode_book_new(void)
{
	struct cis_decode_book *book = calloc(1, sizeof(*book));

	if (!book)
		return NULL;
	book->lint = cis_decode_lint_new();
	if (!book->lint) {
		free(book);
		return NULL;
	}
	return book;
}

struct cis_decode_lint *cis_decode_book_lint(struct cis_decode_book *book)
{
	return book->lint;
}

static void page_clear(struct page *p)
{
	cis_c37_data_free(p->data);
	cis_c37_config_free(p->cfg);
	p->data = NULL;
	p->cfg = NULL;
}

static void shelf_clear(struct page **shelf)
{
	while (*shelf) {
		struct page *p = *shelf;

		*shelf = p->next;
		page_clear(p);
		free(p->series);
		free(p);
	}
}

void cis_decode_book_free(struct cis_decode_book *book)
{
	if (!book)
		return;
	for (size_t i = 0; i < N_SHELF; i++)
		shelf_clear(&book->shelf[i]);
	cis_c37_config_free(book->shown);
	cis_decode_lint_free(book->lint);
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
	struct page *shelf = book->shelf[idcode % N_SHELF];
	char host[CIS_ENDPOINT_SIZE];

	for (struct page *p = shelf; p; p = p->next)
		if (p->pair == f->pair && p->idcode == idcode && p->cfg)
			return p;
	host_of(f->from, host);
	for (struct page *p = shelf; p; p = p->next)
		if (p->idcode == idcode && p->cfg && !strcmp(p->host, host))
			return p;
	return NULL;
}

/* The page of a conversation and IDCODE, begun if it is new; NULL: no memory */
static struct page *page_for(struct cis_decode_book *book, uint32_t pair,
			     uint16_t idcode)
{
	struct page **shelf = &book->shelf[idcode % N_SHELF];
	struct page *p;

	for (p = *shelf; p; p = p->next)
		if (p->pair == pair && p->idcode == idcode)
			return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->pair = pair;
	p->idcode = idcode;
	p->next = *shelf;
	*shelf = p;
	return p;
}

/* Whether a configuration is to explain what follows: a good one, and no CFG-1
 * where there is a CFG-2. The CHK of a series has been checked. */
static bool explains(const struct page *p, const struct cis_capture_frame *f,
		     const struct cis_decoded *d)
{
	if (!f->crc_ok && !d->joined)
		return false;
	return d->head.type != CIS_C37_CFG1 || !p->cfg || p->is_cfg1;
}

/* Takes the configuration. */
static int keep(struct cis_decode_book *book, const struct cis_capture_frame *f,
		struct cis_c37_config *cfg, const struct cis_decoded *d)
{
	bool is_cfg1 = d->head.type == CIS_C37_CFG1;
	struct page *p = page_for(book, f->pair, cfg->idcode);

	if (!p) {
		cis_c37_config_free(cfg);
		return -ENOMEM;
	}
	if (!explains(p, f, d)) {
		book->shown = cfg;
		return 0;
	}
	page_clear(p);
	host_of(f->from, p->host);
	p->cfg = cfg;
	p->is_cfg1 = is_cfg1;
	return cis_c37_data_new(cfg, &p->data);
}

/* A fragment to the others of its stream; -EAGAIN while more are to come. */
static int join(struct cis_decode_book *book, const struct cis_capture_frame *f,
		struct cis_decoded *out, struct cis_c37_config **cfg,
		struct cis_diag *diag)
{
	struct page *p = page_for(book, f->pair, out->head.idcode);
	int ret;

	if (!p)
		return -ENOMEM;
	if (!p->series) {
		p->series = malloc(MAX_SERIES);
		if (!p->series)
			return -ENOMEM;
		cis_c37_join_init(&p->join, p->series, MAX_SERIES);
	}
	ret = cis_c37_join_put(&p->join, f->frame, f->len, cfg, diag);
	if (ret > 0) {
		out->joined = p->series;
		out->joined_len = p->join.joined_len;
	}
	return ret;
}

static int decode_config(struct cis_decode_book *book,
			 const struct cis_capture_frame *f,
			 struct cis_decoded *out)
{
	struct cis_c37_config *cfg;
	struct cis_diag diag;
	int err;

	if (out->head.type == CIS_C37_CFG3 && f->len > HEAD_LEN + 1)
		out->cont_idx = cis_be16(f->frame + HEAD_LEN);
	err = out->cont_idx
		      ? join(book, f, out, &cfg, &diag)
		      : cis_c37_config_decode(f->frame, f->len, &cfg, &diag);
	if (err == -ENOMEM)
		return err;
	if (err == -EAGAIN)
		cis_fail(&diag, err,
			 "part %u of a configuration, which its last part "
			 "completes",
			 out->cont_idx);
	if (err < 0) {
		snprintf(out->note, sizeof(out->note), "%s", diag.msg);
		return 0;
	}
	out->cfg = cfg;
	out->time_base = cfg->time_base;
	out->note[0] = '\0';
	if (out->joined && !f->crc_ok)
		snprintf(out->note, sizeof(out->note),
			 "its parts have one CHK together, and it is right");
	return keep(book, f, cfg, out);
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

static void decode_command(const struct cis_capture_frame *f,
			   struct cis_decoded *out)
{
	int len = cis_c37_extended_decode(f->frame, f->len, &out->ext);

	out->command = cis_c37_command_decode(f->frame, f->len);
	out->ext_len = len > 0 ? (size_t)len : 0;
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
	out->found = cis_decode_lint_put(book->lint, frame);
	(void)cis_c37_peek(frame->frame, frame->len, &out->head);
	page = find(book, frame, out->head.idcode);
	out->time_base = page ? page->cfg->time_base : DEFAULT_TIME_BASE;
	note_time(page != NULL, out);
	switch (out->head.type) {
	case CIS_C37_CFG1:
	case CIS_C37_CFG2:
	case CIS_C37_CFG3:
		return decode_config(book, frame, out);
	case CIS_C37_DATA:
		decode_data(page, frame, out);
		break;
	case CIS_C37_HDR:
		cis_c37_header_decode(frame->frame, frame->len, book->text);
		out->text = book->text;
		break;
	case CIS_C37_CMD:
		decode_command(frame, out);
		break;
	}
	return 0;
}
