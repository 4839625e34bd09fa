/* report.c - see report.h. */
#include "firmware/core/report.h"

#include "firmware/core/front.h"

int64_t fe_report_utc_s(const struct fe_label *l)
{
	return l->valid ? l->now.utc_s : 0;
}

void fe_report_event(struct fe_tell *t, const struct fe_label *l,
		     enum fe_event_name name, int64_t value)
{
	struct fe_event e = {
		.utc_s = fe_report_utc_s(l), .name = name, .value = value};

	fe_tell_event(t, &e);
}

static uint16_t flag(bool is, enum fe_flag bit)
{
	return is ? (uint16_t)bit : 0;
}

static uint16_t flags(const struct fe_front *f,
		      const struct fe_servo_status *status)
{
	const struct fe_seconds *s = &f->seconds;
	bool running = s->aligned && status->aligned && !s->torn;

	return (uint16_t)(fe_label_flags(&f->label) |
			  flag(fe_start_is_armed(&f->start), FE_FLAG_START) |
			  flag(s->pulse, FE_FLAG_PULSE) |
			  flag(status->slewing, FE_FLAG_SLEW) |
			  flag(running, FE_FLAG_RUNNING));
}

void fe_report_second(struct fe_front *f, enum fe_state state)
{
	struct fe_servo_status status;
	struct fe_report r = {.utc_s = fe_report_utc_s(&f->label)};
	struct fe_text line;

	fe_servo_status(&f->servo, &status);
	r.state = state;
	r.has_phase = status.has_phase;
	r.phase_ns = status.phase_ns;
	r.has_freq = status.has_freq;
	r.freq_ppb = status.freq_ppb;
	r.has_error = status.has_error;
	r.error_ns = status.error_ns;
	r.has_sats = f->label.has_sats;
	r.sats = f->label.sats;
	r.edges = fe_edges_whole(&f->scan.edges);
	r.flags = flags(f, &status);
	fe_tell_line(&f->tell, &line, fe_report_encode(&r, &line));
}
