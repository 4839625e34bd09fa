/* channel.c - the lines of a CFG that describe analogue channels. */
#include "cfg.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MAX_FIELD 24

enum { /* fields of C37.111-1999, 5.3.4; 1991 ends with MAX */
       NUMBER,
       NAME,
       PHASE,
       COMPONENT,
       UNIT,
       A,
       B,
       SKEW,
       MIN,
       MAX,
       PRIMARY,
       SECONDARY,
       PS,
       N_FIELD,
};

/* ---- units ---- */

/* V, volt, volts; A, amp, amps, ampere, amperes. */
static bool base_unit(const char *u, enum cis_quantity *q)
{
	static const struct {
		const char *name;
		enum cis_quantity q;
	} names[] = {
		{"v", CIS_VOLTAGE},      {"volt", CIS_VOLTAGE},
		{"volts", CIS_VOLTAGE},  {"a", CIS_CURRENT},
		{"amp", CIS_CURRENT},    {"amps", CIS_CURRENT},
		{"ampere", CIS_CURRENT}, {"amperes", CIS_CURRENT},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(u, names[i].name) != 0)
			continue;
		*q = names[i].q;
		return true;
	}
	return false;
}

/* Length of the prefix and what it stands for; 'M' and 'm' differ. */
static size_t prefix(const char *u, double *factor)
{
	static const struct {
		const char *text;
		double factor;
	} prefixes[] = {
		{"k", 1e3},         {"K", 1e3},         {"M", 1e6}, {"m", 1e-3},
		{"u", 1e-6},        {"\xC2\xB5", 1e-6}, /* micro sign */
		{"\xCE\xBC", 1e-6},                     /* Greek mu */
	};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t len = strlen(prefixes[i].text);

		if (strncmp(u, prefixes[i].text, len) != 0)
			continue;
		*factor = prefixes[i].factor;
		return len;
	}
	return 0;
}

static void parse_unit(struct cis_comtrade_channel *c, const char *unit)
{
	double factor = 1;
	size_t len;

	c->to_si = 1;
	c->usable = base_unit(unit, &c->quantity);
	if (c->usable)
		return;
	len = prefix(unit, &factor);
	c->usable = len > 0 && base_unit(unit + len, &c->quantity);
	if (c->usable)
		c->to_si = factor;
}

/* ---- fields ---- */

/* Cut to size on a character's border. */
static void set_text(char *to, size_t size, const char *from)
{
	size_t len = strlen(from);

	if (len >= size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)from[len] & 0xC0) == 0x80)
			len--;
	}
	memcpy(to, from, len);
	to[len] = '\0';
}

static int number(const char *text, double *v)
{
	return comtrade_number(text, strlen(text), v) ? 0 : -EINVAL;
}

/* An optional number: `otherwise` where it is absent or nonsense. */
static double optional(char **field, unsigned i, unsigned n, double otherwise)
{
	double v;

	return i < n && !number(field[i], &v) ? v : otherwise;
}

/* A comma within the name makes too many fields: those that follow it are found
 * from the end. */
static unsigned mend_commas(char **field, unsigned n, unsigned want)
{
	unsigned extra;

	while (n > want && !*field[n - 1])
		n--;
	if (n <= want)
		return n;
	extra = n - want;
	for (unsigned i = PHASE; i < want; i++)
		field[i] = field[i + extra];
	return want;
}

static void set_range(struct cis_comtrade_channel *c,
		      const struct comtrade_scale *s)
{
	double lo = (s->a * s->min + s->b) * c->to_si;
	double hi = (s->a * s->max + s->b) * c->to_si;

	if (!(s->min < s->max))
		return;
	c->min = lo < hi ? lo : hi;
	c->max = lo < hi ? hi : lo;
}

/* +-2^k or one less than that, as the ends of a converter's range are. */
static bool is_power(double v)
{
	int exp;
	double m;

	v = fabs(v);
	if (v < 127 || v > 2147483648.0)
		return false;
	m = frexp(v, &exp);
	return m == 0.5 || frexp(v + 1, &exp) == 0.5;
}

static void set_ratio(struct cis_comtrade_channel *c, char **field, unsigned n)
{
	char ps = n > PS ? (char)toupper((unsigned char)*field[PS]) : '\0';

	c->primary = optional(field, PRIMARY, n, 1);
	c->secondary = optional(field, SECONDARY, n, 1);
	c->is_primary = ps == 'P';
	c->has_side = ps == 'P' || ps == 'S';
}

int comtrade_channel_parse(char *text, unsigned line, struct comtrade_cfg *cfg,
			   uint32_t i, const struct comtrade_tell *tell)
{
	struct cis_comtrade_channel *c = &cfg->channel[i];
	struct comtrade_scale *s = &cfg->scale[i];
	char *field[MAX_FIELD];
	unsigned n = comtrade_fields(text, field, MAX_FIELD);

	if (n <= B || n > MAX_FIELD)
		return cis_fail(tell->diag, -EBADMSG,
				"%s:%u: analogue channel %u expected, but the "
				"line has %u fields",
				tell->name, line, (unsigned)i + 1, n);
	n = mend_commas(field, n,
			cfg->info.rev_year < 1999 ? MAX + 1 : N_FIELD);
	set_text(c->name, sizeof(c->name), field[NAME]);
	set_text(c->phase, sizeof(c->phase), field[PHASE]);
	set_text(c->unit, sizeof(c->unit), field[UNIT]);
	parse_unit(c, field[UNIT]);
	if (number(field[A], &s->a) || number(field[B], &s->b))
		return cis_fail(tell->diag, -EBADMSG,
				"%s:%u: channel \"%s\": \"%s\", \"%s\" are not "
				"the numbers a and b of a x + b",
				tell->name, line, c->name, field[A], field[B]);
	if (s->a == 0 && c->usable)
		cis_warn(tell->warn,
			 "%s:%u: channel \"%s\": the factor a is 0: all its "
			 "values are the same",
			 tell->name, line, c->name);
	c->skew_s = optional(field, SKEW, n, 0) * 1e-6;
	if (fabs(c->skew_s) > 1) {
		cis_warn(
			tell->warn,
			"%s:%u: channel \"%s\": a skew of %g s cannot be; 0 is "
			"taken",
			tell->name, line, c->name, c->skew_s);
		c->skew_s = 0;
	}
	s->min = optional(field, MIN, n, 0);
	s->max = optional(field, MAX, n, 0);
	c->clips = s->min < s->max && is_power(s->min) && is_power(s->max);
	set_range(c, s);
	set_ratio(c, field, n);
	return 0;
}
