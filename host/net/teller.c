/* teller.c - see teller.h. */
#include "teller.h"

#include <stdarg.h>
#include <stdio.h>

#define LINES_PER_S 10
#define LINES_MOST  100
#define LINE_SIZE   512

void cis_teller_init(struct cis_teller *t, uint64_t now_ms)
{
	t->untold = 0;
	cis_quota_init(&t->quota, LINES_PER_S, LINES_MOST, now_ms);
}

void cis_tell(struct cis_teller *t, uint64_t now_ms, enum cis_log_level level,
	      const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list ap;

	if (!cis_quota_take(&t->quota, 1, now_ms)) {
		t->untold++;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (t->untold)
		cis_log(level, "%s (and %llu lines that were left out)", line,
			(unsigned long long)t->untold);
	else
		cis_log(level, "%s", line);
	t->untold = 0;
}
