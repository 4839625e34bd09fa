/* config.c - configuration frames 1 and 2, clause 6.5; see c37.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ascii.h"
#include "wire.h"

/* STN, IDCODE, FORMAT, PHNMR, ANNMR, DGNMR, FNOM, CFGCNT */
#define PMU_LEN  (C37_NAME_LEN + 14)
#define TAIL_LEN 2 /* DATA_RATE */

/* ---- memory ---- */

int cis_c37_config_new(uint16_t n_pmu, struct cis_c37_config **out)
{
	struct cis_c37_config *cfg = calloc(1, sizeof(*cfg));

	if (!cfg)
		return -ENOMEM;
	cfg->pmu = calloc(n_pmu ? n_pmu : 1, sizeof(*cfg->pmu));
	if (!cfg->pmu) {
		free(cfg);
		return -ENOMEM;
	}
	cfg->n_pmu = n_pmu;
	cfg->version = 1;
	cfg->time_base = C37_TIME_BASE;
	cfg->data_rate = 50;
	for (uint16_t i = 0; i < n_pmu; i++)
		cfg->pmu[i].fnom = 1;
	*out = cfg;
	return 0;
}

static void pmu_clear(struct cis_c37_pmu *pmu)
{
	free(pmu->phasor);
	free(pmu->analog);
	free(pmu->digital);
	pmu->phasor = NULL;
	pmu->analog = NULL;
	pmu->digital = NULL;
	pmu->n_phasor = pmu->n_analog = pmu->n_digital = 0;
}

int cis_c37_pmu_size(struct cis_c37_pmu *pmu, uint16_t n_phasor,
		     uint16_t n_analog, uint16_t n_digital)
{
	pmu_clear(pmu);
	pmu->phasor = calloc(n_phasor + 1u, sizeof(*pmu->phasor));
	pmu->analog = calloc(n_analog + 1u, sizeof(*pmu->analog));
	pmu->digital = calloc(n_digital + 1u, sizeof(*pmu->digital));
	if (!pmu->phasor || !pmu->analog || !pmu->digital) {
		pmu_clear(pmu);
		return -ENOMEM;
	}
	pmu->n_phasor = n_phasor;
	pmu->n_analog = n_analog;
	pmu->n_digital = n_digital;
	return 0;
}

void cis_c37_config_free(struct cis_c37_config *cfg)
{
	if (!cfg)
		return;
	for (uint16_t i = 0; i < cfg->n_pmu; i++)
		pmu_clear(&cfg->pmu[i]);
	free(cfg->pmu);
	free(cfg);
}

/* ---- encode ---- */

/* Bytes of what follows the fixed part: names, then units. */
static size_t channels_len(size_t n_phasor, size_t n_analog, size_t n_digital)
{
	return (C37_NAME_LEN + 4) * (n_phasor + n_analog) +
	       (16 * C37_NAME_LEN + 4) * n_digital;
}

static size_t config_len(const struct cis_c37_config *cfg)
{
	size_t len = C37_HEAD_LEN + 6 + TAIL_LEN + C37_CHK_LEN;

	for (uint16_t i = 0; i < cfg->n_pmu; i++)
		len += PMU_LEN + channels_len(cfg->pmu[i].n_phasor,
					      cfg->pmu[i].n_analog,
					      cfg->pmu[i].n_digital);
	return len;
}

static uint8_t *put_name(struct c37_writer *w, const char *utf8)
{
	uint8_t *at = w->buf + w->fill;
	char ascii[C37_NAME_LEN + 1];

	c37_ascii(utf8, ascii, sizeof(ascii));
	memset(at, ' ', C37_NAME_LEN);
	memcpy(at, ascii, strlen(ascii));
	w->fill += C37_NAME_LEN;
	return at;
}

static bool taken(const uint8_t *names, const uint8_t *name)
{
	for (; names < name; names += C37_NAME_LEN)
		if (!memcmp(names, name, C37_NAME_LEN))
			return true;
	return false;
}

/* A name that is the same as an earlier one in its first 16 bytes ends in its
 * own number, #2 for the second channel: receivers find channels by name. */
static void put_channel_name(struct c37_writer *w, const uint8_t *names,
			     const char *utf8)
{
	uint8_t *at = put_name(w, utf8);
	size_t number = (size_t)(at - names) / C37_NAME_LEN + 1;
	char ascii[C37_NAME_LEN + 1], tail[C37_NAME_LEN];
	size_t base, len, keep;

	c37_ascii(utf8, ascii, sizeof(ascii));
	base = strlen(ascii);
	for (; base > 0 && taken(names, at); number++) {
		len = (size_t)snprintf(tail, sizeof(tail), "#%zu", number);
		keep = base + len > C37_NAME_LEN ? C37_NAME_LEN - len : base;
		memset(at, ' ', C37_NAME_LEN);
		memcpy(at, ascii, keep);
		memcpy(at + keep, tail, len);
	}
}

static void put_pmu(struct c37_writer *w, const struct cis_c37_pmu *pmu)
{
	const uint8_t *names;

	put_name(w, pmu->station);
	c37_put16(w, pmu->idcode);
	c37_put16(w, pmu->format);
	c37_put16(w, pmu->n_phasor);
	c37_put16(w, pmu->n_analog);
	c37_put16(w, pmu->n_digital);
	names = w->buf + w->fill;
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		put_channel_name(w, names, pmu->phasor[i].name);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		put_channel_name(w, names, pmu->analog[i].name);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		for (unsigned bit = 0; bit < 16; bit++)
			put_name(w, pmu->digital[i].name[bit]);
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		c37_put32(w, pmu->phasor[i].unit);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		c37_put32(w, pmu->analog[i].unit);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		c37_put32(w, pmu->digital[i].mask);
	c37_put16(w, pmu->fnom);
	c37_put16(w, pmu->cfgcnt);
}

