/* dat.c - see dat.h. Little-endian throughout; C37.111-2013, 8. */
#include "dat.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_LEN      8 /* number and time stamp */
#define STAMP_MISSING 4294967295.0

/* ---- binary ---- */

static uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static double get_i16(const uint8_t *p)
{
	int v = p[0] | p[1] << 8;

	if (v == 0x8000)
		return NAN;
	return v < 0x8000 ? v : v - 0x10000;
}

static double get_i32(const uint8_t *p)
{
	uint32_t v = get_u32(p);

	if (v == UINT32_C(0x80000000))
		return NAN;
	return v < UINT32_C(0x80000000) ? v : v - 4294967296.0;
}

/* The mark for a missing value is the lowest number (FF7FFFFF). */
static double get_f32(const uint8_t *p)
{
	uint32_t bits = get_u32(p);
	float v;

	memcpy(&v, &bits, sizeof(v));
	return isfinite(v) && v > -FLT_MAX && v < FLT_MAX ? (double)v : NAN;
}

static size_t value_len(enum comtrade_type type)
{
	return type == COMTRADE_BINARY ? 2 : 4;
}

double comtrade_dat_number(const struct comtrade_dat *dat, uint64_t scan)
{
	return dat->type == COMTRADE_ASCII
		       ? dat->number[scan]
		       : get_u32(dat->rows + scan * dat->row_len);
}

double comtrade_dat_stamp(const struct comtrade_dat *dat, uint64_t scan)
{
	double v = dat->type == COMTRADE_ASCII
			   ? dat->stamp[scan]
			   : get_u32(dat->rows + scan * dat->row_len + 4);

	return v == STAMP_MISSING ? NAN : v;
}

void comtrade_dat_codes(const struct comtrade_dat *dat, uint32_t channel,
			uint64_t first, uint32_t n, double *x)
{
	const uint8_t *p;

	if (dat->type == COMTRADE_ASCII) {
		const double *v = dat->value + first * dat->n_channel + channel;

		for (uint32_t i = 0; i < n; i++)
			x[i] = v[(size_t)i * dat->n_channel];
		return;
	}
	p = dat->rows + first * dat->row_len + HEAD_LEN +
	    channel * value_len(dat->type);
	for (uint32_t i = 0; i < n; i++, p += dat->row_len)
		x[i] = dat->type == COMTRADE_BINARY     ? get_i16(p)
		       : dat->type == COMTRADE_BINARY32 ? get_i32(p)
							: get_f32(p);
}

/* ---- checks that all types share ---- */

/* Sample numbers should go up by one. */
struct numbers {
	double last;
	double step;      /* the first one */
	uint64_t regular; /* steps of one */
	uint64_t odd;
	uint64_t first_odd;
	bool steady; /* all steps are alike */
};

static void count_number(struct numbers *c, uint64_t row, double number)
{
	double step = number - c->last;

	c->last = number;
	if (row == 0)
		return;
	if (row == 1) {
		c->step = step;
		c->steady = true;
	}
	c->steady = c->steady && step == c->step;
	if (step == 1) {
		c->regular++;
	} else {
		if (!c->odd)
			c->first_odd = row;
		c->odd++;
	}
}

static int judge_numbers(const struct numbers *c,
			 const struct comtrade_tell *tell)
{
	if (c->odd == 0)
		return 0;
	if (c->regular == 0 && c->odd > 1 && !c->steady)
		return cis_fail(
			tell->diag, -EBADMSG,
			"%s: the samples are not numbered in order: the "
			"data file does not fit this CFG",
			tell->name);
	cis_warn(tell->warn,
		 "%s: sample numbers do not go up by one in %llu places, first "
		 "after row %llu",
		 tell->name, (unsigned long long)c->odd,
		 (unsigned long long)c->first_odd);
	return 0;
}

static void tell_missing(uint64_t n, const struct comtrade_tell *tell)
{
	if (n > 0)
		cis_warn(tell->warn,
			 "%s: %llu values are marked missing or empty; they "
			 "are left out",
			 tell->name, (unsigned long long)n);
}

/* ---- binary: the pass over all rows ---- */

