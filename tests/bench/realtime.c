/*
 * realtime.c - 8 channels at 18 kHz, 200 reports a second, in real time.
 *
 *     bench_realtime [SECONDS]    10 unless told; the soak test asks for 600
 *
 * The same threads, profile and TCP server as `cisoid run`. Prints one JSON
 * object: the share of one core that the process took, the share that the bare
 * multiply-adds of the rows take in the same run, and what was lost.
 * Exit status 1 when anything was.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <uv.h>

#include "cisoid/c37.h"
#include "cisoid/estim.h"
#include "host/acq/driver.h"
#include "host/acq/pipe.h"
#include "host/net/feed.h"

#define N_CHAN    8
#define RATE_HZ   18000
#define FPS       200
#define MAX_BLOCK 90
#define N_ROW     6
#define N_HALF    4500 /* half the window of the reference at 50 Hz */

/* The mock driver's six channels, and a neutral of each kind. */
struct eight {
	struct cis_source base;
	struct cis_source *six;
};

static void eight_close(struct cis_source *src)
{
	cis_source_close(((struct eight *)src)->six);
}

static int eight_start(struct cis_source *src, struct cis_time at,
		       struct cis_diag *diag)
{
	return cis_source_start(((struct eight *)src)->six, at, diag);
}

static void eight_stop(struct cis_source *src)
{
	cis_source_stop(((struct eight *)src)->six);
}

static int eight_read(struct cis_source *src, struct cis_block *blk,
		      int timeout_ms)
{
	struct eight *e = (struct eight *)src;
	int err;

	blk->n_chan = 6;
	err = cis_source_read(e->six, blk, timeout_ms);
	blk->n_chan = N_CHAN;
	for (uint32_t c = 6; c < N_CHAN && !err; c++)
		memcpy(cis_block_chan(blk, c), cis_block_chan(blk, c - 6),
		       blk->n_scan * sizeof(double));
	return err;
}

static const struct cis_source_ops eight_ops = {
	.name = "eight",
	.close = eight_close,
	.start = eight_start,
	.stop = eight_stop,
	.read = eight_read,
};

static int eight_open(struct eight *e, struct cis_diag *diag)
{
	int err = cis_source_open("mock:rate=18000,snr_db=80", &e->six, diag);

	if (err)
		return err;
	e->base.ops = &eight_ops;
	e->base.info = *cis_source_info(e->six);
	e->base.map = *e->base.info.map;
	e->base.info.map = &e->base.map;
	for (uint32_t c = 6; c < N_CHAN; c++) {
		e->base.map.chan[c] = e->base.map.chan[c - 6];
		e->base.map.chan[c].position = c + 1;
		cis_chan_set_name(&e->base.map, c, c == 6 ? "VN" : "IN");
	}
	e->base.map.n_chan = N_CHAN;
	cis_chan_map_group(&e->base.map);
	return 0;
}

/* ---- the run ---- */

struct bench {
	uv_loop_t loop;
	uv_async_t wake;
	struct eight eight;
	struct cis_estim *est;
	struct cis_estim_config ec;
	struct cis_clock clock;
	struct cis_pipe *pipe;
	struct cis_feed *feed;
	struct cis_report rep;
	uint64_t reports, off_grid, flagged;
	struct cis_instant last;
};

static void notify(void *arg)
{
	uv_async_send(arg);
}

static void on_wake(uv_async_t *handle)
{
	struct bench *b = handle->data;
	int err;

	while (!(err = cis_pipe_pop(b->pipe, &b->rep))) {
		if (b->reports++ && cis_instant_diff(b->rep.at, b->last) != 1)
			b->off_grid++;
		b->flagged += b->rep.flags != 0;
		b->last = b->rep.at;
		cis_feed_put(b->feed, &b->rep);
	}
	if (err == -EAGAIN)
		return;
	cis_pipe_stop(b->pipe);
	uv_close((uv_handle_t *)handle, NULL);
	cis_feed_close(b->feed);
}

static int open_feed(struct bench *b, struct cis_diag *diag)
{
	struct cis_c37_stream_opts so = {.idcode = 1,
					 .station = "BENCH-SIM",
					 .format = 0xF,
					 .rate = b->ec.rate,
					 .fnom_hz = 50,
					 .version = 1};
	struct cis_feed_config fc = {.loop = &b->loop, .header = "bench"};
	int err =
		cis_c37_config_for_map(&b->eight.base.map, &so, &fc.cfg, diag);

	if (!err)
		err = cis_feed_new(&fc, &b->feed, diag);
	if (!err)
		err = cis_feed_add(b->feed, CIS_FEED_LISTEN, "tcp:127.0.0.1:0",
				   diag);
	return err;
}

