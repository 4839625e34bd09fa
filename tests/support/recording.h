/*
 * recording.h - small COMTRADE records made for a test, line by line.
 *
 * Two channels, VA (0.5 x + 0.25 V, secondary of 100:1, skew 13 us) and IA
 * (-2 x kA, primary), and one status channel, unless told otherwise.
 */
#ifndef TESTS_RECORDING_H
#define TESTS_RECORDING_H

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cisoid/comtrade.h"
#include "cisoid/utc.h"

#define VA_1999 "1,VA,A,,V,0.5,0.25,13,-32767,32767,100,1,S\r\n"
#define IA_1999 "2,IA,B,,kA,-2,0,0,-100,200,600,5,P\r\n"

/* NULL and 0 stand for the defaults: 1999, ASCII, four rows at 1000 Hz. */
struct recording {
	const char *head, *counts, *channels, *status, *lf, *rates, *dates,
		*type, *foot;
	const void *dat;
	size_t dat_len; /* 0: dat is text */
};

struct opened {
	char cfg[8192];
	struct cis_comtrade *rec;
	const struct cis_comtrade_info *info;
	struct cis_warn_list warn;
	struct cis_diag diag;
};

static const char four_rows[] = "1,0,1,10,0\r\n2,1000,2,20,1\r\n"
				"3,2000,3,30,0\r\n4,3000,4,40,1\r\n";

static inline const char *or_else(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static inline void recording_cfg(const struct recording *r, char *buf,
				 size_t size)
{
	snprintf(buf, size, "%s%s%s%s%s%s%s%s%s",
		 or_else(r->head, "station,device,1999\r\n"),
		 or_else(r->counts, "3,2A,1D\r\n"),
		 or_else(r->channels, VA_1999 IA_1999),
		 or_else(r->status, "1,TRIP,,,0\r\n"), or_else(r->lf, "50\r\n"),
		 or_else(r->rates, "1\r\n1000,4\r\n"),
		 or_else(r->dates, "02/03/2020,04:05:06.250000\r\n"
				   "02/03/2020,04:05:06.251000\r\n"),
		 or_else(r->type, "ASCII\r\n"), or_else(r->foot, "1\r\n"));
}

static inline int recording_try(const struct recording *r, struct opened *o)
{
	struct cis_comtrade_files files = {.name = "made.cfg"};
	int err;

	memset(o, 0, sizeof(*o));
	recording_cfg(r, o->cfg, sizeof(o->cfg));
	files.cfg = (const uint8_t *)o->cfg;
	files.cfg_len = strlen(o->cfg);
	files.dat = r->dat ? r->dat : (const uint8_t *)four_rows;
	files.dat_len =
		r->dat_len ? r->dat_len : strlen((const char *)files.dat);
	err = cis_comtrade_new(&files, &o->rec, &o->warn, &o->diag);
	o->info = err ? NULL : cis_comtrade_info(o->rec);
	return err;
}

static inline void recording_open(const struct recording *r, struct opened *o)
{
	if (recording_try(r, o))
		fail_msg("%s", o->diag.msg);
}

static inline bool has_warning(const struct cis_warn_list *warn,
			       const char *text)
{
	for (uint32_t i = 0; i < warn->n && i < CIS_MAX_WARN; i++)
		if (strstr(warn->warn[i].msg, text))
			return true;
	return false;
}

static inline void expect_warning(const struct cis_warn_list *warn,
				  const char *text)
{
	if (has_warning(warn, text))
		return;
	for (uint32_t i = 0; i < warn->n && i < CIS_MAX_WARN; i++)
		print_error("  %s\n", warn->warn[i].msg);
	fail_msg("no warning with \"%s\"", text);
}

static inline double value_at(const struct opened *o, uint32_t channel,
			      uint64_t scan)
{
	double x;

	cis_comtrade_read(o->rec, channel, scan, 1, &x);
	return x;
}

static inline void expect_start(struct cis_time t, const char *want)
{
	char buf[CIS_UTC_SIZE];

	assert_string_equal(cis_utc_format(t, 9, buf), want);
}

#endif
