/* nmea.c - see nmea.h. */
#include "firmware/core/nmea.h"

#include "firmware/core/line.h"

#define DAY_S 86400

/* GPS counts from 1980-01-06, and so does a receiver that knows no date. */
#define EPOCH_YEAR 80

struct date {
	int year, month, day;
};

static bool is_leap_year(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of(int year, int month)
{
	static const uint8_t days[12] = {31, 28, 31, 30, 31, 30,
					 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap_year(year));
}

/* Days since 1970-01-01, for years from 1970 on. */
static int64_t days_before(struct date d)
{
	int before = d.year - 1;
	int64_t days = 365 * (int64_t)(d.year - 1970) + before / 4 -
		       before / 100 + before / 400 - 477;

	for (int month = 1; month < d.month; month++)
		days += days_of(d.year, month);
	return days + d.day - 1;
}

bool fe_nmea_begins_month(int64_t utc_s)
{
	int64_t days = utc_s / DAY_S;
	int year = 1970, month = 1;

	if (utc_s < 0 || utc_s % DAY_S != 0)
		return false;
	while (days >= 365 + is_leap_year(year)) {
		days -= 365 + is_leap_year(year);
		year++;
	}
	while (days >= days_of(year, month)) {
		days -= days_of(year, month);
		month++;
	}
	return days == 0;
}

/* ---- fields ---- */

static bool digits(const char *s, int n, int *v)
{
	*v = 0;
	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*v = *v * 10 + (s[i] - '0');
	}
	return true;
}

/* A field of exactly n digits. */
static bool take_digits(struct fe_fields *f, int n, int *v)
{
	const char *s;
	size_t len;

	return fe_field(f, &s, &len) && len == (size_t)n && digits(s, n, v);
}

static bool skip(struct fe_fields *f, int n)
{
	const char *s;
	size_t len;

	while (n > 0 && fe_field(f, &s, &len))
		n--;
	return n == 0;
}

/* A field of one letter; NUL where it is empty, '?' where it is longer. */
static bool take_letter(struct fe_fields *f, char *letter)
{
	const char *s;
	size_t len;

	if (!fe_field(f, &s, &len))
		return false;
	*letter = '?';
	if (len < 2)
		*letter = (char)(len == 1 ? s[0] : '\0');
	return true;
}

struct clock {
	bool given, whole;
	int hour, minute, second;
};

/* hhmmss[.f...], or empty. */
static bool take_clock(struct fe_fields *f, struct clock *c)
{
	const char *s;
	size_t len;

	*c = (struct clock){.whole = true};
	if (!fe_field(f, &s, &len))
		return false;
	c->given = len > 0;
	if (!c->given)
		return true;
	if (len < 6 || !digits(s, 2, &c->hour) ||
	    !digits(s + 2, 2, &c->minute) || !digits(s + 4, 2, &c->second))
		return false;
	if (len > 6 && (s[6] != '.' || len == 7))
		return false;
	for (size_t i = 7; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		c->whole = c->whole && s[i] == '0';
	}
	return c->hour < 24 && c->minute < 60 && c->second < 61;
}

/* ddmmyy */
static bool take_rmc_date(struct fe_fields *f, struct date *d)
{
	const char *s;
	size_t len;

	if (!fe_field(f, &s, &len) || len != 6 || !digits(s, 2, &d->day) ||
	    !digits(s + 2, 2, &d->month) || !digits(s + 4, 2, &d->year))
		return false;
	d->year += d->year < EPOCH_YEAR ? 2000 : 1900;
	return true;
}

/* Date and clock to a second; false where there is no such one. */
static bool to_second(struct date d, const struct clock *c,
		      struct fe_second *second)
{
	if (d.year < 2000 || d.year > 2099 || d.month < 1 || d.month > 12 ||
	    d.day < 1 || d.day > days_of(d.year, d.month))
		return false;
	second->leap = c->second == 60;
	second->utc_s = days_before(d) * DAY_S + c->hour * 3600 +
			c->minute * 60 + c->second - second->leap;
	return second->utc_s >= FE_NMEA_UTC_MIN &&
	       (!second->leap || fe_nmea_begins_month(second->utc_s + 1));
}

