/* lint_data.c - data frames against their configuration, clause 6.3. */
#include <math.h>

#include "lint_in.h"

#define PI            3.14159265358979323846
/* As float, pi is 8.7e-8 above pi. */
#define ANGLE_MAX     (PI + 1e-6)
#define ANGLE_MAX_INT 31416
#define PLACEHOLDER   65536 /* mHz: what a 16-bit counter holds, and one */
#define MANY_DFREQ    10
/* Around nominal: as a deviation it is 5.2 to 15.8 Hz below. */
#define ABS_MHZ       300

/* ---- the length ---- */

static size_t block_len(const struct lint_pmu *pmu, unsigned format)
{
	return 2 + (format & CIS_C37_FMT_FREQ_FLOAT ? 8u : 4u) +
	       pmu->n_phasor * (format & CIS_C37_FMT_PHASOR_FLOAT ? 8u : 4u) +
	       pmu->n_analog * (format & CIS_C37_FMT_ANALOG_FLOAT ? 4u : 2u) +
	       pmu->n_digital * 2u;
}

/* Of the data that the configuration describes, were each FORMAT another. */
static size_t data_len(const struct cis_lint *lint, unsigned flip)
{
	size_t len = C37_HEAD_LEN;

	for (uint16_t i = 0; i < lint->cfg.n_pmu; i++)
		len += block_len(&lint->pmu[i], lint->pmu[i].format ^ flip);
	return len;
}

static size_t phantom_len(const struct cis_lint *lint, bool analog,
			  bool digital)
{
	size_t len = 0;

	for (uint16_t i = 0; i < lint->cfg.n_pmu; i++) {
		const struct lint_pmu *pmu = &lint->pmu[i];

		if (analog && pmu->n_analog == 0)
			len += pmu->format & CIS_C37_FMT_ANALOG_FLOAT ? 4 : 2;
		if (digital && pmu->n_digital == 0)
			len += 2;
	}
	return len;
}

static bool say_phantom(const struct cis_lint *lint, const struct lint_frame *f,
			size_t surplus)
{
	static const char *const whose[] = {"ANNMR", "DGNMR",
					    "ANNMR and DGNMR"};

	for (unsigned i = 1; i <= 3; i++) {
		if (phantom_len(lint, i & 1, i & 2) != surplus)
			continue;
		lint_say(f, LINT_DATA_PHANTOM, f->end - surplus, "",
			 "%zu surplus bytes: values for %s of 0", surplus,
			 whose[i - 1]);
		return true;
	}
	return false;
}

static bool say_format(const struct cis_lint *lint, const struct lint_frame *f)
{
	static const struct {
		unsigned flip;
		const char *what;
	} tries[] = {
		{CIS_C37_FMT_PHASOR_FLOAT, "phasors"},
		{CIS_C37_FMT_FREQ_FLOAT, "FREQ and DFREQ"},
		{CIS_C37_FMT_ANALOG_FLOAT, "analogs"},
		{CIS_C37_FMT_PHASOR_FLOAT | CIS_C37_FMT_FREQ_FLOAT,
		 "phasors and FREQ"},
		{CIS_C37_FMT_PHASOR_FLOAT | CIS_C37_FMT_FREQ_FLOAT |
			 CIS_C37_FMT_ANALOG_FLOAT,
		 "all"},
	};

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		if (data_len(lint, tries[i].flip) != f->end)
			continue;
		lint_say(f, LINT_DATA_FORMAT, 2, "FRAMESIZE",
			 "%zu bytes, %zu asked for: the length were %s %s",
			 f->end + C37_CHK_LEN, data_len(lint, 0) + C37_CHK_LEN,
			 tries[i].what,
			 lint->pmu[0].format & tries[i].flip ? "int16"
							     : "float");
		return true;
	}
	return false;
}

static bool check_length(const struct cis_lint *lint,
			 const struct lint_frame *f)
{
	size_t want = data_len(lint, 0);
	size_t more = f->end > want ? f->end - want : 0;
	size_t less = want > f->end ? want - f->end : 0;

	if (!more && !less)
		return true;
	if (f->odd && more + less == 1)
		return false;
	if (more && (say_phantom(lint, f, more) ||
		     (f->odd && (say_phantom(lint, f, more - 1) ||
				 say_phantom(lint, f, more + 1)))))
		return false;
	if (say_format(lint, f))
		return false;
	lint_say(f, LINT_DATA_LEN, 2, "FRAMESIZE",
		 "%zu bytes: %zu (%zu words) %s than the configuration asks "
		 "for",
		 f->end + C37_CHK_LEN, more + less, (more + less) / 2,
		 more ? "more" : "less");
	return false;
}

/* ---- values ---- */

struct block {
	struct cis_lint *lint;
	const struct lint_frame *f;
	struct lint_pmu *pmu;
	unsigned i;
	size_t at;
	bool good; /* STAT bits 15-14 are 0 */
};

