/* config.c - configuration frames, clause 6.4; see c37.h. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* TIME_BASE, NUM_PMU, DATA_RATE; CFG-3 begins with CONT_IDX. */
#define BODY_LEN     8
#define CONT_IDX_LEN 2u

/* ---- memory ---- */

static void pmu_init(struct cis_c37_pmu *pmu)
{
	pmu->fnom = 1;
	pmu->svc_class = ' ';
	pmu->position = (struct cis_c37_position){INFINITY, INFINITY, INFINITY};
}

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
		pmu_init(&cfg->pmu[i]);
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
	for (uint16_t i = 0; i < n_phasor; i++)
		pmu->phasor[i].component = CIS_C37_COMPONENT_UNKNOWN;
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

size_t c37_body_len(const struct cis_c37_config *cfg, enum cis_c37_type type)
{
	size_t len = BODY_LEN;

	for (uint16_t i = 0; i < cfg->n_pmu; i++)
		len += type == CIS_C37_CFG3 ? c37_pmu3_len(&cfg->pmu[i])
					    : c37_pmu2_len(&cfg->pmu[i]);
	return len;
}

size_t cis_c37_config_len(const struct cis_c37_config *cfg,
			  enum cis_c37_type type)
{
	return C37_HEAD_LEN + (type == CIS_C37_CFG3 ? CONT_IDX_LEN : 0) +
	       c37_body_len(cfg, type) + C37_CHK_LEN;
}

void c37_body_put(struct c37_writer *w, const struct cis_c37_config *cfg,
		  enum cis_c37_type type)
{
	c37_put32(w, cfg->time_base & 0xFFFFFF);
	c37_put16(w, cfg->n_pmu);
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		if (type == CIS_C37_CFG3)
			c37_pmu3_put(w, &cfg->pmu[i]);
		else
			c37_pmu2_put(w, &cfg->pmu[i]);
	}
	c37_put16(w, (uint16_t)cfg->data_rate);
}

int cis_c37_config_encode(const struct cis_c37_config *cfg,
			  enum cis_c37_type type, struct cis_split_time at,
			  uint8_t time_quality, uint8_t *buf, size_t size)
{
	size_t len = cis_c37_config_len(cfg, type);
	struct cis_c37_head head = {.type = type,
				    .version = c37_version(cfg, type),
				    .frame_len = (uint16_t)len,
				    .idcode = cfg->idcode,
				    .time_quality = time_quality};
	struct c37_writer w = {.buf = buf};

	if (len > CIS_C37_MAX_FRAME || len > size)
		return -EMSGSIZE;
	c37_stamp(at, cfg->time_base, &head);
	c37_put_head(&w, &head);
	if (type == CIS_C37_CFG3)
		c37_put16(&w, 0);
	c37_body_put(&w, cfg, type);
	return c37_put_chk(&w);
}

/* ---- decode ---- */

static int get_pmus(struct c37_reader *r, enum cis_c37_type type,
		    struct cis_c37_config *cfg, struct cis_diag *diag)
{
	for (unsigned i = 0; i < cfg->n_pmu; i++) {
		struct cis_c37_pmu *pmu = &cfg->pmu[i];
		int err = type == CIS_C37_CFG3 ? c37_pmu3_get(r, pmu, i, diag)
					       : c37_pmu2_get(r, pmu, i, diag);

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

int c37_body_get(struct c37_reader *r, const struct cis_c37_head *head,
		 struct cis_c37_config **out, struct cis_diag *diag)
{
	static const struct cis_c37_pmu none;
	size_t least = head->type == CIS_C37_CFG3 ? c37_pmu3_len(&none)
						  : c37_pmu2_len(&none);
	size_t body_len = r->left;
	uint32_t time_base = c37_get32(r) & 0xFFFFFF;
	uint16_t n_pmu = c37_get16(r);
	struct cis_c37_config *cfg;
	int err;

	if (time_base == 0)
		return cis_fail(diag, -EBADMSG, "TIME_BASE is 0");
	if (n_pmu == 0 || n_pmu * least > r->left)
		return cis_fail(diag, -EBADMSG,
				"NUM_PMU is %u in a frame with %zu bytes of "
				"configuration",
				n_pmu, body_len);
	err = cis_c37_config_new(n_pmu, &cfg);
	if (err)
		return cis_fail(diag, err, "out of memory");
	cfg->idcode = head->idcode;
	cfg->version = head->version;
	cfg->time_base = time_base;
	err = get_pmus(r, head->type, cfg, diag);
	if (err)
		cis_c37_config_free(cfg);
	else
		*out = cfg;
	return err;
}

int cis_c37_config_decode(const uint8_t *frame, size_t len,
			  struct cis_c37_config **out, struct cis_diag *diag)
{
	struct cis_c37_head head;
	struct c37_reader r;
	int frame_len = c37_open(frame, len, &head, &r, diag);
	uint16_t cont_idx = 0;
	int err;

	if (frame_len < 0)
		return frame_len;
	if (head.type == CIS_C37_CFG3)
		cont_idx = c37_get16(&r);
	else if (head.type != CIS_C37_CFG1 && head.type != CIS_C37_CFG2)
		return cis_fail(diag, -EBADMSG, "not a configuration frame");
	if (cont_idx)
		return cis_fail(diag, -EBADMSG,
				"part of a configuration frame 3 (CONT_IDX "
				"%u): the others are needed too",
				cont_idx);
	err = c37_body_get(&r, &head, out, diag);
	return err ? err : frame_len;
}
