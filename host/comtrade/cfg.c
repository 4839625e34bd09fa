/* cfg.c - the lines of a CFG in their order; see cfg.h. */
#include "cfg.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cisoid/utc.h"

/* An analogue channel's line has at least seven fields, a status channel's two. */
#define MIN_ANALOGUE_LEN 10
#define MIN_STATUS_LEN   2
#define MAX_RATE_HZ      1e9

struct parser {
	struct comtrade_lines lines;
	struct comtrade_cfg *cfg;
	const struct comtrade_tell *tell;
};

static int ended(struct parser *p, const char *want)
{
	return cis_fail(p->tell->diag, -EBADMSG,
			"%s: ends after line %u, where %s should follow",
			p->tell->name, p->lines.number, want);
}

/* ---- the head ---- */

static void set_station(struct cis_comtrade_info *info, const char *text)
{
	size_t len = strlen(text);

	if (len >= sizeof(info->station))
		len = sizeof(info->station) - 1;
	while (len > 0 && text[len] &&
	       ((unsigned char)text[len] & 0xC0) == 0x80)
		len--;
	memcpy(info->station, text, len);
	info->station[len] = '\0';
}

static unsigned known_revision(const struct parser *p, unsigned year)
{
	unsigned as = year < 1995 ? 1991 : year < 2008 ? 1999 : 2013;

	if (year != as)
		cis_warn(p->tell->warn,
			 "%s: there is no revision %u of the standard; it is "
			 "read as one of %u",
			 p->tell->name, year, as);
	return as;
}

static int parse_station(struct parser *p)
{
	struct cis_comtrade_info *info = &p->cfg->info;
	char *field[16], *line = comtrade_line(&p->lines);
	unsigned n;
	double year = 1991;

	if (!line)
		return cis_fail(p->tell->diag, -EBADMSG, "%s: is empty",
				p->tell->name);
	n = comtrade_fields(line, field, 16);
	if (n > 16)
		n = 16;
	set_station(info, field[0]);
	/* A comma within a name moves the year, which is the last. */
	while (n > 3 && !*field[n - 1])
		n--;
	if (n >= 3 &&
	    (!comtrade_number(field[n - 1], strlen(field[n - 1]), &year) ||
	     year < 1990 || year > 2100)) {
		cis_warn(p->tell->warn,
			 "%s: the revision \"%.20s\" is no year; it is read as "
			 "one of 1999",
			 p->tell->name, field[n - 1]);
		year = 1999;
	}
	info->rev_year = known_revision(p, (unsigned)year);
	return 0;
}

/* "12A", "12a", "12" -> 12 */
static bool parse_count(const char *text, char letter, double *count)
{
	size_t len = strlen(text);
	double v;

	if (len == 0 || toupper((unsigned char)text[len - 1]) != letter ||
	    !comtrade_number(text, len - 1, &v) || v < 0 || v != floor(v))
		return false;
	*count = v;
	return true;
}

/* What the rest of the file has room for. */
static int check_counts(struct parser *p, double n_analogue, double n_status)
{
	double room = (double)strlen(p->lines.next);

	if (n_analogue < 1)
		return cis_fail(p->tell->diag, -EBADMSG,
				"%s:%u: no analogue channels", p->tell->name,
				p->lines.number);
	if (n_analogue * MIN_ANALOGUE_LEN + n_status * MIN_STATUS_LEN > room)
		return cis_fail(p->tell->diag, -EBADMSG,
				"%s:%u: promises %.0f analogue and %.0f status "
				"channels, more than the file has lines",
				p->tell->name, p->lines.number, n_analogue,
				n_status);
	return 0;
}

static int parse_counts(struct parser *p)
{
	char *field[8], *line = comtrade_line(&p->lines);
	double total = -1, n_analogue = -1, n_status = 0;
	unsigned n;
	int err;

	if (!line)
		return ended(p, "the number of channels");
	n = comtrade_fields(line, field, 8);
	for (unsigned i = 0; i < n && i < 8; i++)
		if (!parse_count(field[i], 'A', &n_analogue) &&
		    !parse_count(field[i], 'D', &n_status) && i == 0)
			comtrade_number(field[i], strlen(field[i]), &total);
	if (n_analogue < 0)
		return cis_fail(p->tell->diag, -EBADMSG,
				"%s:%u: a number of channels such as "
				"\"8,4A,4D\" expected",
				p->tell->name, p->lines.number);
	err = check_counts(p, n_analogue, n_status);
	if (err)
		return err;
	if (total != n_analogue + n_status)
		cis_warn(p->tell->warn,
			 "%s:%u: %.0f analogue and %.0f status channels do not "
			 "make %.0f in all",
			 p->tell->name, p->lines.number, n_analogue, n_status,
			 total);
	p->cfg->info.n_channel = (uint32_t)n_analogue;
	p->cfg->info.n_status = (uint32_t)n_status;
	return 0;
}

