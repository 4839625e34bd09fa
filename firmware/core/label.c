/* label.c - see label.h. */
#include "firmware/core/label.h"

#include "firmware/core/link.h"

/* Seconds after a month's beginning in which sentences show a leap second that
 * was not counted, or none where one was. */
#define LEAP_DOUBT_S 10

/* Seconds without a name in which a receiver can become late; after more of
 * them anything may have happened to it. */
#define LATE_GAP_S 60

/* Satellites are told for as long after a GGA. */
#define SATS_S 2

void fe_label_init(struct fe_label *l)
{
	*l = (struct fe_label){.unnamed = UINT8_MAX, .sats_age = UINT8_MAX};
}

unsigned fe_label_forget(struct fe_label *l)
{
	unsigned news = l->valid ? FE_LABEL_LOST : FE_LABEL_NOTHING;

	l->valid = l->known = l->held = false;
	l->n_agree = l->n_rival = 0;
	l->unnamed = UINT8_MAX;
	l->heard = (struct fe_label_heard){0};
	return news;
}

static bool same(struct fe_second a, struct fe_second b)
{
	return a.utc_s == b.utc_s && a.leap == b.leap;
}

static void age(uint8_t *n)
{
	if (*n < UINT8_MAX)
		(*n)++;
}

/* ---- counting ---- */

static struct fe_second next(const struct fe_label *l, struct fe_second s)
{
	if (s.leap)
		return (struct fe_second){s.utc_s + 1, false};
	if (l->leap_at != 0 && l->leap_insert && s.utc_s + 1 == l->leap_at)
		return (struct fe_second){s.utc_s, true};
	if (l->leap_at != 0 && !l->leap_insert && s.utc_s + 2 == l->leap_at)
		return (struct fe_second){s.utc_s + 2, false};
	return (struct fe_second){s.utc_s + 1, false};
}

/* Nobody has said how many seconds the month has: this may be its 23:59:59, or
 * the next one's first. */
static bool may_leap(const struct fe_label *l)
{
	return !l->leap_told && fe_nmea_begins_month(l->now.utc_s + 1);
}

/* What was said of leap seconds holds no longer. */
static void expire(struct fe_label *l)
{
	if (l->leap_till == 0 || l->now.utc_s < l->leap_till)
		return;
	l->leap_told = false;
	l->leap_at = 0;
}

static unsigned count(struct fe_label *l)
{
	struct fe_second was = l->now;
	unsigned news = FE_LABEL_NOTHING;

	l->rival = next(l, l->rival);
	if (!l->known)
		return news;
	l->now = next(l, was);
	if (l->valid && (l->now.leap || l->now.utc_s > was.utc_s + 1)) {
		l->leap_s = l->now.leap ? 1 : -1;
		news |= FE_LABEL_LEAPT;
	}
	if (l->valid && l->now.utc_s >= l->leap_at)
		l->leap_at = 0;
	if (l->valid)
		expire(l);
	if (l->valid && may_leap(l)) {
		l->valid = l->held = false;
		l->n_agree = l->n_rival = 0;
		news |= FE_LABEL_LOST;
	}
	return news;
}

/* ---- what was heard of the second that ends ---- */

static void begin_anew(struct fe_label *l, struct fe_second s, uint8_t n_agree)
{
	l->known = true;
	l->valid = l->held = false;
	l->now = s;
	l->n_agree = n_agree;
	l->n_rival = 0;
}

/* Within seconds of a month's beginning, by the count or by the name. */
static bool is_leap_doubt(const struct fe_label *l, struct fe_second named)
{
	int64_t off = named.utc_s - l->now.utc_s;

	if (named.leap || l->now.leap)
		return off >= -1 && off <= 1;
	if (off != 1 && off != -1)
		return false;
	for (int64_t s = l->now.utc_s + 1; s > l->now.utc_s - LEAP_DOUBT_S; s--)
		if (fe_nmea_begins_month(s))
			return true;
	return false;
}

/* Receivers that cannot write :60 write :59 or :00 twice. */
static bool is_in_the_leap(const struct fe_label *l, struct fe_second named)
{
	return l->now.leap && !named.leap &&
	       (named.utc_s == l->now.utc_s || named.utc_s == l->now.utc_s + 1);
}

static unsigned jump(struct fe_label *l)
{
	unsigned news = FE_LABEL_JUMPED | (l->valid ? FE_LABEL_LOST : 0U);
	bool late;

	l->jump_s = l->rival.utc_s - l->now.utc_s;
	late = l->rival_late && l->jump_s == -1;
	if (!late) {
		begin_anew(l, l->rival, 0);
		return news;
	}
	if (!l->valid)
		return FE_LABEL_NOTHING; /* told already */
	l->valid = false;
	l->n_agree = 0;
	return news;
}