static uint64_t count_missing(const struct comtrade_dat *dat)
{
	double x[256];
	uint64_t missing = 0;

	for (uint64_t s = 0; s < dat->n_scan; s += 256) {
		uint64_t left = dat->n_scan - s;
		uint32_t n = left < 256 ? (uint32_t)left : 256;

		for (uint32_t c = 0; c < dat->n_channel; c++) {
			comtrade_dat_codes(dat, c, s, n, x);
			for (uint32_t i = 0; i < n; i++)
				missing += isnan(x[i]) != 0;
		}
	}
	return missing;
}

static int open_binary(const struct comtrade_cfg *cfg, const uint8_t *bytes,
		       size_t len, struct comtrade_dat *dat,
		       const struct comtrade_tell *tell)
{
	size_t words = ((size_t)cfg->info.n_status + 15) / 16;
	struct numbers numbers = {.odd = 0};
	size_t rest;

	dat->rows = bytes;
	dat->row_len =
		HEAD_LEN + dat->n_channel * value_len(cfg->type) + 2 * words;
	dat->n_scan = len / dat->row_len;
	rest = len % dat->row_len;
	if (dat->n_scan == 0)
		return cis_fail(tell->diag, -EBADMSG,
				"%s: the data are %zu bytes, less than one "
				"record of %zu",
				tell->name, len, dat->row_len);
	if (rest > 1 || (rest == 1 && bytes[len - 1] != 0x1A))
		cis_warn(
			tell->warn,
			"%s: the data end within a record: %llu whole ones are "
			"read, %zu bytes are left over",
			tell->name, (unsigned long long)dat->n_scan, rest);
	for (uint64_t i = 0; i < dat->n_scan; i++)
		count_number(&numbers, i, get_u32(bytes + i * dat->row_len));
	tell_missing(count_missing(dat), tell);
	return judge_numbers(&numbers, tell);
}

/* ---- ASCII ---- */

struct text_row {
	const char *next; /* first field that is not read yet; NULL: none */
	const char *end;
};

static bool is_end(char c)
{
	return c == '\n' || c == '\r' || c == 0x1A;
}

/* The next line that has anything in it. */
static bool next_row(const char **at, const char *end, struct text_row *row)
{
	while (*at < end) {
		const char *s = *at, *e;

		while (s < end && (is_end(*s) || *s == ' ' || *s == '\0'))
			s++;
		for (e = s; e < end && !is_end(*e);)
			e++;
		*at = e;
		if (e > s) {
			*row = (struct text_row){.next = s, .end = e};
			return true;
		}
	}
	return false;
}

/* False: the row has no more fields. */
static bool next_field(struct text_row *row, const char **s, size_t *len)
{
	const char *comma;

	if (!row->next)
		return false;
	comma = memchr(row->next, ',', (size_t)(row->end - row->next));
	*s = row->next;
	*len = (size_t)((comma ? comma : row->end) - row->next);
	row->next = comma ? comma + 1 : NULL;
	return true;
}

/* 99999 is the mark of 1991 and 1999; wider fields are filled with nines. Where
 * the channel's range holds the number, it is one. */
static bool is_mark(double v, const struct comtrade_scale *s, unsigned rev)
{
	return (v == 99999 && (rev < 2013 || s->max < 99999)) ||
	       (v == 999999 && s->max < 999999);
}

struct ascii_count {
	uint64_t missing;
	uint64_t bad; /* fields that are no numbers */
	uint64_t bad_row;
	uint64_t short_rows;
	struct numbers numbers;
};

static double field_number(const char *s, size_t len, uint64_t row,
			   struct ascii_count *count)
{
	double v;

	if (comtrade_number(s, len, &v))
		return v;
	while (len > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		len--;
	}
	if (len > 0) {
		if (!count->bad)
			count->bad_row = row;
		count->bad++;
	}
	return NAN;
}

static void parse_row(const struct comtrade_cfg *cfg, struct text_row row,
		      uint64_t i, struct comtrade_dat *dat,
		      struct ascii_count *count)
{
	double *x = dat->value + i * dat->n_channel;
	const char *s;
	size_t len;
	uint32_t c = 0;

	dat->number[i] = next_field(&row, &s, &len)
				 ? field_number(s, len, i, count)
				 : NAN;
	count_number(&count->numbers, i, dat->number[i]);
	dat->stamp[i] = next_field(&row, &s, &len)
				? field_number(s, len, i, count)
				: NAN;
	for (; c < dat->n_channel && next_field(&row, &s, &len); c++) {
		x[c] = field_number(s, len, i, count);
		if (is_mark(x[c], &cfg->scale[c], cfg->info.rev_year))
			x[c] = NAN;
		count->missing += isnan(x[c]) != 0;
	}
	count->short_rows += c < dat->n_channel;
	for (; c < dat->n_channel; c++)
		x[c] = NAN;
}

