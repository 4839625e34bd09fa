/*
 * config3.c - a PMU's part of CFG-3, clause 6.4; see config.h.
 *
 * Names are a length byte and UTF-8. Scales are floats: PHSCALE makes volts and
 * amperes of int16 and float alike, so where CFG-2's PHUNIT is what we know, its
 * Y is 1 for floats.
 */
#include "config.h"

#include <errno.h>
#include <math.h>

#include "ascii.h"

#define PHSCALE_LEN 12
#define ANSCALE_LEN 8
#define DIGUNIT_LEN 4

/* IDCODE, G_PMU_ID, FORMAT, PHNMR, ANNMR, DGNMR. */
#define HEAD_LEN 26
/* PMU_LAT, PMU_LON, PMU_ELEV, SVC_CLASS, WINDOW, GRP_DLY, FNOM, CFGCNT. */
#define TAIL_LEN 25

#define TYPE_CURRENT 0x08

/* ---- encode ---- */

/* What of a name is sent: valid UTF-8, at most 255 bytes. */
static size_t sent_name(const char *utf8, char out[CIS_C37_NAME_SIZE])
{
	c37_text((const unsigned char *)utf8, strlen(utf8), false, out);
	return strlen(out);
}

static size_t name_len(const char *utf8)
{
	char out[CIS_C37_NAME_SIZE];

	return 1 + sent_name(utf8, out);
}

static void put_name(struct c37_writer *w, const char *utf8)
{
	char out[CIS_C37_NAME_SIZE];
	size_t len = sent_name(utf8, out);

	w->buf[w->fill++] = (uint8_t)len;
	memcpy(w->buf + w->fill, out, len);
	w->fill += len;
}

size_t c37_pmu3_len(const struct cis_c37_pmu *pmu)
{
	size_t len = name_len(pmu->station) + HEAD_LEN + TAIL_LEN;

	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		len += name_len(pmu->phasor[i].name) + PHSCALE_LEN;
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		len += name_len(pmu->analog[i].name) + ANSCALE_LEN;
	for (uint16_t i = 0; i < pmu->n_digital; i++) {
		len += DIGUNIT_LEN;
		for (unsigned bit = 0; bit < 16; bit++)
			len += name_len(pmu->digital[i].name[bit]);
	}
	return len;
}

static void put_names(struct c37_writer *w, const struct cis_c37_pmu *pmu)
{
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		put_name(w, pmu->phasor[i].name);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		put_name(w, pmu->analog[i].name);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		for (unsigned bit = 0; bit < 16; bit++)
			put_name(w, pmu->digital[i].name[bit]);
}

static void put_phscale(struct c37_writer *w, const struct cis_c37_channel *ch,
			bool is_float)
{
	double y = is_float ? 1 : (ch->unit & 0xFFFFFF) * 1e-5;
	unsigned type = ch->component & 7u;

	if (cis_c37_phunit_is_current(ch->unit))
		type |= TYPE_CURRENT;
	c37_put16(w, ch->modified);
	c37_put16(w, (uint16_t)(type << 8 | ch->user));
	c37_put_f32(w, ch->scale != 0 ? (double)ch->scale : y);
	c37_put_f32(w, ch->scale != 0 ? (double)ch->offset : 0);
}

static void put_anscale(struct c37_writer *w, const struct cis_c37_channel *ch)
{
	c37_put_f32(w, ch->scale != 0 ? (double)ch->scale : 1);
	c37_put_f32(w, ch->scale != 0 ? (double)ch->offset : 0);
}

static void put_tail(struct c37_writer *w, const struct cis_c37_pmu *pmu)
{
	c37_put_f32(w, (double)pmu->position.lat_deg);
	c37_put_f32(w, (double)pmu->position.lon_deg);
	c37_put_f32(w, (double)pmu->position.elev_m);
	w->buf[w->fill++] = (uint8_t)pmu->svc_class;
	c37_put32(w, (uint32_t)pmu->window_us);
	c37_put32(w, (uint32_t)pmu->grp_dly_us);
	c37_put16(w, pmu->fnom);
	c37_put16(w, pmu->cfgcnt);
}

void c37_pmu3_put(struct c37_writer *w, const struct cis_c37_pmu *pmu)
{
	put_name(w, pmu->station);
	c37_put16(w, pmu->idcode);
	memcpy(w->buf + w->fill, pmu->g_pmu_id, sizeof(pmu->g_pmu_id));
	w->fill += sizeof(pmu->g_pmu_id);
	c37_put16(w, pmu->format);
	c37_put16(w, pmu->n_phasor);
	c37_put16(w, pmu->n_analog);
	c37_put16(w, pmu->n_digital);
	put_names(w, pmu);
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		put_phscale(w, &pmu->phasor[i],
			    pmu->format & CIS_C37_FMT_PHASOR_FLOAT);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		put_anscale(w, &pmu->analog[i]);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		c37_put32(w, pmu->digital[i].mask);
	put_tail(w, pmu);
}

