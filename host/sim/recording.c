/* recording.c - see recording.h. */
#include "recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/be.h"

#define CHUNK_LEN (1u << 20)
#define NO_STREAM UINT32_MAX

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
		rec->of_idcode[i] = NO_STREAM;
	rec->max_bytes = rec->left = max_bytes;
	return rec;
}

static void stream_clear(struct cis_recorded_stream *s)
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
		stream_clear(&rec->stream[i]);
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

	for (i = rec->of_idcode[idcode]; i != NO_STREAM;
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

/* A CFG-3 between CFG-2s that describe the same is no change. */
static bool same_config(const struct cis_c37_config *a,
			const struct cis_c37_config *b)
{
	if (!same_layout(a, b))
		return false;
	if (is_cfg3(a) != is_cfg3(b))
		return true;
	return same_frame(a, b, CIS_C37_CFG2) && same_frame(a, b, CIS_C37_CFG3);
}

static int add_edition(struct cis_recorded_stream *s,
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
	    !same_config(s->edition[s->n_edition - 1], cfg)) {
		err = add_edition(s, cfg);
		if (!err)
			return 0;
	}
	cis_c37_config_free(cfg);
	return err;
}

/* ---- frames ---- */

static size_t len_of(const uint8_t *frame)
{
	return cis_be16(frame + CIS_C37_FRAMESIZE_AT);
}

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
	int len = cis_c37_peek(frame, len_of(frame), &head);
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

/* ---- in order ---- */

/* By stamp, then by arrival. The time bases of two editions may differ, so
 * fractions are put on one scale, 1/2^40 s. */
struct key {
	int64_t tai_s;
	uint64_t frac;
	size_t from;
};

static struct key key_of(const struct cis_recorded_stream *s, size_t i)
{
	const struct cis_recorded *f = &s->frame[i];
	uint32_t base = s->edition[f->edition]->time_base & 0xFFFFFF;

	return (struct key){
		.tai_s = f->tai_s,
		.frac = base ? ((uint64_t)f->fracsec << 40) / base : 0,
		.from = i,
	};
}

static int by_stamp(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->tai_s != y->tai_s)
		return x->tai_s < y->tai_s ? -1 : 1;
	if (x->frac != y->frac)
		return x->frac < y->frac ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

/* A recording is in order as a rule, which costs nothing then. */
static int sort(struct cis_recorded_stream *s)
{
	struct key *key = malloc((s->n_frame + 1) * sizeof(*key));
	struct cis_recorded *to = malloc((s->n_frame + 1) * sizeof(*to));
	bool in_order = true;

	if (!key || !to) {
		free(key);
		free(to);
		return -ENOMEM;
	}
	for (size_t i = 0; i < s->n_frame; i++) {
		key[i] = key_of(s, i);
		in_order = in_order &&
			   (i == 0 || by_stamp(&key[i - 1], &key[i]) < 0);
	}
	if (!in_order) {
		qsort(key, s->n_frame, sizeof(*key), by_stamp);
		for (size_t i = 0; i < s->n_frame; i++)
			to[i] = s->frame[key[i].from];
		memcpy(s->frame, to, s->n_frame * sizeof(*to));
	}
	free(key);
	free(to);
	return 0;
}

static bool same_stamp(const struct cis_recorded *a,
		       const struct cis_recorded *b)
{
	return a->tai_s == b->tai_s && a->fracsec == b->fracsec;
}

/* The first of those with one stamp stays. */
static void leave_out_doubles(struct cis_recording *rec,
			      struct cis_recorded_stream *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_frame; i++) {
		if (n > 0 && same_stamp(&s->frame[n - 1], &s->frame[i]))
			rec->twice++;
		else
			s->frame[n++] = s->frame[i];
	}
	s->n_frame = n;
}

/* ---- one IDCODE from several places ---- */

static size_t host_len(const char *from)
{
	const char *colon = strrchr(from, ':');

	return colon ? (size_t)(colon - from) : strlen(from);
}

static bool same_host(const struct cis_recorded_stream *a,
		      const struct cis_recorded_stream *b)
{
	size_t n = host_len(a->from);

	return n == host_len(b->from) && !memcmp(a->from, b->from, n);
}

/* Two frames with one stamp that are not the same. */
static bool contradict(const struct cis_recorded_stream *a,
		       const struct cis_recorded_stream *b)
{
	size_t i = 0, k = 0;

	while (i < a->n_frame && k < b->n_frame) {
		const struct cis_recorded *f = &a->frame[i], *g = &b->frame[k];

		if (same_stamp(f, g) &&
		    memcmp(f->frame, g->frame, len_of(f->frame)) != 0)
			return true;
		if (f->tai_s < g->tai_s ||
		    (f->tai_s == g->tai_s && f->fracsec < g->fracsec))
			i++;
		else
			k++;
	}
	return false;
}

