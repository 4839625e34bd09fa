/*
 * write.c - recordings as C37.111-2013 has them, or C37.111-1999: CFG text, DAT
 * rows.
 *
 * Dates of 2013 have nanoseconds, so the unit of time stamps is the nanosecond
 * (8.4); with a factor (timemult) of 1000 they count microseconds. In 1999 that
 * is their unit.
 */
#include "cisoid/comtrade.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/utc.h"

#define MAX_CODE      2147483647.0
#define MAX_CODE16    32767.0
#define STAMP_MISSING UINT32_C(0xFFFFFFFF)
#define F32_MISSING   UINT32_C(0xFF7FFFFF) /* -FLT_MAX */
#define I32_MISSING   UINT32_C(0x80000000)
#define I16_MISSING   UINT16_C(0x8000)

/* ---- text ---- */

struct text {
	char *buf;
	size_t size;
	size_t len; /* >= size: does not fit */
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t,
						      const char *fmt, ...)
{
	size_t room = t->len < t->size ? t->size - t->len : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room ? t->buf + t->len : NULL, room, fmt, ap);
	va_end(ap);
	t->len += (size_t)n;
}

/* The shortest that reads back to the same double. */
static void add_number(struct text *t, double v)
{
	char buf[40];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(buf, sizeof(buf), "%.*g", digits, v);
		if (strtod(buf, NULL) == v)
			break;
	}
	add(t, "%s", buf);
}

/* A name cannot hold what parts fields and lines. */
static void add_name(struct text *t, const char *name)
{
	for (; *name; name++)
		add(t, "%c",
		    *name == ','                  ? ';'
		    : (unsigned char)*name < 0x20 ? ' '
						  : *name);
}

/* ---- CFG ---- */

static bool is_2013(const struct cis_comtrade_header *h)
{
	return h->format != CIS_COMTRADE_BINARY;
}

static double max_code(const struct cis_comtrade_header *h)
{
	return h->format == CIS_COMTRADE_BINARY ? MAX_CODE16 : MAX_CODE;
}

static double scale_a(const struct cis_comtrade_header *h, uint32_t c)
{
	const struct cis_chan *ch = &h->map->chan[c];

	if (h->format == CIS_COMTRADE_FLOAT32)
		return 1;
	return (ch->range_max - ch->range_min) / 2 / max_code(h);
}

static double scale_b(const struct cis_comtrade_header *h, uint32_t c)
{
	const struct cis_chan *ch = &h->map->chan[c];

	if (h->format == CIS_COMTRADE_FLOAT32)
		return 0;
	return (ch->range_max + ch->range_min) / 2;
}

static const char *format_name(enum cis_comtrade_format format)
{
	static const char *const names[] = {
		[CIS_COMTRADE_FLOAT32] = "FLOAT32",
		[CIS_COMTRADE_BINARY32] = "BINARY32",
		[CIS_COMTRADE_BINARY] = "BINARY",
	};

	return names[format];
}

int cis_comtrade_check_range(const struct cis_comtrade_header *h,
			     struct cis_diag *diag)
{
	for (uint32_t c = 0; c < h->map->n_chan; c++) {
		double a = scale_a(h, c);

		if (!(a > 0) || !isfinite(a) || !isfinite(scale_b(h, c)))
			return cis_fail(diag, -EINVAL,
					"channel \"%s\" has no range, which "
					"%s needs; FLOAT32 does not",
					h->map->chan[c].name,
					format_name(h->format));
	}
	return 0;
}

static void add_code_range(struct text *t, const struct cis_comtrade_header *h)
{
	if (h->format == CIS_COMTRADE_FLOAT32)
		add(t, ",-3.4028234663852886e+38,3.4028234663852886e+38");
	else
		add(t, ",%.0f,%.0f", -max_code(h), max_code(h));
}

static void add_channel(struct text *t, const struct cis_comtrade_header *h,
			uint32_t c)
{
	const struct cis_chan *ch = &h->map->chan[c];

	add(t, "%u,", (unsigned)c + 1);
	add_name(t, ch->name);
	add(t, ",");
	add_name(t, ch->phase);
	add(t, ",,%s,", ch->quantity == CIS_VOLTAGE ? "V" : "A");
	add_number(t, scale_a(h, c));
	add(t, ",");
	add_number(t, scale_b(h, c));
	add(t, ",");
	add_number(t, h->delay_s ? h->delay_s[c] * 1e6 : 0);
	add_code_range(t, h);
	add(t, ",1,1,%s\r\n", h->secondary ? "S" : "P");
}

/* "dd/mm/yyyy,hh:mm:ss.nnnnnnnnn" from "yyyy-mm-ddThh:mm:ss.nnnnnnnnnZ"; in 1999
 * with six digits. */
