/* pmu_set.c - sets of IDCODEs, "1-40,55"; see cisoid/scenario.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/scenario.h"

/* ---- from text ---- */

/* Digits alone: strtoul() would take blanks and signs. */
static int read_idcode(const char **text, uint16_t *idcode,
		       struct cis_diag *diag)
{
	const char *p = *text;
	size_t len = strspn(p, "0123456789");
	unsigned long value = len <= 9 ? strtoul(p, NULL, 10) : 0;

	if (len == 0)
		return cis_fail(diag, -EINVAL,
				"\"%.20s\" does not begin with an IDCODE; "
				"write 1-40,55",
				p);
	if (value < 1 || value > CIS_MAX_IDCODE)
		return cis_fail(diag, -EINVAL,
				"IDCODE %.*s is not within 1 to %d",
				(int)(len < 40 ? len : 40), p, CIS_MAX_IDCODE);
	*idcode = (uint16_t)value;
	*text = p + len;
	return 0;
}

/* One element, and the comma behind it. */
static int read_range(const char **text, struct cis_pmu_range *range,
		      struct cis_diag *diag)
{
	if (read_idcode(text, &range->first, diag))
		return -EINVAL;
	range->last = range->first;
	if (**text == '-') {
		(*text)++;
		if (read_idcode(text, &range->last, diag))
			return -EINVAL;
	}
	if (range->last < range->first)
		return cis_fail(diag, -EINVAL, "%u-%u runs backwards",
				range->first, range->last);
	if (**text != '\0' && **text != ',')
		return cis_fail(diag, -EINVAL,
				"\"%.20s\" is neither a range nor a comma; "
				"write 1-40,55",
				*text);
	if (**text == ',' && *++*text == '\0')
		return cis_fail(diag, -EINVAL, "nothing after the last comma");
	return 0;
}

static int by_first(const void *a, const void *b)
{
	const struct cis_pmu_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

static void merge(struct cis_pmu_set *set)
{
	uint32_t n = 0;

	qsort(set->range, set->n, sizeof(set->range[0]), by_first);
	for (uint32_t i = 1; i < set->n; i++) {
		struct cis_pmu_range next = set->range[i];
		struct cis_pmu_range *last = &set->range[n];

		if (next.first > last->last + 1u)
			set->range[++n] = next;
		else if (next.last > last->last)
			last->last = next.last;
	}
	set->n = n + 1;
}

int cis_pmu_set_parse(const char *text, struct cis_pmu_set *set,
		      struct cis_diag *diag)
{
	struct cis_pmu_set made = {0, NULL};
	size_t most = 1;

	for (const char *p = text; *p; p++)
		most += *p == ',';
	made.range = calloc(most, sizeof(made.range[0]));
	if (!made.range)
		return cis_fail(diag, -ENOMEM, "out of memory");
	do {
		if (read_range(&text, &made.range[made.n++], diag)) {
			cis_pmu_set_free(&made);
			return -EINVAL;
		}
	} while (*text);
	merge(&made);
	*set = made;
	return 0;
}

void cis_pmu_set_free(struct cis_pmu_set *set)
{
	free(set->range);
	*set = (struct cis_pmu_set){0, NULL};
}

/* ---- questions ---- */

bool cis_pmu_set_meets(const struct cis_pmu_set *set, uint16_t first,
		       uint16_t last)
{
	uint32_t low = 0, high = set->n;

	if (set->n == 0)
		return first <= last;
	/* The first range that does not end before `first`. */
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (set->range[mid].last < first)
			low = mid + 1;
		else
			high = mid;
	}
	return low < set->n && set->range[low].first <= last;
}

bool cis_pmu_set_has(const struct cis_pmu_set *set, uint16_t idcode)
{
	return cis_pmu_set_meets(set, idcode, idcode);
}
