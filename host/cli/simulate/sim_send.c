/*
 * sim_send.c - the way of a frame: made, impaired, sent at once or later.
 */
#include "cisoid/log.h"
#include "cisoid/utc.h"
#include "sim_parts.h"

static void put(struct cis_sim *sim, uint32_t i, struct cis_time due,
		const uint8_t *frame, size_t len)
{
	cis_outlets_put(sim->outlets, i, due, frame, len);
	if (sim->sink)
		cis_sink_sent(sim->sink, i, frame, len,
			      cis_clock_now(&sim->clock));
}

/* The same as if a network did it: at its time, or afterwards. */
static void send_late(struct cis_sim *sim, uint32_t i, struct cis_time due,
		      size_t len)
{
	const struct cis_delayed_frame f = {
		.due = due, .stream = i, .len = len, .frame = sim->frame};

	if (cis_delayed_put(sim->delayed, &f))
		sim->stats.overfull++;
}

static void dispatch(struct cis_sim *sim, uint32_t i, struct cis_time slot,
		     double delay_s, size_t len)
{
	if (delay_s > 0)
		send_late(sim, i,
			  cis_time_add_ns(slot, (int64_t)(delay_s * 1e9)), len);
	else
		put(sim, i, slot, sim->frame, len);
}

static struct cis_impair_frame number(const struct cis_sim *sim, uint32_t i,
				      struct cis_instant at)
{
	struct cis_split_time t = cis_instant_split(at);
	struct cis_split_time t0 = cis_instant_split(sim->play->first);

	return (struct cis_impair_frame){
		.idcode = sim->maker->ops->idcode(sim->maker, i),
		.n = (uint64_t)cis_instant_diff(at, sim->play->first),
		.t_s = cis_split_diff_s(t, t0),
		.period_s = 1 / cis_rate_hz(at.rate),
	};
}

static void impair(struct cis_sim *sim, uint32_t i, struct cis_instant at,
		   struct cis_time slot, size_t len)
{
	const struct cis_impair *imp = &sim->sc->impair;
	struct cis_impair_counts *counts = &sim->stats.impair;
	struct cis_impair_frame which = number(sim, i, at);
	struct cis_fate fate = cis_impair_fate(imp, &which);

	counts->n[fate.kind]++;
	if (fate.kind == CIS_FATE_LOST || fate.kind == CIS_FATE_STOPPED)
		return;
	counts->delayed += imp->delay_s > 0 || imp->jitter_s > 0;
	len = cis_impair_spoil(imp, fate.kind, which.n, sim->frame, len);
	dispatch(sim, i, slot, fate.delay_s, len);
	if (fate.kind == CIS_FATE_DOUBLED)
		dispatch(sim, i, slot, fate.delay_s, len);
}

static void send_one(struct cis_sim *sim, uint32_t i, struct cis_instant at)
{
	struct cis_maker *m = sim->maker;
	struct cis_time slot = cis_schedule_slot(&sim->schedule, at, i);
	int len;

	cis_sim_send_delayed(sim, slot);
	len = m->ops->frame(m, i, at, sim->frame, m->frame_max);
	if (len <= 0) {
		sim->stats.silent++;
		return;
	}
	sim->stats.frames++;
	cis_outlets_prepare(sim->outlets, i, at, slot,
			    sim->frame[CIS_C37_FRACSEC_AT]);
	if (sim->impaired)
		impair(sim, i, at, slot, (size_t)len);
	else
		put(sim, i, slot, sim->frame, (size_t)len);
}

/* SOC has 32 bits. */
static void check_soc(struct cis_sim *sim, int64_t tai_s)
{
	if (sim->told_over || cis_utc_from_tai(tai_s).soc <= UINT32_MAX)
		return;
	sim->told_over = true;
	cis_log(CIS_LOG_WARN, "time stamps begin at 1970 again: SOC ends at "
			      "2106-02-07T06:28:15Z");
}

void cis_sim_send(struct cis_sim *sim, const struct cis_due *due)
{
	check_soc(sim, due->at.tai_s);
	if (due->first == sim->schedule.shard.first)
		cis_sim_change_step(sim, due->at);
	sim->begun = true;
	sim->last = due->at;
	for (uint32_t i = due->first; i < due->first + due->n; i++)
		send_one(sim, i, due->at);
}

void cis_sim_send_delayed(struct cis_sim *sim, struct cis_time now)
{
	const struct cis_delayed_frame *f;

	while (sim->delayed && (f = cis_delayed_first(sim->delayed)) &&
	       cis_time_diff_ns(f->due, now) <= 0) {
		put(sim, f->stream, f->due, f->frame, f->len);
		cis_delayed_pop(sim->delayed);
	}
}