static int open_all(struct bench *b, double duration_s, struct cis_diag *diag)
{
	struct cis_pipe_config pc = {.src = &b->eight.base,
				     .clock = &b->clock,
				     .max_block = MAX_BLOCK,
				     .paced = true,
				     .duration_s = duration_s,
				     .notify = notify,
				     .arg = &b->wake};
	int err = eight_open(&b->eight, diag);

	b->ec = (struct cis_estim_config){.map = &b->eight.base.map,
					  .fnom_hz = 50,
					  .rate = {FPS, 1},
					  .rate_hz = RATE_HZ,
					  .max_block = MAX_BLOCK,
					  .background = true};
	if (!err)
		err = cis_estim_parse_profile("reference", &b->ec, diag);
	if (!err)
		err = cis_estim_new(&b->ec, &b->est, diag);
	pc.est = b->est;
	if (!err)
		err = cis_clock_init(&b->clock, "system", diag);
	if (!err)
		err = open_feed(b, diag);
	if (!err)
		err = cis_pipe_new(&pc, &b->pipe, diag);
	return err;
}

static double cpu_s(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	       1e-6 * (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec);
}

/* The least that the rows can take: one multiply-add for each row and sample of
 * half of every window, all channels, one second. */
static double floor_share(void)
{
	static double row[N_ROW][N_HALF], x[N_HALF];
	volatile double sink = 0;
	double begin = cpu_s();

	for (unsigned k = 0; k < FPS * N_CHAN; k++) {
		x[k % N_HALF] = 1e-9 * k;
		for (unsigned c = 0; c < N_ROW; c++) {
			double sum = 0;

			for (unsigned i = 0; i < N_HALF; i++)
				sum += row[c][i] * x[i];
			sink = sink + sum;
		}
	}
	return cpu_s() - begin;
}

int main(int argc, char **argv)
{
	struct bench *b = calloc(1, sizeof(*b));
	double duration_s = argc > 1 ? atof(argv[1]) : 10;
	struct cis_diag diag = {""};
	struct cis_pipe_stats st;
	struct cis_time now;
	double begin, used;
	bool bad;

	if (!b || uv_loop_init(&b->loop))
		return 2;
	uv_async_init(&b->loop, &b->wake, on_wake);
	b->wake.data = b;
	if (open_all(b, duration_s, &diag)) {
		fprintf(stderr, "%s\n", diag.msg);
		return 2;
	}
	now = cis_clock_now(&b->clock);
	now.tai_ns = cis_time_floor_s(now) * CIS_NS_PER_S;
	begin = cpu_s();
	if (cis_pipe_start(b->pipe, now, &diag)) {
		fprintf(stderr, "%s\n", diag.msg);
		return 2;
	}
	uv_run(&b->loop, UV_RUN_DEFAULT);
	used = cpu_s() - begin;
	cis_pipe_stats(b->pipe, &st);
	bad = st.lost_scans || st.lost_reports || b->off_grid || b->flagged;
	printf("{\"bench\": \"realtime\", \"channels\": %d, \"rate_hz\": %d, "
	       "\"fps\": %d, \"seconds\": %g, \"reports\": %llu, "
	       "\"lost_scans\": %llu, \"lost_reports\": %llu, "
	       "\"off_grid\": %llu, \"flagged\": %llu, "
	       "\"ring_high_pct\": %.2f, \"ring_high_s\": %.3f, "
	       "\"core_share\": %.4f, \"floor_core_share\": %.6f}\n",
	       N_CHAN, RATE_HZ, FPS, duration_s, (unsigned long long)b->reports,
	       (unsigned long long)st.lost_scans,
	       (unsigned long long)st.lost_reports,
	       (unsigned long long)b->off_grid, (unsigned long long)b->flagged,
	       st.ring.high_pct, st.ring.high_s, used / duration_s,
	       floor_share());
	cis_pipe_free(b->pipe);
	cis_estim_free(b->est);
	eight_close(&b->eight.base);
	uv_loop_close(&b->loop);
	free(b);
	return bad;
}
