/*
 * match.c - the channel map as a person writes it; see match.h.
 *
 * Names may hold any sign, so nothing is split beforehand: at each place the
 * longest name that fits there and is followed by a sign or the end is meant.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cisoid/match.h"
#include "host/core/angle.h"
#include "host/core/near.h"

static bool is_same(const char *a, const char *b, size_t len, bool exact)
{
	return exact ? !strncmp(a, b, len) : !strncasecmp(a, b, len);
}

/* The longest name at `text` that one of `ends` or the end follows. */
static int longest(const struct cis_match_side *side, const char *text,
		   const char *ends, bool exact)
{
	size_t best_len = 0;
	int best = -1;

	for (uint32_t i = 0; i < side->n; i++) {
		const char *name = side->phasor[i].name;
		size_t len = strlen(name);

		if (len <= best_len || strlen(text) < len ||
		    !is_same(text, name, len, exact) ||
		    !strchr(ends, text[len]))
			continue;
		best = (int)i;
		best_len = len;
	}
	return best;
}

static int no_name(const struct cis_match_side *side, const char *whose,
		   const char *text, size_t len, struct cis_diag *diag)
{
	const char *names[CIS_MAX_PHASOR + 1] = {NULL};
	const char *near;
	char word[64];

	for (uint32_t i = 0; i < side->n && i < CIS_MAX_PHASOR; i++)
		names[i] = side->phasor[i].name;
	snprintf(word, sizeof(word), "%.*s", (int)(len < 60 ? len : 60), text);
	near = cis_near(word, names);
	if (near)
		return cis_fail(diag, -EINVAL,
				"the %s has no phasor \"%s\"; did you mean "
				"\"%.60s\"?",
				whose, word, near);
	return cis_fail(diag, -EINVAL, "the %s has no phasor \"%s\"", whose,
			word);
}

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* Moves *text behind the name. */
static int take_name(const struct cis_match_side *side, const char *whose,
		     const char *ends, const char **text, struct cis_diag *diag)
{
	const char *at = skip_blanks(*text);
	int i = longest(side, at, ends, true);

	if (i < 0)
		i = longest(side, at, ends, false);
	if (i < 0)
		return no_name(side, whose, at, strcspn(at, ends), diag);
	*text = at + strlen(side->phasor[i].name);
	return i;
}

/* ---- A: terms, ratio, angle ---- */

static int take_terms(const struct cis_match_side *ref, const char **text,
		      struct cis_match *m, struct cis_diag *diag)
{
	double sign = 1;

	for (;;) {
		int i;

		if (m->n_term == CIS_MATCH_MAX_TERM)
			return cis_fail(diag, -EINVAL,
					"more than %d phasors in a sum: "
					"\"%.80s\"",
					CIS_MATCH_MAX_TERM, *text);
		i = take_name(ref, "reference", "+-*@= ", text, diag);
		if (i < 0)
			return i;
		m->term[m->n_term].phasor = (uint32_t)i;
		m->term[m->n_term++].sign = sign;
		*text = skip_blanks(*text);
		if (**text != '+' && **text != '-')
			return 0;
		sign = **text == '-' ? -1 : 1;
		++*text;
	}
}

static int take_number(const char **text, const char *what, double *out,
		       struct cis_diag *diag)
{
	char *end;
	double x = strtod(++*text, &end);

	if (end == *text || !isfinite(x))
		return cis_fail(diag, -EINVAL, "\"%.*s\" is no %s",
				(int)strcspn(*text, ",=@"), *text, what);
	*text = skip_blanks(end);
	*out = x;
	return 0;
}

static int take_factors(const char **text, struct cis_match *m,
			struct cis_diag *diag)
{
	double deg = 0;
	int err = 0;

	m->ratio = 1;
	if (**text == '*')
		err = take_number(text, "ratio", &m->ratio, diag);
	if (!err && !(m->ratio > 0))
		return cis_fail(diag, -EINVAL,
				"a ratio is above 0, not %g; to turn a phasor "
				"round write @180",
				m->ratio);
	if (!err && **text == '@')
		err = take_number(text, "angle", &deg, diag);
	m->angle_rad = deg * CIS_RAD_PER_DEG;
	return err;
}

/* ---- the map ---- */