/* ---- decode ---- */

static uint8_t get8(struct c37_reader *r)
{
	const uint8_t *p = c37_take(r, 1);

	return p ? *p : 0;
}

static void get_name(struct c37_reader *r, char *name)
{
	size_t len = get8(r);
	const uint8_t *p = c37_take(r, len);

	if (p)
		c37_text(p, len, false, name);
}

static void get_names(struct c37_reader *r, struct cis_c37_pmu *pmu)
{
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		get_name(r, pmu->phasor[i].name);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		get_name(r, pmu->analog[i].name);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		for (unsigned bit = 0; bit < 16; bit++)
			get_name(r, pmu->digital[i].name[bit]);
}

static void get_phscale(struct c37_reader *r, struct cis_c37_channel *ch)
{
	unsigned type;
	double phunit;

	ch->modified = c37_get16(r);
	type = c37_get16(r);
	ch->scale = c37_get_f32(r);
	ch->offset = c37_get_f32(r);
	ch->component = type >> 8 & 7;
	ch->user = (uint8_t)type;
	phunit = fmin(fmax(round(fabs((double)ch->scale) * 1e5), 0), 0xFFFFFF);
	ch->unit = (uint32_t)phunit | (type >> 8 & TYPE_CURRENT ? 1u << 24 : 0);
}

static void get_tail(struct c37_reader *r, struct cis_c37_pmu *pmu)
{
	pmu->position.lat_deg = c37_get_f32(r);
	pmu->position.lon_deg = c37_get_f32(r);
	pmu->position.elev_m = c37_get_f32(r);
	pmu->svc_class = (char)get8(r);
	pmu->window_us = (int32_t)c37_get32(r);
	pmu->grp_dly_us = (int32_t)c37_get32(r);
	pmu->fnom = c37_get16(r);
	pmu->cfgcnt = c37_get16(r);
}

/* Room for the channels; before memory is asked for, the frame must hold what
 * it promises: a byte at least of each name. */
static int get_counts(struct c37_reader *r, struct cis_c37_pmu *pmu, unsigned i,
		      struct cis_diag *diag)
{
	uint16_t n_phasor = c37_get16(r);
	uint16_t n_analog = c37_get16(r);
	uint16_t n_digital = c37_get16(r);
	size_t least = (1 + PHSCALE_LEN) * (size_t)n_phasor +
		       (1 + ANSCALE_LEN) * (size_t)n_analog +
		       (16 + DIGUNIT_LEN) * (size_t)n_digital + TAIL_LEN;
	int err;

	if (r->failed || least > r->left)
		return cis_fail(diag, -EBADMSG,
				"the configuration frame is too short for the "
				"%u phasors, %u analogs and %u digital words "
				"of PMU %u",
				n_phasor, n_analog, n_digital, i + 1);
	err = cis_c37_pmu_size(pmu, n_phasor, n_analog, n_digital);
	return err ? cis_fail(diag, err, "out of memory") : 0;
}

int c37_pmu3_get(struct c37_reader *r, struct cis_c37_pmu *pmu, unsigned i,
		 struct cis_diag *diag)
{
	const uint8_t *g_pmu_id;
	int err;

	get_name(r, pmu->station);
	pmu->idcode = c37_get16(r);
	g_pmu_id = c37_take(r, sizeof(pmu->g_pmu_id));
	if (g_pmu_id)
		memcpy(pmu->g_pmu_id, g_pmu_id, sizeof(pmu->g_pmu_id));
	pmu->format = c37_get16(r);
	err = get_counts(r, pmu, i, diag);
	if (err)
		return err;
	get_names(r, pmu);
	for (uint16_t k = 0; k < pmu->n_phasor; k++)
		get_phscale(r, &pmu->phasor[k]);
	for (uint16_t k = 0; k < pmu->n_analog; k++) {
		pmu->analog[k].scale = c37_get_f32(r);
		pmu->analog[k].offset = c37_get_f32(r);
	}
	for (uint16_t k = 0; k < pmu->n_digital; k++)
		pmu->digital[k].mask = c37_get32(r);
	get_tail(r, pmu);
	if (r->failed)
		return cis_fail(diag, -EBADMSG,
				"the configuration frame ends within the names "
				"or scales of PMU %u",
				i + 1);
	return 0;
}