static int parse_channels(struct parser *p)
{
	struct comtrade_cfg *cfg = p->cfg;
	uint32_t n = cfg->info.n_channel;

	cfg->channel = calloc(n, sizeof(*cfg->channel));
	cfg->scale = calloc(n, sizeof(*cfg->scale));
	if (!cfg->channel || !cfg->scale)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		char *line = comtrade_line(&p->lines);
		int err;

		if (!line)
			return ended(p, "an analogue channel");
		err = comtrade_channel_parse(line, p->lines.number, cfg, i,
					     p->tell);
		if (err)
			return err;
	}
	return 0;
}

static int skip_status(struct parser *p)
{
	for (uint32_t i = 0; i < p->cfg->info.n_status; i++) {
		char *line = comtrade_line(&p->lines);

		if (!line)
			return ended(p, "a status channel");
		if (!strchr(line, ','))
			return cis_fail(p->tell->diag, -EBADMSG,
					"%s:%u: status channel %u expected",
					p->tell->name, p->lines.number,
					(unsigned)i + 1);
	}
	return 0;
}

/* ---- rates ---- */

static int parse_line_frequency(struct parser *p)
{
	char *line = comtrade_line(&p->lines);
	double hz;

	if (!line)
		return ended(p, "the line frequency");
	if (strchr(line, '/') || strchr(line, ':'))
		return cis_fail(p->tell->diag, -EBADMSG,
				"%s:%u: the line frequency expected",
				p->tell->name, p->lines.number);
	line[strcspn(line, "Hh,")] = '\0';
	if (!comtrade_number(line, strlen(line), &hz) || hz < 0) {
		cis_warn(
			p->tell->warn,
			"%s:%u: \"%.20s\" is not a line frequency; it is taken "
			"as not given",
			p->tell->name, p->lines.number, line);
		hz = 0;
	}
	p->cfg->info.fnom_hz = hz;
	return 0;
}

static bool looks_like_date(const char *line)
{
	return strchr(line, '/') || strchr(line, ':');
}

static int parse_rate(struct parser *p, struct comtrade_rate *rate)
{
	char *field[2], *line = comtrade_line(&p->lines);
	double hz, end;

	if (!line)
		return ended(p, "a sampling rate");
	if (comtrade_fields(line, field, 2) < 2 ||
	    !comtrade_number(field[0], strlen(field[0]), &hz) ||
	    !comtrade_number(field[1], strlen(field[1]), &end) || hz < 0 ||
	    hz > MAX_RATE_HZ || end < 0)
		return cis_fail(p->tell->diag, -EBADMSG,
				"%s:%u: a sampling rate and the number of its "
				"last sample expected",
				p->tell->name, p->lines.number);
	rate->rate_hz = hz;
	rate->end = end < 9e15 ? (uint64_t)end : UINT64_C(9000000000000000);
	return 0;
}

/* The next line without moving on. */
static bool date_follows(const struct parser *p)
{
	const char *s = p->lines.next + strspn(p->lines.next, " \t\r\n\x1A");
	size_t len = strcspn(s, "\r\n");

	return memchr(s, '/', len) || memchr(s, ':', len);
}

static int parse_rates(struct parser *p)
{
	struct comtrade_cfg *cfg = p->cfg;
	char *line = comtrade_line(&p->lines);
	double n;

	if (!line)
		return ended(p, "the number of sampling rates");
	if (!comtrade_number(line, strcspn(line, ","), &n) || n < 0 ||
	    n != floor(n) || n > (double)strlen(p->lines.next) / 4 + 1)
		return cis_fail(p->tell->diag, -EBADMSG,
				"%s:%u: the number of sampling rates expected, "
				"not \"%.20s\"",
				p->tell->name, p->lines.number, line);
	cfg->n_rate = n < 1 ? 1 : (uint32_t)n;
	cfg->rate = calloc(cfg->n_rate, sizeof(*cfg->rate));
	if (!cfg->rate)
		return -ENOMEM;
	/* Without rates there is still a line "0,endsamp", in most files. */
	if (n < 1 && date_follows(p))
		return 0;
	for (uint32_t i = 0; i < cfg->n_rate; i++) {
		int err = parse_rate(p, &cfg->rate[i]);

		if (err)
			return err;
	}
	if (n < 1)
		cfg->rate[0].rate_hz = 0;
	return 0;
}

/* ---- the foot ---- */

static int parse_start(struct parser *p)
{
	struct comtrade_cfg *cfg = p->cfg;
	char *line = comtrade_line(&p->lines);
	struct comtrade_date date;

	if (!line)
		return ended(p, "the date of the first sample");
	if (comtrade_date_parse(line, cfg->info.rev_year < 1999, &date)) {
		cis_warn(p->tell->warn,
			 "%s:%u: \"%.40s\" is not a date; 1970-01-01 is taken, "
			 "not synchronized",
			 p->tell->name, p->lines.number, line);
		cfg->undated = true;
		cfg->info.start = cis_time_from_posix(0, 0);
		return 0;
	}
	if (date.swapped)
		cis_warn(
			p->tell->warn,
			"%s:%u: month and day of \"%.40s\" are taken the other "
			"way round",
			p->tell->name, p->lines.number, line);
	cfg->nanoseconds = date.digits > 6;
	cfg->info.start.tai_ns = date.tai_s * CIS_NS_PER_S + date.ns;
	return 0;
}

