/*
 * propose.c - picks a reference for each phasor of the PMU; see match.h.
 *
 * Names that are equal are believed where the values agree, and told where they
 * do not: two swapped phases are a finding, not a reason to look away.
 */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guess.h"
#include "host/core/angle.h"

/* Two candidates are told apart where one is nearer by so much. */
#define NEARER_TIMES 3
#define NEARER_PART  0.005

#define LOOSE_TIMES 4.0

enum {
	BY_BOTH = 95,
	BY_VALUE = 70,
	BY_BALANCE = 40,
	BY_NAME = 30,
	BY_ANGLE = 20,
	FOR_RATIO = 20, /* less, where a ratio was guessed */
};

struct pick {
	struct cis_proposal p;
	struct cis_match_map *map;
	struct cis_warn_list *tell;
	struct cis_diag *diag;
	bool *used; /* candidates that a name took */
	bool lines; /* the PMU has line-to-line voltages */
	bool loose; /* the angle alone is asked, magnitudes to a factor of 4 */
};

static const char *dut_name(const struct pick *k, uint32_t dut)
{
	return k->p.side[CIS_DUT].phasor[dut].name;
}

static double scale_of(const struct pick *k, uint32_t dut)
{
	return k->p.scale[k->p.side[CIS_DUT].phasor[dut].quantity];
}

/* "VA-VB". Returns its length. */
static size_t write_terms(const struct pick *k,
			  const struct cis_match_term *term, uint32_t n,
			  char text[CIS_MATCH_TEXT])
{
	const struct cis_match_phasor *ref = k->p.side[CIS_REF].phasor;
	size_t len = 0;

	for (uint32_t i = 0; i < n && len < CIS_MATCH_TEXT; i++)
		len += (size_t)snprintf(text + len, CIS_MATCH_TEXT - len,
					"%s%.90s",
					term[i].sign < 0 ? "-"
					: i              ? "+"
							 : "",
					ref[term[i].phasor].name);
	return len;
}

static void write_text(const struct pick *k, struct cis_match *m)
{
	size_t len = write_terms(k, m->term, m->n_term, m->text);

	if (m->ratio != 1 && len < sizeof(m->text))
		len += (size_t)snprintf(m->text + len, sizeof(m->text) - len,
					"*%.12g", m->ratio);
	if (m->angle_rad != 0 && len < sizeof(m->text))
		len += (size_t)snprintf(m->text + len, sizeof(m->text) - len,
					"@%.6g",
					m->angle_rad / CIS_RAD_PER_DEG);
	if (len < sizeof(m->text))
		snprintf(m->text + len, sizeof(m->text) - len, "=%.100s",
			 dut_name(k, m->dut));
}

static int take(struct pick *k, const struct cis_candidate *c, uint32_t dut,
		int confidence)
{
	struct cis_match m = cis_candidate_match(c, scale_of(k, dut), dut);

	if (k->map->n == CIS_MATCH_MAX)
		return cis_fail(k->diag, -EINVAL,
				"the PMU has more than %d phasors",
				CIS_MATCH_MAX);
	if (scale_of(k, dut) != 1)
		confidence -= FOR_RATIO;
	m.confidence = confidence / 100.0;
	if (scale_of(k, dut) != 1)
		m.doubt = CIS_MATCH_RATIO_GUESSED;
	else if (c->kind == CIS_KIND_NEUTRAL)
		m.doubt = CIS_MATCH_BALANCE_ASSUMED;
	write_text(k, &m);
	k->map->match[k->map->n++] = m;
	return 1;
}

/* How far from fitting, as a vector error. */
static double off_by(const struct pick *k, const struct cis_candidate *c,
		     uint32_t dut)
{
	return cabs(cis_proposal_ratio(&k->p, c, dut) / scale_of(k, dut) - 1);
}

static bool fits(const struct pick *k, const struct cis_candidate *c,
		 uint32_t dut)
{
	double complex ratio = cis_proposal_ratio(&k->p, c, dut);
	double times = cabs(ratio) / scale_of(k, dut);

	if (!cis_candidate_suits(&k->p, c, dut))
		return false;
	if (c->kind == CIS_KIND_LINE_SEQUENCE &&
	    !(k->lines && k->p.side[CIS_DUT].phasor[dut].sequence))
		return false;
	if (k->loose)
		return cis_ratio_fits(ratio, cabs(ratio), CIS_FIT_PART) &&
		       times > 1 / LOOSE_TIMES && times < LOOSE_TIMES;
	return cis_ratio_fits(ratio, scale_of(k, dut), CIS_FIT_PART);
}

static struct cis_candidate *called(const struct pick *k, uint32_t dut)
{
	for (uint32_t i = 0; i < k->p.n_candidate; i++) {
		struct cis_candidate *c = &k->p.candidate[i];

		if (cis_candidate_is_called(&k->p, c, dut_name(k, dut)) &&
		    cis_candidate_suits(&k->p, c, dut))
			return c;
	}
	return NULL;
}

