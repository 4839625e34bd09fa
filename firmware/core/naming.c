/* naming.c - see naming.h. */
#include "firmware/core/naming.h"

#include "firmware/core/front.h"
#include "firmware/core/nmea.h"
#include "firmware/core/report.h"

/* Seconds are counted on over a step of less than that part of one. */
#define VOIDS_PER_S 20
/* A second ends by itself where neither edge nor pulse ends it. */
#define COUNT_MS    1500

void fe_naming_init(struct fe_naming *s)
{
	*s = (struct fe_naming){.marked = false};
}

static int64_t since_ms(const struct fe_front *f)
{
	int64_t since = (int64_t)(f->now_q32 - f->naming.mark_q32) >> 32;

	return since * 1000 / (int64_t)f->cfg.tick_hz;
}

int64_t fe_naming_until_ms(const struct fe_front *f, int64_t utc_s)
{
	return (utc_s - f->label.now.utc_s) * 1000 - since_ms(f);
}

static void hear_label(struct fe_front *f, unsigned news)
{
	struct fe_naming *s = &f->naming;

	if (news & FE_LABEL_JUMPED) {
		s->jumped = true;
		fe_report_event(f, FE_EVENT_LABEL_JUMP, f->label.jump_s);
	}
	if (news & FE_LABEL_LOST)
		fe_report_event(f, FE_EVENT_LABEL_LOST, 0);
	if (news & FE_LABEL_GAINED) {
		s->jumped = false;
		fe_report_event(f, FE_EVENT_LABEL, f->label.now.utc_s);
	}
	if (news & FE_LABEL_LEAPT)
		fe_report_event(f, FE_EVENT_LEAP, f->label.leap_s);
	if (news & FE_LABEL_REFUSED)
		fe_tell_count(&f->tell, FE_EVENT_NMEA_BAD, 1);
}

void fe_naming_mark(struct fe_front *f, uint64_t at_q32)
{
	struct fe_naming *s = &f->naming;
	int64_t since = (int64_t)(at_q32 - s->mark_q32);
	int64_t second = (int64_t)f->cfg.tick_hz << 32;
	int64_t n = s->marked ? (since + second / 2) / second : 1;
	int64_t off = s->marked ? since - n * second : 0;

	if (off > second / VOIDS_PER_S || off < -second / VOIDS_PER_S) {
		hear_label(f, fe_label_forget(&f->label));
		n = 1;
	}
	if (n <= 0)
		return;
	for (; n > 0; n--)
		hear_label(f, fe_label_pulse(&f->label));
	s->marked = true;
	s->mark_q32 = at_q32;
}

void fe_naming_count(struct fe_front *f)
{
	struct fe_naming *s = &f->naming;

	while (s->marked && since_ms(f) >= COUNT_MS)
		fe_naming_mark(f,
			       s->mark_q32 + ((uint64_t)f->cfg.tick_hz << 32));
}

/* Other sentences of the same second follow in time for the next one. */
static bool is_late(struct fe_front *f, const struct fe_nmea *n,
		    uint64_t began_q32)
{
	struct fe_naming *s = &f->naming;

	if (!n->names)
		return false;
	if ((int64_t)(began_q32 - s->mark_q32) < 0) {
		s->late = true;
		s->late_utc_s = n->second.utc_s;
	}
	return s->late && n->second.utc_s == s->late_utc_s;
}

void fe_naming_nmea(struct fe_front *f, const struct fe_nmea *n,
		    uint64_t began_q32)
{
	struct fe_naming *s = &f->naming;
	int64_t ms = since_ms(f);

	if (!s->marked || ms < 0)
		return;
	if (is_late(f, n, began_q32))
		ms = FE_LABEL_LATEST_MS + 1;
	fe_label_nmea(&f->label, n, (uint32_t)ms);
}
