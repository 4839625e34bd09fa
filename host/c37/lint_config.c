/*
 * lint_config.c - where the parts of a configuration frame lie, and whether the
 * frame has the length that its counts ask for.
 *
 * A sender that writes words for counts of zero shifts FNOM, CFGCNT and
 * DATA_RATE: receivers read them in the wrong place. When such words explain
 * the length to the byte, the frame is read as it was meant.
 */
#include "lint_in.h"

#define PMU_LEN  (C37_NAME_LEN + 14)
#define PMU3_LEN 52
#define TAIL_LEN 2 /* DATA_RATE */

/* ---- one PMU ---- */

static void pmu_head(const struct lint_frame *f, size_t at,
		     struct lint_pmu *pmu)
{
	pmu->format = lint_u16(f, at);
	pmu->n_phasor = lint_u16(f, at + 2);
	pmu->n_analog = lint_u16(f, at + 4);
	pmu->n_digital = lint_u16(f, at + 6);
}

static bool pmu_tail(const struct lint_frame *f, struct lint_pmu *pmu)
{
	pmu->next = pmu->fnom_at + 4;
	if (pmu->next > f->end)
		return false;
	pmu->fnom = lint_u16(f, pmu->fnom_at);
	pmu->cfgcnt = lint_u16(f, pmu->fnom_at + 2);
	return true;
}

bool lint_config_pmu(const struct lint_frame *f, size_t at,
		     const size_t phantom[2], struct lint_pmu *pmu)
{
	size_t n_name, n_unit;

	memset(pmu, 0, sizeof(*pmu));
	if (at + PMU_LEN > f->end)
		return false;
	pmu->station = (uint32_t)at;
	pmu->idcode = lint_u16(f, at + 16);
	pmu_head(f, at + 18, pmu);
	n_name = (size_t)pmu->n_phasor + pmu->n_analog +
		 (size_t)pmu->n_digital * 16;
	n_unit = (size_t)pmu->n_phasor + pmu->n_analog + pmu->n_digital;
	pmu->names = (uint32_t)at + 26;
	pmu->units = pmu->names + (uint32_t)(C37_NAME_LEN * n_name);
	pmu->fnom_at = pmu->units + (uint32_t)(4 * n_unit);
	if (pmu->n_analog == 0)
		pmu->fnom_at += (uint32_t)phantom[0];
	if (pmu->n_digital == 0)
		pmu->fnom_at += (uint32_t)phantom[1];
	return pmu_tail(f, pmu);
}

const uint8_t *lint_next_name(const uint8_t *frame, bool cfg3, size_t *at,
			      size_t *len)
{
	const uint8_t *name = frame + *at;

	*len = C37_NAME_LEN;
	if (cfg3) {
		*len = name[0];
		name++;
		*at += 1;
	}
	*at += *len;
	return name;
}

/* Behind n names of CFG-3; past the end of the frame when they do not end
 * within. */
static size_t skip_names(const struct lint_frame *f, size_t at, size_t n)
{
	for (; n > 0 && at < f->end; n--)
		at += 1u + f->p[at];
	return n == 0 ? at : f->end + 1;
}

bool lint_config3_pmu(const struct lint_frame *f, size_t at,
		      struct lint_pmu *pmu)
{
	size_t end;

	memset(pmu, 0, sizeof(*pmu));
	pmu->station = (uint32_t)at;
	at = skip_names(f, at, 1);
	if (at + PMU3_LEN - 1 > f->end)
		return false;
	pmu->idcode = lint_u16(f, at);
	pmu_head(f, at + 18, pmu);
	pmu->names = (uint32_t)at + 26;
	end = skip_names(f, pmu->names,
			 (size_t)pmu->n_phasor + pmu->n_analog +
				 (size_t)pmu->n_digital * 16);
	pmu->units = (uint32_t)end;
	pmu->fnom_at = pmu->units + 12u * pmu->n_phasor + 8u * pmu->n_analog +
		       4u * pmu->n_digital + 21;
	return end <= f->end && pmu_tail(f, pmu);
}

/* ---- all of them ---- */

struct walk {
	const struct lint_frame *f;
	bool cfg3;
	size_t begin;
	unsigned n_pmu;
	size_t phantom[2];
	struct lint_pmu *keep; /* NULL, or room for all */
	unsigned n_read;       /* PMUs that end within the frame */
	size_t at;             /* behind them */
};

static bool next_pmu(const struct walk *w, size_t at, struct lint_pmu *pmu)
{
	return w->cfg3 ? lint_config3_pmu(w->f, at, pmu)
		       : lint_config_pmu(w->f, at, w->phantom, pmu);
}

