/* report.c - flags and notes in words; see report.h. */
#include "cisoid/report.h"

#include <string.h>

static const char *join(uint32_t bits, const char *const *words, char *buf)
{
	buf[0] = '\0';
	for (unsigned i = 0; words[i]; i++) {
		if (!(bits & 1u << i))
			continue;
		if (buf[0])
			strcat(buf, "+");
		strcat(buf, words[i]);
	}
	return buf;
}

const char *cis_report_flags(uint32_t flags, char buf[CIS_FLAGS_SIZE])
{
	static const char *const words[] = {"gap",   "clip",   "nosignal",
					    "nofit", "unsync", NULL};

	return flags ? join(flags, words, buf) : strcpy(buf, "ok");
}

const char *cis_report_notes(uint32_t notes, char buf[CIS_FLAGS_SIZE])
{
	static const char *const words[] = {"disturbed", "step",    "reseed",
					    "acb",       "farseed", "blind",
					    "sim",       "uncal",   NULL};

	return join(notes, words, buf);
}
