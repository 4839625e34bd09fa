/*
 * fuzz_c37.c - any bytes as a stream of C37.118 frames: cut, decoded by the
 * configurations among them, encoded and decoded again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/c37.h"
#include "fuzz.h"

struct world {
	struct cis_c37_config *cfg;
	struct cis_c37_data *data;
	struct cis_c37_splitter split;
	struct cis_c37_join join;
	uint8_t split_buf[CIS_C37_MAX_FRAME];
	struct cis_report rep;
	char text[CIS_C37_MAX_FRAME];
	uint8_t out[CIS_C37_MAX_FRAME];
	uint8_t series[4 * CIS_C37_MAX_FRAME];
	uint8_t parts[CIS_C37_MAX_FRAME];
	uint8_t held[CIS_C37_MAX_FRAME]; /* of the stream itself */
};

static void forget(struct world *w)
{
	cis_c37_data_free(w->data);
	cis_c37_config_free(w->cfg);
	w->data = NULL;
	w->cfg = NULL;
}

/* As that frame and back, unless it is too long for one. */
static void there_and_back(struct world *w, enum cis_c37_type type)
{
	struct cis_c37_config *again;
	struct cis_split_time at = {.tai_s = 1700000037};
	struct cis_diag diag;
	size_t len = cis_c37_config_len(w->cfg, type);
	int out_len = cis_c37_config_encode(w->cfg, type, at, 0, w->out,
					    sizeof(w->out));

	if (len > CIS_C37_MAX_FRAME && out_len == -EMSGSIZE)
		return;
	if (out_len != (int)len ||
	    cis_c37_config_decode(w->out, len, &again, &diag) != out_len ||
	    cis_c37_data_len(again) != cis_c37_data_len(w->cfg))
		abort();
	cis_c37_config_free(again);
}

/* The same in fragments of a size that the frame gives. */
static void in_parts(struct world *w, const uint8_t *frame, size_t len)
{
	struct cis_c37_series how = {.at = {.tai_s = 1700000037},
				     .max_len = (uint16_t)(40 + frame[len - 1]),
				     .one_chk = frame[len - 2] & 1};
	struct cis_c37_config *again = NULL;
	struct cis_c37_join join;
	struct cis_diag diag;
	int all = cis_c37_config_encode_series(w->cfg, &how, w->series,
					       sizeof(w->series));
	int ret = -EAGAIN;

	if (all < 0 || !cis_c37_is_fragment(w->series, (size_t)all))
		return;
	cis_c37_join_init(&join, w->parts, sizeof(w->parts));
	for (size_t at = 0; at < (size_t)all && ret == -EAGAIN;
	     at += (size_t)(w->series[at + 2] << 8 | w->series[at + 3]))
		ret = cis_c37_join_put(&join, w->series + at, (size_t)all - at,
				       &again, &diag);
	if ((size_t)all <= sizeof(w->parts) && ret != all)
		abort();
	cis_c37_config_free(again);
}

static void use_config(struct world *w, const uint8_t *frame, size_t len)
{
	struct cis_c37_config *cfg = NULL;
	struct cis_diag diag;
	int ret = cis_c37_config_decode(frame, len, &cfg, &diag);

	if (ret < 0)
		ret = cis_c37_join_put(&w->join, frame, len, &cfg, &diag);
	if (ret < 0) {
		if (cfg)
			abort();
		return;
	}
	forget(w);
	w->cfg = cfg;
	if (cis_c37_data_new(cfg, &w->data))
		abort();
	there_and_back(w, CIS_C37_CFG2);
	there_and_back(w, CIS_C37_CFG3);
	in_parts(w, frame, len);
	if (len < 300)
		(void)cis_c37_config_check(cfg, CIS_C37_CFG2, CIS_C37_MAX_UDP,
					   &diag);
}

static void use_extended(struct world *w, const uint8_t *frame, size_t len)
{
	struct cis_c37_head head;
	const uint8_t *ext;
	int n = cis_c37_extended_decode(frame, len, &ext);
	int frame_len;

	if (n < 0)
		return;
	frame_len = cis_c37_peek(frame, len, &head);
	/* All but CHK, and a bit of SYNC, come back as they were. */
	if (ext < frame || ext + n > frame + len ||
	    cis_c37_extended_encode(&head, ext, (size_t)n, w->out,
				    sizeof(w->out)) != frame_len ||
	    memcmp(w->out + 2, frame + 2, (size_t)frame_len - 4) != 0)
		abort();
}

static void use_data(struct world *w, const uint8_t *frame, size_t len)
{
	struct cis_diag diag;
	int n;

	if (!w->cfg)
		return;
	n = cis_c37_data_decode(w->cfg, frame, len, w->data, &diag);
	if (n < 0)
		return;
	for (uint16_t i = 0; i < w->cfg->n_pmu && i < 4; i++)
		cis_c37_data_to_report(w->cfg, i, w->data, &w->rep);
	if (cis_c37_data_encode(w->cfg, w->data, w->out, sizeof(w->out)) != n)
		abort();
}

static void use(struct world *w, const uint8_t *frame, size_t len)
{
	use_config(w, frame, len);
	use_data(w, frame, len);
	(void)cis_c37_header_decode(frame, len, w->text);
	(void)cis_c37_command_decode(frame, len);
	use_extended(w, frame, len);
	(void)cis_c37_is_1344(frame, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world world; /* large, and cleared where it matters */
	struct world *w = &world;
	size_t step = size ? data[0] + 1u : 1;

	cis_c37_join_init(&w->join, w->held, sizeof(w->held));
	use(w, data, size);
	cis_c37_join_init(&w->join, w->held, sizeof(w->held));
	cis_c37_splitter_init(&w->split, w->split_buf,
			      size && data[0] & 1 ? sizeof(w->split_buf) : 64);
	while (size > 0) {
		size_t n = size < step ? size : step;
		const uint8_t *p = data, *frame;
		size_t left = n;
		int len;

		while ((len = cis_c37_splitter_next(&w->split, &p, &left,
						    &frame)) > 0)
			use(w, frame, (size_t)len);
		data += n;
		size -= n;
	}
	forget(w);
	return 0;
}
