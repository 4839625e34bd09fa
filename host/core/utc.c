/* utc.c - leap seconds and calendar; see utc.h. */
#include "cisoid/utc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "leaps.h"

/* Before 1972. */
#define FIRST_OFFSET_S 10

struct cis_utc cis_utc_from_tai(int64_t tai_s)
{
	struct cis_leap last, next;

	if (!cis_leap_find(CIS_LEAP_TAI, tai_s, &last, &next))
		return (struct cis_utc){.soc = tai_s - FIRST_OFFSET_S};
	/* The second before the next step is the leap second itself, where one
	 * is inserted: it has the SOC of the second that follows it. */
	if (next.offset_s > last.offset_s &&
	    tai_s == next.soc + next.offset_s - 1)
		return (struct cis_utc){.soc = next.soc, .leap = 1};
	return (struct cis_utc){.soc = tai_s - last.offset_s};
}

int64_t cis_tai_from_soc(int64_t soc)
{
	struct cis_leap last, next;

	if (!cis_leap_find(CIS_LEAP_SOC, soc, &last, &next))
		return soc + FIRST_OFFSET_S;
	return soc + last.offset_s;
}

int64_t cis_utc_to_tai(struct cis_utc utc)
{
	return cis_tai_from_soc(utc.soc) - utc.leap;
}

struct cis_time cis_time_from_posix(int64_t s, int64_t ns)
{
	struct cis_leap last, next;
	bool has_last = cis_leap_find(CIS_LEAP_POSIX, s, &last, &next);
	int64_t tai_s = s + (has_last ? last.offset_s : FIRST_OFFSET_S);

	return (struct cis_time){.tai_ns = tai_s * CIS_NS_PER_S + ns};
}

/* Days since 1970-01-01 of a proleptic Gregorian date, and back. Howard
 * Hinnant, "chrono-compatible low-level date algorithms". */
static int64_t days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy, doe;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

static void civil_from_days(int64_t z, struct cis_civil *c)
{
	int64_t era, doe, yoe, doy, mp;

	z += 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	c->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	c->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	c->year = (int)(yoe + era * 400 + (c->month <= 2));
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};
	int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

int cis_utc_from_civil(const struct cis_civil *c, int64_t *tai_s)
{
	struct cis_utc utc, back;

	if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12 ||
	    c->day < 1 || c->day > days_in_month(c->year, c->month) ||
	    c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 ||
	    c->second < 0 || c->second > 60)
		return -EINVAL;
	utc.soc = days_from_civil(c->year, c->month, c->day) * 86400 +
		  c->hour * 3600 + c->minute * 60 + c->second;
	utc.leap = c->second == 60;
	/* A leap second that is none, or a second that was taken out. */
	back = cis_utc_from_tai(cis_utc_to_tai(utc));
	if (back.soc != utc.soc || back.leap != utc.leap)
		return -EINVAL;
	*tai_s = cis_utc_to_tai(utc);
	return 0;
}

const char *cis_utc_format(struct cis_time t, unsigned digits,
			   char buf[CIS_UTC_SIZE])
{
	int64_t tai_s = cis_time_floor_s(t);
	struct cis_utc utc = cis_utc_from_tai(tai_s);
	int64_t soc = utc.soc - utc.leap;
	int64_t day = soc >= 0 ? soc / 86400 : (soc - 86399) / 86400;
	int64_t sec = soc - day * 86400;
	int64_t ns = t.tai_ns - tai_s * CIS_NS_PER_S;
	struct cis_civil c;
	char frac[16];

	civil_from_days(day, &c);
	snprintf(frac, sizeof(frac), ".%09d", (int)ns);
	frac[digits ? (digits < 9 ? digits : 9) + 1 : 0] = '\0';
	snprintf(buf, CIS_UTC_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d%sZ",
		 c.year % 10000, c.month, c.day, (int)(sec / 3600),
		 (int)(sec / 60 % 60), (int)(sec % 60) + utc.leap, frac);
	return buf;
}

/* ".5" or nothing; moves *text on. Digits past the ninth are dropped. */
static int64_t parse_fraction(const char **text)
{
	int64_t ns = 0, unit = CIS_NS_PER_S / 10;

	if (**text != '.')
		return 0;
	for ((*text)++; **text >= '0' && **text <= '9'; (*text)++) {
		ns += (**text - '0') * unit;
		unit /= 10;
	}
	return ns;
}

/* "Z" or "+hh:mm" to seconds; -EINVAL for anything else. */
static int parse_zone(const char *text, int *offset_s)
{
	int h, m, end = 0;

	*offset_s = 0;
	if (!strcmp(text, "Z") || !strcmp(text, "z"))
		return 0;
	if (sscanf(text + 1, "%2d:%2d%n", &h, &m, &end) != 2 || end != 5 ||
	    text[6] || (text[0] != '+' && text[0] != '-') || h > 23 || m > 59)
		return -EINVAL;
	*offset_s = (text[0] == '-' ? -1 : 1) * (h * 3600 + m * 60);
	return 0;
}

int cis_utc_parse(const char *text, struct cis_time *t, struct cis_diag *diag)
{
	struct cis_civil c;
	const char *rest;
	int end = 0, offset_s;
	int64_t tai_s, ns;

	if (sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &c.year, &c.month,
		   &c.day, &c.hour, &c.minute, &c.second, &end) != 6 ||
	    end != 19)
		goto bad;
	rest = text + end;
	ns = parse_fraction(&rest);
	if (!*rest || parse_zone(rest, &offset_s) ||
	    cis_utc_from_civil(&c, &tai_s))
		goto bad;
	if (offset_s)
		tai_s = cis_tai_from_soc(cis_utc_from_tai(tai_s).soc -
					 offset_s);
	/* ns since 1970 have room for 1678 to 2261. */
	if (tai_s <= INT64_MIN / CIS_NS_PER_S ||
	    tai_s >= INT64_MAX / CIS_NS_PER_S)
		return cis_fail(diag, -EINVAL,
				"\"%s\" is not within the years 1678 to 2261",
				text);
	t->tai_ns = tai_s * CIS_NS_PER_S + ns;
	return 0;
bad:
	return cis_fail(diag, -EINVAL,
			"\"%s\" is not a UTC time such as 2026-11-20T23:21:14Z",
			text);
}
