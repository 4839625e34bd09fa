/* data.c - data frames, clause 6.3; see c37.h. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "polar.h"
#include "wire.h"

#define RAD_PER_BIT 1e-4

/* ---- memory ---- */

void cis_c37_data_free(struct cis_c37_data *data)
{
	if (!data)
		return;
	for (uint16_t i = 0; data->block && i < data->n_pmu; i++) {
		free(data->block[i].phasor_rms);
		free(data->block[i].analog);
		free(data->block[i].digital);
	}
	free(data->block);
	free(data);
}

static int block_size(struct cis_c37_block *block,
		      const struct cis_c37_pmu *pmu)
{
	block->phasor_rms =
		calloc(pmu->n_phasor + 1u, sizeof(*block->phasor_rms));
	block->analog = calloc(pmu->n_analog + 1u, sizeof(*block->analog));
	block->digital = calloc(pmu->n_digital + 1u, sizeof(*block->digital));
	return block->phasor_rms && block->analog && block->digital ? 0
								    : -ENOMEM;
}

int cis_c37_data_new(const struct cis_c37_config *cfg,
		     struct cis_c37_data **out)
{
	struct cis_c37_data *data = calloc(1, sizeof(*data));

	if (!data)
		return -ENOMEM;
	data->block = calloc(cfg->n_pmu + 1u, sizeof(*data->block));
	data->n_pmu = cfg->n_pmu;
	for (uint16_t i = 0; data->block && i < cfg->n_pmu; i++) {
		if (block_size(&data->block[i], &cfg->pmu[i])) {
			cis_c37_data_free(data);
			return -ENOMEM;
		}
	}
	if (!data->block) {
		free(data);
		return -ENOMEM;
	}
	data->head = (struct cis_c37_head){.type = CIS_C37_DATA,
					   .version = cfg->version,
					   .idcode = cfg->idcode};
	*out = data;
	return 0;
}

size_t cis_c37_data_len(const struct cis_c37_config *cfg)
{
	size_t len = C37_HEAD_LEN + C37_CHK_LEN;

	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		const struct cis_c37_pmu *pmu = &cfg->pmu[i];
		uint16_t f = pmu->format;

		len += 2 + (f & CIS_C37_FMT_FREQ_FLOAT ? 8u : 4u);
		len += pmu->n_phasor * (f & CIS_C37_FMT_PHASOR_FLOAT ? 8u : 4u);
		len += pmu->n_analog * (f & CIS_C37_FMT_ANALOG_FLOAT ? 4u : 2u);
		len += pmu->n_digital * 2u;
	}
	return len;
}

/* ---- encode ---- */

/* What a field cannot hold is no value rather than a wrong one; STAT will tell,
 * unless there was no value before. */
static uint16_t no_value(struct c37_writer *w, double v)
{
	w->lost |= !isnan(v);
	return (uint16_t)C37_NO_VALUE;
}

static uint16_t to_i16(struct c37_writer *w, double v)
{
	v = round(v);
	if (!(v >= -INT16_MAX && v <= INT16_MAX))
		return no_value(w, v);
	return (uint16_t)(int16_t)v;
}

/* Magnitudes are unsigned; 0x8000 means "no value" and is stepped over. */
static uint16_t to_u16(struct c37_writer *w, double v)
{
	v = round(v);
	if (!(v >= 0 && v <= UINT16_MAX))
		return no_value(w, v);
	return v == 0x8000 ? 0x7FFF : (uint16_t)v;
}

static double v_per_bit(uint32_t phunit)
{
	return (phunit & 0xFFFFFF) * 1e-5;
}

static void put_polar_int(struct c37_writer *w, double mag, double rad)
{
	uint16_t mag_bits = to_u16(w, mag);
	uint16_t rad_bits = to_i16(w, rad / RAD_PER_BIT);

	if (mag_bits == 0x8000 || rad_bits == 0x8000)
		mag_bits = rad_bits = 0x8000;
	c37_put16(w, mag_bits);
	c37_put16(w, rad_bits);
}

static void put_rect_int(struct c37_writer *w, double re, double im)
{
	uint16_t re_bits = to_i16(w, re), im_bits = to_i16(w, im);

	if (re_bits == 0x8000 || im_bits == 0x8000)
		re_bits = im_bits = 0x8000;
	c37_put16(w, re_bits);
	c37_put16(w, im_bits);
}

/* What float cannot hold is no value either. */
static void put_real(struct c37_writer *w, double v)
{
	float f = (float)v;

	w->lost |= !isfinite(f) && !isnan(v);
	c37_put_float(w, isfinite(f) ? f : NAN);
}

static void put_analog(struct c37_writer *w, unsigned format,
		       const struct cis_c37_channel *ch, double v)
{
	if (ch->scale != 0)
		v = (v - (double)ch->offset) / (double)ch->scale;
	if (format & CIS_C37_FMT_ANALOG_FLOAT)
		put_real(w, v);
	else
		c37_put16(w, to_i16(w, v));
}

