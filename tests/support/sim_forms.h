/*
 * sim_forms.h - an old signal and a new one, and whether frames say the one and
 * then the other.
 *
 * Of a signal of magnitude X, frequency f and angle phi, clause 3 of C37.118.1
 * says X at angle phi + 2 pi (f - fnom) (t - t0).
 */
#ifndef TESTS_SIM_FORMS_H
#define TESTS_SIM_FORMS_H

#include "sim_bench.h"

#define RATE 200
#define TURN 6.283185307179586

static struct sim_bench s;

struct form {
	double rms, hz, rad;
	double lsb; /* half of the last place of rectangular integers; 0: float */
};

static const struct form of_old = {100, 50.3, 0.5, 0};
static const struct form of_new = {80, 49.2, -1, 0};

#define OLD_KEYS "v=100 f=50.3 va_deg=28.64788975654116"
#define NEW_KEYS "v=80 f=49.2 va_deg=-57.29577951308232"

static inline double complex value_of(const struct form *form,
				      struct cis_instant at)
{
	double t = (double)(at.tai_s - cis_sim_t0(s.sim)) +
		   (double)at.k / at.rate.num;

	return form->rms *
	       cexp(CMPLX(0, form->rad + remainder(TURN * (form->hz - 50) * t,
						   TURN)));
}

/* Floats have 24 bits: of a magnitude, an angle up to pi, a frequency. */
static inline void expect_form(const struct sim_data *d,
			       const struct form *form)
{
	double complex must = value_of(form, d->at);
	double tol = form->lsb > 0 ? form->lsb * sqrt(2) : form->rms * 0x1p-21;

	assert_false(d->unread);
	check_close(cabs(d->va - must), 0, tol);
	if (!(form->lsb > 0))
		check_close(d->freq_hz, form->hz, form->hz * 0x1p-23);
}

/* Each instant of the grid once, in its order, from the first one on. */
static inline void expect_grid(const struct sim_ear *ear)
{
	for (unsigned k = 1; k < ear->n; k++)
		assert_int_equal(
			cis_instant_diff(ear->data[k].at, ear->data[k - 1].at),
			1);
}

/* Frames are of the old form until `at`, and then of the new one. */
static inline void expect_change(const struct sim_ear *ear,
				 struct cis_instant at)
{
	unsigned n_old = 0, n_new = 0;

	expect_grid(ear);
	for (unsigned k = 0; k < ear->n; k++) {
		bool is_new = cis_instant_diff(ear->data[k].at, at) >= 0;

		expect_form(&ear->data[k], is_new ? &of_new : &of_old);
		n_new += is_new;
		n_old += !is_new;
	}
	assert_true(n_old > 0 && n_new > 0);
}

/* A client with data on, at listener k: 0 TCP, 1 UDP. */
static inline struct sim_ear *client(unsigned k)
{
	struct sim_ear *ear = ear_new(&s);

	line_dial(&ear->line, cis_sim_endpoint(s.sim, 1 + k), 0);
	line_command(&ear->line, SIM_IDCODE, CIS_C37_CMD_SEND_CFG2);
	line_command(&ear->line, SIM_IDCODE, CIS_C37_CMD_DATA_ON);
	sim_until(&s, &ear->n, 1);
	return ear;
}

/* Ear k, which has data on, got the last frame. */
static inline bool has_last(unsigned k)
{
	const struct sim_ear *first = s.ear[0], *ear = s.ear[k];

	return ear->n > 0 && cis_instant_diff(first->data[first->n - 1].at,
					      ear->data[ear->n - 1].at) == 0;
}

/* All that was sent so far has come, everywhere. */
static inline void settle(void)
{
	unsigned k = 0;

	while (k < s.n_ear) {
		sim_until(&s, &s.ear[0]->n, (unsigned)sim_frames(&s));
		for (k = 0; k < s.n_ear && has_last(k);)
			k++;
		if (k < s.n_ear)
			sim_turn(&s);
	}
}

/* The instant of the frame that will be sent next. */
static inline struct cis_instant next_one(void)
{
	settle();
	return cis_instant_next(s.ear[0]->data[s.ear[0]->n - 1].at);
}

static inline struct cis_sim_config
with_format(struct cis_sim_config sc, uint16_t format, double announce_s)
{
	sc.opts.format = format;
	sc.announce_s = announce_s;
	return sc;
}

static inline struct cis_sim_config late(struct cis_sim_config sc,
					 double delay_s, double jitter_s)
{
	sc.impair.delay_s = delay_s;
	sc.impair.jitter_s = jitter_s;
	return sc;
}

/* What came, in the order of instants: none is missing, none came twice. */
static inline void sort(struct sim_ear *ear)
{
	for (unsigned k = 1; k < ear->n; k++)
		for (unsigned j = k;
		     j > 0 &&
		     cis_instant_diff(ear->data[j].at, ear->data[j - 1].at) < 0;
		     j--) {
			struct sim_data swap = ear->data[j];

			ear->data[j] = ear->data[j - 1];
			ear->data[j - 1] = swap;
		}
}

#endif
