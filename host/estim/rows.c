/*
 * rows.c - memory of the rows.
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

struct cis_rows *cis_rows_new(uint32_t half)
{
	struct cis_rows *rows = calloc(1, sizeof(*rows));
	size_t size;

	if (!rows)
		return NULL;
	rows->half = half;
	rows->stride = ((size_t)half + 1 + 7) / 8 * 8;
	size = CIS_N_ROW * rows->stride * sizeof(double);
	rows->g = aligned_alloc(64, size);
	if (!rows->g) {
		free(rows);
		return NULL;
	}
	memset(rows->g, 0, size);
	return rows;
}

void cis_rows_free(struct cis_rows *rows)
{
	if (!rows)
		return;
	free(rows->g);
	free(rows);
}
