/* devices_test.c - samples of any source for a look at its inputs. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "devices_parts.h"
#include "host/acq/dates/clock.h"
#include "host/cli/cli.h"
#include "host/cli/outputs.h"
#include "host/core/near.h"

#define MAX_SAMPLES 64e6 /* of all channels */
#define MAX_BLOCK   4096
#define READ_MS     100
#define MAX_QUIET   50 /* reads in a row that bring nothing */
#define MAX_RESTART 5

struct cis_cal_chan cis_devices_correction(const struct cis_devices_ask *ask,
					   const char *name)
{
	for (uint32_t i = 0; i < ask->n_cal; i++)
		if (!strcmp(ask->cal[i].name, name))
			return ask->cal[i];
	return (struct cis_cal_chan){.name = name, .gain = 1, .ratio = 1};
}

/* ---- samples ---- */

/* Boards start when they can; formulas at the last whole second. */
static struct cis_time start_time(const struct cis_source_info *info)
{
	struct cis_clock clock;
	struct cis_time t;

	if (info->dated)
		return info->first;
	cis_clock_init(&clock, "system", NULL);
	t = cis_clock_now(&clock);
	if (!info->realtime)
		t.tai_ns = cis_time_floor_s(t) * CIS_NS_PER_S;
	return t;
}

/* From the first scan again: only scans without a hole can be compared. */
static int start(struct cis_devices_test *t, struct cis_diag *diag)
{
	t->n_scan = 0;
	t->clipped = false;
	return cis_source_start(t->src, start_time(t->info), diag);
}

static int restart(struct cis_devices_test *t, struct cis_diag *diag)
{
	if (++t->n_restart > MAX_RESTART)
		return cis_fail(diag, -EPIPE,
				"%s: scans are lost again and again; nothing "
				"can be compared",
				t->ask->source);
	cis_source_stop(t->src);
	return start(t, diag);
}

/* Takes a block's samples; false where they do not go on from the last. */
static bool take(struct cis_devices_test *t, struct cis_block *blk)
{
	bool goes_on = !(blk->flags & CIS_BLOCK_GAP) &&
		       fabs(blk->clock.rate_hz / t->rate_hz - 1) < 1e-4;

	if (t->n_scan && !goes_on)
		return false;
	cis_cal_apply(t->cal, blk);
	t->rate_hz = blk->clock.rate_hz;
	t->clipped = t->clipped || (blk->flags & CIS_BLOCK_CLIP);
	t->n_scan += blk->n_scan;
	memcpy(t->delay_s, blk->delay_s, blk->n_chan * sizeof(*t->delay_s));
	return true;
}

static int silent(const struct cis_devices_test *t, struct cis_diag *diag)
{
	if (t->info->attested)
		return cis_fail(diag, -ENODEV, "%.120s: no samples: %s",
				t->ask->source,
				cis_source_why(t->src, -ETIMEDOUT));
	return cis_fail(diag, -ENODEV,
			"%s: no samples for %g s; is an external clock "
			"missing?",
			t->ask->source, 1e-3 * READ_MS * MAX_QUIET);
}

static int collect(struct cis_devices_test *t, struct cis_diag *diag)
{
	bool live = t->info->origin == CIS_LIVE;
	unsigned quiet = 0;
	int err = 0;

	while (!err && t->n_scan < t->room) {
		uint32_t left = t->room - t->n_scan;
		struct cis_block blk = {
			.n_chan = t->map->n_chan,
			.n_scan = left < MAX_BLOCK ? left : MAX_BLOCK,
			.stride = t->room,
			.x = t->x + t->n_scan,
		};

		err = cis_source_read(t->src, &blk, READ_MS);
		if (err == -ETIMEDOUT)
			err = ++quiet > MAX_QUIET ? silent(t, diag) : 0;
		else if (!err && take(t, &blk))
			quiet = 0;
		else if (err == -EPIPE || (!err && live))
			err = restart(t, diag);
		else if (!err)
			break; /* a recording's other part */
	}
	if (err && err != -ENODATA && !diag->msg[0])
		cis_fail(diag, err, "%.120s: %s", t->ask->source,
			 cis_source_why(t->src, err));
	return err == -ENODATA ? 0 : err;
}

static int make_room(struct cis_devices_test *t, struct cis_diag *diag)
{
	double n = ceil(t->ask->duration_s * t->info->rate_hz);
	double all = n * t->map->n_chan;

	if (!(all <= MAX_SAMPLES))
		return cis_fail(diag, -EINVAL,
				"--duration: at most %.3g s of %u channels at "
				"%g Hz",
				MAX_SAMPLES / t->map->n_chan / t->info->rate_hz,
				(unsigned)t->map->n_chan, t->info->rate_hz);
	t->room = (uint32_t)n;
	t->x = malloc((size_t)all * sizeof(*t->x));
	return t->x ? 0 : cis_fail(diag, -ENOMEM, "not enough memory");
}

/* ---- before and after ---- */

/* Levels are those at the inputs: what is said of transducers over frequency
 * and level, and their ratios, is left out. */
