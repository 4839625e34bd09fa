/*
 * sim_gps.c - sentences as receivers write them (NMEA 0183).
 */
#include "sim_gps.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "host/core/draw.h"

enum { JANUARY_2026_S = 1767225600, DAY_S = 86400 };

void sim_gps_init(struct sim_gps *g)
{
	*g = (struct sim_gps){
		.start_utc_s = JANUARY_2026_S,
		.lead_ms = 120,
		.sats = 9,
		.seed = 1,
	};
}

void sim_gps_fault(struct sim_gps *g, struct sim_gps_fault fault)
{
	assert(g->n_faults < SIM_GPS_FAULTS);
	g->faults[g->n_faults++] = fault;
}

void sim_gps_mend(struct sim_gps *g, enum sim_gps_kind kind, int64_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < g->n_faults; i++)
		if (g->faults[i].kind != kind || g->faults[i].to_s <= n)
			g->faults[left++] = g->faults[i];
	g->n_faults = left;
}

/* The sum of the faults of a kind in second n; *any where there is one. */
static int64_t fault_of(const struct sim_gps *g, enum sim_gps_kind kind,
			int64_t n, bool *any)
{
	int64_t sum = 0;

	*any = false;
	for (size_t i = 0; i < g->n_faults; i++) {
		const struct sim_gps_fault *f = &g->faults[i];

		if (f->kind != kind || n < f->from_s || n >= f->to_s)
			continue;
		*any = true;
		sum += f->value;
	}
	return sum;
}

int64_t sim_gps_utc_s(const struct sim_gps *g, int64_t n, bool *in_leap)
{
	int64_t utc_s = g->start_utc_s + n;

	*in_leap = g->leap_utc_s > 0 && utc_s == g->leap_utc_s;
	if (g->leap_utc_s > 0 && utc_s >= g->leap_utc_s)
		return utc_s - 1;
	if (g->leap_utc_s < 0 && utc_s >= -g->leap_utc_s - 1)
		return utc_s + 1;
	return utc_s;
}

struct civil {
	int year, month, day, hour, minute, second;
};

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* By counting from 2000: slow, plain, and nobody else's. */
static struct civil civil_of(int64_t utc_s)
{
	int64_t day_number = (utc_s - 946684800) / DAY_S;
	int day_s = (int)((utc_s - 946684800) % DAY_S);
	struct civil c = {2000,      1, 1, day_s / 3600, day_s / 60 % 60,
			  day_s % 60};

	while (day_number >= days_in(c.year, c.month)) {
		day_number -= days_in(c.year, c.month);
		if (++c.month > 12) {
			c.month = 1;
			c.year++;
		}
	}
	c.day += (int)day_number;
	return c;
}

/* Closes a sentence that begins at `from` with its checksum. */
static size_t sealed(char *buf, size_t from, int len)
{
	uint8_t sum = 0;

	for (size_t i = from + 1; i < from + (size_t)len; i++)
		sum ^= (uint8_t)buf[i];
	return from + (size_t)len +
	       (size_t)snprintf(buf + from + len,
				SIM_GPS_TEXT - from - (size_t)len, "*%02X\r\n",
				sum);
}

static size_t put_sentences(const struct sim_gps *g, const struct civil *c,
			    bool fix, char *buf)
{
	size_t at;
	char hms[16];

	snprintf(hms, sizeof(hms), "%02d%02d%02d.00", c->hour % 100,
		 c->minute % 100, c->second % 100);
	at = sealed(buf, 0,
		    snprintf(buf, SIM_GPS_TEXT,
			     "$GPRMC,%s,%c,4807.0380,N,01131.0000,E,0.0,0.0,"
			     "%02d%02d%02d,,,A",
			     hms, fix ? 'A' : 'V', c->day, c->month,
			     c->year % 100));
	at = sealed(buf, at,
		    snprintf(buf + at, SIM_GPS_TEXT - at,
			     "$GPZDA,%s,%02d,%02d,%04d,00,00", hms, c->day,
			     c->month, c->year));
	return sealed(buf, at,
		      snprintf(buf + at, SIM_GPS_TEXT - at,
			       "$GPGGA,%s,4807.0380,N,01131.0000,E,%d,%02u,0.9,"
			       "545.4,M,46.9,M,,",
			       hms, fix, fix ? g->sats : 0));
}

static void corrupt(const struct sim_gps *g, int64_t n, char *buf, size_t len)
{
	bool any;
	int64_t one_in = fault_of(g, SIM_GPS_CORRUPT, n, &any);

	for (size_t i = 0; any && i < len; i++) {
		uint64_t place = (uint64_t)n * SIM_GPS_TEXT + i;
		uint64_t bits = cis_draw_bits(g->seed, 1, place);

		if (cis_draw_unit(g->seed, 0, place) * (double)one_in < 1)
			buf[i] = (char)((uint8_t)buf[i] ^ (1 + bits % 255));
	}
}

size_t sim_gps_text(const struct sim_gps *g, int64_t n, char *buf)
{
	bool in_leap, is_void, silent, wrong;
	int64_t utc_s = sim_gps_utc_s(g, n, &in_leap);
	struct civil c;
	size_t len;

	fault_of(g, SIM_GPS_SILENT, n, &silent);
	if (silent)
		return 0;
	fault_of(g, SIM_GPS_VOID, n, &is_void);
	c = civil_of(utc_s + fault_of(g, SIM_GPS_WRONG, n, &wrong));
	if (in_leap && !wrong)
		c.second = 60;
	len = put_sentences(g, &c, !is_void, buf);
	corrupt(g, n, buf, len);
	return len;
}

double sim_gps_byte_s(const struct sim_gps *g, int64_t n, size_t i)
{
	bool late;
	int64_t late_ms = fault_of(g, SIM_GPS_LATE, n, &late);

	return (double)(g->lead_ms + late_ms) * 1e-3 + (double)(i + 1) / 960;
}
