/* sim_check.c - what the options of `simulate` say together; see sim_args.h. */
#include <errno.h>
#include <string.h>

#include "cisoid/utc.h"
#include "host/acq/dates/clock.h"
#include "sim_args.h"

static int check_shard(const struct cis_sim_args *args, struct cis_diag *diag)
{
	const struct cis_sim_config *sim = &args->sim;

	if (!sim->n_shard)
		return 0;
	if (sim->concentrate)
		return cis_fail(
			diag, -EINVAL,
			"--shard: --concentrate makes one stream, which "
			"cannot be divided");
	if (!args->recording && sim->n_shard > sim->count)
		return cis_fail(
			diag, -EINVAL,
			"--shard %u/%u: there are %u PMUs; --count says "
			"of how many it is a part",
			sim->shard, sim->n_shard, sim->count);
	if (!sim->has_start && !args->has_t0)
		return cis_fail(diag, -EINVAL,
				"--shard: all parts must agree when the signal "
				"began; give each the same --start or --t0");
	return 0;
}

static int check_t0(const struct cis_sim_args *args, struct cis_diag *diag)
{
	const struct cis_sim_config *sim = &args->sim;

	if (!args->has_t0)
		return 0;
	if (cis_time_diff_ns(
		    args->t0,
		    (struct cis_time){.tai_ns = cis_time_floor_s(args->t0) *
						CIS_NS_PER_S}) != 0)
		return cis_fail(diag, -EINVAL,
				"--t0: the signal begins on a whole second");
	if (sim->has_start && cis_time_diff_ns(args->t0, sim->start) > 0)
		return cis_fail(
			diag, -EINVAL,
			"--t0: the signal would begin after the frames, "
			"see --start");
	return 0;
}

static int check_sink(const struct cis_sim_args *args, struct cis_diag *diag)
{
	const struct cis_sim_config *sim = &args->sim;

	if (!sim->n_sink)
		return sim->sink_late_counts
			       ? cis_fail(diag, -EINVAL,
					  "--sink-late: there is no --sink")
			       : 0;
	if (sim->flat_out)
		return cis_fail(diag, -EINVAL,
				"--sink: --pace max sends faster than a PDC "
				"expects; leave it out");
	for (uint32_t i = 0; i < sim->n_sink; i++)
		if (cis_sink_check(sim->sink[i], diag))
			return -EINVAL;
	return 0;
}

/* Standard output is for one thing. */
static int check_stdout(const struct cis_sim_args *args, struct cis_diag *diag)
{
	const char *other = args->json         ? "--json"
			    : args->sim.n_sink ? "--sink"
					       : NULL;

	for (uint32_t i = 0; other && i < args->sim.endpoints.n_stream; i++)
		if (!strcmp(args->stream[i], "pcap:-"))
			return cis_fail(diag, -EINVAL,
					"%s: standard output is taken by "
					"--stream pcap:-; name a file there",
					other);
	return 0;
}

static int check_all(struct cis_sim_args *args, struct cis_diag *diag)
{
	struct cis_sim_config *sim = &args->sim;
	struct cis_diag why = {""};

	if (cis_signal_finish(&sim->sig, &why))
		return cis_fail(diag, -EINVAL, "--%.300s", why.msg);
	cis_stream_apply(&sim->opts, &args->said);
	if (cis_stream_check(&sim->opts, diag))
		return -EINVAL;
	if (sim->rate.num == 0)
		sim->rate = (struct cis_rate){(uint32_t)sim->sig.fnom_hz, 1};
	sim->impair.seed = sim->sig.seed;
	if (check_shard(args, diag) || check_t0(args, diag) ||
	    check_sink(args, diag) || check_stdout(args, diag))
		return -EINVAL;
	if (sim->idcode + sim->count - 1 > CIS_MAX_IDCODE)
		return cis_fail(diag, -EINVAL,
				"--count %u: IDCODEs from %u on would go "
				"beyond %d",
				(unsigned)sim->count, (unsigned)sim->idcode,
				CIS_MAX_IDCODE);
	return cis_connection_allowed(sim->connection_file, args->said.receiver,
				      diag);
}

