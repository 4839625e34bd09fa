/* naming.c - see naming.h. */
#include "firmware/core/naming.h"

#include "firmware/core/nmea.h"
#include "firmware/core/report.h"

/* Seconds are counted on over a step of less than that part of one. */
#define VOIDS_PER_S 20
/* A second ends by itself where neither edge nor pulse ends it. */
#define COUNT_MS    1500

void fe_naming_init(struct fe_naming *s, struct fe_label *label,
		    struct fe_tell *tell, uint32_t tick_hz)
{
	*s = (struct fe_naming){
		.label = label, .tell = tell, .tick_hz = tick_hz};
}

static int64_t since_ms(const struct fe_naming *s, uint64_t now_q32)
{
	int64_t since = (int64_t)(now_q32 - s->mark_q32) >> 32;

	return since * 1000 / (int64_t)s->tick_hz;
}

int64_t fe_naming_until_ms(const struct fe_naming *s, int64_t utc_s,
			   uint64_t now_q32)
{
	return (utc_s - s->label->now.utc_s) * 1000 - since_ms(s, now_q32);
}

static void tell(struct fe_naming *s, enum fe_event_name name, int64_t value)
{
	fe_report_event(s->tell, s->label, name, value);
}

static void hear_label(struct fe_naming *s, unsigned news)
{
	if (news & FE_LABEL_JUMPED) {
		s->jumped = true;
		tell(s, FE_EVENT_LABEL_JUMP, s->label->jump_s);
	}
	if (news & FE_LABEL_LOST)
		tell(s, FE_EVENT_LABEL_LOST, 0);
	if (news & FE_LABEL_GAINED) {
		s->jumped = false;
		tell(s, FE_EVENT_LABEL, s->label->now.utc_s);
	}
	if (news & FE_LABEL_LEAPT)
		tell(s, FE_EVENT_LEAP, s->label->leap_s);
	if (news & FE_LABEL_REFUSED)
		fe_tell_count(s->tell, FE_EVENT_NMEA_BAD, 1);
}

void fe_naming_mark(struct fe_naming *s, uint64_t at_q32)
{
	int64_t since = (int64_t)(at_q32 - s->mark_q32);
	int64_t second = (int64_t)s->tick_hz << 32;
	int64_t n = s->marked ? (since + second / 2) / second : 1;
	int64_t off = s->marked ? since - n * second : 0;

	if (off > second / VOIDS_PER_S || off < -second / VOIDS_PER_S) {
		hear_label(s, fe_label_forget(s->label));
		n = 1;
	}
	if (n <= 0)
		return;
	for (; n > 0; n--)
		hear_label(s, fe_label_pulse(s->label));
	s->marked = true;
	s->mark_q32 = at_q32;
}

void fe_naming_count(struct fe_naming *s, uint64_t now_q32)
{
	while (s->marked && since_ms(s, now_q32) >= COUNT_MS)
		fe_naming_mark(s, s->mark_q32 + ((uint64_t)s->tick_hz << 32));
}

/* Other sentences of the same second follow in time for the next one. */
static bool is_late(struct fe_naming *s, const struct fe_naming_heard *h)
{
	const struct fe_nmea *n = h->nmea;

	if (!n->names)
		return false;
	if ((int64_t)(h->began_q32 - s->mark_q32) < 0) {
		s->late = true;
		s->late_utc_s = n->second.utc_s;
	}
	return s->late && n->second.utc_s == s->late_utc_s;
}

void fe_naming_nmea(struct fe_naming *s, const struct fe_naming_heard *h)
{
	int64_t ms = since_ms(s, h->now_q32);

	if (!s->marked || ms < 0)
		return;
	if (is_late(s, h))
		ms = FE_LABEL_LATEST_MS + 1;
	fe_label_nmea(s->label, h->nmea, (uint32_t)ms);
}
