/* log.c - see log.h. One write() a line, so that threads do not mix theirs. */
#include "cisoid/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static atomic_int max_level = CIS_LOG_INFO;

void cis_log_set_level(enum cis_log_level level)
{
	atomic_store_explicit(&max_level, (int)level, memory_order_relaxed);
}

bool cis_log_shows(enum cis_log_level level)
{
	return (int)level <=
	       atomic_load_explicit(&max_level, memory_order_relaxed);
}

void cis_log(enum cis_log_level level, const char *fmt, ...)
{
	static const char *const names[] = {"error: ", "warning: ", "",
					    "debug: "};
	char line[1024] = "cisoid: ";
	size_t len;
	va_list ap;

	if (!cis_log_shows(level))
		return;
	strcat(line, names[level]);
	len = strlen(line);
	va_start(ap, fmt);
	vsnprintf(line + len, sizeof(line) - len - 1, fmt, ap);
	va_end(ap);
	strcat(line, "\n");
	/* Standard error is the last resort: nobody is left to tell. */
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		return;
}