/* ---- by value ---- */

/* Smaller is better. */
static unsigned rank(const struct pick *k, uint32_t i, uint32_t dut)
{
	const struct cis_candidate *c = &k->p.candidate[i];
	bool sequence = k->p.side[CIS_DUT].phasor[dut].sequence;

	if (k->used[i])
		return 10 + c->kind;
	if (sequence &&
	    (c->kind == CIS_KIND_SEQUENCE || c->kind == CIS_KIND_LINE_SEQUENCE))
		return 0;
	return 1 + c->kind;
}

struct best {
	const struct cis_candidate *first, *second;
	double first_off, second_off;
};

/* The two nearest of the best rank. */
static struct best nearest(const struct pick *k, uint32_t dut)
{
	struct best b = {NULL, NULL, INFINITY, INFINITY};
	unsigned best_rank = 100;

	for (uint32_t i = 0; i < k->p.n_candidate; i++) {
		const struct cis_candidate *c = &k->p.candidate[i];
		double off = off_by(k, c, dut);
		unsigned r = rank(k, i, dut);

		if (!fits(k, c, dut) || r > best_rank)
			continue;
		if (r < best_rank)
			b = (struct best){NULL, NULL, INFINITY, INFINITY};
		best_rank = r;
		if (off < b.first_off) {
			b.second = b.first;
			b.second_off = b.first_off;
			b.first = c;
			b.first_off = off;
		} else if (off < b.second_off) {
			b.second = c;
			b.second_off = off;
		}
	}
	return b;
}

static int by_value(struct pick *k, uint32_t dut)
{
	struct best b = nearest(k, dut);
	char first[CIS_MATCH_TEXT], second[CIS_MATCH_TEXT] = "";

	if (!b.first)
		return 0;
	write_terms(k, b.first->term, b.first->n_term, first);
	if (b.second)
		write_terms(k, b.second->term, b.second->n_term, second);
	if (b.second &&
	    b.second_off <= NEARER_TIMES * b.first_off + NEARER_PART)
		return cis_fail(k->diag, -EINVAL,
				"the PMU's \"%.60s\" may be the reference's "
				"%.60s or %.60s: they are alike; say which "
				"with --map",
				dut_name(k, dut), first, second);
	if (b.first->kind == CIS_KIND_NEUTRAL)
		cis_warn(k->tell,
			 "the PMU's \"%.60s\" is taken as line-to-neutral of "
			 "the reference's line-to-line %.60s: right in a "
			 "balanced system only",
			 dut_name(k, dut), first);
	return take(k, b.first, dut,
		    b.first->kind == CIS_KIND_NEUTRAL ? BY_BALANCE : BY_VALUE);
}

/* ---- by name ---- */

/* The last match, if it is this phasor's, by its values. */
static const struct cis_match *matched(const struct pick *k, uint32_t dut)
{
	const struct cis_match *m = &k->map->match[k->map->n - 1];

	return m->dut == dut && m->confidence > BY_NAME / 100.0 ? m : NULL;
}

static void tell_name(struct pick *k, uint32_t dut,
		      const struct cis_candidate *named)
{
	double complex off = cis_proposal_ratio(&k->p, named, dut);
	const struct cis_match *by_value = matched(k, dut);
	const char *name = dut_name(k, dut);
	char terms[CIS_MATCH_TEXT];

	if (by_value && by_value->n_term == 1 &&
	    by_value->term[0].phasor == named->term[0].phasor)
		return;
	if (isnan(cabs(off))) {
		cis_warn(k->tell,
			 "the PMU's \"%.60s\" has no value yet: matched by its "
			 "name alone",
			 name);
	} else if (by_value) {
		write_terms(k, by_value->term, by_value->n_term, terms);
		k->map->match[k->map->n - 1].doubt = CIS_MATCH_NAME_DISAGREES;
		cis_warn(k->tell,
			 "the PMU's \"%.60s\" has the values of %.90s, not of "
			 "the reference's phasor of this name: phases are "
			 "swapped, or names are wrong",
			 name, terms);
	} else {
		cis_warn(k->tell,
			 "the PMU's \"%.60s\" is %.4g times the reference's at "
			 "%.3f degrees: matched by its name alone",
			 name, cabs(off), cis_shown_deg(carg(off), 3));
	}
}

/* The PMU's magnitude is far off, and its name says nothing. */
static int by_angle(struct pick *k, uint32_t dut)
{
	int n;

	k->loose = true;
	n = by_value(k, dut);
	k->loose = false;
	if (n > 0) {
		struct cis_match *m = &k->map->match[k->map->n - 1];

		m->confidence = BY_ANGLE / 100.0;
		cis_warn(k->tell,
			 "the PMU's \"%.60s\" has the angle of \"%.90s\" but "
			 "not "
			 "its magnitude: matched by its angle alone",
			 dut_name(k, dut), m->text);
	}
	return n;
}

