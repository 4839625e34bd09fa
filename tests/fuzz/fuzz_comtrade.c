/*
 * fuzz_comtrade.c - the COMTRADE reader on any bytes.
 *
 * The input is a CFG and a DAT, parted by the first "@@@\n"; without it, a CFF.
 * What is read must be consistent: segments cover all scans in order, rates and
 * values are finite or NaN.
 */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/comtrade.h"

static void demand(bool truth)
{
	if (!truth)
		abort();
}

static void check_segments(const struct cis_comtrade *rec)
{
	const struct cis_comtrade_info *info = cis_comtrade_info(rec);
	uint64_t next = 0;

	for (uint32_t i = 0; i < info->n_segment; i++) {
		const struct cis_comtrade_segment *s =
			cis_comtrade_segment(rec, i);

		demand(s->first_scan == next && s->n_scan > 0);
		demand(isfinite(s->rate_hz) && s->rate_hz > 0);
		next += s->n_scan;
	}
	demand(next == info->n_scan);
}

static void check_channel(const struct cis_comtrade *rec, uint32_t i)
{
	const struct cis_comtrade_channel *c = cis_comtrade_channel(rec, i);
	uint64_t n = cis_comtrade_info(rec)->n_scan;
	double x[64];

	demand(memchr(c->name, '\0', sizeof(c->name)) &&
	       memchr(c->phase, '\0', sizeof(c->phase)) &&
	       memchr(c->unit, '\0', sizeof(c->unit)));
	demand(fabs(c->skew_s) <= 1);
	for (uint64_t s = 0; s < n; s += 64) {
		uint32_t k = n - s < 64 ? (uint32_t)(n - s) : 64;

		cis_comtrade_read(rec, i, s, k, x);
		for (uint32_t j = 0; j < k; j++)
			demand(!isinf(x[j]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cis_comtrade_files files = {
		.name = "fuzz", .cfg = data, .cfg_len = size};
	struct cis_warn_list warn = {.n = 0};
	struct cis_diag diag = {""};
	struct cis_comtrade *rec;

	for (size_t i = 0; i + 4 <= size; i++)
		if (!memcmp(data + i, "@@@\n", 4)) {
			files.cfg_len = i;
			files.dat = data + i + 4;
			files.dat_len = size - i - 4;
			break;
		}
	if (cis_comtrade_new(&files, &rec, &warn, &diag)) {
		demand(diag.msg[0] != '\0');
		return 0;
	}
	check_segments(rec);
	for (uint32_t i = 0; i < cis_comtrade_info(rec)->n_channel; i++)
		check_channel(rec, i);
	cis_comtrade_free(rec);
	return 0;
}
