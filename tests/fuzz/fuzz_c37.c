/*
 * fuzz_c37.c - any bytes as a stream of C37.118 frames: cut, decoded by the
 * configurations among them, encoded and decoded again.
 */
#include <stdlib.h>
#include <string.h>

#include "cisoid/c37.h"
#include "fuzz.h"

struct world {
	struct cis_c37_config *cfg;
	struct cis_c37_data *data;
	struct cis_c37_splitter split;
	uint8_t split_buf[CIS_C37_MAX_FRAME];
	struct cis_report rep;
	char text[CIS_C37_MAX_FRAME];
	uint8_t out[CIS_C37_MAX_FRAME];
};

static void forget(struct world *w)
{
	cis_c37_data_free(w->data);
	cis_c37_config_free(w->cfg);
	w->data = NULL;
	w->cfg = NULL;
}

/* What was decoded can be encoded to the same length, and decoded again. */
static void use_config(struct world *w, const uint8_t *frame, size_t len)
{
	struct cis_c37_config *cfg, *again;
	struct cis_diag diag;
	int out_len;

	if (cis_c37_config_decode(frame, len, &cfg, &diag) < 0)
		return;
	forget(w);
	w->cfg = cfg;
	if (cis_c37_data_new(cfg, &w->data))
		abort();
	out_len = cis_c37_config_encode(cfg, CIS_C37_CFG2,
					(struct cis_split_time){.tai_s = 1}, 0,
					w->out, sizeof(w->out));
	if (out_len < 0 || cis_c37_config_decode(w->out, (size_t)out_len,
						 &again, &diag) != out_len)
		abort();
	cis_c37_config_free(again);
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
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w = calloc(1, sizeof(*w));
	size_t step = size ? data[0] + 1u : 1;

	if (!w)
		abort();
	use(w, data, size);
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
	free(w);
	return 0;
}