/* scaled() the other way. */
static double complex unscaled(const struct cis_c37_channel *ch, bool is_float,
			       double complex p)
{
	double per_bit = ch->scale != 0 ? (double)ch->scale
			 : is_float     ? 1
					: v_per_bit(ch->unit);
	double re = creal(p) / per_bit, im = cimag(p) / per_bit;
	double cos_rad, sin_rad;

	if (ch->scale == 0 || ch->offset == 0)
		return cis_rect(re, im);
	cos_rad = cos((double)ch->offset);
	sin_rad = sin((double)ch->offset);
	return cis_rect(re * cos_rad - im * sin_rad,
			im * cos_rad + re * sin_rad);
}

static void put_ints(struct c37_writer *w, const struct cis_c37_pmu *pmu,
		     const struct cis_c37_block *b)
{
	for (unsigned i = 0; i < pmu->n_phasor; i++) {
		double complex p =
			unscaled(&pmu->phasor[i], false, b->phasor_rms[i]);

		if (pmu->format & CIS_C37_FMT_POLAR)
			put_polar_int(w, cabs(p), carg(p));
		else
			put_rect_int(w, creal(p), cimag(p));
	}
}

static bool is_nan(double complex p)
{
	return isnan(creal(p)) || isnan(cimag(p));
}

/* Pairs of floats, NaN both where one does not exist or does not fit. */
static void put_rect(struct c37_writer *w, double complex p)
{
	float re = (float)creal(p), im = (float)cimag(p);

	if (!isfinite(re) || !isfinite(im)) {
		w->lost |= !is_nan(p);
		re = im = NAN;
	}
	c37_put_float(w, re);
	c37_put_float(w, im);
}

/* The phasors in V and A are those of the wire, unless CFG-3 says otherwise. */
static bool is_plain(const struct cis_c37_channel *ch)
{
	return ch->scale == 0 || (ch->scale == 1 && ch->offset == 0);
}

static void put_polars(struct c37_writer *w, const struct cis_c37_channel *ch,
		       const double complex *p, unsigned n)
{
	double complex raw[C37_POLAR_MAX];
	float mag[C37_POLAR_MAX], rad[C37_POLAR_MAX];
	uint8_t *to = w->buf + w->fill;

	for (unsigned i = 0; i < n; i++)
		raw[i] = is_plain(&ch[i]) ? p[i] : unscaled(&ch[i], true, p[i]);
	c37_polar(raw, n, mag, rad);
	for (unsigned i = 0; i < n; i++) {
		w->lost |= isnan(mag[i]) && !is_nan(raw[i]);
		cis_put_be32(to + 8 * i, c37_float_bits(mag[i]));
		cis_put_be32(to + 8 * i + 4, c37_float_bits(rad[i]));
	}
	w->fill += 8 * n;
}

static void put_floats(struct c37_writer *w, const struct cis_c37_pmu *pmu,
		       const struct cis_c37_block *b)
{
	unsigned n;

	for (unsigned i = 0; i < pmu->n_phasor; i += n) {
		const double complex *p = &b->phasor_rms[i];

		n = 1;
		if (pmu->format & CIS_C37_FMT_POLAR) {
			n = pmu->n_phasor - i;
			n = n < C37_POLAR_MAX ? n : C37_POLAR_MAX;
			put_polars(w, &pmu->phasor[i], p, n);
			continue;
		}
		put_rect(w, unscaled(&pmu->phasor[i], true, *p));
	}
}

static void put_freq(struct c37_writer *w, const struct cis_c37_pmu *pmu,
		     const struct cis_c37_block *b)
{
	if (pmu->format & CIS_C37_FMT_FREQ_FLOAT) {
		put_real(w, b->freq_hz);
		put_real(w, b->rocof_hz_per_s);
		return;
	}
	c37_put16(w, to_i16(w, (b->freq_hz - cis_c37_fnom_hz(pmu)) * 1000));
	c37_put16(w, to_i16(w, b->rocof_hz_per_s * 100));
}

static void put_block(struct c37_writer *w, const struct cis_c37_pmu *pmu,
		      const struct cis_c37_block *b)
{
	uint8_t *stat = w->buf + w->fill;

	w->lost = false;
	c37_put16(w, b->stat);
	if (pmu->format & CIS_C37_FMT_PHASOR_FLOAT)
		put_floats(w, pmu, b);
	else
		put_ints(w, pmu, b);
	put_freq(w, pmu, b);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		put_analog(w, pmu->format, &pmu->analog[i], b->analog[i]);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		c37_put16(w, b->digital[i]);
	/* "PMU error, do not use", unless it says as much. */
	if (w->lost && !(b->stat & CIS_C37_STAT_ERROR_MASK))
		cis_put_be16(stat, b->stat | CIS_C37_STAT_ERROR_MASK);
}