static bool was_said(void *ctx, const char *name)
{
	const struct cis_sim_args *args = ctx;

	for (size_t i = 0; i < args->n_option; i++)
		if (!strcmp(args->option[i].name, name))
			return true;
	return false;
}

/* "--count 9: sentence" of a value that the scenario has is told with its
 * place. */
static int place(struct cis_sim_args *args, struct cis_diag *diag)
{
	const char *name = diag->msg + strspn(diag->msg, "-");
	const char *why = strstr(name, ": ");
	struct cis_json_at root, signal, at;
	char key[40] = "";

	if (!args->doc || !why)
		return -EINVAL;
	memcpy(key, name, strcspn(name, ": ") % sizeof(key));
	key[sizeof(key) - 1] = '\0';
	root = cis_json_root(&args->doc->json);
	signal = cis_json_member(&root, "signal");
	at = cis_json_member(&root, key);
	if (!at.value)
		at = cis_json_member(&signal, key);
	if (!at.value || was_said(args, key))
		return -EINVAL;
	return cis_json_fail(&at, diag, "%.300s", why + 2);
}

int cis_sim_check(struct cis_sim_args *args, struct cis_diag *diag)
{
	struct cis_diag why = {""};
	int err = check_all(args, &why);

	if (!err)
		return 0;
	err = place(args, &why);
	return cis_fail(diag, err, "%s", why.msg);
}

/* ---- the scenario ---- */

/* A leap second that is rehearsed moves what comes after it: --start and --t0
 * were meant as UTC. The clock takes no part in it. */
static int rehearse(struct cis_sim_args *args, struct cis_diag *diag)
{
	struct cis_sim_config *sim = &args->sim;
	struct cis_utc t0 = cis_utc_from_tai(sim->t0_tai_s);
	int64_t start_s = cis_time_floor_s(sim->start);
	struct cis_utc start = cis_utc_from_tai(start_s);
	int err = cis_scenario_doc_rehearse(args->doc, t0.soc, diag);

	if (err)
		return err;
	start_s = cis_utc_to_tai(start) - start_s;
	if (sim->has_start)
		sim->start =
			cis_time_add_ns(sim->start, start_s * CIS_NS_PER_S);
	if (sim->has_start || args->has_t0)
		sim->t0_tai_s = cis_utc_to_tai(t0);
	return 0;
}

/* The signal begins at the whole second of the start, or of the first frame
 * where none is given: its first time stamp then tells t0. */
static int make_scenario(struct cis_sim_args *args, struct cis_diag *diag)
{
	struct cis_sim_config *sim = &args->sim;
	const struct cis_clock clock = {.kind = CIS_CLOCK_SYSTEM};
	struct cis_scenario_base base = {.first_idcode = sim->idcode,
					 .count = sim->count,
					 .said = was_said,
					 .ctx = args,
					 .warn = args->warn,
					 .warn_arg = args->warn_arg};
	int err = 0;

	sim->has_t0 = args->has_t0 || sim->has_start || args->doc;
	if (args->has_t0)
		sim->t0_tai_s = cis_time_floor_s(args->t0);
	else if (sim->has_start)
		sim->t0_tai_s = cis_time_floor_s(sim->start);
	else
		sim->t0_tai_s =
			cis_instant_from(cis_clock_now(&clock), sim->rate)
				.tai_s;
	if (args->doc)
		err = rehearse(args, diag);
	if (err)
		return err;
	base.sig = sim->sig;
	base.t0_tai_s = sim->t0_tai_s;
	return cis_scenario_doc_make(args->doc, &base, &sim->scenario, diag);
}

/* ---- a recording ---- */

static int check_replay(struct cis_sim_args *args, struct cis_diag *diag)
{
	for (size_t i = 0; i < args->n_option; i++)
		cis_replay_beside(&args->replay, args->option[i].name);
	if (args->scenario || args->preset)
		cis_replay_beside(&args->replay,
				  args->scenario ? "scenario" : "preset");
	args->sim.has_t0 = args->has_t0;
	args->sim.t0_tai_s = cis_time_floor_s(args->t0);
	return cis_replay_parse(args->recording, &args->replay, diag);
}

int cis_sim_prepare(struct cis_sim_args *args, struct cis_diag *diag)
{
	return args->recording ? check_replay(args, diag)
			       : make_scenario(args, diag);
}