/* The number of cfg among the editions of `to`, with its own copy freed. */
static int take_edition(struct cis_recorded_stream *to,
			struct cis_c37_config *cfg)
{
	for (uint32_t e = 0; e < to->n_edition; e++) {
		if (same_config(to->edition[e], cfg)) {
			cis_c37_config_free(cfg);
			return (int)e;
		}
	}
	if (add_edition(to, cfg))
		return -ENOMEM;
	return (int)to->n_edition - 1;
}

static int join(struct cis_recorded_stream *to,
		struct cis_recorded_stream *from)
{
	size_t n = to->n_frame + from->n_frame;
	struct cis_recorded *frame = realloc(to->frame, n * sizeof(*frame));

	if (!frame)
		return -ENOMEM;
	to->frame = frame;
	to->cap = n;
	for (uint32_t e = 0; e < from->n_edition; e++) {
		int is = take_edition(to, from->edition[e]);

		if (is < 0)
			return is;
		from->edition[e] = NULL;
		for (size_t i = 0; i < from->n_frame; i++)
			if (from->frame[i].edition == e)
				to->frame[to->n_frame++] =
					(struct cis_recorded){
						.frame = from->frame[i].frame,
						.tai_s = from->frame[i].tai_s,
						.fracsec =
							from->frame[i].fracsec,
						.edition = (uint32_t)is};
	}
	stream_clear(from);
	return sort(to);
}

static int join_all(struct cis_recording *rec)
{
	for (uint32_t i = 1; i < rec->n_stream; i++) {
		struct cis_recorded_stream *s = &rec->stream[i];

		/* The list of an IDCODE goes from the last to the first. */
		for (uint32_t k = s->next; k != NO_STREAM && s->n_frame;
		     k = rec->stream[k].next) {
			struct cis_recorded_stream *to = &rec->stream[k];
			int err;

			if (!to->n_frame || !same_host(to, s) ||
			    contradict(to, s))
				continue;
			err = join(to, s);
			if (err)
				return err;
		}
	}
	return 0;
}

/* Streams without frames go. */
static void close_up(struct cis_recording *rec)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < rec->n_stream; i++) {
		if (rec->stream[i].n_frame == 0)
			stream_clear(&rec->stream[i]);
		else
			rec->stream[n++] = rec->stream[i];
	}
	rec->n_stream = n;
}

/* ---- IDCODEs ---- */

static void readdress(struct cis_recorded_stream *s, uint16_t idcode)
{
	for (size_t i = 0; i < s->n_frame; i++)
		cis_put_be16(s->frame[i].frame + CIS_C37_IDCODE_AT, idcode);
	for (uint32_t e = 0; e < s->n_edition; e++) {
		struct cis_c37_config *cfg = s->edition[e];

		if (cfg->n_pmu == 1 && cfg->pmu[0].idcode == cfg->idcode)
			cfg->pmu[0].idcode = idcode;
		cfg->idcode = idcode;
	}
	s->idcode = idcode;
}

static int number(struct cis_recording *rec, struct cis_warn_list *warn,
		  struct cis_diag *diag)
{
	bool *used = calloc(UINT16_MAX + 1, sizeof(*used));
	bool *seen = calloc(UINT16_MAX + 1, sizeof(*seen));
	uint32_t i, is;

	for (i = 0; used && i < rec->n_stream; i++)
		used[rec->stream[i].idcode] = true;
	for (i = 0; used && seen && i < rec->n_stream; i++) {
		struct cis_recorded_stream *s = &rec->stream[i];

		if (!seen[s->idcode]) {
			seen[s->idcode] = true;
			continue;
		}
		for (is = s->idcode + 1u; is < UINT16_MAX && used[is]; is++)
			;
		if (is == UINT16_MAX)
			break;
		cis_warn(warn,
			 "IDCODE %u also comes from %s: it is sent as IDCODE "
			 "%u",
			 s->idcode, s->from[0] ? s->from : "another sender",
			 (unsigned)is);
		used[is] = seen[is] = true;
		readdress(s, (uint16_t)is);
	}
	is = used && seen;
	free(used);
	free(seen);
	if (!is)
		return cis_fail(diag, -ENOMEM, "out of memory");
	if (i < rec->n_stream)
		return cis_fail(diag, -EBADMSG,
				"no IDCODE is free for another stream of "
				"IDCODE %u",
				rec->stream[i].idcode);
	return 0;
}

/* ---- the end ---- */

int cis_recording_finish(struct cis_recording *rec, struct cis_warn_list *warn,
			 struct cis_diag *diag)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < rec->n_stream; i++)
		err = sort(&rec->stream[i]);
	if (!err)
		err = join_all(rec);
	if (err)
		return cis_fail(diag, err, "out of memory");
	close_up(rec);
	if (rec->n_stream == 0)
		return cis_fail(diag, -ENODATA, "no data frames");
	for (uint32_t i = 0; i < rec->n_stream; i++)
		leave_out_doubles(rec, &rec->stream[i]);
	err = number(rec, warn, diag);
	return err ? err : cis_recording_grid(rec, warn, diag);
}
