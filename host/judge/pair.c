/*
 * pair.c - reports of two sides, paired by their instant; see compare.h.
 *
 * A side holds its reports in order of time. The oldest are those already given
 * out: they stay as long as there is room, so that a duplicate is known as one.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/compare.h"
#include "cisoid/utc.h"

#define DEPTH     256
#define DEPTH_MAX 65536
#define WAIT      16

/* Time of a frame is told in whole TIME_BASE: this allows its rounding. */
#define OFF_GRID_S 1e-6

#define JUMP_S 3600

/* Hostile instants are kept far from overflow: 30 000 years. */
#define MAX_TAI_S (INT64_C(1) << 40)
#define MAX_NUM   100000
#define MAX_DEN   32768

struct queue {
	struct cis_side_report **order; /* by instant; [depth] */
	struct cis_side_report *slot;   /* [depth] */
	double complex *phasor_rms;
	struct cis_phasor_unc *unc;
	uint32_t n_phasor, depth;
	uint32_t n, n_out; /* held; of these, the first were given out */
	uint32_t n_late;   /* too late, one after the other */
	bool ended, begun; /* begun: `last` was given out */
	struct cis_instant last;
	struct cis_side_count count;
};

struct cis_pair {
	struct queue side[CIS_N_SIDE];
	uint32_t wait;
	bool begun;
	struct cis_instant last; /* of all that was given out */
};

/* ---- instants ---- */

int cis_instant_compare(struct cis_instant a, struct cis_instant b)
{
	uint64_t ka = (uint64_t)a.k * b.rate.num;
	uint64_t kb = (uint64_t)b.k * a.rate.num;

	if (a.tai_s != b.tai_s)
		return a.tai_s < b.tai_s ? -1 : 1;
	return (ka > kb) - (ka < kb);
}

static bool is_instant(struct cis_instant i)
{
	return i.rate.num > 0 && i.rate.num <= MAX_NUM && i.rate.den > 0 &&
	       i.rate.den <= MAX_DEN && (i.rate.num == 1 || i.rate.den == 1) &&
	       i.k < i.rate.num && i.tai_s > -MAX_TAI_S && i.tai_s < MAX_TAI_S;
}

static bool same_rate(struct cis_rate a, struct cis_rate b)
{
	return a.num == b.num && a.den == b.den;
}

static bool on_grid(struct cis_instant i, struct cis_rate rate)
{
	if (rate.den > 1)
		return i.k == 0 &&
		       cis_utc_from_tai(i.tai_s).soc % rate.den == 0;
	return (uint64_t)i.k * rate.num % i.rate.num == 0;
}

/* ---- memory ---- */

static int queue_new(struct queue *q, uint32_t depth, uint32_t n_phasor)
{
	size_t n = (size_t)depth * n_phasor;

	q->depth = depth;
	q->n_phasor = n_phasor;
	q->order = calloc(depth, sizeof(struct cis_side_report *));
	q->slot = calloc(depth, sizeof(*q->slot));
	q->phasor_rms = calloc(n, sizeof(*q->phasor_rms));
	q->unc = calloc(n, sizeof(*q->unc));
	if (!q->order || !q->slot || !q->phasor_rms || !q->unc)
		return -ENOMEM;
	for (uint32_t i = 0; i < depth; i++) {
		q->slot[i].phasor_rms = &q->phasor_rms[(size_t)i * n_phasor];
		q->slot[i].unc = &q->unc[(size_t)i * n_phasor];
		q->order[i] = &q->slot[i];
	}
	return 0;
}

int cis_pair_new(const struct cis_pair_config *cfg, struct cis_pair **out)
{
	uint32_t depth = cfg->depth ? cfg->depth : DEPTH;
	struct cis_pair *p;
	int err = 0;

	if (depth < 4 || depth > DEPTH_MAX)
		return -EINVAL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->wait = cfg->wait ? cfg->wait : WAIT;
	if (p->wait > depth / 2)
		p->wait = depth / 2;
	for (int s = 0; s < CIS_N_SIDE && !err; s++) {
		uint32_t n = cfg->n_phasor[s];

		if (n == 0 || n > CIS_MAX_PHASOR)
			n = CIS_MAX_PHASOR;
		err = queue_new(&p->side[s], depth, n);
	}
	if (err)
		cis_pair_free(p);
	else
		*out = p;
	return err;
}

void cis_pair_free(struct cis_pair *pair)
{
	if (!pair)
		return;
	for (int s = 0; s < CIS_N_SIDE; s++) {
		free(pair->side[s].order);
		free(pair->side[s].slot);
		free(pair->side[s].phasor_rms);
		free(pair->side[s].unc);
	}
	free(pair);
}

/* ---- a copy ---- */

static double complex positive(const double complex *x)
{
	const double complex a = cis_rect(-0.5, 0.866025403784438646764);

	return (x[0] + a * x[1] + conj(a) * x[2]) / 3;
}

