/*
 * make_frames.c - writes a capture (raw IP, UDP) of frames by our encoders, for
 * another decoder to read: every FORMAT, three PMUs a frame, all frame types.
 *
 * frames_by_tshark.py knows the formulas by which the values are made.
 */
#include <math.h>
#include <string.h>

#include "capture_out.h"
#include "cisoid/utc.h"

#define N_PMU     3
#define N_PHASOR  4
#define N_ANALOG  3
#define N_DIGITAL 2
#define N_FRAME   5
#define SOC       1700000000
#define RATE      25

static const double pi = 3.14159265358979323846;

static void name_channels(struct cis_c37_pmu *pmu)
{
	for (uint16_t i = 0; i < N_PHASOR; i++) {
		snprintf(pmu->phasor[i].name, sizeof(pmu->phasor[i].name),
			 "A channel with a long name");
		pmu->phasor[i].unit = (i == 3 ? 1u << 24 : 0) | 15260;
	}
	for (uint16_t i = 0; i < N_ANALOG; i++) {
		snprintf(pmu->analog[i].name, sizeof(pmu->analog[i].name),
			 "Äußere %u", i);
		pmu->analog[i].unit = (uint32_t)i << 24 | (i + 1u);
	}
	for (unsigned i = 0; i < N_DIGITAL * 16; i++)
		snprintf(pmu->digital[i / 16].name[i % 16], 17, "bit %u", i);
	for (uint16_t i = 0; i < N_DIGITAL; i++)
		pmu->digital[i].mask = 0x0F0F00FFu + i;
}

static struct cis_c37_config *make_config(unsigned format)
{
	struct cis_c37_config *cfg;

	if (cis_c37_config_new(N_PMU, &cfg))
		exit(EXIT_FAILURE);
	cfg->idcode = (uint16_t)(100 + format);
	cfg->data_rate = RATE;
	cfg->time_base = format % 2 ? 16777215 : 1000000;
	for (unsigned p = 0; p < N_PMU; p++) {
		struct cis_c37_pmu *pmu = &cfg->pmu[p];

		if (cis_c37_pmu_size(pmu, N_PHASOR, N_ANALOG, N_DIGITAL))
			exit(EXIT_FAILURE);
		snprintf(pmu->station, sizeof(pmu->station), "Щит №%u", p);
		pmu->idcode = (uint16_t)(p + 1);
		pmu->format = (format + 5 * p) & 15;
		pmu->fnom = p != 2;
		pmu->cfgcnt = (uint16_t)(7 * p);
		name_channels(pmu);
	}
	return cfg;
}

/* Frame n holds values; the last one holds none. */
static void fill(const struct cis_c37_config *cfg, unsigned n, unsigned p,
		 struct cis_c37_block *b)
{
	double no = n == N_FRAME - 1 ? NAN : 0;

	b->stat = (uint16_t)(n * 0x0421 + p * 0x1111);
	for (unsigned i = 0; i < N_PHASOR; i++) {
		double rms = 1000.0 * (p + 1) + 100 * i + n + no;
		double deg = 37.0 * i + 11 * n + p - 170;

		b->phasor_rms[i] = cis_rect(rms * cos(deg * pi / 180),
					    rms * sin(deg * pi / 180));
	}
	b->freq_hz = cis_c37_fnom_hz(&cfg->pmu[p]) + 0.01 * n - 0.02 * p + no;
	b->rocof_hz_per_s = 0.1 * n - 0.3 + 0.01 * p + no;
	for (unsigned i = 0; i < N_ANALOG; i++)
		b->analog[i] = 12.0 * n - i + no;
	for (unsigned i = 0; i < N_DIGITAL; i++)
		b->digital[i] = (uint16_t)(0x1234 * (n + 1) + 7 * i + p);
}

static void write_stream(FILE *f, unsigned format)
{
	static uint8_t buf[CIS_C37_MAX_FRAME];
	struct cis_split_time at = {.tai_s = cis_tai_from_soc(SOC),
				    .frac_s = 0.5};
	struct cis_c37_config *cfg = make_config(format);
	uint16_t port = (uint16_t)(5000 + format);
	struct cis_c37_data *data;

	if (cis_c37_data_new(cfg, &data))
		exit(EXIT_FAILURE);
	write_packet(f, port, buf,
		     cis_c37_config_encode(cfg, CIS_C37_CFG1, at, 0, buf,
					   sizeof(buf)));
	write_packet(f, port, buf,
		     cis_c37_config_encode(cfg, CIS_C37_CFG2, at, 0x15, buf,
					   sizeof(buf)));
	write_packet(f, port, buf,
		     cis_c37_header_encode(cfg, at, 0, "a header", buf,
					   sizeof(buf)));
	for (unsigned n = 0; n < N_FRAME; n++) {
		data->head.soc = SOC;
		data->head.fracsec =
			(uint32_t)lround((double)n / RATE * cfg->time_base);
		data->head.time_quality = (uint8_t)n;
		for (unsigned p = 0; p < N_PMU; p++)
			fill(cfg, n, p, &data->block[p]);
		write_packet(f, port, buf,
			     cis_c37_data_encode(cfg, data, buf, sizeof(buf)));
	}
	for (uint16_t cmd = 1; cmd <= 6; cmd++)
		write_packet(f, port, buf,
			     cis_c37_command_encode(1, cfg->idcode, at, cmd,
						    buf, sizeof(buf)));
	cis_c37_data_free(data);
	cis_c37_config_free(cfg);
}

int main(int argc, char **argv)
{
	FILE *f = argc == 2 ? fopen(argv[1], "wb") : NULL;

	if (!f) {
		fprintf(stderr, "usage: make_frames FILE.pcap\n");
		return EXIT_FAILURE;
	}
	write_file_head(f);
	for (unsigned format = 0; format < 16; format++)
		write_stream(f, format);
	return fclose(f) ? EXIT_FAILURE : EXIT_SUCCESS;
}
