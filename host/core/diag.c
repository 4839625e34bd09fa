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

__attribute__((format(printf, 2, 0))) static void
add(struct cis_warn_list *list, const char *fmt, va_list ap)
{
	if (list->n < CIS_MAX_WARN)
		vsnprintf(list->warn[list->n].msg, sizeof(list->warn[0].msg),
			  fmt, ap);
	list->n++;
}

void cis_warn(struct cis_warn_list *list, const char *fmt, ...)
{
	va_list ap;

	if (!list)
		return;
	va_start(ap, fmt);
	add(list, fmt, ap);
	va_end(ap);
}

void cis_remark(struct cis_warn_list *list, const char *fmt, ...)
{
	va_list ap;

	if (!list)
		return;
	va_start(ap, fmt);
	add(list, fmt, ap);
	va_end(ap);
	list->n_remark++;
}