int cis_c37_config_encode(const struct cis_c37_config *cfg,
			  enum cis_c37_type type, struct cis_split_time at,
			  uint8_t time_quality, uint8_t *buf, size_t size)
{
	size_t len = config_len(cfg);
	struct cis_c37_head head = {.type = type,
				    .version = cfg->version,
				    .frame_len = (uint16_t)len,
				    .idcode = cfg->idcode,
				    .time_quality = time_quality};
	struct c37_writer w = {.buf = buf};

	if (len > CIS_C37_MAX_FRAME || len > size)
		return -EMSGSIZE;
	c37_stamp(at, cfg->time_base, &head);
	c37_put_head(&w, &head);
	c37_put32(&w, cfg->time_base & 0xFFFFFF);
	c37_put16(&w, cfg->n_pmu);
	for (uint16_t i = 0; i < cfg->n_pmu; i++)
		put_pmu(&w, &cfg->pmu[i]);
	c37_put16(&w, (uint16_t)cfg->data_rate);
	return c37_put_chk(&w);
}

/* ---- decode ---- */

static void get_name(struct c37_reader *r, char *name)
{
	const uint8_t *p = c37_take(r, C37_NAME_LEN);

	if (p)
		c37_text(p, C37_NAME_LEN, false, name);
}

static void get_channels(struct c37_reader *r, struct cis_c37_pmu *pmu)
{
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		get_name(r, pmu->phasor[i].name);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		get_name(r, pmu->analog[i].name);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		for (unsigned bit = 0; bit < 16; bit++)
			get_name(r, pmu->digital[i].name[bit]);
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		pmu->phasor[i].unit = c37_get32(r);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		pmu->analog[i].unit = c37_get32(r);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		pmu->digital[i].mask = c37_get32(r);
}

static int get_pmu(struct c37_reader *r, struct cis_c37_pmu *pmu, unsigned i,
		   struct cis_diag *diag)
{
	uint16_t n_phasor, n_analog, n_digital;
	int err;

	get_name(r, pmu->station);
	pmu->idcode = c37_get16(r);
	pmu->format = c37_get16(r);
	n_phasor = c37_get16(r);
	n_analog = c37_get16(r);
	n_digital = c37_get16(r);
	/* Before memory is asked for: the frame must hold what it promises. */
	if (r->failed ||
	    channels_len(n_phasor, n_analog, n_digital) + 4 > r->left)
		return cis_fail(diag, -EBADMSG,
				"the configuration frame is too short for the "
				"%u phasors, %u analogs and %u digital words "
				"of PMU %u",
				n_phasor, n_analog, n_digital, i + 1);
	err = cis_c37_pmu_size(pmu, n_phasor, n_analog, n_digital);
	if (err)
		return cis_fail(diag, err, "out of memory");
	get_channels(r, pmu);
	pmu->fnom = c37_get16(r);
	pmu->cfgcnt = c37_get16(r);
	return 0;
}

static int get_body(struct c37_reader *r, struct cis_c37_config *cfg,
		    struct cis_diag *diag)
{
	for (unsigned i = 0; i < cfg->n_pmu; i++) {
		int err = get_pmu(r, &cfg->pmu[i], i, diag);

		if (err)
			return err;
	}
	cfg->data_rate = (int16_t)c37_get16(r);
	if (r->failed)
		return cis_fail(diag, -EBADMSG,
				"the configuration frame has no room for "
				"DATA_RATE");
	if (r->left > 0)
		return cis_fail(diag, -EBADMSG,
				"the configuration frame has %zu bytes more "
				"than its counts of PMUs and channels ask for",
				r->left);
	return 0;
}

int cis_c37_config_decode(const uint8_t *frame, size_t len,
			  struct cis_c37_config **out, struct cis_diag *diag)
{
	struct cis_c37_config *cfg;
	struct cis_c37_head head;
	struct c37_reader r;
	int frame_len = c37_open(frame, len, &head, &r, diag);
	uint32_t time_base;
	uint16_t n_pmu;
	int err;

	if (frame_len < 0)
		return frame_len;
	if (head.type != CIS_C37_CFG1 && head.type != CIS_C37_CFG2)
		return cis_fail(diag, -EBADMSG,
				"not a configuration frame 1 or 2");
	time_base = c37_get32(&r) & 0xFFFFFF;
	n_pmu = c37_get16(&r);
	if (time_base == 0)
		return cis_fail(diag, -EBADMSG, "TIME_BASE is 0");
	if (n_pmu == 0 || (size_t)n_pmu * PMU_LEN > r.left)
		return cis_fail(diag, -EBADMSG,
				"NUM_PMU is %u in a frame of %d bytes", n_pmu,
				frame_len);
	err = cis_c37_config_new(n_pmu, &cfg);
	if (err)
		return cis_fail(diag, err, "out of memory");
	cfg->idcode = head.idcode;
	cfg->version = head.version;
	cfg->time_base = time_base;
	err = get_body(&r, cfg, diag);
	if (err) {
		cis_c37_config_free(cfg);
		return err;
	}
	*out = cfg;
	return frame_len;
}
