/* test_pipe_alive.c - is the acq thread at work, and how full is its ring? */
#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>

#include "check.h"
#include "host/acq/driver.h"
#include "host/acq/pipe.h"

#define RATE_HZ   6000.0
#define MAX_BLOCK 60 /* 10 ms */
#define RING_S    1.0
#define START_S   1763680911

/* A board whose read() tells that it was called and waits for leave. */
struct board {
	struct cis_source base;
	sem_t called, leave;
	int answer; /* of read(); -ENODEV also refuses start() */
	uint64_t next_scan;
	bool started;
	struct cis_time anchor;
};

static int board_start(struct cis_source *src, struct cis_time at,
		       struct cis_diag *diag)
{
	struct board *b = (struct board *)src;

	(void)diag;
	if (b->started) {
		sem_post(&b->called);
		return -ENODEV;
	}
	b->started = true;
	b->anchor = at;
	return 0;
}

static void board_stop(struct cis_source *src)
{
	(void)src;
}

static int board_read(struct cis_source *src, struct cis_block *blk,
		      int timeout_ms)
{
	struct board *b = (struct board *)src;

	(void)timeout_ms;
	sem_post(&b->called);
	while (sem_wait(&b->leave))
		;
	blk->clock = (struct cis_scan_clock){.anchor = b->anchor,
					     .rate_hz = RATE_HZ};
	blk->first_scan = b->next_scan;
	for (uint32_t i = 0; i < blk->n_scan; i++)
		blk->x[i] = cos(6.283185307179586 * 50 / RATE_HZ *
				(double)(b->next_scan + i));
	b->next_scan += blk->n_scan;
	return b->answer;
}

static const struct cis_source_ops board_ops = {
	.name = "board",
	.start = board_start,
	.stop = board_stop,
	.read = board_read,
};

struct run {
	struct board board;
	struct cis_estim *est;
	struct cis_clock clock;
	struct cis_pipe *pipe;
	sem_t go_on; /* est waits for it with each report */
};

static void notify(void *arg)
{
	sem_wait(arg);
}

static void wait_called(struct run *r)
{
	while (sem_wait(&r->board.called))
		;
}

static void start(struct run *r, int answer, unsigned go_on)
{
	struct board *b = &r->board;
	struct cis_estim_config ec = {.map = &b->base.map,
				      .fnom_hz = 50,
				      .rate = {50, 1},
				      .rate_hz = RATE_HZ,
				      .max_block = MAX_BLOCK,
				      .background = true};
	struct cis_pipe_config pc = {.src = &b->base,
				     .clock = &r->clock,
				     .max_block = MAX_BLOCK,
				     .duration_s = INFINITY,
				     .ring_s = RING_S,
				     .notify = notify,
				     .arg = &r->go_on};
	struct cis_time at = {.tai_ns = START_S * CIS_NS_PER_S};

	*r = (struct run){.board.answer = answer};
	b->base.ops = &board_ops;
	b->base.info = (struct cis_source_info){
		.origin = CIS_LIVE,
		.rate_hz = RATE_HZ,
		.realtime = true,
		.map = &b->base.map,
		.warn = &b->base.warn,
	};
	b->base.map.n_chan = 1;
	cis_chan_set_name(&b->base.map, 0, "VA");
	sem_init(&b->called, 0, 0);
	sem_init(&b->leave, 0, 0);
	sem_init(&r->go_on, 0, go_on);
	assert_int_equal(cis_estim_parse_profile("ls7", &ec, NULL), 0);
	assert_int_equal(cis_estim_new(&ec, &r->est, NULL), 0);
	assert_int_equal(cis_clock_init(&r->clock, "system", NULL), 0);
	pc.est = r->est;
	assert_int_equal(cis_pipe_new(&pc, &r->pipe, NULL), 0);
	assert_int_equal(cis_pipe_start(r->pipe, at, NULL), 0);
}

static void end(struct run *r)
{
	r->board.answer = -ENODATA;
	for (unsigned i = 0; i < 1000; i++) {
		sem_post(&r->board.leave);
		sem_post(&r->go_on);
	}
	cis_pipe_free(r->pipe);
	cis_estim_free(r->est);
}

static void a_thread_that_hangs_in_the_source_is_not_alive(void **state)
{
	struct run r;

	(void)state;
	start(&r, 0, 1000);
	wait_called(&r);
	assert_true(cis_pipe_alive(r.pipe));
	assert_false(cis_pipe_alive(r.pipe));
	assert_false(cis_pipe_alive(r.pipe));
	sem_post(&r.board.leave);
	wait_called(&r);
	assert_true(cis_pipe_alive(r.pipe));
	end(&r);
}

/* read() fails once; then start() is refused for ever. */
static void a_board_that_is_away_is_no_fault_of_the_thread(void **state)
{
	struct run r;

	(void)state;
	start(&r, -ENODEV, 1000);
	sem_post(&r.board.leave);
	wait_called(&r);
	for (unsigned i = 0; i < 3; i++) {
		wait_called(&r);
		assert_true(cis_pipe_alive(r.pipe));
	}
	cis_pipe_stop(r.pipe);
	end(&r);
}

/* est stops at its first report, with the ring filling behind it. */
static void the_ring_tells_how_full_it_was(void **state)
{
	struct cis_pipe_stats st;
	struct run r;
	unsigned n_block = 50;

	(void)state;
	start(&r, 0, 0);
	for (unsigned i = 0; i < n_block; i++)
		sem_post(&r.board.leave);
	for (unsigned i = 0; i <= n_block; i++)
		wait_called(&r);
	cis_pipe_stats(r.pipe, &st);
	assert_true(st.ring.size_s >= RING_S);
	/* est has had as much as a report takes: 2 of the 25 cycles, and the
	 * 20 ms that the first instant may be away. */
	assert_true(st.ring.high_s > 0.4 && st.ring.high_s <= 0.5);
	check_close(st.ring.fill_s, st.ring.high_s, 0.1);
	/* Whole blocks of 10 ms, for which it has four places each. */
	check_close(st.ring.high_pct, 100 * st.ring.high_s / 4, 2.5);
	assert_int_equal(st.lost_scans, 0);
	end(&r);
}

static void a_full_ring_drops_and_counts(void **state)
{
	struct cis_pipe_stats st;
	struct run r;
	unsigned n_block = 600; /* 400 slots */

	(void)state;
	start(&r, 0, 0);
	for (unsigned i = 0; i < n_block; i++)
		sem_post(&r.board.leave);
	for (unsigned i = 0; i <= n_block; i++)
		wait_called(&r);
	cis_pipe_stats(r.pipe, &st);
	check_close(st.ring.high_pct, 100, 1e-9);
	assert_int_equal(st.overruns, 1);
	assert_true(st.lost_scans >= (600 - 400 - 10) * MAX_BLOCK);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_thread_that_hangs_in_the_source_is_not_alive),
		cmocka_unit_test(
			a_board_that_is_away_is_no_fault_of_the_thread),
		cmocka_unit_test(the_ring_tells_how_full_it_was),
		cmocka_unit_test(a_full_ring_drops_and_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
