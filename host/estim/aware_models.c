/*
 * aware_models.c - see aware_models.h.
 *
 * X = a exp(j psi) exp(-j w0 t) at the instant where w0 t counts from: with
 * d = psi' - w0, X' = (a' + j a d) e and X'' = (a'' + 2 j a' d + j a psi'' -
 * a d^2) e, where e = exp(j psi).
 */
#include "aware_models.h"

#include <math.h>
#include <string.h>

#include "dyn.h"

#define TWO_PI (2 * CIS_PI)

void cis_waveform_init(struct cis_waveform *w, enum cis_model model)
{
	static const unsigned n_own[] = {
		[CIS_MODEL_NONE] = 0, [CIS_MODEL_STEADY] = 0,
		[CIS_MODEL_RAMP] = 1, [CIS_MODEL_MOD] = 5,
		[CIS_MODEL_TONE] = 3, [CIS_MODEL_STEP] = 2};

	*w = (struct cis_waveform){.model = model,
				   .n_par = CIS_PAR_OWN + n_own[model] + 1};
}

void cis_waveform_corners(struct cis_waveform *w, bool first, bool last)
{
	w->from = first ? CIS_PAR_CORNER : 0;
	w->to = last ? CIS_PAR_CORNER + (unsigned)first : 0;
	w->n_par = CIS_PAR_CORNER + (unsigned)first + (unsigned)last + 1;
}

double cis_turns(double f_hz, struct cis_lapse t)
{
	double high = f_hz * t.whole_s;
	double low = fma(f_hz, t.whole_s, -high);

	return high - rint(high) + low + f_hz * t.rest_s;
}

/* ---- amplitude and phase ---- */

static void steady(const struct cis_waveform *w, struct cis_lapse t,
		   struct cis_motion *m)
{
	const double *p = w->par;
	double s = cis_lapse_s(t);

	memset(m, 0, sizeof(*m));
	m->a[0] = p[CIS_PAR_A];
	m->da[0][CIS_PAR_A] = 1;
	m->psi[0] = TWO_PI * cis_turns(p[CIS_PAR_F], t) + p[CIS_PAR_PHI];
	m->psi[1] = TWO_PI * p[CIS_PAR_F];
	m->dpsi[0][CIS_PAR_PHI] = 1;
	m->dpsi[0][CIS_PAR_F] = TWO_PI * s;
	m->dpsi[1][CIS_PAR_F] = TWO_PI;
}

/* psi = 2 pi R g(t), where g' = t between the corners, and constant outside. */
static void ramp(const struct cis_waveform *w, struct cis_lapse t,
		 struct cis_motion *m)
{
	double r = w->par[CIS_PAR_R], s = cis_lapse_s(t);
	double from = w->from ? w->par[w->from] : -INFINITY;
	double to = w->to ? w->par[w->to] : INFINITY;
	double at = fmin(fmax(s, from), to), beyond = s - at;
	double g = at * (at / 2 + beyond), turns = r * g;
	bool inside = beyond == 0;

	m->psi[0] += TWO_PI * (turns - rint(turns));
	m->psi[1] += TWO_PI * r * at;
	m->psi[2] += inside ? TWO_PI * r : 0;
	m->dpsi[0][CIS_PAR_R] = TWO_PI * g;
	m->dpsi[1][CIS_PAR_R] = TWO_PI * at;
	m->dpsi[2][CIS_PAR_R] = inside ? TWO_PI : 0;
	if (!inside) {
		unsigned corner = beyond < 0 ? w->from : w->to;

		m->dpsi[0][corner] = TWO_PI * r * beyond;
		m->dpsi[1][corner] = TWO_PI * r;
	}
}

/* c cos(v t) + s sin(v t): two derivatives in time, each by c, s and v/(2 pi).
 */
struct swing {
	double y[3], dc[3], ds[3], df[3];
};

static struct swing swing_of(double c, double s, double f_hz,
			     struct cis_lapse t)
{
	double v = TWO_PI * f_hz, at = cis_lapse_s(t);
	double angle = TWO_PI * cis_turns(f_hz, t);
	double cs = cos(angle), sn = sin(angle);
	double out = c * cs + s * sn, turned = -c * sn + s * cs;

	return (struct swing){
		.y = {out, v * turned, -v * v * out},
		.dc = {cs, -v * sn, -v * v * cs},
		.ds = {sn, v * cs, -v * v * sn},
		.df = {TWO_PI * at * turned, TWO_PI * (turned - v * at * out),
		       TWO_PI * (-2 * v * out - v * v * at * turned)}};
}

