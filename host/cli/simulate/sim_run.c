/* sim_run.c - the engine as a command: a loop, signals, and what it tells. */
#include <signal.h>

#include "sim.h"
#include "sim_parts.h"

struct run {
	uv_loop_t loop;
	uv_signal_t on_int, on_term;
	struct cis_sim *sim;
};

static void on_signal(uv_signal_t *handle, int signum)
{
	(void)signum;
	cis_sim_wind_up(((struct run *)handle->data)->sim);
}

static void on_end(void *arg)
{
	struct run *run = arg;

	uv_close((uv_handle_t *)&run->on_int, NULL);
	uv_close((uv_handle_t *)&run->on_term, NULL);
}

/* Once: the second signal kills. */
static void watch_signals(struct run *run)
{
	uv_signal_init(&run->loop, &run->on_int);
	uv_signal_init(&run->loop, &run->on_term);
	run->on_int.data = run;
	run->on_term.data = run;
	uv_signal_start_oneshot(&run->on_int, on_signal, SIGINT);
	uv_signal_start_oneshot(&run->on_term, on_signal, SIGTERM);
}

int cis_sim_tell_end(const struct cis_sim *sim, const struct cis_sim_config *sc,
		     bool json)
{
	struct cis_sim_stats stats;
	int status = CIS_EXIT_OK;

	cis_sim_stats(sim, &stats);
	cis_sim_tell(&stats, sc);
	if (json)
		status = cis_sim_tell_json(&stats, sc, sim->sink);
	else if (sim->sink)
		cis_sink_report(sim->sink, stdout);
	if (stats.err)
		return CIS_EXIT_STORAGE;
	if (!status && stats.sent == 0 && stats.dropped > 0)
		return cis_cli_fail(sc->endpoints.cmd, CIS_EXIT_CONNECTION,
				    "nothing was sent: no receiver was there");
	return status || !sim->sink ? status : cis_sink_status(sim->sink);
}

int cis_sim_run(const struct cis_sim_config *sc, bool json)
{
	struct run run = {.sim = NULL};
	struct cis_diag diag = {""};
	int status;

	if (uv_loop_init(&run.loop))
		return cis_cli_fail(sc->endpoints.cmd, CIS_EXIT_RUNTIME,
				    "cannot make an event loop");
	watch_signals(&run);
	status = cis_sim_open(sc, &run.loop, &run.sim, &diag);
	if (status) {
		cis_cli_fail(sc->endpoints.cmd, status, "%s", diag.msg);
		cis_sim_stop(run.sim);
		on_end(&run);
	} else {
		cis_sim_start(run.sim, on_end, &run);
	}
	uv_run(&run.loop, UV_RUN_DEFAULT);
	uv_loop_close(&run.loop);
	if (!status)
		status = cis_sim_tell_end(run.sim, sc, json);
	cis_sim_free(run.sim);
	return status;
}