static bool is_taken(const struct cis_match_map *map, uint32_t dut)
{
	for (uint32_t i = 0; i < map->n; i++)
		if (map->match[i].dut == dut)
			return true;
	return false;
}

/* A ratio that is written turns volts into amperes, if that is meant. */
static int check_quantities(const struct cis_match_side side[2],
			    const struct cis_match *m, struct cis_diag *diag)
{
	static const char *const what[] = {"phasor", "voltage", "current"};
	const struct cis_match_phasor *dut = &side[CIS_DUT].phasor[m->dut];

	for (uint32_t i = 0; i < m->n_term; i++) {
		const struct cis_match_phasor *ref =
			&side[CIS_REF].phasor[m->term[i].phasor];

		if (ref->quantity != dut->quantity &&
		    ref->quantity != CIS_MATCH_UNKNOWN &&
		    dut->quantity != CIS_MATCH_UNKNOWN)
			return cis_fail(
				diag, -EINVAL,
				"the reference's \"%.60s\" is a %s, the "
				"PMU's \"%.60s\" a %s; if that is meant, "
				"write a ratio (*1)",
				ref->name, what[ref->quantity], dut->name,
				what[dut->quantity]);
	}
	return 0;
}

static int take_match(const struct cis_match_side side[2], const char **text,
		      struct cis_match_map *map, struct cis_diag *diag)
{
	const char *begin = skip_blanks(*text);
	struct cis_match m = {.confidence = 1};
	bool has_ratio;
	int err = take_terms(&side[CIS_REF], text, &m, diag);
	int dut;

	has_ratio = **text == '*';
	if (!err)
		err = take_factors(text, &m, diag);
	if (err)
		return err;
	if (**text != '=')
		return cis_fail(diag, -EINVAL,
				"\"%.80s\" should read REFERENCE=PMU, as in "
				"VA=V1 or VA-VB*0.001@30=U12",
				begin);
	++*text;
	dut = take_name(&side[CIS_DUT], "PMU", ",", text, diag);
	if (dut < 0)
		return dut;
	m.dut = (uint32_t)dut;
	err = has_ratio ? 0 : check_quantities(side, &m, diag);
	if (err)
		return err;
	if (is_taken(map, m.dut))
		return cis_fail(diag, -EINVAL,
				"the PMU's phasor \"%.60s\" is matched twice",
				side[CIS_DUT].phasor[dut].name);
	if (map->n == CIS_MATCH_MAX)
		return cis_fail(diag, -EINVAL, "more than %d matches",
				CIS_MATCH_MAX);
	snprintf(m.text, sizeof(m.text), "%.*s", (int)(*text - begin), begin);
	map->match[map->n++] = m;
	return 0;
}

int cis_match_parse(const char *text, const struct cis_match_side side[2],
		    struct cis_match_map *out, struct cis_diag *diag)
{
	struct cis_match_map *map = calloc(1, sizeof(*map));
	int err = 0;

	if (!map)
		return cis_fail(diag, -ENOMEM, "out of memory");
	do {
		err = take_match(side, &text, map, diag);
		if (err)
			break;
	} while (*text++ == ',');
	if (!err)
		*out = *map;
	free(map);
	return err;
}

const char *cis_match_unused(const struct cis_match_map *map,
			     const struct cis_match_side *dut, char *buf,
			     size_t size)
{
	size_t len = 0;

	if (size)
		buf[0] = '\0';
	for (uint32_t i = 0; i < dut->n && len < size; i++)
		if (!is_taken(map, i))
			len += (size_t)snprintf(buf + len, size - len, "%s%s",
						len ? ", " : "",
						dut->phasor[i].name);
	return buf;
}

double complex cis_match_reference(const struct cis_match *match,
				   const double complex *phasor_rms,
				   uint32_t n_phasor)
{
	double complex sum = 0;

	for (uint32_t i = 0; i < match->n_term; i++) {
		uint32_t at = match->term[i].phasor;

		if (at >= n_phasor)
			return cis_rect(NAN, NAN);
		sum += match->term[i].sign * phasor_rms[at];
	}
	if (match->ratio == 1 && match->angle_rad == 0)
		return sum;
	return sum * match->ratio *
	       cis_rect(cos(match->angle_rad), sin(match->angle_rad));
}
