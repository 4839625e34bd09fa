/*
 * comparison_who.c - who was compared, how many reports there were, and which
 * are not judged; see comparison_text.h.
 */
#include "cisoid/utc.h"
#include "comparison_text.h"

static const char *when(struct cis_instant at, char buf[CIS_UTC_SIZE])
{
	return cis_utc_format(cis_instant_time(at), 6, buf);
}

static void put_side(FILE *f, const struct cis_comparison *c,
		     enum cis_side side)
{
	const struct cis_reports_about *a = cis_comparison_about(c, side);
	char rate[32];

	cis_cell_left(f, CIS_CELL_NAME, side == CIS_REF ? "reference" : "PMU");
	if (a->rate.den > 1)
		snprintf(rate, sizeof(rate), "1 in %u s",
			 (unsigned)a->rate.den);
	else
		snprintf(rate, sizeof(rate), "%u per s", (unsigned)a->rate.num);
	fprintf(f, "%s  %s  %s", cis_reports_origin(a), a->what, rate);
	if (a->fnom_hz)
		fprintf(f, "  %u Hz", a->fnom_hz);
	if (a->station[0])
		fprintf(f, "  %s", a->station);
	if (a->idcode)
		fprintf(f, "  IDCODE %u", a->idcode);
	fputc('\n', f);
}

static void put_heads(FILE *f, const char *first, const char *const heads[],
		      size_t n)
{
	cis_cell_left(f, CIS_CELL_NAME, first);
	for (size_t i = 0; i < n; i++)
		cis_cell_right(f, CIS_CELL, heads[i]);
	fputc('\n', f);
}

static void put_counts(FILE *f, const struct cis_comparison *c, enum cis_side s)
{
	const struct cis_side_count *n = cis_pair_count(c->pair, s);
	const struct cis_comparison_side *side = &c->side[s];
	const struct cis_reports_about *a = cis_comparison_about(c, s);

	cis_cell_left(f, CIS_CELL_NAME, s == CIS_REF ? "reference" : "PMU");
	cis_cell_count(f, side->n);
	cis_cell_count(f, side->outside);
	cis_cell_count(f, n->lost);
	cis_cell_count(f, n->duplicates);
	cis_cell_count(f, n->reordered + n->too_late);
	cis_cell_count(f, side->alone);
	cis_cell_count(f, n->off_grid);
	cis_cell_count(f, a->crc_errors);
	cis_cell_count(f, a->unread);
	fputc('\n', f);
}

/* What a person should know that has no column. */
static void put_oddities(FILE *f, const struct cis_comparison *c)
{
	static const char *const names[] = {"reference", "PMU"};

	for (unsigned s = 0; s < CIS_N_SIDE; s++) {
		const struct cis_side_count *n =
			cis_pair_count(c->pair, (enum cis_side)s);

		if (n->contradicted)
			fprintf(f,
				"%s: %llu reports contradict another one of "
				"the same instant\n",
				names[s], (unsigned long long)n->contradicted);
		if (n->too_late)
			fprintf(f,
				"%s: %llu reports came too late to be paired\n",
				names[s], (unsigned long long)n->too_late);
		if (n->invalid)
			fprintf(f, "%s: %llu reports without an instant\n",
				names[s], (unsigned long long)n->invalid);
		if (n->other_rate)
			fprintf(f,
				"%s: %llu instants are not on the other "
				"side's grid\n",
				names[s], (unsigned long long)n->other_rate);
	}
}

/* What becomes of a report with this doubt. */
static const char *fate(const struct cis_comparison *c, enum cis_side side,
			uint32_t doubt)
{
	if (c->cfg.accept & doubt)
		return ", accepted";
	return side == CIS_DUT || doubt & CIS_DOUBT_SOFT ? ", not judged"
							 : ", left out";
}

static void put_left(FILE *f, const struct cis_comparison *c)
{
	const struct cis_tally_count *n = cis_tally_count(c->tally);
	static const char *const sides[] = {"reference", "PMU"};
	char words[CIS_DOUBT_SIZE];

	/* The other side's rate has a line of its own. */
	for (unsigned i = 0; i < CIS_N_LEFT; i++) {
		if (1u << i != CIS_LEFT_OTHER_RATE && n->left[i])
			fprintf(f, "%s, %s: %llu\n",
				1u << i & (CIS_LEFT_REF | CIS_LEFT_DUT)
					? "not judged"
					: "left out",
				cis_left_words(1u << i, words),
				(unsigned long long)n->left[i]);
	}
	for (unsigned s = 0; s < CIS_N_SIDE; s++)
		for (unsigned i = 0; i < CIS_N_DOUBT; i++)
			if (n->doubt[s][i])
				fprintf(f, "%s says %s: %llu%s\n", sides[s],
					cis_doubt_words(1u << i, words),
					(unsigned long long)n->doubt[s][i],
					fate(c, (enum cis_side)s, 1u << i));
	if (n->left[3] || n->left[4])
		fprintf(f, "half the reference's window: %.4g s\n",
			c->half_window_s);
	if (n->jumps)
		fprintf(f,
			"steps in the reference that it does not tell: %llu\n",
			(unsigned long long)n->jumps);
}

void cis_comparison_put_who(FILE *f, const struct cis_comparison *c)
{
	static const char *const heads[] = {"reports",   "outside",   "lost",
					    "duplicate", "late",      "alone",
					    "off grid",  "wrong CRC", "unread"};
	const struct cis_tally_count *n = cis_tally_count(c->tally);
	char from[CIS_UTC_SIZE], to[CIS_UTC_SIZE];

	put_side(f, c, CIS_REF);
	put_side(f, c, CIS_DUT);
	if (cis_comparison_simulated(c))
		fputs("SIMULATED - NOT A CALIBRATION\n", f);
	fprintf(f, "\n%s to %s: %llu pairs, %llu judged\n\n",
		when(c->row_first, from), when(c->row_last, to),
		(unsigned long long)c->n_pair, (unsigned long long)n->judged);
	put_heads(f, "", heads, sizeof(heads) / sizeof(heads[0]));
	put_counts(f, c, CIS_REF);
	put_counts(f, c, CIS_DUT);
	put_oddities(f, c);
	put_left(f, c);
}