static void mod(const struct cis_waveform *w, struct cis_lapse t,
		struct cis_motion *m)
{
	const double *p = w->par;
	struct swing a =
		swing_of(p[CIS_PAR_AC], p[CIS_PAR_AS], p[CIS_PAR_FM], t);
	struct swing b =
		swing_of(p[CIS_PAR_PC], p[CIS_PAR_PS], p[CIS_PAR_FM], t);

	for (unsigned k = 0; k < 3; k++) {
		double level = a.y[k] + (k == 0);

		m->a[k] = p[CIS_PAR_A] * level;
		m->da[k][CIS_PAR_A] = level;
		m->da[k][CIS_PAR_AC] = p[CIS_PAR_A] * a.dc[k];
		m->da[k][CIS_PAR_AS] = p[CIS_PAR_A] * a.ds[k];
		m->da[k][CIS_PAR_FM] = p[CIS_PAR_A] * a.df[k];
		m->psi[k] += b.y[k];
		m->dpsi[k][CIS_PAR_PC] = b.dc[k];
		m->dpsi[k][CIS_PAR_PS] = b.ds[k];
		m->dpsi[k][CIS_PAR_FM] = b.df[k];
	}
}

static void step(const struct cis_waveform *w, struct cis_lapse t,
		 struct cis_motion *m)
{
	if (cis_lapse_s(t) < w->step_s)
		return;
	m->a[0] = w->par[CIS_PAR_A2];
	m->da[0][CIS_PAR_A] = 0;
	m->da[0][CIS_PAR_A2] = 1;
	m->psi[0] += w->par[CIS_PAR_PHI2] - w->par[CIS_PAR_PHI];
	m->dpsi[0][CIS_PAR_PHI] = 0;
	m->dpsi[0][CIS_PAR_PHI2] = 1;
}

void cis_waveform_motion(const struct cis_waveform *w, struct cis_lapse t,
			 struct cis_motion *m)
{
	steady(w, t, m);
	if (w->model == CIS_MODEL_RAMP)
		ramp(w, t, m);
	else if (w->model == CIS_MODEL_MOD)
		mod(w, t, m);
	else if (w->model == CIS_MODEL_STEP)
		step(w, t, m);
}

/* ---- one sample ---- */

struct cis_waveform_at cis_waveform_row(const struct cis_waveform *w,
					struct cis_lapse t, double *row)
{
	struct cis_motion m;
	double c, s, y;

	cis_waveform_motion(w, t, &m);
	c = cos(m.psi[0]);
	s = sin(m.psi[0]);
	for (unsigned i = 0; i < w->n_par; i++)
		row[i] = m.da[0][i] * c - m.a[0] * s * m.dpsi[0][i];
	row[w->n_par - 1] = 1;
	y = m.a[0] * c + w->par[w->n_par - 1];
	if (w->model == CIS_MODEL_TONE) {
		struct swing tone =
			swing_of(w->par[CIS_PAR_U], w->par[CIS_PAR_V],
				 w->par[CIS_PAR_FI], t);

		row[CIS_PAR_U] = tone.dc[0];
		row[CIS_PAR_V] = tone.ds[0];
		row[CIS_PAR_FI] = tone.df[0];
		y += tone.y[0];
	}
	return (struct cis_waveform_at){y, m.a[0], c + I * s};
}

/* ---- the phasor ---- */

void cis_waveform_phasor(const struct cis_waveform *w, struct cis_lapse t,
			 double fnom_hz, struct cis_phasor_of *p)
{
	struct cis_motion m;
	double d, *a = m.a;
	double complex e, y[3];

	cis_waveform_motion(w, t, &m);
	d = m.psi[1] - TWO_PI * fnom_hz;
	e = cexp(I * m.psi[0]);
	y[0] = a[0];
	y[1] = a[1] + I * a[0] * d;
	y[2] = a[2] - a[0] * d * d + I * (2 * a[1] * d + a[0] * m.psi[2]);
	for (unsigned k = 0; k < 3; k++)
		p->x[k] = y[k] * e;
	for (unsigned i = 0; i < w->n_par; i++) {
		double a0 = m.da[0][i], a1 = m.da[1][i], a2 = m.da[2][i];
		double d1 = m.dpsi[1][i];
		double complex turn = I * m.dpsi[0][i];

		p->dx[0][i] = (a0 + turn * y[0]) * e;
		p->dx[1][i] = (a1 + I * (a0 * d + a[0] * d1) + turn * y[1]) * e;
		p->dx[2][i] = (a2 - a0 * d * d - 2 * a[0] * d * d1 +
			       I * (2 * (a1 * d + a[1] * d1) + a0 * m.psi[2] +
				    a[0] * m.dpsi[2][i]) +
			       turn * y[2]) *
			      e;
	}
}
