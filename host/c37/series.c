/*
 * series.c - CFG-3 in fragments, cut and put together; see c37.h.
 *
 * A fragment is a frame of its own: head, CONT_IDX (1, 2, ... and 65535 for the
 * last), then its share of the body. The joiner keeps the fragments as they came,
 * since only the last one shows which convention of CHK the series follows.
 */
#include <errno.h>

#include "config.h"
#include "crc.h"

#define LAST         0xFFFF
#define CONT_IDX_LEN 2
#define START_LEN    (C37_HEAD_LEN + CONT_IDX_LEN)

/* ---- cut ---- */

struct cut {
	const struct cis_c37_config *cfg;
	const struct cis_c37_series *how;
	const uint8_t *body;
	size_t share; /* of the body, in a fragment */
	size_t left;  /* of the body */
	uint16_t n;   /* fragments so far */
};

static size_t max_len(const struct cis_c37_series *how)
{
	return how->max_len ? how->max_len : CIS_C37_MAX_FRAME;
}

static void put_fragment(struct cut *cut, struct c37_writer *w)
{
	bool last = cut->left <= cut->share;
	bool chk = last || !cut->how->one_chk;
	size_t n = last ? cut->left : cut->share;
	size_t begin = w->fill;
	struct cis_c37_head head = {
		.type = CIS_C37_CFG3,
		.version = c37_version(cut->cfg, CIS_C37_CFG3),
		.frame_len =
			(uint16_t)(START_LEN + n + (chk ? C37_CHK_LEN : 0)),
		.idcode = cut->cfg->idcode,
		.time_quality = cut->how->time_quality};
	size_t from = cut->how->one_chk ? 0 : begin;

	cut->n++;
	c37_stamp(cut->how->at, cut->cfg->time_base, &head);
	c37_put_head(w, &head);
	c37_put16(w, last ? LAST : cut->n);
	memmove(w->buf + w->fill, cut->body, n);
	w->fill += n;
	cut->body += n;
	cut->left -= n;
	if (chk)
		c37_put16(w, c37_crc(w->buf + from, w->fill - from));
}

/* The body is written behind the place that all fragments will take; cutting
 * moves it forward, and never past what is still to be read. */
int cis_c37_config_encode_series(const struct cis_c37_config *cfg,
				 const struct cis_c37_series *how, uint8_t *buf,
				 size_t size)
{
	size_t whole_len = cis_c37_config_len(cfg, CIS_C37_CFG3);
	size_t body_len = c37_body_len(cfg, CIS_C37_CFG3), n, room;
	struct cut cut = {.cfg = cfg, .how = how, .left = body_len};
	struct c37_writer w = {.buf = buf};

	if (whole_len <= max_len(how))
		return cis_c37_config_encode(cfg, CIS_C37_CFG3, how->at,
					     how->time_quality, buf, size);
	if (max_len(how) <= START_LEN + C37_CHK_LEN)
		return -EMSGSIZE;
	cut.share = max_len(how) - START_LEN - C37_CHK_LEN;
	n = (body_len + cut.share - 1) / cut.share;
	room = n * (START_LEN + C37_CHK_LEN);
	if (n >= LAST || room + body_len > size || room + body_len > INT32_MAX)
		return -EMSGSIZE;
	w.fill = room;
	c37_body_put(&w, cfg, CIS_C37_CFG3);
	w.fill = 0;
	cut.body = buf + room;
	while (cut.left > 0)
		put_fragment(&cut, &w);
	return (int)w.fill;
}

/* ---- join ---- */

static int cont_idx(const uint8_t *frame, size_t len)
{
	struct cis_c37_head head;
	int frame_len = cis_c37_peek(frame, len, &head);

	if (frame_len < START_LEN || head.type != CIS_C37_CFG3)
		return -EBADMSG;
	return cis_be16(frame + C37_HEAD_LEN);
}

bool cis_c37_is_fragment(const uint8_t *frame, size_t len)
{
	return cont_idx(frame, len) > 0;
}

void cis_c37_join_init(struct cis_c37_join *join, uint8_t *buf, size_t size)
{
	*join = (struct cis_c37_join){.buf = buf, .size = size};
}