static int judge_ascii(const struct comtrade_dat *dat,
		       const struct ascii_count *count,
		       const struct comtrade_tell *tell)
{
	uint64_t cells = dat->n_scan * dat->n_channel;

	if (count->short_rows == dat->n_scan)
		return cis_fail(tell->diag, -EBADMSG,
				"%s: the rows of the data have fewer fields "
				"than the CFG has channels",
				tell->name);
	if (count->bad > cells / 2)
		return cis_fail(
			tell->diag, -EBADMSG,
			"%s: the data are not ASCII numbers, as the CFG "
			"says",
			tell->name);
	if (count->bad)
		cis_warn(
			tell->warn,
			"%s: %llu fields of the data are not numbers, first in "
			"row %llu; they are left out",
			tell->name, (unsigned long long)count->bad,
			(unsigned long long)count->bad_row + 1);
	if (count->short_rows)
		cis_warn(tell->warn,
			 "%s: %llu rows of the data have too few fields; their "
			 "last values are missing",
			 tell->name, (unsigned long long)count->short_rows);
	tell_missing(count->missing - (count->bad < count->missing
					       ? count->bad
					       : count->missing),
		     tell);
	return judge_numbers(&count->numbers, tell);
}

static int open_ascii(const struct comtrade_cfg *cfg, const char *text,
		      size_t len, struct comtrade_dat *dat,
		      const struct comtrade_tell *tell)
{
	const char *at = text, *end = text + len;
	struct ascii_count count = {.missing = 0};
	struct text_row row;

	while (next_row(&at, end, &row))
		dat->n_scan++;
	if (dat->n_scan == 0)
		return cis_fail(tell->diag, -EBADMSG, "%s: the data are empty",
				tell->name);
	/* Every field takes a byte at least: bounds what is allocated. */
	if (dat->n_scan > len / dat->n_channel)
		return cis_fail(tell->diag, -EBADMSG,
				"%s: the rows of the data are too short for %u "
				"channels",
				tell->name, (unsigned)dat->n_channel);
	dat->value = calloc(dat->n_scan * dat->n_channel, sizeof(double));
	dat->stamp = calloc(dat->n_scan, sizeof(double));
	dat->number = calloc(dat->n_scan, sizeof(double));
	if (!dat->value || !dat->stamp || !dat->number)
		return cis_fail(tell->diag, -ENOMEM, "%s: not enough memory",
				tell->name);
	at = text;
	for (uint64_t i = 0; i < dat->n_scan && next_row(&at, end, &row); i++)
		parse_row(cfg, row, i, dat, &count);
	return judge_ascii(dat, &count, tell);
}

/* A first line of nothing but numbers and commas is no binary record, which
 * begins with a number below 2^24 and so with a zero in the fourth place. */
static bool is_text(const uint8_t *bytes, size_t len)
{
	size_t n = 0;

	while (n < len && n < 64 && strchr("0123456789+-., eE\r\n", bytes[n]) &&
	       bytes[n])
		n++;
	return n == 64 || (n > 8 && n == len);
}

int comtrade_dat_open(const struct comtrade_cfg *cfg, const uint8_t *bytes,
		      size_t len, struct comtrade_dat *dat,
		      const struct comtrade_tell *tell)
{
	struct comtrade_dat d = {.type = cfg->type,
				 .n_channel = cfg->info.n_channel};
	int err;

	if (len == 0)
		return cis_fail(tell->diag, -EBADMSG, "%s: the data are empty",
				tell->name);
	if (d.type != COMTRADE_ASCII && is_text(bytes, len)) {
		cis_warn(tell->warn,
			 "%s: the data are ASCII, though the CFG says binary",
			 tell->name);
		d.type = COMTRADE_ASCII;
	}
	err = d.type == COMTRADE_ASCII
		      ? open_ascii(cfg, (const char *)bytes, len, &d, tell)
		      : open_binary(cfg, bytes, len, &d, tell);
	if (err)
		comtrade_dat_free(&d);
	else
		*dat = d;
	return err;
}

void comtrade_dat_free(struct comtrade_dat *dat)
{
	free(dat->value);
	free(dat->stamp);
	free(dat->number);
}
