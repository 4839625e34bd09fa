/* config_check.c - what a configuration frame cannot say; see c37.h. */
#include <errno.h>
#include <math.h>

#include "ascii.h"
#include "config.h"

/* The frame under test, and the PMU that is looked at, for messages. */
struct check {
	const struct cis_c37_config *cfg;
	bool is_cfg3;
	unsigned type_number;
	const struct cis_c37_pmu *pmu;
	struct cis_diag *diag;
};

/* ---- names ---- */

/* As the frame would have it: CFG-1 and -2 know ASCII only. */
static void sent_as(const struct check *c, const char *name,
		    char out[CIS_C37_NAME_SIZE])
{
	if (c->is_cfg3)
		strcpy(out, name);
	else
		c37_ascii(name, out, CIS_C37_NAME_SIZE);
}

static int check_length(const struct check *c, const char *what,
			const char *name)
{
	size_t len = c->is_cfg3 ? strlen(name) : c37_ascii(name, NULL, 0);

	if (c->is_cfg3 || len <= C37_NAME_LEN)
		return 0;
	return cis_fail(c->diag, -EINVAL,
			"%s \"%.80s\" of PMU %u: %zu characters in ASCII, a "
			"configuration frame %u holds %d",
			what, name, c->pmu->idcode, len, c->type_number,
			C37_NAME_LEN);
}

/* What ASCII leaves as it is. */
static bool is_ascii(const char *name)
{
	while (*name >= ' ' && *name <= '~')
		name++;
	return *name == '\0';
}

static bool same_name(const struct check *c, const char *a, const char *b)
{
	char a_sent[CIS_C37_NAME_SIZE], b_sent[CIS_C37_NAME_SIZE];

	if (is_ascii(a) && is_ascii(b))
		return a[0] && !strcmp(a, b);
	sent_as(c, a, a_sent);
	sent_as(c, b, b_sent);
	return a_sent[0] && !strcmp(a_sent, b_sent);
}

static const struct cis_c37_channel *channel(const struct cis_c37_pmu *pmu,
					     unsigned i)
{
	return i < pmu->n_phasor ? &pmu->phasor[i]
				 : &pmu->analog[i - pmu->n_phasor];
}

static int check_channel_names(const struct check *c)
{
	unsigned n = (unsigned)c->pmu->n_phasor + c->pmu->n_analog;

	for (unsigned i = 0; i < n; i++) {
		const char *name = channel(c->pmu, i)->name;

		if (check_length(c, "channel", name))
			return -EINVAL;
		for (unsigned k = 0; k < i; k++)
			if (same_name(c, channel(c->pmu, k)->name, name))
				return cis_fail(c->diag, -EINVAL,
						"two channels of PMU %u are "
						"called \"%.80s\"",
						c->pmu->idcode, name);
	}
	for (unsigned i = 0; i < 16u * c->pmu->n_digital; i++)
		if (check_length(c, "digital channel",
				 c->pmu->digital[i / 16].name[i % 16]))
			return -EINVAL;
	return 0;
}

static int check_station(const struct check *c)
{
	const struct cis_c37_pmu *p = c->cfg->pmu;

	for (; p < c->pmu; p++) {
		if (p->idcode == c->pmu->idcode)
			return cis_fail(c->diag, -EINVAL,
					"two PMUs of the frame have the IDCODE "
					"%u",
					p->idcode);
		if (same_name(c, p->station, c->pmu->station))
			return cis_fail(c->diag, -EINVAL,
					"PMUs %u and %u have the same station "
					"name \"%.80s\"",
					p->idcode, c->pmu->idcode,
					c->pmu->station);
	}
	return check_length(c, "station", c->pmu->station);
}

/* ---- scales ---- */

/* PHUNIT is in steps of 1e-5; a scale of CFG-3 has the precision of float. */
static bool phunit_says(const struct cis_c37_channel *ch, bool is_float)
{
	double scale = (double)ch->scale;
	double phunit = is_float ? 1 : (ch->unit & 0xFFFFFF) * 1e-5;

	return scale == 0 || fabs(phunit - scale) <= 1e-7 * fabs(scale);
}

static int check_scales(const struct check *c)
{
	const struct cis_c37_pmu *p = c->pmu;
	bool is_float = p->format & CIS_C37_FMT_PHASOR_FLOAT;

	for (unsigned i = 0; i < p->n_phasor; i++) {
		const struct cis_c37_channel *ch = &p->phasor[i];

		if (ch->scale != 0 && ch->offset != 0)
			return cis_fail(c->diag, -EINVAL,
					"phasor \"%.80s\" of PMU %u: only "
					"CFG-3 says an angle offset (%g rad)",
					ch->name, p->idcode,
					(double)ch->offset);
		if (!phunit_says(ch, is_float))
			return cis_fail(c->diag, -EINVAL,
					"phasor \"%.80s\" of PMU %u: PHUNIT "
					"cannot say a scale of %g",
					ch->name, p->idcode, (double)ch->scale);
	}
	for (unsigned i = 0; i < p->n_analog; i++) {
		const struct cis_c37_channel *ch = &p->analog[i];

		if (ch->scale != 0 && (ch->scale != 1 || ch->offset != 0))
			return cis_fail(c->diag, -EINVAL,
					"analog \"%.80s\" of PMU %u: only "
					"CFG-3 says a scale and an offset",
					ch->name, p->idcode);
	}
	return 0;
}

/* ---- the frame ---- */

static int check_len(const struct check *c, size_t len, const char *what,
		     size_t max_len)
{
	if (len <= max_len)
		return 0;
	return cis_fail(c->diag, -EINVAL,
			"the %s frame would have %zu bytes, at most %zu can be "
			"sent: fewer PMUs or channels",
			what, len, max_len);
}

static int check_pmu(const struct check *c)
{
	if (check_station(c) || check_channel_names(c))
		return -EINVAL;
	return c->is_cfg3 ? 0 : check_scales(c);
}

int cis_c37_config_check(const struct cis_c37_config *cfg,
			 enum cis_c37_type type, size_t max_len,
			 struct cis_diag *diag)
{
	struct check c = {.cfg = cfg,
			  .is_cfg3 = type == CIS_C37_CFG3,
			  .type_number = type == CIS_C37_CFG1 ? 1 : 2,
			  .diag = diag};
	size_t len = cis_c37_config_len(cfg, type);

	if (max_len > CIS_C37_MAX_FRAME)
		max_len = CIS_C37_MAX_FRAME;
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		c.pmu = &cfg->pmu[i];
		if (check_pmu(&c))
			return -EINVAL;
	}
	if (check_len(&c, len, "configuration", max_len))
		return -EINVAL;
	return check_len(&c, cis_c37_data_len(cfg), "data", max_len);
}