/* ---- sentences ---- */

/* Estimated, none, simulated. A position that was put in by hand (M) is what a
 * timing receiver has at its best. */
static bool is_no_fix(char mode)
{
	return mode == 'E' || mode == 'N' || mode == 'S';
}

/* time, status, lat, N, lon, E, speed, course, date[, variation, E[, mode]] */
static bool take_rmc(struct fe_fields *f, struct fe_nmea *n)
{
	struct clock c;
	struct date d;
	char status, mode = '\0';

	if (!take_clock(f, &c) || !take_letter(f, &status) || !skip(f, 6))
		return false;
	if (status == 'V')
		return true;
	if (status != 'A' || !c.given || !take_rmc_date(f, &d) ||
	    !to_second(d, &c, &n->second))
		return false;
	if (skip(f, 2))
		take_letter(f, &mode);
	n->fix = !is_no_fix(mode);
	n->names = n->fix && c.whole;
	return true;
}

/* time, day, month, year[, zone]; without a date none is known yet */
static bool take_zda(struct fe_fields *f, struct fe_nmea *n)
{
	struct fe_fields ahead;
	struct clock c;
	struct date d;
	char day;

	if (!take_clock(f, &c))
		return false;
	ahead = *f;
	if (!take_letter(&ahead, &day))
		return false;
	if (!c.given || day == '\0')
		return true;
	if (!take_digits(f, 2, &d.day) || !take_digits(f, 2, &d.month) ||
	    !take_digits(f, 4, &d.year) || !to_second(d, &c, &n->second))
		return false;
	n->names = c.whole;
	return true;
}

/* time, lat, N, lon, E, quality, satellites (one to three digits), ... */
static bool take_gga(struct fe_fields *f, struct fe_nmea *n)
{
	struct clock c;
	char quality;
	const char *s;
	size_t len;
	int sats;

	if (!take_clock(f, &c) || !skip(f, 4) || !take_letter(f, &quality) ||
	    !fe_field(f, &s, &len))
		return false;
	if (quality != '\0' && (quality < '0' || quality > '9'))
		return false;
	if (len > 3 || !digits(s, (int)len, &sats) || sats > 255)
		return false;
	n->has_sats = len > 0;
	n->sats = (uint8_t)sats;
	n->fix = (quality >= '1' && quality <= '5') ||
		 (quality == '7' && sats > 0);
	return true;
}

/* Two letters or digits of a talker, then the sentence's three. */
static enum fe_nmea_kind take_kind(struct fe_fields *f)
{
	static const char types[3][4] = {"RMC", "ZDA", "GGA"};
	const char *s;
	size_t len;

	if (!fe_field(f, &s, &len) || len != 5 || s[0] == 'P')
		return FE_NMEA_OTHER;
	for (int i = 0; i < 3; i++) {
		if (s[2] == types[i][0] && s[3] == types[i][1] &&
		    s[4] == types[i][2])
			return (enum fe_nmea_kind)(FE_NMEA_RMC + i);
	}
	return FE_NMEA_OTHER;
}

enum fe_nmea_kind fe_nmea_decode(const char *text, struct fe_nmea *n)
{
	struct fe_fields f = fe_fields(text);
	bool good = true;

	*n = (struct fe_nmea){0};
	n->kind = take_kind(&f);
	if (n->kind == FE_NMEA_RMC)
		good = take_rmc(&f, n);
	else if (n->kind == FE_NMEA_ZDA)
		good = take_zda(&f, n);
	else if (n->kind == FE_NMEA_GGA)
		good = take_gga(&f, n);
	if (!good)
		*n = (struct fe_nmea){.kind = FE_NMEA_BAD};
	return n->kind;
}
