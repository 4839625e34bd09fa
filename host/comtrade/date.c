/* date.c - dates and time codes of a CFG; see cfg.h. */
#include "cfg.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/utc.h"

/* Two digits: 1970 to 2069. */
static int full_year(int y)
{
	return y >= 100 ? y : y < 70 ? 2000 + y : 1900 + y;
}

/* Digits past the ninth are dropped. */
static const char *parse_fraction(const char *s, struct comtrade_date *date)
{
	int64_t unit = CIS_NS_PER_S / 10;

	date->ns = 0;
	date->digits = 0;
	if (*s != '.')
		return s;
	for (s++; isdigit((unsigned char)*s); s++) {
		date->ns += (*s - '0') * unit;
		unit /= 10;
		date->digits++;
	}
	return s;
}

int comtrade_date_parse(const char *text, bool month_first,
			struct comtrade_date *date)
{
	struct comtrade_date d = {.swapped = false};
	struct cis_civil c = {.second = 0};
	int v[3], end = 0, rest = 0;

	if (sscanf(text, "%4d%*1[-/.]%2d%*1[-/.]%4d%n", &v[0], &v[1], &v[2],
		   &end) != 3 ||
	    end == 0)
		return -EINVAL;
	text += end;
	text += strspn(text, ", \t");
	if (sscanf(text, " %2d : %2d : %2d%n", &c.hour, &c.minute, &c.second,
		   &rest) != 3 ||
	    rest == 0)
		return -EINVAL;
	text = parse_fraction(text + rest, &d);
	if (*text && *text != ',' && *text != ' ')
		return -EINVAL;
	if (v[0] > 31) { /* year, month, day */
		c.year = full_year(v[0]);
		c.month = v[1];
		c.day = v[2];
	} else {
		c.year = full_year(v[2]);
		c.day = month_first ? v[1] : v[0];
		c.month = month_first ? v[0] : v[1];
	}
	if (c.month > 12 && c.day <= 12) {
		int day = c.month;

		c.month = c.day;
		c.day = day;
		d.swapped = true;
	}
	/* Nanoseconds of TAI reach from 1678 to 2262. */
	if (c.year < 1900 || c.year > 2200 || cis_utc_from_civil(&c, &d.tai_s))
		return -EINVAL;
	*date = d;
	return 0;
}

int comtrade_zone_parse(const char *text, int *ahead_s)
{
	int h, m = 0, end = 0, sign = *text == '-' ? -1 : 1;

	text += *text == '-' || *text == '+';
	if (sscanf(text, "%2d%n", &h, &end) != 1 || h < 0 || h > 14)
		return -EINVAL;
	text += end;
	if (*text == 'h' || *text == 'H' || *text == ':') {
		if (sscanf(text + 1, "%2d%n", &m, &end) != 1 || m < 0 || m > 59)
			return -EINVAL;
		text += 1 + end;
	}
	if (*text)
		return -EINVAL;
	*ahead_s = sign * (h * 3600 + m * 60);
	return 0;
}
