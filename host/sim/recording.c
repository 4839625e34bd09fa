/* recording.c - frames kept in memory; see recording.h. recording_finish.c puts
 * them in order. */
#include "recording_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_LEN (1u << 20)

/* Frames lie in it one behind the other, and stay where they are. */
struct chunk {
	struct chunk *next;
	size_t fill;
	uint8_t bytes[CHUNK_LEN];
};

/* ---- memory ---- */

struct cis_recording *cis_recording_new(size_t max_bytes)
{
	struct cis_recording *rec = calloc(1, sizeof(*rec));

	if (!rec)
		return NULL;
	rec->of_idcode = malloc((UINT16_MAX + 1) * sizeof(*rec->of_idcode));
	if (!rec->of_idcode) {
		free(rec);
		return NULL;
	}
	for (size_t i = 0; i <= UINT16_MAX; i++)
		rec->of_idcode[i] = CIS_NO_STREAM;
	rec->max_bytes = rec->left = max_bytes;
	return rec;
}

void cis_recorded_clear(struct cis_recorded_stream *s)
{
	for (uint32_t e = 0; e < s->n_edition; e++)
		cis_c37_config_free(s->edition[e]);
	free(s->edition);
	free(s->frame);
	s->edition = NULL;
	s->frame = NULL;
	s->n_edition = 0;
	s->n_frame = s->cap = 0;
}

void cis_recording_free(struct cis_recording *rec)
{
	if (!rec)
		return;
	for (uint32_t i = 0; i < rec->n_stream; i++)
		cis_recorded_clear(&rec->stream[i]);
	while (rec->chunk) {
		struct chunk *c = rec->chunk;

		rec->chunk = c->next;
		free(c);
	}
	free(rec->stream);
	free(rec->of_idcode);
	free(rec);
}

/* ---- streams ---- */

static struct cis_recorded_stream *append(struct cis_recording *rec)
{
	uint32_t cap = rec->cap ? 2 * rec->cap : 16;
	struct cis_recorded_stream *more;

	if (rec->n_stream == rec->cap) {
		more = realloc(rec->stream, cap * sizeof(*more));
		if (!more)
			return NULL;
		rec->stream = more;
		rec->cap = cap;
	}
	return &rec->stream[rec->n_stream++];
}

int cis_recording_stream(struct cis_recording *rec, uint16_t idcode,
			 const char *from)
{
	struct cis_recorded_stream *s;
	uint32_t i;

	for (i = rec->of_idcode[idcode]; i != CIS_NO_STREAM;
	     i = rec->stream[i].next)
		if (!strcmp(rec->stream[i].from, from))
			return (int)i;
	s = append(rec);
	if (!s)
		return -ENOMEM;
	*s = (struct cis_recorded_stream){.idcode = idcode,
					  .next = rec->of_idcode[idcode]};
	snprintf(s->from, sizeof(s->from), "%s", from);
	rec->of_idcode[idcode] = rec->n_stream - 1;
	return (int)rec->n_stream - 1;
}

/* ---- configurations ---- */

static bool is_cfg3(const struct cis_c37_config *cfg)
{
	for (uint16_t i = 0; i < cfg->n_pmu; i++)
		if ((cfg->pmu[i].n_phasor && cfg->pmu[i].phasor[0].scale > 0) ||
		    (cfg->pmu[i].n_analog && cfg->pmu[i].analog[0].scale > 0))
			return true;
	return false;
}

/* What CFG-2 says of both but for the units, which CFG-3 tells otherwise. */
static bool same_layout(const struct cis_c37_config *a,
			const struct cis_c37_config *b)
{
	if (a->n_pmu != b->n_pmu || a->data_rate != b->data_rate ||
	    a->time_base != b->time_base)
		return false;
	for (uint16_t i = 0; i < a->n_pmu; i++) {
		const struct cis_c37_pmu *p = &a->pmu[i], *q = &b->pmu[i];

		if (p->idcode != q->idcode || p->format != q->format ||
		    p->fnom != q->fnom || p->cfgcnt != q->cfgcnt ||
		    p->n_phasor != q->n_phasor || p->n_analog != q->n_analog ||
		    p->n_digital != q->n_digital)
			return false;
	}
	return true;
}

