/*
 * sim_change.c - something else is played while frames flow; see sim.h.
 *
 * What is to come is made ready whole, with all the room that it needs; then
 * nothing can fail any more. It is put in force between two instants.
 *
 * STAT bit 10: C37.118.2-2011, table 7, before a change; C37.118-2005, table 6-4,
 * for a minute after it.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/sim/successor.h"
#include "sim_parts.h"

#define FLAG_2005_S 60

/* ---- what cannot change ---- */

static bool same_list(const char *const *a, uint32_t n_a, const char *const *b,
		      uint32_t n_b)
{
	if (n_a != n_b)
		return false;
	for (uint32_t i = 0; i < n_a; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* The option that says so, or NULL. */
static const char *what_is_fixed(const struct cis_sim_config *a,
				 const struct cis_sim_config *b)
{
	const struct {
		const char *name;
		bool same;
	} fixed[] = {
		{"idcode", a->idcode == b->idcode},
		{"count", a->count == b->count},
		{"rate",
		 a->rate.num == b->rate.num && a->rate.den == b->rate.den},
		{"concentrate", a->concentrate == b->concentrate},
		{"shard", a->n_shard == b->n_shard && a->shard == b->shard},
		{"pace", a->flat_out == b->flat_out},
		{"start",
		 !b->has_start || (a->has_start &&
				   !cis_time_diff_ns(a->start, b->start))},
		{"connection-file",
		 same_text(a->connection_file, b->connection_file)},
		{"stream",
		 same_list(a->endpoints.stream, a->endpoints.n_stream,
			   b->endpoints.stream, b->endpoints.n_stream)},
		{"listen",
		 same_list(a->endpoints.listen, a->endpoints.n_listen,
			   b->endpoints.listen, b->endpoints.n_listen)},
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (!fixed[i].same)
			return fixed[i].name;
	return NULL;
}

static int check(const struct cis_sim *sim, const struct cis_sim_config *fresh,
		 struct cis_diag *diag)
{
	const char *fixed;

	if (!sim->started || sim->ended || sim->winding_up)
		return cis_fail(diag, -EINVAL,
				"nothing is sent that could change");
	if (sim->sc->maker || fresh->maker)
		return cis_fail(diag, -EOPNOTSUPP,
				"replay: a recording stays what it is; stop "
				"and start anew");
	if (sim->sc->n_sink || fresh->n_sink)
		return cis_fail(diag, -EOPNOTSUPP,
				"sink: what comes back is compared with what "
				"was started; stop and start anew");
	fixed = what_is_fixed(sim->sc, fresh);
	if (fixed)
		return cis_fail(diag, -EOPNOTSUPP,
				"%s: it cannot change while frames flow; stop "
				"and start anew",
				fixed);
	if (!(fresh->announce_s >= 0 && fresh->announce_s <= 86400))
		return cis_fail(diag, -EINVAL,
				"a change takes effect within 0 to 86400 s");
	return 0;
}

/* ---- making it ready ---- */

static bool is_between(const struct cis_sim *sim)
{
	return sim->schedule.next == sim->schedule.shard.first;
}

static struct cis_instant next_whole(const struct cis_sim *sim)
{
	return is_between(sim) ? sim->schedule.at
			       : cis_instant_next(sim->schedule.at);
}

static struct cis_succession succession(const struct cis_sim *sim,
					const struct cis_sim_play *play,
					struct cis_instant at)
{
	return (struct cis_succession){
		.old = sim->maker,
		.fresh = play->maker,
		.shard = sim->schedule.shard,
		.last = sim->begun ? sim->last : at,
		.at = at,
	};
}

/* What stays, whatever `fresh` points to; and t0, where it says none. */
static struct cis_sim_config settled(const struct cis_sim *sim,
				     const struct cis_sim_config *fresh)
{
	struct cis_sim_config sc = *fresh;

	sc.endpoints = sim->sc->endpoints;
	sc.connection_file = sim->sc->connection_file;
	sc.sink = NULL;
	sc.has_start = sim->sc->has_start;
	sc.start = sim->sc->start;
	if (!sc.has_t0)
		sc.t0_tai_s = cis_sim_t0(sim);
	sc.has_t0 = true;
	return sc;
}

static int begin(const struct cis_sim *sim, struct cis_sim_play *play,
		 struct cis_diag *diag)
{
	const struct cis_time t0 = {.tai_ns = play->sc.t0_tai_s * CIS_NS_PER_S};

	play->first = sim->play->first;
	if (play->sc.t0_tai_s != cis_sim_t0(sim))
		play->first = cis_instant_from(t0, play->maker->rate);
	if (cis_instant_diff(sim->schedule.at, play->first) < 0)
		return cis_fail(diag, -EINVAL,
				"t0: the signal would begin after the next "
				"frame");
	play->maker->ops->begin(play->maker, play->first);
	return 0;
}

static struct cis_delayed_config larger(struct cis_delayed_config a,
					const struct cis_delayed_config *b)
{
	a.longest_s = fmax(a.longest_s, b->longest_s);
	a.frames_per_s = fmax(a.frames_per_s, b->frames_per_s);
	if (b->at_once > a.at_once)
		a.at_once = b->at_once;
	if (b->frame_max > a.frame_max)
		a.frame_max = b->frame_max;
	return a;
}

/* Room for its own late frames, and for those that still wait by then. */
static int make_delays(const struct cis_sim *sim, struct cis_sim_play *play,
		       struct cis_diag *diag)
{
	bool wait =
		sim->delayed && (cis_delayed_count(sim->delayed) > 0 ||
				 cis_sim_delays(sim, sim->play).longest_s > 0);

	play->delays = cis_sim_delays(sim, play);
	if (!(play->delays.longest_s > 0))
		return 0;
	if (wait)
		play->delays = larger(play->delays, &sim->delays);
	if (sim->delayed && cis_delayed_has_room(sim->delayed, &play->delays))
		return 0;
	return cis_delayed_new(&play->delays, &play->delayed, diag);
}

static int furnish(const struct cis_sim *sim, struct cis_sim_play *play,
		   struct cis_diag *diag)
{
	const struct cis_succession s = succession(sim, play, next_whole(sim));
	int err = begin(sim, play, diag);

	if (err)
		return err;
	cis_succession_keep_scales(&s);
	play->n_differ = cis_succession_differs(&s);
	play->frame = malloc(play->maker->frame_max);
	if (!play->frame)
		return cis_fail(diag, -ENOMEM, "out of memory");
	err = make_delays(sim, play, diag);
	return err ? err
		   : cis_outlets_make_room(sim->outlets, play->maker, diag);
}

/* ---- putting it in force ---- */

/* Bit 10 of what is sent now. */
static void mark(struct cis_sim *sim)
{
	const struct cis_sim_change *ch = &sim->change;
	bool set = (ch->coming && ch->announce_s > 0) || ch->told;

	sim->maker->ops->set_stat(sim->maker,
				  set ? CIS_C37_STAT_CFG_CHANGE : 0);
}

static void take_delays(struct cis_sim *sim, struct cis_sim_play *play)
{
	if (!play->delayed)
		return;
	if (sim->delayed)
		cis_delayed_move(sim->delayed, play->delayed);
	cis_delayed_free(sim->delayed);
	sim->delayed = play->delayed;
	sim->delays = play->delays;
	play->delayed = NULL;
}

static void put_in_force(struct cis_sim *sim, struct cis_instant at)
{
	struct cis_sim_change *ch = &sim->change;
	struct cis_sim_play *play = ch->coming, *old = sim->play;
	const struct cis_succession s = succession(sim, play, at);
	uint32_t n = cis_succession_count(&s);

	cis_outlets_change(sim->outlets, play->maker, s.last, &play->sc.opts);
	take_delays(sim, play);
	free(sim->frame);
	sim->frame = play->frame;
	play->frame = NULL;
	sim->play = play;
	sim->sc = &play->sc;
	sim->maker = play->maker;
	sim->impaired = cis_impair_any(&play->sc.impair);
	sim->schedule.spread = !play->sc.burst;
	cis_sim_play_free(old);
	ch->coming = NULL;
	ch->told = play->sc.opts.edition == 2005 && (n > 0 || ch->told);
	if (n > 0)
		ch->at = at;
	mark(sim);
	cis_sim_set_quality(sim);
	if (n > 0)
		cis_log(CIS_LOG_INFO, "configuration changes pmus=%u",
			(unsigned)n);
}

void cis_sim_change_step(struct cis_sim *sim, struct cis_instant at)
{
	struct cis_sim_change *ch = &sim->change;
	struct cis_split_time t = cis_instant_split(at);

	if (ch->coming && (ch->announce_s == 0 ||
			   cis_split_diff_s(t, cis_instant_split(ch->from)) >
				   ch->announce_s - 1e-9))
		put_in_force(sim, at);
	if (ch->told && cis_split_diff_s(t, cis_instant_split(ch->at)) >
				FLAG_2005_S - 1e-9) {
		ch->told = false;
		mark(sim);
	}
}

/* The instant that is being sent stays. */
static void set_duration(struct cis_sim *sim, double duration_s)
{
	struct cis_schedule *s = &sim->schedule;
	uint64_t done = sim->n_instant - s->n_left;
	uint64_t n = cis_sim_instants(sim, duration_s);

	if (!is_between(sim))
		done++;
	sim->n_instant = n > done ? n : done;
	s->n_left = sim->n_instant - done + !is_between(sim);
}

static void take(struct cis_sim *sim, struct cis_sim_play *play)
{
	struct cis_sim_change *ch = &sim->change;
	bool announced = ch->coming && ch->announce_s > 0;

	cis_sim_play_free(ch->coming);
	ch->coming = play;
	ch->announce_s = play->n_differ && play->sc.opts.edition != 2005
				 ? play->sc.announce_s
				 : 0;
	if (!announced)
		ch->from = sim->schedule.at;
	if (announced || ch->announce_s > 0)
		mark(sim);
	if (!announced && ch->announce_s > 0)
		cis_log(CIS_LOG_INFO,
			"configuration change announced pmus=%u in=%g s",
			(unsigned)play->n_differ, ch->announce_s);
	set_duration(sim, play->sc.duration_s);
	if (is_between(sim) && !sim->ticking)
		cis_sim_change_step(sim, sim->schedule.at);
}

int cis_sim_change(struct cis_sim *sim, const struct cis_sim_config *fresh,
		   struct cis_diag *diag)
{
	struct cis_sim_config sc;
	struct cis_sim_play *play;
	int err = check(sim, fresh, diag);

	if (err)
		return err;
	sc = settled(sim, fresh);
	err = cis_sim_play_new(&sc, sim->play, &play, diag);
	if (err)
		return err;
	err = furnish(sim, play, diag);
	if (err)
		cis_sim_play_free(play);
	else
		take(sim, play);
	return err;
}

/* ---- what there is ---- */

bool cis_sim_is_changing(const struct cis_sim *sim)
{
	return sim->change.coming;
}

bool cis_sim_uses(const struct cis_sim *sim,
		  const struct cis_scenario *scenario)
{
	const struct cis_sim_play *coming = sim->change.coming;

	return (sim->play && sim->play->sc.scenario == scenario) ||
	       (coming && coming->sc.scenario == scenario);
}

int64_t cis_sim_t0(const struct cis_sim *sim)
{
	return sim->sc->t0_tai_s;
}
