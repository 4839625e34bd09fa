/* lint.c - findings, and the frames of a stream one by one; see lint.h. */
#include "cisoid/lint.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lint_in.h"

/* ---- findings ---- */

static struct cis_lint_finding *found(struct cis_lint_list *list,
				      const struct cis_lint_rule *rule)
{
	uint32_t kept = cis_lint_kept(list);

	for (uint32_t i = 0; i < kept; i++)
		if (list->at[i].rule == rule)
			return &list->at[i];
	return NULL;
}

void lint_say(const struct lint_frame *f, enum lint_id id, size_t offset,
	      const char *field, const char *fmt, ...)
{
	size_t n;
	const struct cis_lint_rule *rule = &cis_lint_rules(&n)[id];
	struct cis_lint_finding *at = found(f->out, rule);
	va_list ap;

	if (at) {
		at->times++;
		return;
	}
	if (f->out->n++ >= CIS_LINT_MAX)
		return;
	at = &f->out->at[f->out->n - 1];
	at->rule = rule;
	at->field = field;
	at->offset = (uint32_t)offset;
	at->times = 1;
	va_start(ap, fmt);
	vsnprintf(at->text, sizeof(at->text), fmt, ap);
	va_end(ap);
}

/* ---- life ---- */

int cis_lint_new(struct cis_lint **out)
{
	struct cis_lint *lint = calloc(1, sizeof(*lint));

	if (!lint)
		return -ENOMEM;
	*out = lint;
	return 0;
}

void cis_lint_free(struct cis_lint *lint)
{
	free(lint);
}

bool cis_lint_has_config(const struct cis_lint *lint)
{
	return lint->has_cfg;
}

void cis_lint_adopt(struct cis_lint *lint, const struct cis_lint *from)
{
	struct lint_clock clock = lint->clock;

	if (lint == from)
		return;
	memcpy(lint, from, offsetof(struct cis_lint, cfg_frame));
	memcpy(lint->cfg_frame, from->cfg_frame, from->cfg_len);
	memcpy(lint->pmu, from->pmu, from->cfg.n_pmu * sizeof(from->pmu[0]));
	lint->clock = clock;
}

/* ---- configurations ---- */

/* FNV-1a of all that a configuration says but for its time and CFGCNT. */
static uint64_t body_print(const struct lint_frame *f,
			   const struct cis_lint *lint)
{
	uint64_t h = UINT64_C(0xCBF29CE484222325);
	size_t pmu = 0;

	for (size_t i = C37_HEAD_LEN; i < f->end; i++) {
		size_t cnt =
			pmu < lint->cfg.n_pmu ? lint->pmu[pmu].fnom_at + 2 : 0;

		if (cnt && i == cnt + 1)
			pmu++;
		if (cnt && (i == cnt || i == cnt + 1))
			continue;
		h = (h ^ f->p[i]) * UINT64_C(0x100000001B3);
	}
	return h;
}

static uint32_t count_of(const struct cis_lint *lint)
{
	uint32_t sum = 0;

	for (uint16_t i = 0; i < lint->cfg.n_pmu; i++)
		sum += lint->pmu[i].cfgcnt;
	return sum;
}

static unsigned kind_of(enum cis_c37_type type)
{
	return type == CIS_C37_CFG1 ? 0 : type == CIS_C37_CFG2 ? 1 : 2;
}

/* What a second configuration of the same kind must be, given the first. */
static void compare(struct cis_lint *lint, const struct lint_frame *f)
{
	unsigned kind = kind_of(f->head.type);
	uint64_t body = body_print(f, lint);
	uint32_t count = count_of(lint);
	bool changed = lint->seen[kind] && lint->body[kind] != body;
	bool counted = lint->seen[kind] && lint->count[kind] != count;

	if (changed && lint->count[kind] == count)
		lint_say(f, LINT_CFG_CNT, lint->pmu[0].fnom_at + 2, "CFGCNT",
			 "the configuration is another one, and CFGCNT is %u "
			 "as before",
			 lint->pmu[0].cfgcnt);
	if ((changed || counted) && lint->clock.has_last && !lint->announced)
		lint->doubt = true;
	if (changed || counted || !lint->seen[kind])
		lint->fresh = true;
	lint->seen[kind] = true;
	lint->body[kind] = body;
	lint->count[kind] = count;
}

