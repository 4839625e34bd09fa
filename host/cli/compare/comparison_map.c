/*
 * comparison_map.c - which phasor is which: told, or proposed from the first
 * reports that both sides have; see comparison.h.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "comparison.h"

/* Without good pairs so long, doubtful ones must do. */
#define MAX_DOUBTFUL 100

/* "V+", "Ua:I-", "POS SEQ V" are no conductor's. */
static bool is_sequence(const char *name)
{
	static const char *const words[] = {"POS", "NEG", "ZERO", "SEQ"};
	size_t len = strlen(name);

	if (len > 1 && (name[len - 1] == '+' || name[len - 1] == '-'))
		return true;
	for (const char *s = name; *s; s++)
		for (size_t i = 0; i < 4; i++)
			if ((s == name || !isalnum((unsigned char)s[-1])) &&
			    !strncasecmp(s, words[i], strlen(words[i])))
				return true;
	return false;
}

void cis_comparison_names(struct cis_comparison *c)
{
	for (unsigned s = 0; s < CIS_N_SIDE; s++) {
		struct cis_comparison_side *side = &c->side[s];
		const struct cis_reports_about *a =
			cis_reports_about(side->store);

		for (uint32_t i = 0; i < a->map.n_chan; i++) {
			const char *name = a->map.chan[i].name;

			side->phasor[i] = (struct cis_match_phasor){
				.name = name,
				.quantity = a->quantity[i],
				.sequence = is_sequence(name)};
		}
		c->names[s].n = a->map.n_chan;
		c->names[s].phasor = side->phasor;
	}
}

/* What --accept names is as good as any; test mode (STAT's data error 10) is a
 * NOFIT of the report. */
static bool is_good(const struct cis_comparison *c,
		    const struct cis_pair_event *ev)
{
	uint32_t accept = c->cfg.accept;

	if (accept & CIS_DOUBT_TEST)
		accept |= CIS_REPORT_NOFIT;
	return !((ev->report[CIS_REF]->flags | ev->report[CIS_DUT]->flags) &
		 ~accept);
}

static bool add(struct cis_comparison *c, unsigned g,
		const struct cis_pair_event *ev)
{
	c->n_guess[g]++;
	return cis_guess_add(c->guess[g], ev->report[CIS_REF]->phasor_rms,
			     ev->report[CIS_DUT]->phasor_rms);
}

/* True: there is enough. */
static bool take_pairs(struct cis_comparison *c)
{
	struct cis_pair_event ev;

	while (cis_pair_next(c->guess_pair, &ev)) {
		if (!ev.report[CIS_REF] || !ev.report[CIS_DUT])
			continue;
		if (is_good(c, &ev) && add(c, 0, &ev))
			return true;
		if (add(c, 1, &ev) && c->n_guess[0] == 0 &&
		    c->n_guess[1] > MAX_DOUBTFUL)
			return true;
	}
	return false;
}

static bool guess_begin(struct cis_comparison *c)
{
	uint32_t n_ref = c->names[CIS_REF].n, n_dut = c->names[CIS_DUT].n;
	struct cis_pair_config pc = {.n_phasor = {n_ref, n_dut}};

	if (c->guess_pair)
		return true;
	return !cis_pair_new(&pc, &c->guess_pair) &&
	       !cis_guess_new(n_ref, n_dut, &c->guess[0]) &&
	       !cis_guess_new(n_ref, n_dut, &c->guess[1]);
}

bool cis_comparison_guess(struct cis_comparison *c)
{
	struct cis_report rep;
	struct cis_arrival arrival;

	if (!guess_begin(c))
		return true; /* no memory: map() says so */
	for (;;) {
		size_t at[] = {c->side[0].guessed, c->side[1].guessed};
		enum cis_side s = cis_comparison_turn(c, at);

		if (s == CIS_N_SIDE)
			return false;
		cis_reports_get(c->side[s].store, at[s], &rep, &arrival);
		c->side[s].guessed++;
		if (!cis_comparison_common(c, rep.at))
			continue;
		cis_pair_put(c->guess_pair, s, &rep, &arrival);
		if (take_pairs(c))
			return true;
	}
}

static int propose(struct cis_comparison *c, struct cis_diag *diag)
{
	if (!guess_begin(c))
		return cis_fail(diag, -ENOMEM, "out of memory");
	cis_pair_end(c->guess_pair, CIS_REF);
	cis_pair_end(c->guess_pair, CIS_DUT);
	take_pairs(c);
	return cis_match_propose(c->guess[c->n_guess[0] ? 0 : 1], c->names,
				 &c->map, &c->tell, diag);
}

int cis_comparison_map(struct cis_comparison *c, struct cis_diag *diag)
{
	int err = c->cfg.map
			  ? cis_match_parse(c->cfg.map, c->names, &c->map, diag)
			  : propose(c, diag);

	cis_pair_free(c->guess_pair);
	cis_guess_free(c->guess[0]);
	cis_guess_free(c->guess[1]);
	c->guess_pair = NULL;
	c->guess[0] = c->guess[1] = NULL;
	return err;
}