int cis_c37_data_encode(const struct cis_c37_config *cfg,
			const struct cis_c37_data *data, uint8_t *buf,
			size_t size)
{
	size_t len = cis_c37_data_len(cfg);
	struct cis_c37_head head = {.type = CIS_C37_DATA,
				    .version = cfg->version,
				    .frame_len = (uint16_t)len,
				    .idcode = cfg->idcode,
				    .soc = data->head.soc,
				    .fracsec = data->head.fracsec,
				    .time_quality = data->head.time_quality};
	struct c37_writer w = {.buf = buf};

	if (len > CIS_C37_MAX_FRAME || len > size)
		return -EMSGSIZE;
	c37_put_head(&w, &head);
	for (uint16_t i = 0; i < cfg->n_pmu; i++)
		put_block(&w, &cfg->pmu[i], &data->block[i]);
	return c37_put_chk(&w);
}

/* ---- decode ---- */

static double get_i16(struct c37_reader *r)
{
	int16_t v = (int16_t)c37_get16(r);

	return v == C37_NO_VALUE ? NAN : v;
}

static double complex polar(double mag, double rad)
{
	return cis_rect(mag * cos(rad), mag * sin(rad));
}

static double complex get_phasor_int(struct c37_reader *r, bool is_polar)
{
	uint16_t a = c37_get16(r);
	uint16_t b = c37_get16(r);

	if (a == 0x8000 || b == 0x8000)
		return cis_rect(NAN, NAN);
	if (is_polar)
		return polar(a, (int16_t)b * RAD_PER_BIT);
	return cis_rect((int16_t)a, (int16_t)b);
}

static double complex times(double complex a, double factor)
{
	return cis_rect(creal(a) * factor, cimag(a) * factor);
}

/* From the wire's unit: by PHSCALE where CFG-3 gave it, else by PHUNIT. */
static double complex scaled(const struct cis_c37_channel *ch, bool is_float,
			     double complex p)
{
	double re, im, cos_rad, sin_rad;

	if (ch->scale == 0)
		return is_float ? p : times(p, v_per_bit(ch->unit));
	p = times(p, (double)ch->scale);
	if (ch->offset == 0)
		return p;
	re = creal(p);
	im = cimag(p);
	cos_rad = cos((double)ch->offset);
	sin_rad = sin((double)ch->offset);
	return cis_rect(re * cos_rad + im * sin_rad,
			im * cos_rad - re * sin_rad);
}

static double complex get_phasor_float(struct c37_reader *r, bool is_polar)
{
	double a = (double)c37_get_f32(r);
	double b = (double)c37_get_f32(r);

	if (!isfinite(a) || !isfinite(b))
		return cis_rect(NAN, NAN);
	return is_polar ? polar(a, b) : cis_rect(a, b);
}

static double complex get_phasor(struct c37_reader *r, unsigned format,
				 const struct cis_c37_channel *ch)
{
	bool is_polar = format & CIS_C37_FMT_POLAR;
	bool is_float = format & CIS_C37_FMT_PHASOR_FLOAT;
	double complex p = is_float ? get_phasor_float(r, is_polar)
				    : get_phasor_int(r, is_polar);

	p = scaled(ch, is_float, p);
	return is_nan(p) ? cis_rect(NAN, NAN) : p;
}

static double get_analog(struct c37_reader *r, unsigned format,
			 const struct cis_c37_channel *ch)
{
	double v = format & CIS_C37_FMT_ANALOG_FLOAT ? (double)c37_get_f32(r)
						     : get_i16(r);

	return ch->scale == 0 ? v : v * (double)ch->scale + (double)ch->offset;
}

static void get_freq(struct c37_reader *r, const struct cis_c37_pmu *pmu,
		     struct cis_c37_block *b)
{
	if (pmu->format & CIS_C37_FMT_FREQ_FLOAT) {
		b->freq_hz = (double)c37_get_f32(r);
		b->rocof_hz_per_s = (double)c37_get_f32(r);
		return;
	}
	b->freq_hz = cis_c37_fnom_hz(pmu) + get_i16(r) / 1000;
	b->rocof_hz_per_s = get_i16(r) / 100;
}

static void get_block(struct c37_reader *r, const struct cis_c37_pmu *pmu,
		      struct cis_c37_block *b)
{
	b->stat = c37_get16(r);
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		b->phasor_rms[i] = get_phasor(r, pmu->format, &pmu->phasor[i]);
	get_freq(r, pmu, b);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		b->analog[i] = get_analog(r, pmu->format, &pmu->analog[i]);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		b->digital[i] = c37_get16(r);
}

int cis_c37_data_decode(const struct cis_c37_config *cfg, const uint8_t *frame,
			size_t len, struct cis_c37_data *data,
			struct cis_diag *diag)
{
	struct cis_c37_head head;
	struct c37_reader r;
	int frame_len = c37_open(frame, len, &head, &r, diag);

	if (frame_len < 0)
		return frame_len;
	if (head.type != CIS_C37_DATA)
		return cis_fail(diag, -EBADMSG, "not a data frame");
	if ((size_t)frame_len != cis_c37_data_len(cfg))
		return cis_fail(diag, -EBADMSG,
				"the data frame has %d bytes, its "
				"configuration asks for %zu",
				frame_len, cis_c37_data_len(cfg));
	data->head = head;
	for (uint16_t i = 0; i < cfg->n_pmu; i++)
		get_block(&r, &cfg->pmu[i], &data->block[i]);
	return frame_len;
}