/*
 * A positive sequence has no fit of its own: its uncertainty is that of the
 * three neighbours whose sequence it is, as if their errors were one.
 */
static struct cis_phasor_unc unc_of_sequence(const struct cis_report *rep,
					     double complex seq)
{
	struct cis_phasor_unc unc = {NAN, NAN, 0};

	for (uint32_t c = 0; c + 2 < rep->n_chan; c++) {
		const double complex *x = &rep->phasor_rms[c];
		double sum = 0;

		if (!(cabs(positive(x) - seq) <= 1e-9 * cabs(seq)))
			continue;
		for (int i = 0; i < 3; i++) {
			const struct cis_fit *fit = &rep->fit[c + (uint32_t)i];

			sum += cabs(x[i]) * hypot(fit->u_mag, fit->u_phase_rad);
			unc.flags |= fit->flags;
		}
		unc.mag = unc.phase_rad = sum / (3 * cabs(seq));
		return unc;
	}
	return unc;
}

static struct cis_phasor_unc unc_of(const struct cis_report *rep, uint32_t i)
{
	const struct cis_fit *fit = i < CIS_MAX_CHAN ? &rep->fit[i] : NULL;
	struct cis_phasor_unc unc;

	if (!fit || i >= rep->n_chan)
		return unc_of_sequence(rep, rep->phasor_rms[i]);
	/* A table has its sequences among the channels. */
	unc.mag = fit->u_mag;
	unc.phase_rad = fit->u_phase_rad;
	if (isnan(unc.mag) && isnan(unc.phase_rad))
		unc = unc_of_sequence(rep, rep->phasor_rms[i]);
	unc.flags = fit->flags;
	return unc;
}

static void copy(struct cis_side_report *to, const struct cis_report *rep,
		 const struct cis_arrival *arrival, uint32_t room)
{
	static const struct cis_arrival unknown = {NAN, NAN, -1};

	to->at = rep->at;
	to->contradicted = false;
	to->time_quality = rep->time_quality;
	to->arrival = arrival ? *arrival : unknown;
	to->flags = rep->flags;
	to->notes = rep->notes;
	to->freq_hz = rep->freq_hz;
	to->rocof_hz_per_s = rep->rocof_hz_per_s;
	to->u_freq_hz = rep->u_freq_hz;
	to->u_rocof_hz_per_s = rep->u_rocof_hz_per_s;
	to->n_phasor = rep->n_phasor < room ? rep->n_phasor : room;
	for (uint32_t i = 0; i < to->n_phasor; i++) {
		to->phasor_rms[i] = rep->phasor_rms[i];
		to->unc[i] = unc_of(rep, i);
	}
}

static bool same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static bool same_values(const struct cis_side_report *a,
			const struct cis_report *b)
{
	if (a->flags != b->flags || !same_number(a->freq_hz, b->freq_hz) ||
	    !same_number(a->rocof_hz_per_s, b->rocof_hz_per_s))
		return false;
	for (uint32_t i = 0; i < a->n_phasor && i < b->n_phasor; i++) {
		double complex x = a->phasor_rms[i], y = b->phasor_rms[i];

		if (!same_number(creal(x), creal(y)) ||
		    !same_number(cimag(x), cimag(y)))
			return false;
	}
	return true;
}

/* ---- in ---- */

/* Where a report of this instant belongs: behind all that are not later. */
static uint32_t place_of(const struct queue *q, struct cis_instant at)
{
	uint32_t i = q->n;

	while (i > 0 && cis_instant_compare(at, q->order[i - 1]->at) < 0)
		i--;
	return i;
}

static void forget_oldest(struct queue *q)
{
	struct cis_side_report *oldest = q->order[0];

	memmove(q->order, q->order + 1,
		(q->n - 1) * sizeof(struct cis_side_report *));
	q->n--;
	q->n_out--;
	q->order[q->n] = oldest;
}

static void insert(struct queue *q, uint32_t place,
		   const struct cis_report *rep,
		   const struct cis_arrival *arrival)
{
	struct cis_side_report *r = q->order[q->n];

	memmove(q->order + place + 1, q->order + place,
		(q->n - place) * sizeof(struct cis_side_report *));
	q->order[place] = r;
	q->n++;
	copy(r, rep, arrival, q->n_phasor);
}

static void forget_given(struct queue *q)
{
	while (q->n_out > 0)
		forget_oldest(q);
}

/*
 * One report out of time is dropped; as many in a row as are waited for mean
 * that this side's clock went back: pairing begins anew from there.
 */
static bool is_too_late(struct cis_pair *pair, struct queue *q,
			struct cis_instant at)
{
	if (!pair->begun || cis_instant_compare(at, pair->last) > 0) {
		q->n_late = 0;
		return false;
	}
	if (++q->n_late <= pair->wait) {
		q->count.too_late++;
		return true;
	}
	for (int s = 0; s < CIS_N_SIDE; s++)
		forget_given(&pair->side[s]);
	pair->begun = false;
	q->n_late = 0;
	return false;
}

