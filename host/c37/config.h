/*
 * config.h - what the three configuration frames share: the parts for one PMU,
 * and the body, from TIME_BASE to DATA_RATE, that fragments of CFG-3 divide.
 */
#ifndef HOST_C37_CONFIG_H
#define HOST_C37_CONFIG_H

#include "wire.h"

/* The part of one PMU in CFG-1 and CFG-2, clause 6.4, and in CFG-3. get() is for
 * PMU i of the frame; -EBADMSG with a message, -ENOMEM. */
size_t c37_pmu2_len(const struct cis_c37_pmu *pmu);
void c37_pmu2_put(struct c37_writer *w, const struct cis_c37_pmu *pmu);
int c37_pmu2_get(struct c37_reader *r, struct cis_c37_pmu *pmu, unsigned i,
		 struct cis_diag *diag);

size_t c37_pmu3_len(const struct cis_c37_pmu *pmu);
void c37_pmu3_put(struct c37_writer *w, const struct cis_c37_pmu *pmu);
int c37_pmu3_get(struct c37_reader *r, struct cis_c37_pmu *pmu, unsigned i,
		 struct cis_diag *diag);

size_t c37_body_len(const struct cis_c37_config *cfg, enum cis_c37_type type);
void c37_body_put(struct c37_writer *w, const struct cis_c37_config *cfg,
		  enum cis_c37_type type);
/* A frame's body to its end; `head` tells type, version and IDCODE. */
int c37_body_get(struct c37_reader *r, const struct cis_c37_head *head,
		 struct cis_c37_config **out, struct cis_diag *diag);

/* SYNC's version: CFG-3 does not exist in that of 2005. */
static inline uint8_t c37_version(const struct cis_c37_config *cfg,
				  enum cis_c37_type type)
{
	return type == CIS_C37_CFG3 && cfg->version < 2 ? 2 : cfg->version;
}

#endif