/* The reference's phasor of this name has no value, or next to none. */
static int by_dead_name(struct pick *k, uint32_t dut)
{
	const struct cis_match_side *ref = &k->p.side[CIS_REF];
	struct cis_candidate c = {.n_term = 1, .ratio = 1};
	int n;

	while (c.term[0].phasor < ref->n &&
	       !cis_candidate_is_called(&k->p, &c, dut_name(k, dut)))
		c.term[0].phasor++;
	if (c.term[0].phasor == ref->n)
		return 0;
	c.term[0].sign = 1;
	c.quantity = ref->phasor[c.term[0].phasor].quantity;
	if (!cis_candidate_suits(&k->p, &c, dut))
		return 0;
	n = take(k, &c, dut, BY_NAME);
	if (n > 0)
		k->map->match[k->map->n - 1].doubt = CIS_MATCH_NO_REFERENCE;
	cis_warn(k->tell,
		 "the reference's \"%.60s\" has no value, or next to none: the "
		 "PMU's is matched by its name alone",
		 dut_name(k, dut));
	return n;
}

static int match_one(struct pick *k, uint32_t dut)
{
	const struct cis_candidate *named = called(k, dut);
	int n;

	if (named && fits(k, named, dut))
		return take(k, named, dut, BY_BOTH);
	n = named ? 0 : by_dead_name(k, dut);
	if (n == 0)
		n = by_value(k, dut);
	if (n == 0 && named)
		n = take(k, named, dut, BY_NAME);
	if (n > 0 && named)
		tell_name(k, dut, named);
	if (n == 0)
		n = by_angle(k, dut);
	if (n == 0)
		cis_warn(k->tell,
			 "the PMU's \"%.60s\" fits no phasor of the reference: "
			 "not compared",
			 dut_name(k, dut));
	return n;
}

static bool any_measured(const struct pick *k)
{
	for (uint32_t i = 0; i < k->map->n; i++) {
		const struct cis_match *m = &k->map->match[i];
		struct cis_candidate c = {.n_term = m->n_term,
					  .ratio = m->ratio,
					  .angle_rad = m->angle_rad};

		memcpy(c.term, m->term, sizeof(c.term));
		if (!isnan(cabs(cis_proposal_ratio(&k->p, &c, m->dut))))
			return true;
	}
	return false;
}

/* A phasor that nothing but a line-to-line voltage fits. */
static bool is_line(const struct pick *k, uint32_t dut)
{
	const struct cis_candidate *named = called(k, dut);
	struct best b;

	if (k->p.side[CIS_DUT].phasor[dut].sequence ||
	    (named && fits(k, named, dut)))
		return false;
	b = nearest(k, dut);
	return b.first && b.first->kind == CIS_KIND_LINE;
}

static int match_all(struct pick *k)
{
	assert(k->p.candidate);
	for (uint32_t j = 0; j < k->p.guess->n_dut; j++) {
		const struct cis_candidate *c = called(k, j);

		if (c && fits(k, c, j))
			k->used[c - k->p.candidate] = true;
	}
	for (uint32_t j = 0; j < k->p.guess->n_dut && !k->lines; j++)
		k->lines = is_line(k, j);
	for (uint32_t j = 0; j < k->p.guess->n_dut; j++) {
		int n = match_one(k, j);

		if (n < 0)
			return n;
	}
	if (!any_measured(k))
		return cis_fail(k->diag, -EINVAL,
				"no phasor of the PMU fits one of the "
				"reference; give the channel map with --map");
	cis_match_unused(k->map, &k->p.side[CIS_DUT], k->map->unmatched,
			 sizeof(k->map->unmatched));
	return 0;
}

/* ---- memory ---- */

static int allot(struct pick *k)
{
	uint32_t n = k->p.guess->n_ref;

	k->p.room = 3 * n + 2048;
	k->p.ref_rms = calloc(n + 1, sizeof(*k->p.ref_rms));
	k->p.candidate = calloc(k->p.room, sizeof(*k->p.candidate));
	k->used = calloc(k->p.room, sizeof(*k->used));
	k->map = calloc(1, sizeof(*k->map));
	return k->p.ref_rms && k->p.candidate && k->used && k->map ? 0
								   : -ENOMEM;
}

int cis_match_propose(const struct cis_guess *guess,
		      const struct cis_match_side side[2],
		      struct cis_match_map *out, struct cis_warn_list *tell,
		      struct cis_diag *diag)
{
	struct pick k = {.p = {.guess = guess, .side = side},
			 .tell = tell,
			 .diag = diag};
	int err;

	if (guess->n == 0)
		return cis_fail(diag, -ENODATA,
				"no report of the PMU has one of the reference "
				"at the same instant");
	err = allot(&k);
	if (!err) {
		cis_proposal_candidates(&k.p);
		cis_proposal_scale(&k.p, tell);
		err = match_all(&k);
	}
	if (!err)
		*out = *k.map;
	free(k.p.ref_rms);
	free(k.p.candidate);
	free(k.used);
	free(k.map);
	return err;
}