static bool same_frame(const struct cis_c37_config *a,
		       const struct cis_c37_config *b, enum cis_c37_type type)
{
	const struct cis_split_time at = {0, 0};
	uint8_t *buf = malloc(2 * CIS_C37_MAX_FRAME);
	int n, m;
	bool same;

	if (!buf)
		return false;
	n = cis_c37_config_encode(a, type, at, 0, buf, CIS_C37_MAX_FRAME);
	m = cis_c37_config_encode(b, type, at, 0, buf + CIS_C37_MAX_FRAME,
				  CIS_C37_MAX_FRAME);
	same = n == m &&
	       (n <= 0 || !memcmp(buf, buf + CIS_C37_MAX_FRAME, (size_t)n));
	free(buf);
	return same;
}

bool cis_recorded_same(const struct cis_c37_config *a,
		       const struct cis_c37_config *b)
{
	if (!same_layout(a, b))
		return false;
	if (is_cfg3(a) != is_cfg3(b))
		return true;
	return same_frame(a, b, CIS_C37_CFG2) && same_frame(a, b, CIS_C37_CFG3);
}

int cis_recorded_edition(struct cis_recorded_stream *s,
			 struct cis_c37_config *cfg)
{
	struct cis_c37_config **more =
		realloc(s->edition,
			(s->n_edition + 1u) * sizeof(struct cis_c37_config *));

	if (!more)
		return -ENOMEM;
	s->edition = more;
	s->edition[s->n_edition++] = cfg;
	return 0;
}

int cis_recording_config(struct cis_recording *rec, uint32_t i,
			 struct cis_c37_config *cfg)
{
	struct cis_recorded_stream *s = &rec->stream[i];
	int err = 0;

	if (s->n_edition == 0 ||
	    !cis_recorded_same(s->edition[s->n_edition - 1], cfg)) {
		err = cis_recorded_edition(s, cfg);
		if (!err)
			return 0;
	}
	cis_c37_config_free(cfg);
	return err;
}

/* ---- frames ---- */

static int grow(struct cis_recording *rec, struct cis_recorded_stream *s)
{
	size_t cap = s->cap ? 2 * s->cap : 64;
	size_t more = (cap - s->cap) * sizeof(*s->frame);
	struct cis_recorded *frame;

	if (more > rec->left)
		return -EFBIG;
	frame = realloc(s->frame, cap * sizeof(*frame));
	if (!frame)
		return -ENOMEM;
	rec->left -= more;
	s->frame = frame;
	s->cap = cap;
	return 0;
}

static int keep_bytes(struct cis_recording *rec, const uint8_t *frame,
		      size_t len, uint8_t **out)
{
	struct chunk *c = rec->chunk;

	if (!c || c->fill + len > sizeof(c->bytes)) {
		if (rec->left < sizeof(*c))
			return -EFBIG;
		c = malloc(sizeof(*c));
		if (!c)
			return -ENOMEM;
		rec->left -= sizeof(*c);
		c->next = rec->chunk;
		c->fill = 0;
		rec->chunk = c;
	}
	*out = c->bytes + c->fill;
	memcpy(*out, frame, len);
	c->fill += len;
	return 0;
}

int cis_recording_put(struct cis_recording *rec, uint32_t i,
		      const uint8_t *frame, const struct cis_time *came)
{
	struct cis_recorded_stream *s = &rec->stream[i];
	struct cis_c37_head head;
	int len = cis_c37_peek(frame, cis_recorded_len(frame), &head);
	uint8_t *bytes;
	int err = s->n_frame == s->cap ? grow(rec, s) : 0;

	if (len < 0)
		return len;
	if (!err)
		err = keep_bytes(rec, frame, (size_t)len, &bytes);
	if (err)
		return err;
	if (s->n_frame == 0 && came) {
		s->came = *came;
		s->has_came = true;
	}
	s->frame[s->n_frame] = (struct cis_recorded){
		.frame = bytes,
		.tai_s = cis_c37_tai_s(&head),
		.fracsec = head.fracsec,
		.edition = s->n_edition - 1,
		.n = (int64_t)s->n_frame, /* its order, for now */
	};
	s->n_frame++;
	return 0;
}
