/*
 * dd.h - numbers of twice a double's precision, for phases of long standing.
 *
 * f*t after 1e9 s is 5e10 turns; a double has 4e-6 of a turn left there, the sum
 * of two has 1e-21. Dekker, "A floating-point technique for extending the
 * available precision", 1971.
 */
#ifndef HOST_CORE_DD_H
#define HOST_CORE_DD_H

#include <math.h>

struct dd {
	double hi;
	double lo; /* |lo| is at most half the last place of hi */
};

static inline struct dd dd_sum(double a, double b)
{
	double hi = a + b, v = hi - a;

	return (struct dd){hi, (a - (hi - v)) + (b - v)};
}

static inline struct dd dd_prod(double a, double b)
{
	double hi = a * b;

	return (struct dd){hi, fma(a, b, -hi)};
}

static inline struct dd dd_add(struct dd a, struct dd b)
{
	struct dd h = dd_sum(a.hi, b.hi), l = dd_sum(a.lo, b.lo);
	struct dd r = dd_sum(h.hi, h.lo + l.hi);

	return dd_sum(r.hi, r.lo + l.lo);
}

static inline struct dd dd_mul(struct dd a, struct dd b)
{
	struct dd p = dd_prod(a.hi, b.hi);

	return dd_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

static inline struct dd dd_scale(struct dd a, double b)
{
	return dd_mul(a, (struct dd){b, 0});
}

static inline struct dd dd_div(struct dd a, double b)
{
	double q = a.hi / b;
	struct dd rest = dd_add(a, dd_scale((struct dd){q, 0}, -b));

	return dd_sum(q, rest.hi / b);
}

/* What is left of a when its nearest whole number is taken out. */
static inline double dd_rest(struct dd a)
{
	double r = (a.hi - rint(a.hi)) + (a.lo - rint(a.lo));

	return r - rint(r);
}

#endif