static int parse_type(struct parser *p)
{
	static const char *const names[] = {"ASCII", "BINARY", "BINARY32",
					    "FLOAT32"};
	char *line = comtrade_line(&p->lines);

	if (line && looks_like_date(line)) /* of the trigger */
		line = comtrade_line(&p->lines);
	if (!line)
		return ended(p, "the type of the data");
	line[strcspn(line, ", \t")] = '\0';
	for (int i = 0; i < 4; i++) {
		if (strcasecmp(line, names[i]) != 0)
			continue;
		p->cfg->type = (enum comtrade_type)i;
		p->cfg->info.binary =
			i == COMTRADE_BINARY || i == COMTRADE_BINARY32;
		return 0;
	}
	return cis_fail(
		p->tell->diag, -EBADMSG,
		"%s:%u: \"%.20s\" is not a type of data (ASCII, BINARY, "
		"BINARY32, FLOAT32)",
		p->tell->name, p->lines.number, line);
}

static void parse_timemult(struct parser *p)
{
	char *line = comtrade_line(&p->lines);
	double v;

	p->cfg->timemult = 1;
	if (!line)
		return;
	if (comtrade_number(line, strcspn(line, ","), &v) && v >= 1e-9 &&
	    v <= 1e9) {
		p->cfg->timemult = v;
		return;
	}
	cis_warn(p->tell->warn,
		 "%s:%u: \"%.20s\" is not a factor for the time stamps; 1 is "
		 "taken",
		 p->tell->name, p->lines.number, line);
}

static void assume_utc(struct parser *p, const char *why)
{
	if (!p->cfg->undated)
		cis_remark(p->tell->warn, "%s: %s; its dates are taken as UTC",
			   p->tell->name, why);
}

static void parse_time_code(struct parser *p)
{
	char *line = comtrade_line(&p->lines);
	struct cis_time *start = &p->cfg->info.start;
	int64_t tai_s = cis_time_floor_s(*start);
	int64_t ns = start->tai_ns - tai_s * CIS_NS_PER_S;
	struct cis_utc utc = cis_utc_from_tai(tai_s);
	char *field[1];
	int ahead_s;

	if (!line) {
		assume_utc(p, "no time code is given");
		return;
	}
	comtrade_fields(line, field, 1);
	if (comtrade_zone_parse(field[0], &ahead_s)) {
		assume_utc(p, "the time code is none");
		return;
	}
	if (ahead_s == 0 || p->cfg->undated)
		return;
	utc.soc -= ahead_s;
	start->tai_ns = cis_utc_to_tai(utc) * CIS_NS_PER_S + ns;
}

/* tmq_code: C37.111-2013, 7.4.12, after the time quality of C37.118.2. */
static void parse_quality(struct parser *p)
{
	struct cis_time_quality *q = &p->cfg->info.quality;
	char *line = comtrade_line(&p->lines), *field[1], *end;
	unsigned long code;

	if (!line)
		return;
	comtrade_fields(line, field, 1);
	code = strtoul(field[0], &end, 16);
	if (!*field[0] || *end || code > 15) {
		cis_warn(p->tell->warn,
			 "%s:%u: \"%.20s\" is not a time quality code; it is "
			 "taken as not given",
			 p->tell->name, p->lines.number, field[0]);
		return;
	}
	q->unlocked_s = code ? INFINITY : 0;
	q->unc_s = code == 0   ? 0
		   : code > 11 ? INFINITY
			       : pow(10, (double)code - 10);
}

static int parse_all(struct parser *p)
{
	int err = parse_station(p);

	if (!err)
		err = parse_counts(p);
	if (!err)
		err = parse_channels(p);
	if (!err)
		err = skip_status(p);
	if (!err)
		err = parse_line_frequency(p);
	if (!err)
		err = parse_rates(p);
	if (!err)
		err = parse_start(p);
	if (!err)
		err = parse_type(p);
	if (err)
		return err;
	p->cfg->info.quality.unc_s = NAN;
	if (p->cfg->info.rev_year >= 1999)
		parse_timemult(p);
	else
		p->cfg->timemult = 1;
	if (p->cfg->info.rev_year >= 2013) {
		parse_time_code(p);
		parse_quality(p);
	} else {
		assume_utc(p, "a record of before 2013 does not say its zone");
	}
	return 0;
}

int comtrade_cfg_parse(char *text, unsigned line, struct comtrade_cfg *cfg,
		       const struct comtrade_tell *tell)
{
	struct comtrade_cfg c = {.n_rate = 0};
	struct parser p = {.lines = {.next = text, .number = line},
			   .cfg = &c,
			   .tell = tell};
	int err = parse_all(&p);

	if (err) {
		comtrade_cfg_free(&c);
		return err == -ENOMEM
			       ? cis_fail(tell->diag, err,
					  "%s: not enough memory", tell->name)
			       : err;
	}
	*cfg = c;
	return 0;
}

void comtrade_cfg_free(struct comtrade_cfg *cfg)
{
	free(cfg->channel);
	free(cfg->scale);
	free(cfg->rate);
}