/* Of an instant that has a report. */
static void take_again(struct queue *q, struct cis_side_report *first,
		       const struct cis_report *rep)
{
	if (same_values(first, rep)) {
		q->count.duplicates++;
		return;
	}
	q->count.contradicted++;
	first->contradicted = true;
}

static void count_put(struct queue *q, const struct cis_arrival *arrival)
{
	q->count.reports++;
	if (arrival && fabs(arrival->off_grid_s) > OFF_GRID_S)
		q->count.off_grid++;
}

int cis_pair_put(struct cis_pair *pair, enum cis_side side,
		 const struct cis_report *rep,
		 const struct cis_arrival *arrival)
{
	struct queue *q = &pair->side[side];
	uint32_t place;

	if (!is_instant(rep->at)) {
		q->count.reports++;
		q->count.invalid++;
		return -EINVAL;
	}
	if (q->n - q->n_out == q->depth)
		return -EAGAIN;
	count_put(q, arrival);
	place = place_of(q, rep->at);
	if (place > 0 &&
	    cis_instant_compare(q->order[place - 1]->at, rep->at) == 0) {
		take_again(q, q->order[place - 1], rep);
		return 0;
	}
	if (is_too_late(pair, q, rep->at))
		return 0;
	place = place_of(q, rep->at);
	q->count.reordered += place < q->n;
	if (q->n == q->depth) {
		forget_oldest(q);
		place--;
	}
	insert(q, place, rep, arrival);
	return 0;
}

void cis_pair_end(struct cis_pair *pair, enum cis_side side)
{
	pair->side[side].ended = true;
}

/* ---- out ---- */

static const struct cis_side_report *front(const struct queue *q)
{
	return q->n_out < q->n ? q->order[q->n_out] : NULL;
}

/* The report before the front is the one given out last: none can come between
 * that is late. */
static bool no_hole(const struct queue *q)
{
	const struct cis_side_report *next = front(q);

	return next && q->begun && same_rate(next->at.rate, q->last.rate) &&
	       cis_instant_diff(next->at, q->last) == 1;
}

/* Whether the other side has an instant such as this at its rate, as far as is
 * known. */
static bool other_has(const struct queue *other, struct cis_instant at)
{
	const struct cis_side_report *next = front(other);

	if (next)
		return on_grid(at, next->at.rate);
	return !other->begun || on_grid(at, other->last.rate);
}

/* No partner of the front of q is to be expected; the other's front is later,
 * or there is none. */
static bool given_up(const struct cis_pair *pair, const struct queue *q,
		     const struct queue *other)
{
	if (other->ended || q->n - q->n_out == q->depth ||
	    other->n - other->n_out >= pair->wait)
		return true;
	return no_hole(other) && !other_has(other, front(q)->at);
}

static void count_out(struct queue *q, struct cis_instant at)
{
	if (q->begun && !same_rate(q->last.rate, at.rate))
		q->count.rate_changes++;
	else if (q->begun && (at.tai_s - q->last.tai_s > JUMP_S ||
			      cis_instant_compare(at, q->last) <= 0))
		q->count.jumps++;
	else if (q->begun)
		q->count.lost += (uint64_t)cis_instant_diff(at, q->last) - 1;
	q->begun = true;
	q->last = at;
}

static void give(struct cis_pair *pair, enum cis_side side,
		 struct cis_pair_event *event)
{
	struct queue *q = &pair->side[side];

	event->report[side] = front(q);
	event->at = event->report[side]->at;
	q->n_out++;
	count_out(q, event->at);
	pair->begun = true;
	pair->last = event->at;
}

static bool give_alone(struct cis_pair *pair, enum cis_side side,
		       struct cis_pair_event *event)
{
	struct queue *q = &pair->side[side];
	struct queue *other = &pair->side[CIS_DUT - side];

	if (!given_up(pair, q, other))
		return false;
	event->other_rate = !other_has(other, front(q)->at);
	if (event->other_rate)
		q->count.other_rate++;
	else
		q->count.alone++;
	give(pair, side, event);
	return true;
}

bool cis_pair_next(struct cis_pair *pair, struct cis_pair_event *event)
{
	const struct cis_side_report *ref = front(&pair->side[CIS_REF]);
	const struct cis_side_report *dut = front(&pair->side[CIS_DUT]);
	int order;

	memset(event, 0, sizeof(*event));
	if (!ref && !dut)
		return false;
	if (!ref || !dut)
		return give_alone(pair, ref ? CIS_REF : CIS_DUT, event);
	order = cis_instant_compare(ref->at, dut->at);
	if (order)
		return give_alone(pair, order < 0 ? CIS_REF : CIS_DUT, event);
	give(pair, CIS_REF, event);
	give(pair, CIS_DUT, event);
	return true;
}

const struct cis_side_count *cis_pair_count(const struct cis_pair *pair,
					    enum cis_side side)
{
	return &pair->side[side].count;
}