/* The failed one is left in *pmu. */
static void walk(struct walk *w, struct lint_pmu *pmu)
{
	w->at = w->begin;
	for (w->n_read = 0; w->n_read < w->n_pmu; w->n_read++) {
		if (!next_pmu(w, w->at, pmu))
			return;
		if (w->keep && w->n_read < LINT_MAX_PMU)
			w->keep[w->n_read] = *pmu;
		w->at = pmu->next;
	}
}

/* ---- the length ---- */

/* Bytes that are left once all is read; one more or less counts as none where
 * the length is odd. */
static bool exact(const struct walk *w)
{
	size_t want = w->at + TAIL_LEN;

	if (w->n_read < w->n_pmu)
		return false;
	return want == w->f->end ||
	       (w->f->odd && (want + 1 == w->f->end || want == w->f->end + 1));
}

/* Which words for counts of zero explain the length: units, or names too. */
static bool find_phantom(struct walk *w)
{
	static const size_t tries[][2] = {{4, 4},  {4, 0},    {0, 4},  {20, 4},
					  {20, 0}, {20, 260}, {0, 260}};
	struct lint_pmu pmu;

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		w->phantom[0] = tries[i][0];
		w->phantom[1] = tries[i][1];
		walk(w, &pmu);
		if (exact(w))
			return true;
	}
	w->phantom[0] = w->phantom[1] = 0;
	return false;
}

static void say_phantom(const struct walk *plain, const struct walk *w)
{
	const struct lint_frame *f = w->f;
	size_t surplus = w->at - plain->at;
	bool both = w->phantom[0] && w->phantom[1];

	lint_say(f, LINT_CFG_PHANTOM, f->end - TAIL_LEN - surplus,
		 w->phantom[0] ? "ANUNIT" : "DIGUNIT",
		 "%zu surplus bytes: %s for %s of 0", surplus,
		 both            ? "ANUNIT and DIGUNIT, two surplus words,"
		 : w->phantom[0] ? "ANUNIT"
				 : "DIGUNIT",
		 both            ? "ANNMR and DGNMR"
		 : w->phantom[0] ? "ANNMR"
				 : "DGNMR");
}

/* With fewer PMUs than NUM_PMU says the frame may be whole. */
static bool say_fewer(const struct walk *w)
{
	struct walk less = *w;
	struct lint_pmu pmu;

	less.n_pmu = w->n_read;
	less.keep = NULL;
	walk(&less, &pmu);
	if (w->n_read == 0 || !exact(&less))
		return false;
	lint_say(w->f, LINT_CFG_NUMPMU, w->begin - 2, "NUM_PMU",
		 "NUM_PMU is %u; the frame holds %u", w->n_pmu, w->n_read);
	return true;
}

static void say_length(const struct walk *w, const struct lint_pmu *failed)
{
	const struct lint_frame *f = w->f;
	size_t want = w->at + TAIL_LEN;

	if (w->n_read < w->n_pmu) {
		if (say_fewer(w))
			return;
		if (failed->fnom_at)
			lint_say(f, LINT_CFG_COUNTS, w->at, "PHNMR",
				 "%u phasors, %u analogs and %u digital words "
				 "of PMU %u end at byte %u, the frame at %zu",
				 failed->n_phasor, failed->n_analog,
				 failed->n_digital, w->n_read + 1,
				 failed->fnom_at + 4, f->end);
		else
			lint_say(f, LINT_CFG_NUMPMU, w->begin - 2, "NUM_PMU",
				 "NUM_PMU is %u; PMU %u has %zu bytes",
				 w->n_pmu, w->n_read + 1, f->end - w->at);
	} else if (want < f->end) {
		lint_say(f, LINT_CFG_SURPLUS, want, "",
			 "%zu bytes (%zu words) more than the counts ask for",
			 f->end - want, (f->end - want) / 2);
	} else {
		lint_say(f, LINT_CFG_MISSING, f->end, "DATA_RATE",
			 "%zu byte%s missing: no room for DATA_RATE",
			 want - f->end, want - f->end == 1 ? " is" : "s are");
	}
}

/* ---- DATA_RATE ---- */

/* `at` is where receivers read it, `meant` where the sender wrote it. */
static void check_rate(const struct lint_frame *f, size_t at, size_t meant)
{
	int16_t rate;

	if (at + TAIL_LEN > f->end || meant + TAIL_LEN > f->end)
		return;
	rate = (int16_t)lint_u16(f, meant);
	if (rate == 0)
		lint_say(f, LINT_CFG_RATE, meant, "DATA_RATE",
			 "DATA_RATE is 0");
	else if (lint_u16(f, at) == 0)
		lint_say(f, LINT_CFG_RATE, at, "DATA_RATE",
			 "receivers read DATA_RATE as 0, at byte %zu; the last "
			 "word before CHK says %d",
			 at, rate);
	if (rate < 0)
		lint_say(f, LINT_CFG_SLOW, meant, "DATA_RATE",
			 "DATA_RATE is %d: one frame in %d s", rate, -rate);
}

