/* occasion.c - see occasion.h. */
#include "occasion.h"

static double next_in_s(const struct cis_event *e, const struct cis_occasion *o)
{
	if (!o->begun)
		return -o->first.hi;
	if (e->every_s == 0 || (e->times && o->n_before + 1 >= e->times))
		return INFINITY;
	return e->every_s - o->last.hi;
}

/* n is off by one at most: first / every is rounded. */
static double count_before(const struct cis_event *e, double first_s)
{
	double n;

	if (e->every_s == 0)
		return 0;
	n = floor((first_s + CIS_SAME_INSTANT_S) / e->every_s);
	return e->times && n > e->times - 1.0 ? e->times - 1.0 : fmax(n, 0);
}

struct cis_occasion cis_event_occasion(const struct cis_event *e, struct dd t)
{
	struct cis_occasion o = {.t = t};

	o.first = o.last = dd_add(t, (struct dd){-e->at_s, 0});
	o.begun = o.first.hi >= -CIS_SAME_INSTANT_S;
	if (o.begun) {
		o.n_before = count_before(e, o.first.hi);
		o.last = dd_add(o.first, dd_prod(o.n_before, -e->every_s));
	}
	o.next_in_s = next_in_s(e, &o);
	return o;
}
