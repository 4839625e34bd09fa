/* diag.c - see diag.h. */
#include "cisoid/diag.h"

#include <stdarg.h>
#include <stdio.h>

int cis_fail(struct cis_diag *diag, int err, const char *fmt, ...)
{
	va_list ap;

	if (!diag)
		return err;
	va_start(ap, fmt);
	vsnprintf(diag->msg, sizeof(diag->msg), fmt, ap);
	va_end(ap);
	return err;
}

void cis_warn(struct cis_warn_list *list, const char *fmt, ...)
{
	va_list ap;

	if (!list)
		return;
	if (list->n < CIS_MAX_WARN) {
		struct cis_diag *w = &list->warn[list->n];

		va_start(ap, fmt);
		vsnprintf(w->msg, sizeof(w->msg), fmt, ap);
		va_end(ap);
	}
	list->n++;
}
