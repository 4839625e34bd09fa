/*
 * encode.c - how long one data frame takes from double complex to bytes with
 * CHK, as JSON: ours, and in the same run the same frame by libm's hypot and
 * atan2 with a CRC of one bit at a time, and its parts.
 *
 * Each figure is the least of many runs of many frames: what the machine does
 * besides can only add to it.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cisoid/c37.h"
#include "host/core/be.h"
#include "tests/support/crc_bitwise.h"

#define N_PHASOR 6
#define N_FRAME  2000 /* in a run */
#define N_RUN    300
#define N_INPUT  64

struct bench {
	struct cis_c37_config *cfg;
	struct cis_c37_data *data;
	double complex input[N_INPUT][N_PHASOR];
	uint8_t frame[256];
	size_t len;
	unsigned sum; /* so that nothing is left out */
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static void put_f32(uint8_t *p, float f)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	cis_put_be32(p, bits);
}

/* ---- what is measured ---- */

static void take(struct bench *b, unsigned n)
{
	memcpy(b->data->block[0].phasor_rms, b->input[n % N_INPUT],
	       sizeof(b->input[0]));
	b->data->head.fracsec = n;
}

static void ours(struct bench *b, unsigned n)
{
	take(b, n);
	cis_c37_data_encode(b->cfg, b->data, b->frame, sizeof(b->frame));
	b->sum += b->frame[b->len - 1];
}

/* The same bytes but for the head: libm, then a CRC bit by bit. */
static void by_libm(struct bench *b, unsigned n)
{
	uint8_t *p = b->frame + 16;

	take(b, n);
	cis_put_be32(b->frame + 10, n);
	for (unsigned i = 0; i < N_PHASOR; i++, p += 8) {
		double complex v = b->data->block[0].phasor_rms[i];

		put_f32(p, (float)hypot(creal(v), cimag(v)));
		put_f32(p + 4, (float)atan2(cimag(v), creal(v)));
	}
	put_f32(p, (float)b->data->block[0].freq_hz);
	put_f32(p + 4, (float)b->data->block[0].rocof_hz_per_s);
	b->sum += *p;
}

static void by_libm_and_bits(struct bench *b, unsigned n)
{
	by_libm(b, n);
	cis_put_be16(b->frame + b->len - 2, crc_bitwise(b->frame, b->len - 2));
	b->sum += b->frame[b->len - 1];
}

static void crc_by_bits(struct bench *b, unsigned n)
{
	b->frame[12] = (uint8_t)n;
	b->sum += crc_bitwise(b->frame, b->len - 2);
}

static void crc_ours(struct bench *b, unsigned n)
{
	b->frame[12] = (uint8_t)n;
	b->sum += cis_c37_crc_ok(b->frame, b->len);
}

/* ---- the measuring ---- */

static double least_ns(struct bench *b, void (*what)(struct bench *, unsigned))
{
	double best = INFINITY;

	for (unsigned run = 0; run < N_RUN; run++) {
		double begin = now_ns();

		for (unsigned n = 0; n < N_FRAME; n++)
			what(b, n);
		best = fmin(best, (now_ns() - begin) / N_FRAME);
	}
	return best;
}

static int open_bench(struct bench *b, unsigned format)
{
	if (cis_c37_config_new(1, &b->cfg) ||
	    cis_c37_pmu_size(&b->cfg->pmu[0], N_PHASOR, 0, 0))
		return -1;
	b->cfg->pmu[0].format = (uint16_t)format;
	for (unsigned i = 0; i < N_PHASOR; i++)
		b->cfg->pmu[0].phasor[i].unit = 500000;
	if (cis_c37_data_new(b->cfg, &b->data))
		return -1;
	b->len = cis_c37_data_len(b->cfg);
	b->data->block[0].freq_hz = 49.97;
	b->data->block[0].rocof_hz_per_s = 0.25;
	for (unsigned n = 0; n < N_INPUT; n++)
		for (unsigned i = 0; i < N_PHASOR; i++)
			b->input[n][i] =
				cis_rect(63500 * cos(0.37 * n + 2.1 * i),
					 63500 * sin(0.37 * n + 2.1 * i));
	return 0;
}

static void close_bench(struct bench *b)
{
	cis_c37_data_free(b->data);
	cis_c37_config_free(b->cfg);
}

int main(void)
{
	static const struct {
		const char *name;
		unsigned format;
	} formats[] = {{"polar_float", 0xF},
		       {"rect_float", 0xE},
		       {"polar_int", 0x1},
		       {"rect_int", 0x0}};
	struct bench b = {.sum = 0};

	printf("{\n  \"n_phasor\": %d", N_PHASOR);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (open_bench(&b, formats[i].format))
			return EXIT_FAILURE;
		printf(",\n  \"%s\": {\"bytes\": %zu, \"ours_ns\": %.1f",
		       formats[i].name, b.len, least_ns(&b, ours));
		if (i == 0)
			printf(",\n    \"libm_bitwise_crc_ns\": %.1f,"
			       "\n    \"libm_without_crc_ns\": %.1f,"
			       "\n    \"crc_bitwise_ns\": %.1f,"
			       "\n    \"crc_ours_ns\": %.1f",
			       least_ns(&b, by_libm_and_bits),
			       least_ns(&b, by_libm), least_ns(&b, crc_by_bits),
			       least_ns(&b, crc_ours));
		printf("}");
		close_bench(&b);
	}
	printf(",\n  \"sum\": %u\n}\n", b.sum);
	return EXIT_SUCCESS;
}