static const char *channel(const struct block *b, unsigned k,
			   char name[LINT_NAME_SIZE])
{
	size_t at = b->pmu->names, len = 0;
	const uint8_t *p = b->lint->cfg_frame;

	for (unsigned i = 0; i <= k; i++)
		p = lint_next_name(b->lint->cfg_frame, b->lint->cfg.cfg3, &at,
				   &len);
	return lint_name(p, len, name);
}

static double f32_at(const struct block *b, size_t at)
{
	uint32_t bits = cis_be32(b->f->p + at);
	float v;

	memcpy(&v, &bits, sizeof(v));
	return (double)v;
}

static void no_value(const struct block *b, size_t at, const char *field,
		     const char *name)
{
	if (b->good)
		lint_say(b->f, LINT_DATA_NAN, at, field,
			 "PMU %u has no value for %s, and STAT says good",
			 b->i + 1, name);
}

/* False: there is no value to look at. */
static bool is_value(const struct block *b, double v, size_t at,
		     const char *field, const char *name)
{
	if (isinf(v))
		lint_say(b->f, LINT_DATA_INF, at, field,
			 "%s of PMU %u is infinite", name, b->i + 1);
	else if (isnan(v))
		no_value(b, at, field, name);
	return isfinite(v);
}

static void phasor_float(const struct block *b, size_t at, const char *name)
{
	double x = f32_at(b, at), y = f32_at(b, at + 4);

	if (!is_value(b, x, at, "PHASORS", name) ||
	    !is_value(b, y, at + 4, "PHASORS", name) ||
	    !(b->pmu->format & CIS_C37_FMT_POLAR))
		return;
	if (x < 0)
		lint_say(b->f, LINT_DATA_MAGNITUDE, at, "PHASORS",
			 "%s of PMU %u has the magnitude %g", name, b->i + 1,
			 x);
	if (fabs(y) > ANGLE_MAX)
		lint_say(b->f, LINT_DATA_ANGLE, at + 4, "PHASORS",
			 "%s of PMU %u has the angle %g rad", name, b->i + 1,
			 y);
}

static void saturated(const struct block *b, size_t at, const char *name, int v)
{
	lint_say(b->f, LINT_DATA_SATURATED, at, "PHASORS", "%s of PMU %u is %d",
		 name, b->i + 1, v);
}

static void phasor_int(const struct block *b, size_t at, const char *name)
{
	bool polar = b->pmu->format & CIS_C37_FMT_POLAR;
	int u = lint_u16(b->f, at);
	int x = (int16_t)u, y = (int16_t)lint_u16(b->f, at + 2);

	if (y == INT16_MIN || (!polar && x == INT16_MIN)) {
		no_value(b, at, "PHASORS", name);
	} else if (polar) {
		if (u == UINT16_MAX)
			saturated(b, at, name, u);
		if (y > ANGLE_MAX_INT || y < -ANGLE_MAX_INT)
			lint_say(b->f, LINT_DATA_ANGLE, at + 2, "PHASORS",
				 "%s of PMU %u has the angle %d", name,
				 b->i + 1, y);
	} else {
		if (x == INT16_MAX || x == -INT16_MAX)
			saturated(b, at, name, x);
		if (y == INT16_MAX || y == -INT16_MAX)
			saturated(b, at + 2, name, y);
	}
}

static void phasors(struct block *b)
{
	bool is_float = b->pmu->format & CIS_C37_FMT_PHASOR_FLOAT;
	char name[LINT_NAME_SIZE];

	for (unsigned k = 0; k < b->pmu->n_phasor; k++) {
		/* Of many, those past the first dozen go by the last name. */
		if (k < 12)
			channel(b, k, name);
		if (is_float)
			phasor_float(b, b->at, name);
		else
			phasor_int(b, b->at, name);
		b->at += is_float ? 8 : 4;
	}
}

/* ---- frequency ---- */

/* It is said of DFREQ only when it stays so: FREQ may jump once. */
static void check_dfreq(const struct block *b, double freq_hz, double dfreq)
{
	struct lint_pmu *pmu = b->pmu;
	const struct lint_clock *c = &b->lint->clock;
	double slope = (freq_hz - (double)pmu->freq_hz) * b->lint->cfg.rate;

	if (!pmu->has_freq || c->pace != LINT_PACE_RIGHT ||
	    b->lint->cfg.rate <= 0 || fabs(dfreq) <= 5 ||
	    fabs(slope) > fabs(dfreq) / 20)
		pmu->n_dfreq = 0;
	else if (pmu->n_dfreq < UINT8_MAX)
		pmu->n_dfreq++;
	if (pmu->n_dfreq >= MANY_DFREQ)
		lint_say(b->f, LINT_DATA_DFREQ, b->at, "DFREQ",
			 "DFREQ of PMU %u is %g Hz/s, FREQ changes by %.3g",
			 b->i + 1, dfreq, slope);
	pmu->has_freq = true;
	pmu->freq_hz = (float)freq_hz;
}