static int drop(struct cis_c37_join *join, int err)
{
	join->fill = 0;
	join->n = 0;
	return err;
}

/* Whether the fragment is the one that comes next; CONT_IDX 1 always is. */
static int check_order(struct cis_c37_join *join, const uint8_t *frame,
		       unsigned idx, struct cis_diag *diag)
{
	unsigned idcode = cis_be16(frame + 4);

	if (idx == 1)
		return drop(join, 0);
	if (join->n == 0)
		return cis_fail(diag, -EBADMSG,
				"part of a configuration frame 3 (CONT_IDX "
				"%u) without its beginning",
				idx);
	if (idcode != cis_be16(join->buf + 4))
		return cis_fail(diag, -EBADMSG,
				"part of a configuration frame 3 is of IDCODE "
				"%u, those before it of %u",
				idcode, cis_be16(join->buf + 4));
	if (idx != LAST && idx != join->n + 1u)
		return cis_fail(diag, -EBADMSG,
				"part %u of a configuration frame 3 follows "
				"part %u",
				idx, join->n);
	return 0;
}

static bool each_has_chk(const struct cis_c37_join *join)
{
	size_t len;

	for (size_t at = 0; at < join->fill; at += len) {
		len = cis_be16(join->buf + at + 2);
		if (!cis_c37_crc_ok(join->buf + at, len))
			return false;
	}
	return true;
}

/* Leaves the first head and CONT_IDX, and the body; returns the bytes of both. */
static size_t squeeze(struct cis_c37_join *join, bool each)
{
	size_t fill = START_LEN, len;

	for (size_t at = 0; at < join->fill; at += len) {
		size_t around = START_LEN;

		len = cis_be16(join->buf + at + 2);
		if (each || at + len >= join->fill)
			around += C37_CHK_LEN;
		if (len <= around)
			continue;
		memmove(join->buf + fill, join->buf + at + START_LEN,
			len - around);
		fill += len - around;
	}
	return fill;
}

/* A single CHK is over all bytes as sent, or over the frame put together. */
static int finish(struct cis_c37_join *join, struct cis_c37_config **out,
		  struct cis_diag *diag)
{
	size_t all_len = join->fill, len;
	uint16_t chk = cis_be16(join->buf + all_len - C37_CHK_LEN);
	bool each = each_has_chk(join);
	bool good = each || cis_c37_crc_ok(join->buf, all_len);
	struct cis_c37_head head;
	struct c37_reader r;
	int err;

	(void)cis_c37_peek(join->buf, all_len, &head);
	len = squeeze(join, each);
	join->joined_len = len;
	if (!good && c37_crc(join->buf, len) != chk)
		return cis_fail(diag, -EBADMSG,
				"a wrong CHK within the %u parts of a "
				"configuration frame 3",
				join->n);
	r = (struct c37_reader){.p = join->buf + START_LEN,
				.left = len - START_LEN};
	err = c37_body_get(&r, &head, out, diag);
	return err ? err : (int)all_len;
}

int cis_c37_join_put(struct cis_c37_join *join, const uint8_t *frame,
		     size_t len, struct cis_c37_config **out,
		     struct cis_diag *diag)
{
	int idx = cont_idx(frame, len);
	size_t frame_len;

	if (idx <= 0)
		return cis_fail(diag, -EBADMSG,
				"not a part of a configuration frame 3");
	frame_len = cis_be16(frame + 2);
	join->joined_len = 0;
	if (check_order(join, frame, (unsigned)idx, diag))
		return drop(join, -EBADMSG);
	if (frame_len > join->size - join->fill) {
		cis_fail(diag, -EMSGSIZE,
			 "a configuration frame 3 in parts is longer than the "
			 "%zu bytes that are taken",
			 join->size);
		return drop(join, -EMSGSIZE);
	}
	memcpy(join->buf + join->fill, frame, frame_len);
	join->fill += frame_len;
	join->n++;
	if (idx != LAST)
		return -EAGAIN;
	return drop(join, finish(join, out, diag));
}