static unsigned refuse(struct fe_label *l)
{
	l->n_agree = 0;
	return FE_LABEL_REFUSED;
}

static bool is_late_gap(unsigned unnamed)
{
	return unnamed > 0 && unnamed <= LATE_GAP_S;
}

/* Named as another than was counted. */
static unsigned contradict(struct fe_label *l, struct fe_second named)
{
	unsigned refused = refuse(l);

	if (!l->held) {
		begin_anew(l, named, 1);
		return refused;
	}
	if (l->valid && is_leap_doubt(l, named)) {
		begin_anew(l, named, 1);
		return refused | FE_LABEL_LOST;
	}
	if (l->n_rival == 0 || !same(named, l->rival)) {
		l->rival = named;
		l->rival_late = !l->valid || is_late_gap(l->unnamed);
		l->n_rival = 0;
	}
	age(&l->n_rival);
	return refused | (l->n_rival < FE_LABEL_CHECKS ? 0 : jump(l));
}

static unsigned agree(struct fe_label *l)
{
	l->n_rival = 0;
	if (l->valid)
		return FE_LABEL_NOTHING;
	l->n_agree++;
	if (l->n_agree < FE_LABEL_CHECKS)
		return FE_LABEL_NOTHING;
	l->n_agree = 0;
	l->valid = l->held = true;
	return FE_LABEL_GAINED;
}

/* ZDA alone does not say whether the receiver knows the time. */
static bool is_named(const struct fe_label_heard *h)
{
	return (h->rmc || h->zda) && h->fix && !h->no_fix && !h->conflict;
}

static unsigned judge(struct fe_label *l)
{
	const struct fe_label_heard *h = &l->heard;
	unsigned news = FE_LABEL_NOTHING;

	if (!is_named(h)) {
		age(&l->unnamed);
		if (!h->no_fix && (h->conflict || h->late))
			news = refuse(l);
		return news;
	}
	if (l->known && same(h->second, l->now))
		news = agree(l);
	else if (!l->known)
		begin_anew(l, h->second, 1);
	else if (!is_in_the_leap(l, h->second))
		news = contradict(l, h->second);
	l->unnamed = 0;
	return news;
}

unsigned fe_label_pulse(struct fe_label *l)
{
	unsigned news = judge(l);

	news |= count(l);
	l->heard = (struct fe_label_heard){0};
	age(&l->sats_age);
	l->has_sats = l->sats_age <= SATS_S;
	return news;
}

/* ---- sentences ---- */

static void hear_name(struct fe_label_heard *h, struct fe_second second)
{
	if ((h->rmc || h->zda) && !same(h->second, second))
		h->conflict = true;
	h->second = second;
}

void fe_label_nmea(struct fe_label *l, const struct fe_nmea *n, uint32_t ms)
{
	struct fe_label_heard *h = &l->heard;

	if (n->kind == FE_NMEA_GGA && n->has_sats) {
		l->sats = n->sats;
		l->has_sats = true;
		l->sats_age = 0;
	}
	if (ms > FE_LABEL_LATEST_MS) {
		h->late = h->late || n->names;
		return;
	}
	if (n->names)
		hear_name(h, n->second);
	h->rmc = h->rmc || (n->names && n->kind == FE_NMEA_RMC);
	h->zda = h->zda || (n->names && n->kind == FE_NMEA_ZDA);
	if (n->kind == FE_NMEA_RMC || n->kind == FE_NMEA_GGA) {
		h->fix = h->fix || n->fix;
		h->no_fix = h->no_fix || !n->fix;
	}
}

/* ---- leap seconds ---- */

bool fe_label_set_leap(struct fe_label *l, int64_t at)
{
	int64_t after;

	if (at < -FE_UTC_MAX || at > FE_UTC_MAX)
		return false;
	after = at < 0 ? -at : at;
	if (at != 0 && (!fe_nmea_begins_month(after) ||
			(l->valid && after <= l->now.utc_s)))
		return false;
	l->leap_told = true;
	l->leap_at = after;
	l->leap_insert = at > 0;
	return true;
}

int64_t fe_label_leap(const struct fe_label *l)
{
	return l->leap_insert ? l->leap_at : -l->leap_at;
}

unsigned fe_label_flags(const struct fe_label *l)
{
	unsigned flags = 0;

	if (l->valid)
		flags |= FE_FLAG_LABEL;
	if (l->leap_at != 0)
		flags |= l->leap_insert ? FE_FLAG_LEAP_INSERT
					: FE_FLAG_LEAP_DELETE;
	if (l->valid && l->now.leap)
		flags |= FE_FLAG_IN_LEAP;
	return flags;
}