static bool same_clock(const struct lint_config *a, const struct lint_config *b)
{
	return a->rate == b->rate && a->time_base == b->time_base;
}

/* A CFG-1 says what could be sent; any other says what is. */
static void put_config(struct cis_lint *lint, const struct lint_frame *f)
{
	struct lint_config was = lint->cfg, cfg;
	bool cfg1 = f->head.type == CIS_C37_CFG1;
	bool keep = f->trusted && !(cfg1 && lint->has_cfg && !lint->cfg1);

	lint_config(f, &cfg, keep ? lint->pmu : NULL);
	lint_head_time(f, cfg.time_base);
	if (!keep)
		return;
	lint->cfg = cfg;
	lint->has_cfg = cfg.fits;
	lint->cfg1 = cfg1;
	lint->cfg_len = f->len;
	memcpy(lint->cfg_frame, f->p, f->len);
	if (!cfg.fits) {
		lint->cfg.n_pmu = 0;
		return;
	}
	compare(lint, f);
	if (!same_clock(&was, &cfg))
		lint->clock = (struct lint_clock){.has_last = false};
}

/* ---- fragments of CFG-3, CONT_IDX ---- */

static bool is_fragment(const struct lint_frame *f)
{
	return f->head.type == CIS_C37_CFG3 && f->end >= C37_HEAD_LEN + 2 &&
	       lint_u16(f, C37_HEAD_LEN) != 0;
}

static void put_fragment(struct cis_lint *lint, const struct lint_frame *f)
{
	uint16_t idx = lint_u16(f, C37_HEAD_LEN);
	uint16_t want = (uint16_t)(lint->cont_idx + 1);

	lint_head_time(f, lint->has_cfg ? lint->cfg.time_base : 0);
	if (idx == 0xFFFF ? lint->cont_idx == 0 : idx != 1 && idx != want)
		lint_say(f, LINT_CFG3_CONT, C37_HEAD_LEN, "CONT_IDX",
			 "CONT_IDX is %u, after %u", idx, lint->cont_idx);
	else if (idx == 1 && lint->cont_idx != 0)
		lint_say(f, LINT_CFG3_CONT, C37_HEAD_LEN, "CONT_IDX",
			 "CONT_IDX begins again after %u, without a last one",
			 lint->cont_idx);
	lint->cont_idx = idx == 0xFFFF ? 0 : idx;
}

/* ---- any frame ---- */

static void put_body(struct cis_lint *lint, const struct lint_frame *f,
		     const struct cis_time *arrival)
{
	uint32_t time_base = lint->has_cfg ? lint->cfg.time_base : 0;

	switch (f->head.type) {
	case CIS_C37_DATA:
		lint_head_time(f, time_base);
		if (f->trusted)
			lint_clock(lint, f, arrival);
		lint_data(lint, f);
		break;
	case CIS_C37_CFG1:
	case CIS_C37_CFG2:
	case CIS_C37_CFG3:
		if (is_fragment(f))
			put_fragment(lint, f);
		else
			put_config(lint, f);
		break;
	case CIS_C37_CMD:
		lint_command(f);
		break;
	case CIS_C37_HDR:
		lint_head_time(f, time_base);
		lint_header(f);
		break;
	}
}

void cis_lint_put(struct cis_lint *lint, const uint8_t *buf, size_t len,
		  const struct cis_time *arrival, struct cis_lint_list *list)
{
	struct lint_frame f = {.out = list};

	list->n = 0;
	if (lint_open(&f, buf, len))
		put_body(lint, &f, arrival);
}

void cis_lint_frame(const uint8_t *buf, size_t len, struct cis_lint_list *list)
{
	struct lint_frame f = {.out = list};
	struct lint_config cfg;

	list->n = 0;
	if (!lint_open(&f, buf, len))
		return;
	if (f.head.type == CIS_C37_CMD) {
		lint_command(&f);
	} else if (f.head.type == CIS_C37_HDR) {
		lint_header(&f);
	} else if (f.head.type != CIS_C37_DATA && !is_fragment(&f)) {
		lint_config(&f, &cfg, NULL);
		lint_head_time(&f, cfg.time_base);
		return;
	}
	if (f.head.type != CIS_C37_CMD)
		lint_head_time(&f, 0);
}

void cis_lint_end(struct cis_lint *lint, struct cis_lint_list *list)
{
	struct lint_frame f = {.out = list};

	list->n = 0;
	lint_clock_end(lint, &f);
}
