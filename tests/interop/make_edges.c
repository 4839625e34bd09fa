/*
 * make_edges.c - writes a capture of frames by our encoders, for other decoders
 * to read: each FORMAT, described by CFG-1, CFG-2 and CFG-3, with 1 and 4 PMUs,
 * without and with many analogs and digital words, and the values where codecs
 * break: zeros, the largest, the smallest, none at all, negative angles.
 *
 * edges_by_tshark.py knows the formulas by which all of it is made. A second file
 * has the bytes of one CFG-3: whole, in parts with a CHK each, and with one CHK.
 */
#include <math.h>
#include <string.h>

#include "capture_out.h"
#include "cisoid/utc.h"

#define SOC       1700000000
#define N_PHASOR  3
#define N_ANALOG  9
#define N_DIGITAL 3
#define PHUNIT    250000 /* 2.5 V or A per bit */

enum edge { ZERO, LARGEST, SMALLEST, NONE, NEGATIVE, N_EDGE };

static const double pi = 3.14159265358979323846;

/* One stream of the capture. */
struct stream {
	unsigned format;
	enum cis_c37_type type;
	bool many;      /* analogs and digital words */
	uint16_t n_pmu; /* 1 or 4 */
	uint16_t number;
};

static void describe_channels(const struct stream *s, struct cis_c37_pmu *pmu)
{
	for (unsigned i = 0; i < pmu->n_phasor; i++) {
		struct cis_c37_channel *ch = &pmu->phasor[i];

		snprintf(ch->name, sizeof(ch->name), "Ph %u", i);
		ch->unit = (i == 2 ? 1u << 24 : 0) | PHUNIT;
		ch->component = (uint8_t)(CIS_C37_PHASE_A + i);
		if (s->type != CIS_C37_CFG3)
			continue;
		ch->scale = 2.5f;
		ch->offset = 0.25f * (float)i;
		ch->modified = (uint16_t)(i << 7);
		ch->user = (uint8_t)(0xA0 + i);
	}
	for (unsigned i = 0; i < pmu->n_analog; i++) {
		struct cis_c37_channel *ch = &pmu->analog[i];

		snprintf(ch->name, sizeof(ch->name), "An %u", i);
		ch->unit = i % 3 << 24 | 7;
		if (s->type != CIS_C37_CFG3)
			continue;
		ch->scale = 0.5f;
		ch->offset = -3;
	}
	for (unsigned i = 0; i < 16u * pmu->n_digital; i++)
		snprintf(pmu->digital[i / 16].name[i % 16], 17, "bit %u", i);
	for (unsigned i = 0; i < pmu->n_digital; i++)
		pmu->digital[i].mask = 0x0F0F00FFu + i;
}

static void describe(const struct stream *s, struct cis_c37_config *cfg)
{
	cfg->idcode = (uint16_t)(1000 + s->number);
	cfg->version = s->format % 2 ? 2 : 1;
	cfg->data_rate = s->many ? -5 : 50;
	for (uint16_t p = 0; p < s->n_pmu; p++) {
		struct cis_c37_pmu *pmu = &cfg->pmu[p];

		if (cis_c37_pmu_size(pmu, N_PHASOR, s->many ? N_ANALOG : 0,
				     s->many ? N_DIGITAL : 0))
			exit(EXIT_FAILURE);
		snprintf(pmu->station, sizeof(pmu->station),
			 s->type == CIS_C37_CFG3 ? "Подстанция Ф-%u"
						 : "Station %u",
			 p);
		pmu->idcode = (uint16_t)(p + 1);
		pmu->format = (uint16_t)s->format;
		pmu->fnom = p % 2;
		pmu->cfgcnt = 65535;
		for (uint8_t i = 0; i < 16; i++)
			pmu->g_pmu_id[i] = (uint8_t)(16 * p + i);
		if (p % 2)
			pmu->position = (struct cis_c37_position){
				-33.5f, 151.25f, 19.5f};
		pmu->svc_class = p % 2 ? 'P' : 'M';
		pmu->window_us = 80000 + p;
		pmu->grp_dly_us = 40000 + p;
		describe_channels(s, pmu);
	}
}

/* In counts of 2.5 V: what an int16 of the FORMAT can hold. */
static double complex phasor(const struct stream *s, enum edge edge, unsigned i)
{
	bool is_polar = s->format & CIS_C37_FMT_POLAR;
	double deg = -40.0 * (i + 1);

	switch (edge) {
	case LARGEST:
		return is_polar ? 65535 : cis_rect(32767, 32767);
	case SMALLEST:
		return is_polar ? cis_rect(-65535, -0.0)
				: cis_rect(-32767, -32767);
	case NONE:
		return cis_rect(NAN, NAN);
	case NEGATIVE:
		return cis_rect(20000 * cos(deg * pi / 180),
				20000 * sin(deg * pi / 180));
	default:
		return 0;
	}
}

/* The phasor that is on the wire as `x` counts: table 11. */
static double complex volts(const struct cis_c37_channel *ch, double complex x)
{
	double rad = (double)ch->offset;
	double re = creal(x) * 2.5, im = cimag(x) * 2.5;

	return cis_rect(re * cos(rad) + im * sin(rad),
			im * cos(rad) - re * sin(rad));
}