static void placeholder(const struct block *b, double freq_hz)
{
	if (b->good && fabs(freq_hz * 1e3 - PLACEHOLDER) < 0.5)
		lint_say(b->f, LINT_DATA_FREQ_HOLD, b->at, "FREQ",
			 "FREQ of PMU %u is 65.536 Hz and STAT says good",
			 b->i + 1);
}

static void freq_float(struct block *b)
{
	double f = f32_at(b, b->at), d = f32_at(b, b->at + 4);

	if (is_value(b, f, b->at, "FREQ", "FREQ")) {
		if (fabs(f) < 5)
			lint_say(b->f, LINT_DATA_FREQ_DEV, b->at, "FREQ",
				 "FREQ of PMU %u is %g Hz: a deviation?",
				 b->i + 1, f);
		else if (fabs(f) > 1000)
			lint_say(b->f, LINT_DATA_FREQ_DEV, b->at, "FREQ",
				 "FREQ of PMU %u is %g Hz: in mHz?", b->i + 1,
				 f);
		else
			placeholder(b, f);
	}
	b->at += 4;
	if (is_value(b, d, b->at, "DFREQ", "DFREQ") && isfinite(f))
		check_dfreq(b, f, d);
	b->at += 4;
}

static void freq_int(struct block *b)
{
	unsigned u = lint_u16(b->f, b->at);
	int f = (int16_t)u, d = (int16_t)lint_u16(b->f, b->at + 2);
	int fnom_hz = b->pmu->fnom & 1 ? 50 : 60;
	unsigned fnom_mhz = (unsigned)fnom_hz * 1000;

	if (f == INT16_MIN)
		no_value(b, b->at, "FREQ", "FREQ");
	else if (u > fnom_mhz - ABS_MHZ && u < fnom_mhz + ABS_MHZ)
		lint_say(b->f, LINT_DATA_FREQ_ABS, b->at, "FREQ",
			 "FREQ of PMU %u is %u, which reads as %.3f Hz: the "
			 "frequency in mHz?",
			 b->i + 1, u, fnom_hz + f / 1000.0);
	else if (f == INT16_MAX || f == -INT16_MAX)
		lint_say(b->f, LINT_DATA_SATURATED, b->at, "FREQ",
			 "FREQ of PMU %u is %d", b->i + 1, f);
	else
		placeholder(b, fnom_hz + f / 1000.0);
	b->at += 2;
	if (d == INT16_MIN)
		no_value(b, b->at, "DFREQ", "DFREQ");
	else if (d == INT16_MAX || d == -INT16_MAX)
		lint_say(b->f, LINT_DATA_SATURATED, b->at, "DFREQ",
			 "DFREQ of PMU %u is %d", b->i + 1, d);
	else if (f != INT16_MIN)
		check_dfreq(b, fnom_hz + f / 1000.0, d / 100.0);
	b->at += 2;
}

/* An int16 analog is the user's own affair. */
static void analogs(struct block *b)
{
	bool is_float = b->pmu->format & CIS_C37_FMT_ANALOG_FLOAT;

	for (unsigned k = 0; k < b->pmu->n_analog; k++) {
		if (is_float)
			is_value(b, f32_at(b, b->at), b->at, "ANALOG",
				 "an analog");
		b->at += is_float ? 4 : 2;
	}
}

/* ---- the frame ---- */

/* Data that STAT calls wrong are not looked at; those of a test are. */
static void check_block(struct cis_lint *lint, const struct lint_frame *f,
			unsigned i, size_t at)
{
	struct block b = {.lint = lint,
			  .f = f,
			  .pmu = &lint->pmu[i],
			  .i = i,
			  .at = at + 2};
	unsigned error = lint_u16(f, at) >> 14;

	lint_stat(lint, f, i, at);
	b.good = error == 0;
	if (error == 1 || error == 3) {
		b.pmu->has_freq = false;
		return;
	}
	phasors(&b);
	if (b.pmu->format & CIS_C37_FMT_FREQ_FLOAT)
		freq_float(&b);
	else
		freq_int(&b);
	analogs(&b);
}

void lint_data(struct cis_lint *lint, const struct lint_frame *f)
{
	size_t at = C37_HEAD_LEN;

	if (!lint->has_cfg || !check_length(lint, f) || !f->trusted)
		return;
	lint_change(lint, f, lint_u16(f, at));
	for (uint16_t i = 0; i < lint->cfg.n_pmu; i++) {
		const struct lint_pmu *pmu = &lint->pmu[i];

		check_block(lint, f, i, at);
		at += block_len(pmu, pmu->format);
	}
}
