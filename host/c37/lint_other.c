/* lint_other.c - commands, headers, and the time that every frame has. */
#include <stdio.h>

#include "lint_in.h"

/* 2000-01-01, and 2036-02-07 06:28:16: where the seconds of NTP begin anew. */
#define SOC_2000 946684800u
#define SOC_2036 2085978496u

bool lint_was_set(uint32_t soc)
{
	return soc >= SOC_2000 && soc < SOC_2036;
}

void lint_command(const struct lint_frame *f)
{
	unsigned command = lint_u16(f, C37_HEAD_LEN);

	if (!f->trusted)
		return;
	if (f->len != 18 && command != CIS_C37_CMD_EXTENDED && !f->odd)
		lint_say(f, LINT_CMD_LEN, 2, "FRAMESIZE",
			 "command %u in a frame of %zu bytes", command, f->len);
	if (command == 0 || command == 7 || (command > 8 && command < 0x100) ||
	    command > 0xFFF)
		lint_say(f, LINT_CMD_UNKNOWN, C37_HEAD_LEN, "CMD",
			 "command %04X (hex)", command);
}

/* Lines of text are text. */
void lint_header(const struct lint_frame *f)
{
	if (!f->trusted)
		return;
	for (size_t i = C37_HEAD_LEN; i < f->end; i++) {
		uint8_t c = f->p[i];

		if ((c >= ' ' && c < 0x7F) || (c >= '\t' && c <= '\r'))
			continue;
		lint_say(f, LINT_HDR_ASCII, i, "DATA",
			 "byte %02X (hex) after %zu letters", c,
			 i - C37_HEAD_LEN);
	}
}

static void check_quality(const struct lint_frame *f)
{
	unsigned quality = f->head.time_quality, code = quality & 0xF;

	if (quality & 0x80)
		lint_say(f, LINT_TIME_FLAGS, 10, "FRACSEC",
			 "the time quality is %02X", quality);
	if (code > 0xB && code < 0xF)
		lint_say(f, LINT_TIME_CODE, 10, "FRACSEC",
			 "the time quality is %X", code);
}

void lint_head_time(const struct lint_frame *f, uint32_t time_base)
{
	if (!f->trusted)
		return;
	check_quality(f);
	if (time_base && f->head.fracsec >= time_base)
		lint_say(f, LINT_TIME_FRACSEC, 11, "FRACSEC",
			 "FRACSEC is %u, TIME_BASE %u",
			 (unsigned)f->head.fracsec, (unsigned)time_base);
	if (!lint_was_set(f->head.soc))
		lint_say(f, LINT_TIME_EPOCH, 6, "SOC", "SOC is %u, in %s",
			 (unsigned)f->head.soc,
			 f->head.soc < SOC_2000 ? "the last century"
						: "2036 or later");
}