/* A number between the ends of int16, but for `most` at them. */
static double edge_value(enum edge edge, double most)
{
	const double value[] = {0, most, -most, NAN, -0.125 * most};

	return value[edge];
}

static void fill(const struct stream *s, enum edge edge,
		 const struct cis_c37_pmu *pmu, struct cis_c37_block *b)
{
	b->stat = (uint16_t)(0xFFFF >> edge);
	for (unsigned i = 0; i < pmu->n_phasor; i++)
		b->phasor_rms[i] = volts(&pmu->phasor[i], phasor(s, edge, i));
	b->freq_hz = cis_c37_fnom_hz(pmu) + edge_value(edge, 32.767);
	b->rocof_hz_per_s = edge_value(edge, 327.67);
	for (unsigned i = 0; i < pmu->n_analog; i++) {
		double x = round(edge_value(edge, 32767)) + (edge ? 0 : i);

		b->analog[i] = s->type == CIS_C37_CFG3 ? x * 0.5 - 3 : x;
	}
	for (unsigned i = 0; i < pmu->n_digital; i++)
		b->digital[i] = (uint16_t)(0xFFFFu * edge + i);
}

static void write_stream(FILE *f, const struct stream *s)
{
	static uint8_t buf[CIS_C37_MAX_FRAME];
	struct cis_split_time at = {.tai_s = cis_tai_from_soc(SOC)};
	uint16_t port = (uint16_t)(10000 + s->number);
	struct cis_c37_config *cfg;
	struct cis_c37_data *data;

	if (cis_c37_config_new(s->n_pmu, &cfg))
		exit(EXIT_FAILURE);
	describe(s, cfg);
	if (cis_c37_data_new(cfg, &data))
		exit(EXIT_FAILURE);
	write_packet(
		f, port, buf,
		cis_c37_config_encode(cfg, s->type, at, 0, buf, sizeof(buf)));
	for (enum edge edge = 0; edge < N_EDGE; edge++) {
		data->head.soc = SOC;
		data->head.fracsec = 200000u * edge;
		for (uint16_t p = 0; p < s->n_pmu; p++)
			fill(s, edge, &cfg->pmu[p], &data->block[p]);
		write_packet(f, port, buf,
			     cis_c37_data_encode(cfg, data, buf, sizeof(buf)));
	}
	cis_c37_data_free(data);
	cis_c37_config_free(cfg);
}

/* A command of the user's own, of an odd and an even number of bytes. */
static void write_extended(FILE *f)
{
	static const uint8_t ext[] = {0xDE, 0xAD, 0xBE, 0xEF, 0x01, 0x02};
	struct cis_c37_head head = {.version = 2, .idcode = 999, .soc = SOC};
	uint8_t buf[64];

	for (size_t n = 0; n <= sizeof(ext); n += 2)
		write_packet(f, 9999, buf,
			     cis_c37_extended_encode(&head, ext, n, buf,
						     sizeof(buf)));
}

static void write_parts(FILE *f, const struct stream *s)
{
	static uint8_t buf[4 * CIS_C37_MAX_FRAME];
	static const struct cis_c37_series how[] = {
		{.at = {.tai_s = 1700000037}, .max_len = CIS_C37_MAX_FRAME},
		{.at = {.tai_s = 1700000037}, .max_len = 500},
		{.at = {.tai_s = 1700000037}, .max_len = 500, .one_chk = true},
	};
	struct cis_c37_config *cfg;

	if (cis_c37_config_new(s->n_pmu, &cfg))
		exit(EXIT_FAILURE);
	describe(s, cfg);
	for (size_t i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		int len = cis_c37_config_encode_series(cfg, &how[i], buf,
						       sizeof(buf));

		if (len < 0)
			exit(EXIT_FAILURE);
		fwrite(buf, 1, (size_t)len, f);
	}
	cis_c37_config_free(cfg);
}

static int make_parts(const char *path)
{
	const struct stream s = {.format = 7,
				 .type = CIS_C37_CFG3,
				 .many = true,
				 .n_pmu = 4,
				 .number = 300};
	FILE *f = fopen(path, "wb");

	if (!f)
		return -1;
	write_parts(f, &s);
	return fclose(f);
}

int main(int argc, char **argv)
{
	static const enum cis_c37_type types[] = {CIS_C37_CFG1, CIS_C37_CFG2,
						  CIS_C37_CFG3};
	FILE *f = argc == 3 ? fopen(argv[1], "wb") : NULL;

	if (!f) {
		fprintf(stderr, "usage: make_edges FILE.pcap PARTS.bin\n");
		return EXIT_FAILURE;
	}
	write_file_head(f);
	for (uint16_t n = 0; n < 16 * 3 * 4; n++)
		write_stream(f, &(struct stream){.format = n % 16,
						 .type = types[n / 16 % 3],
						 .many = n / 48 % 2,
						 .n_pmu = n / 96 ? 4 : 1,
						 .number = n});
	write_extended(f);
	return fclose(f) || make_parts(argv[2]) ? EXIT_FAILURE : EXIT_SUCCESS;
}
