/* simulate_page.c - see simulate_page.h. */
#include "simulate_page.h"

#include <math.h>
#include <signal.h>

#include "page.h"
#include "streamer.h"

struct served {
	uv_loop_t loop;
	uv_signal_t on_int, on_term;
	struct cis_streamer *streamer;
	struct cis_page *page;
	bool over;
};

/* ---- the end ---- */

static void finish(struct served *sv)
{
	if (sv->over)
		return;
	sv->over = true;
	cis_streamer_close(sv->streamer);
	cis_streamer_set_page(sv->streamer, NULL);
	cis_page_close(sv->page);
	uv_close((uv_handle_t *)&sv->on_int, NULL);
	uv_close((uv_handle_t *)&sv->on_term, NULL);
}

static void on_over(void *arg)
{
	finish(arg);
}

/* A sink waits for what was sent to come back, and then it is over. */
static void on_signal(uv_signal_t *handle, int signum)
{
	struct served *sv = handle->data;

	(void)signum;
	cis_streamer_when_over(sv->streamer, on_over, sv);
	cis_streamer_wind_up(sv->streamer);
	if (!cis_streamer_runs(sv->streamer))
		finish(sv);
}

/* Once: the second signal kills. */
static void watch_signals(struct served *sv)
{
	uv_signal_init(&sv->loop, &sv->on_int);
	uv_signal_init(&sv->loop, &sv->on_term);
	sv->on_int.data = sv;
	sv->on_term.data = sv;
	uv_signal_start_oneshot(&sv->on_int, on_signal, SIGINT);
	uv_signal_start_oneshot(&sv->on_term, on_signal, SIGTERM);
}

/* ---- the beginning ---- */

static int open_page(struct served *sv, const char *bind)
{
	const struct cis_page_config cfg = {
		.cmd = &cis_cmd_simulate,
		.loop = &sv->loop,
		.bind = bind,
		.given = true,
		.mode = "simulate",
		.state = cis_streamer_state,
		.call = cis_streamer_call,
		.arg = sv->streamer,
	};
	int status = cis_page_open(&cfg, &sv->page);

	if (!status)
		cis_streamer_set_page(sv->streamer, sv->page);
	return status;
}

static int begin(struct served *sv, const struct cis_sim_args *args,
		 bool begins)
{
	if (!begins)
		return 0;
	if (isfinite(args->sim.duration_s))
		cis_streamer_when_over(sv->streamer, on_over, sv);
	return cis_streamer_begin(sv->streamer, args);
}

static int serve(struct served *sv, const struct cis_sim_args *args,
		 const char *bind, bool begins)
{
	int status;

	if (cis_streamer_new(&cis_cmd_simulate, &sv->loop, false,
			     &sv->streamer))
		return cis_cli_fail(&cis_cmd_simulate, CIS_EXIT_RUNTIME,
				    "out of memory");
	watch_signals(sv);
	status = open_page(sv, bind);
	if (!status)
		status = begin(sv, args, begins);
	if (status)
		finish(sv);
	uv_run(&sv->loop, UV_RUN_DEFAULT);
	if (!status && begins)
		status = cis_sim_tell_end(cis_streamer_begun(sv->streamer),
					  &args->sim, args->json);
	cis_streamer_free(sv->streamer);
	return status;
}

int cis_simulate_page(const struct cis_sim_args *args, const char *bind,
		      bool begins)
{
	struct served sv = {.page = NULL};
	int status;

	if (uv_loop_init(&sv.loop))
		return cis_cli_fail(&cis_cmd_simulate, CIS_EXIT_RUNTIME,
				    "cannot make an event loop");
	status = serve(&sv, args, bind, begins);
	uv_loop_close(&sv.loop);
	return status;
}