/* ---- the contents ---- */

static void check_pmu_word(const struct lint_frame *f,
			   const struct lint_pmu *pmu, unsigned i)
{
	if (pmu->idcode == 0 || pmu->idcode == CIS_C37_BROADCAST)
		lint_say(f, LINT_CFG_IDCODE, pmu->names - 10, "IDCODE",
			 "IDCODE of PMU %u is %u", i + 1, pmu->idcode);
	if (pmu->format & 0xFFF0)
		lint_say(f, LINT_CFG_FORMAT, pmu->names - 8, "FORMAT",
			 "FORMAT of PMU %u is %04X", i + 1, pmu->format);
	if (pmu->fnom == 50 || pmu->fnom == 60)
		lint_say(f, LINT_CFG_FNOM_HZ, pmu->fnom_at, "FNOM",
			 "FNOM of PMU %u is %u, which reads as 60 Hz", i + 1,
			 pmu->fnom);
	else if (pmu->fnom > 1)
		lint_say(f, LINT_CFG_FNOM, pmu->fnom_at, "FNOM",
			 "FNOM of PMU %u is %04X", i + 1, pmu->fnom);
}

static void check_twice(const struct walk *w, const struct lint_pmu *pmu,
			unsigned i)
{
	size_t at = w->begin;
	struct lint_pmu before;

	for (unsigned k = 0; k < i && k < LINT_MAX_COMPARE; k++) {
		if (!next_pmu(w, at, &before))
			return;
		lint_twice(w->f, w->cfg3, pmu, &before);
		at = before.next;
	}
}

static void check_contents(const struct walk *w)
{
	struct lint_pmu pmu;
	size_t at = w->begin;

	for (unsigned i = 0; i < w->n_pmu; i++) {
		if (!next_pmu(w, at, &pmu))
			return;
		check_pmu_word(w->f, &pmu, i);
		lint_names(w->f, w->cfg3, &pmu, i);
		if (w->cfg3)
			lint_units3(w->f, &pmu, i);
		else
			lint_units(w->f, &pmu, i);
		if (i < LINT_MAX_COMPARE)
			check_twice(w, &pmu, i);
		at = pmu.next;
	}
}

/* ---- the frame ---- */

static void check_time_base(const struct lint_frame *f, size_t at,
			    struct lint_config *cfg)
{
	uint32_t word = cis_be32(f->p + at);

	cfg->time_base = word & 0xFFFFFF;
	if (cfg->time_base == 0)
		lint_say(f, LINT_CFG_TIMEBASE, at, "TIME_BASE",
			 "TIME_BASE is 0");
	if (f->trusted && word >> 24)
		lint_say(f, LINT_CFG_TIMEBASE_FLAGS, at, "TIME_BASE",
			 "bits 31-24 are %02X", (unsigned)(word >> 24));
}

static void check_pmus(struct walk *w, struct lint_config *cfg)
{
	struct lint_pmu failed = {.next = 0};
	struct walk plain = *w;

	walk(&plain, &failed);
	if (exact(&plain)) {
		*w = plain;
		cfg->fits = true;
	} else if (!w->cfg3 && find_phantom(w)) {
		say_phantom(&plain, w);
		cfg->fits = true;
	} else {
		say_length(&plain, &failed);
	}
	if (plain.n_read == plain.n_pmu)
		check_rate(w->f, plain.at, cfg->fits ? w->at : plain.at);
	if (!cfg->fits)
		return;
	if (w->at + TAIL_LEN <= w->f->end)
		cfg->rate = (int16_t)lint_u16(w->f, w->at);
	if (w->f->trusted)
		check_contents(w);
}

void lint_config(const struct lint_frame *f, struct lint_config *cfg,
		 struct lint_pmu *pmu)
{
	bool cfg3 = f->head.type == CIS_C37_CFG3;
	size_t at = C37_HEAD_LEN + (cfg3 ? 2 : 0);
	struct walk w = {.f = f, .cfg3 = cfg3, .begin = at + 6, .keep = pmu};

	memset(cfg, 0, sizeof(*cfg));
	cfg->cfg3 = cfg3;
	if (w.begin + TAIL_LEN > f->end)
		return;
	check_time_base(f, at, cfg);
	w.n_pmu = lint_u16(f, at + 4);
	if (w.n_pmu == 0) {
		lint_say(f, LINT_CFG_NUMPMU, at + 4, "NUM_PMU", "NUM_PMU is 0");
		return;
	}
	check_pmus(&w, cfg);
	cfg->n_pmu = (uint16_t)w.n_pmu;
}