static int correct(struct cis_devices_test *t, struct cis_diag *diag)
{
	uint32_t n = t->ask->n_cal;
	struct cis_cal_chan *list = calloc(n + 1, sizeof(*list));
	int err;

	if (!list)
		return cis_fail(diag, -ENOMEM, "out of memory");
	for (uint32_t i = 0; i < n; i++) {
		list[i] = t->ask->cal[i];
		list[i].ratio = 1;
		list[i].table[0] = '\0';
	}
	err = cis_cal_new(t->info->map, list, n, &t->cal, diag);
	if (!err)
		t->map = cis_cal_map(t->cal);
	free(list);
	return err;
}

static int find_against(struct cis_devices_test *t, struct cis_diag *diag)
{
	const char *names[CIS_MAX_CHAN + 1] = {NULL};
	const char *name = t->ask->against, *near;

	for (uint32_t c = 0; c < t->map->n_chan; c++) {
		names[c] = t->map->chan[c].name;
		if (name && !strcmp(name, names[c]))
			t->against = c;
	}
	if (!name || !strcmp(name, names[t->against]))
		return 0;
	near = cis_near(name, names);
	return cis_fail(diag, -EINVAL,
			"--against: the source has no channel \"%.60s\"%s%s%s",
			name, near ? "; did you mean \"" : "", near ? near : "",
			near ? "\"?" : "");
}

static int measure(struct cis_devices_test *t, struct cis_diag *diag)
{
	const struct cis_selfcheck_in in = {
		.rate_hz = t->rate_hz,
		.map = t->map,
		.n_scan = t->n_scan,
		.stride = t->room,
		.x = t->x,
		.delay_s = t->delay_s,
		.against = t->against,
	};

	if (t->n_scan == 0)
		return cis_fail(diag, -ENODATA, "%s: no samples",
				t->ask->source);
	return cis_selfcheck(&in, &t->found, diag);
}

static int look(struct cis_devices_test *t, struct cis_diag *diag)
{
	int err = make_room(t, diag);

	if (!err)
		err = start(t, diag);
	if (err)
		return err;
	err = collect(t, diag);
	cis_source_stop(t->src);
	return err ? err : measure(t, diag);
}

static int tell(const struct cis_devices_test *t)
{
	struct cis_diag diag = {""};
	int err = 0;

	if (t->n_restart)
		cis_log(CIS_LOG_WARN,
			"scans were lost, begun anew: restarts=%u",
			(unsigned)t->n_restart);
	if (t->ask->json)
		err = cis_devices_json_test(t);
	else
		cis_devices_print_test(t);
	if (err)
		return cis_cli_fail(&cis_cmd_devices, CIS_EXIT_RUNTIME, "%s",
				    strerror(-err));
	if (!t->ask->write)
		return CIS_EXIT_OK;
	if (!t->found.common)
		return cis_cli_fail(
			&cis_cmd_devices, CIS_EXIT_INCOMPLETE,
			"%s is not written: the inputs do not carry "
			"one signal",
			t->ask->write);
	err = cis_devices_write_map(t, &diag);
	return err ? cis_cli_fail(&cis_cmd_devices, cis_exit_for_output(err),
				  "%s", diag.msg)
		   : CIS_EXIT_OK;
}

static int exit_for(int err)
{
	return err == -ENODATA || err == -EPIPE ? CIS_EXIT_INCOMPLETE
						: cis_exit_for(err);
}

static int test_source(struct cis_devices_test *t)
{
	struct cis_outputs outputs = {.keep = !t->ask->force};
	struct cis_diag diag = {""};
	int status, err;

	cis_outputs_add(&outputs, t->ask->write);
	status = cis_outputs_check(&outputs, &cis_cmd_devices, t->src);
	if (status)
		return status;
	err = correct(t, &diag);
	if (err)
		return cis_cli_fail(&cis_cmd_devices,
				    err == -EINVAL ? CIS_EXIT_INVALID
						   : CIS_EXIT_RUNTIME,
				    "%s", diag.msg);
	if (find_against(t, &diag))
		return cis_cli_fail(&cis_cmd_devices, CIS_EXIT_USAGE, "%s",
				    diag.msg);
	err = cis_devices_check_map(t, &diag);
	if (err)
		return cis_cli_fail(&cis_cmd_devices, cis_exit_for_output(err),
				    "%s", diag.msg);
	err = look(t, &diag);
	if (err)
		return cis_cli_fail(&cis_cmd_devices, exit_for(err), "%s",
				    diag.msg);
	return tell(t);
}

int cis_devices_test(const struct cis_devices_ask *ask)
{
	struct cis_devices_test *t = calloc(1, sizeof(*t));
	struct cis_diag diag = {""};
	int status, err;

	if (!t)
		return cis_cli_fail(&cis_cmd_devices, CIS_EXIT_RUNTIME,
				    "out of memory");
	t->ask = ask;
	err = cis_source_open(ask->source, &t->src, &diag);
	if (err) {
		status = cis_cli_fail(&cis_cmd_devices, cis_exit_for(err), "%s",
				      diag.msg);
	} else {
		t->info = cis_source_info(t->src);
		cis_cli_warn(t->info->warn);
		status = test_source(t);
		cis_cal_free(t->cal);
		cis_source_close(t->src);
	}
	free(t->x);
	free(t);
	return status;
}