static void add_date(struct text *t, const struct cis_comtrade_header *h)
{
	unsigned digits = is_2013(h) ? 9 : 6;
	char s[CIS_UTC_SIZE];

	cis_utc_format(h->clock.anchor, digits, s);
	add(t, "%.2s/%.2s/%.4s,%.*s\r\n", s + 8, s + 5, s, 9 + (int)digits,
	    s + 11);
}

/* tmq_code, as the time quality of C37.118.2: 0 is said only while the clock is
 * locked and known to a microsecond; else the power of ten that holds the
 * uncertainty, from 1 (1 ns) to B (10 s); F: more, or unknown. */
static void add_quality(struct text *t, const struct cis_comtrade_header *h)
{
	const struct cis_time_quality *q = &h->clock.quality;
	bool locked = !h->unsync && q->unlocked_s <= 0;
	unsigned code = 1;

	/* A source that says nothing of its dates makes no claim here. */
	if (!h->unsync && !isfinite(q->unc_s))
		return;
	while (code <= 11 && !(q->unc_s <= 1.001 * pow(10, (double)code - 10)))
		code++;
	if (locked && q->unc_s <= 1e-6)
		code = 0;
	add(t, "%X,3\r\n", code > 11 ? 15 : code);
}

int cis_comtrade_cfg_encode(const struct cis_comtrade_header *h, char *buf,
			    size_t size)
{
	struct text t = {.buf = buf, .size = size};
	uint32_t n = h->map->n_chan;

	add_name(&t, h->station && *h->station ? h->station : "cisoid");
	add(&t, ",");
	add_name(&t, h->device ? h->device : "cisoid");
	add(&t, ",%s\r\n%u,%uA,0D\r\n", is_2013(h) ? "2013" : "1999",
	    (unsigned)n, (unsigned)n);
	for (uint32_t c = 0; c < n; c++)
		add_channel(&t, h, c);
	add_number(&t, h->fnom_hz);
	add(&t, "\r\n1\r\n");
	add_number(&t, h->clock.rate_hz);
	add(&t, ",%llu\r\n", (unsigned long long)h->n_scan);
	add_date(&t, h);
	add_date(&t, h);
	add(&t, "%s\r\n", format_name(h->format));
	if (is_2013(h)) {
		add(&t, "1000\r\n0,0\r\n");
		add_quality(&t, h);
	} else {
		add(&t, "1\r\n");
	}
	return t.len < size ? (int)t.len : -EMSGSIZE;
}

/* ---- DAT ---- */

static uint8_t *put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
	return p + 4;
}

static uint32_t f32_code(double x)
{
	float f = (float)x;
	uint32_t bits;

	if (!isfinite(f) || f >= FLT_MAX || f <= -FLT_MAX)
		return F32_MISSING;
	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

static uint32_t i32_code(double x, double a, double b)
{
	double code = round((x - b) / a);

	if (isnan(code))
		return I32_MISSING;
	code = fmax(-MAX_CODE, fmin(MAX_CODE, code));
	return (uint32_t)(int32_t)code;
}

static uint8_t *put_i16(uint8_t *p, double x, double a, double b)
{
	double code = fmax(-MAX_CODE16, fmin(MAX_CODE16, round((x - b) / a)));
	uint16_t v = isnan(x) ? I16_MISSING : (uint16_t)(int16_t)code;

	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	return p + 2;
}

static uint8_t *put_sample(const struct cis_comtrade_header *h, uint32_t c,
			   double x, uint8_t *p)
{
	if (h->format == CIS_COMTRADE_FLOAT32)
		return put_u32(p, f32_code(x));
	if (h->format == CIS_COMTRADE_BINARY)
		return put_i16(p, x, scale_a(h, c), scale_b(h, c));
	return put_u32(p, i32_code(x, scale_a(h, c), scale_b(h, c)));
}

size_t cis_comtrade_row_len(const struct cis_comtrade_header *h)
{
	return 8 + (is_2013(h) ? 4 : 2) * (size_t)h->map->n_chan;
}

size_t cis_comtrade_row_encode(const struct cis_comtrade_header *h, uint64_t n,
			       const double *x, size_t stride, uint8_t *buf)
{
	double us = round((double)n / h->clock.rate_hz * 1e6);
	uint8_t *p = put_u32(buf, (uint32_t)(n + 1));

	p = put_u32(p, us < STAMP_MISSING ? (uint32_t)us : STAMP_MISSING);
	for (uint32_t c = 0; c < h->map->n_chan; c++)
		p = put_sample(h, c, x[c * stride], p);
	return (size_t)(p - buf);
}
