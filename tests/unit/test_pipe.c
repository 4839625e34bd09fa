/* test_pipe.c - acq and est threads, with a source that fails on demand. */
#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "host/acq/driver.h"
#include "host/acq/pipe.h"

#define RATE_HZ   6000.0
#define MAX_BLOCK 60
#define START_S   1763680911

/* A cosine on one channel; at block `fault_at` read() returns fault; 0: an empty
 * block. */
struct scripted {
	struct cis_source base;
	uint64_t next_scan;
	uint64_t n_block;
	uint64_t last_block; /* then -ENODATA */
	uint64_t fault_at;
	double f_hz;
	int fault;
	unsigned n_start;
	unsigned n_refused;     /* starts to refuse, from the second on */
	uint64_t silent_blocks; /* after the fault: read() times out */
	struct cis_time anchor;
	uint64_t anchor_scan;
};

static int scripted_start(struct cis_source *src, struct cis_time at,
			  struct cis_diag *diag)
{
	struct scripted *s = (struct scripted *)src;

	(void)diag;
	if (s->n_start && s->n_refused) {
		s->n_refused--;
		return -ENODEV;
	}
	/* A restart, 1 s later by its own dates: what the test decides. */
	s->anchor = s->n_start ? (struct cis_time){.tai_ns = (START_S + 1) *
							     CIS_NS_PER_S}
			       : at;
	s->next_scan = 0;
	s->n_start++;
	return 0;
}

static void scripted_stop(struct cis_source *src)
{
	(void)src;
}

static int scripted_read(struct cis_source *src, struct cis_block *blk,
			 int timeout_ms)
{
	struct scripted *s = (struct scripted *)src;

	(void)timeout_ms;
	if (s->n_block++ == s->fault_at) {
		if (!s->fault)
			blk->n_scan = 0;
		src->fault = CIS_EVENT_DEVICE_ERROR;
		return s->fault;
	}
	if (s->n_block - 1 > s->fault_at && s->silent_blocks) {
		s->silent_blocks--;
		s->n_block--;
		return -ETIMEDOUT;
	}
	if (s->n_block > s->last_block)
		return -ENODATA;
	blk->clock = (struct cis_scan_clock){.anchor = s->anchor,
					     .rate_hz = RATE_HZ};
	blk->first_scan = s->next_scan;
	for (uint32_t i = 0; i < blk->n_scan; i++)
		blk->x[i] = cos(6.283185307179586 * s->f_hz / RATE_HZ *
				(double)((s->next_scan + i) % 60000));
	s->next_scan += blk->n_scan;
	return 0;
}

static const struct cis_source_ops scripted_ops = {
	.name = "scripted",
	.start = scripted_start,
	.stop = scripted_stop,
	.read = scripted_read,
};

static void scripted_init(struct scripted *s, uint64_t n_block)
{
	memset(s, 0, sizeof(*s));
	s->base.ops = &scripted_ops;
	s->base.info = (struct cis_source_info){
		.origin = CIS_SIMULATED,
		.rate_hz = RATE_HZ,
		.map = &s->base.map,
		.warn = &s->base.warn,
	};
	s->base.map.n_chan = 1;
	cis_chan_set_name(&s->base.map, 0, "VA");
	s->last_block = n_block;
	s->fault_at = UINT64_MAX;
	s->f_hz = 50;
}

struct run {
	struct scripted src;
	struct cis_estim *est;
	struct cis_clock clock;
	struct cis_pipe *pipe;
	sem_t ready;
};

static void notify(void *arg)
{
	sem_post(arg);
}

static void start_profile(struct run *r, const char *profile, double duration_s)
{
	struct cis_estim_config ec = {.map = &r->src.base.map,
				      .fnom_hz = 50,
				      .rate = {50, 1},
				      .rate_hz = RATE_HZ,
				      .max_block = MAX_BLOCK,
				      .background = true};
	struct cis_pipe_config pc = {.src = &r->src.base,
				     .clock = &r->clock,
				     .max_block = MAX_BLOCK,
				     .duration_s = duration_s,
				     .notify = notify,
				     .arg = &r->ready};
	struct cis_time at = {.tai_ns = START_S * CIS_NS_PER_S};

	sem_init(&r->ready, 0, 0);
	assert_int_equal(cis_estim_parse_profile(profile, &ec, NULL), 0);
	assert_int_equal(cis_estim_new(&ec, &r->est, NULL), 0);
	assert_int_equal(cis_clock_init(&r->clock, "system", NULL), 0);
	pc.est = r->est;
	assert_int_equal(cis_pipe_new(&pc, &r->pipe, NULL), 0);
	assert_int_equal(cis_pipe_start(r->pipe, at, NULL), 0);
}

static void start(struct run *r, double duration_s)
{
	start_profile(r, "ls7", duration_s);
}

/* Waits for the next report or the end. */
static int next(struct run *r, struct cis_report *rep)
{
	int err;

	while ((err = cis_pipe_pop(r->pipe, rep)) == -EAGAIN)
		sem_wait(&r->ready);
	return err;
}

static void end(struct run *r)
{
	cis_pipe_free(r->pipe);
	cis_estim_free(r->est);
	sem_destroy(&r->ready);
}

static struct cis_report rep;

static void reports_come_in_order_and_none_is_lost(void **state)
{
	struct run r;
	struct cis_instant last = {.tai_s = START_S, .rate = {50, 1}};
	struct cis_pipe_stats st;
	unsigned n = 0;

	(void)state;
	scripted_init(&r.src, 300); /* 3 s */
	start(&r, INFINITY);
	while (next(&r, &rep) == 0) {
		assert_int_equal(cis_instant_diff(rep.at, last), 1);
		check_close(cabs(rep.phasor_rms[0]), sqrt(0.5), 1e-12);
		last = rep.at;
		n++;
	}
	assert_int_equal(next(&r, &rep), -ENODATA);
	/* 3 s of 50 instants, less one at each end. */
	assert_in_range(n, 148, 149);
	cis_pipe_stats(r.pipe, &st);
	assert_int_equal(st.scans, 300 * MAX_BLOCK);
	assert_int_equal(st.reports, n);
	assert_int_equal(st.lost_scans + st.lost_reports + st.overruns, 0);
	end(&r);
}

static void the_duration_counts_samples(void **state)
{
	struct run r;
	struct cis_pipe_stats st;

	(void)state;
	scripted_init(&r.src, 300);
	start(&r, 1.0 + 1.0 / RATE_HZ);
	while (next(&r, &rep) == 0)
		;
	cis_pipe_stats(r.pipe, &st);
	assert_int_equal(st.scans, 6001);
	end(&r);
}

static void an_empty_block_is_no_end(void **state)
{
	struct run r;
	struct cis_pipe_stats st;

	(void)state;
	scripted_init(&r.src, 300);
	r.src.fault_at = 100;
	start(&r, INFINITY);
	while (next(&r, &rep) == 0)
		assert_int_equal(rep.flags, 0);
	cis_pipe_stats(r.pipe, &st);
	assert_int_equal(st.scans, 299 * MAX_BLOCK);
	assert_int_equal(st.lost_scans + st.overruns, 0);
	end(&r);
}

static void an_overrun_is_a_gap_and_sampling_goes_on(void **state)
{
	struct run r;
	struct cis_instant last = {.tai_s = START_S, .rate = {50, 1}};
	struct cis_pipe_stats st;
	unsigned n_gap = 0, n_good = 0;

	(void)state;
	scripted_init(&r.src, 101);
	r.src.fault_at = 50; /* after 0.5 s; it goes on at 1 s */
	r.src.fault = -EPIPE;
	start(&r, INFINITY);
	while (next(&r, &rep) == 0) {
		assert_int_equal(cis_instant_diff(rep.at, last), 1);
		last = rep.at;
		if (rep.flags & CIS_REPORT_GAP)
			n_gap++;
		else
			n_good++;
	}
	assert_int_equal(next(&r, &rep), -ENODATA);
	assert_int_equal(r.src.n_start, 2);
	/* 0.5 s without samples, and a half window on either side. */
	assert_in_range(n_gap, 26, 28);
	assert_in_range(n_good, 46, 48);
	cis_pipe_stats(r.pipe, &st);
	assert_int_equal(st.overruns, 1);
	end(&r);
}

static struct cis_event event;

static void a_fault_is_told_when_it_comes_and_when_it_has_gone(void **state)
{
	struct run r;

	(void)state;
	scripted_init(&r.src, 101);
	r.src.fault_at = 50;
	r.src.fault = -EPIPE;
	start(&r, INFINITY);
	while (next(&r, &rep) == 0)
		;
	for (int over = 0; over < 2; over++) {
		assert_int_equal(cis_pipe_event(r.pipe, &event), 0);
		assert_int_equal(event.kind, CIS_EVENT_DEVICE_ERROR);
		assert_int_equal(event.over, over);
		assert_int_equal(event.first_scan, 50 * MAX_BLOCK);
		assert_int_equal(event.at.tai_ns,
				 START_S * CIS_NS_PER_S + CIS_NS_PER_S / 2);
	}
	/* From 0.5 s to 1 s; a date is a double of a second. */
	check_close(event.duration_s, 0.5, 1e-12);
	assert_int_equal(event.n_lost, 3000);
	assert_int_equal(cis_pipe_event(r.pipe, &event), -EAGAIN);
	end(&r);
}

static void a_vanished_device_is_asked_until_it_is_back(void **state)
{
	struct run r;
	struct cis_pipe_stats st;
	unsigned n_gap = 0;

	(void)state;
	scripted_init(&r.src, 150);
	r.src.fault_at = 50;
	r.src.fault = -ENODEV;
	r.src.n_refused = 1;
	start(&r, INFINITY);
	while (next(&r, &rep) == 0)
		n_gap += !!(rep.flags & CIS_REPORT_GAP);
	assert_int_equal(next(&r, &rep), -ENODATA);
	assert_int_equal(rep.flags, 0);
	/* As above; more where this computer was so slow that more passed. */
	assert_true(n_gap >= 26);
	assert_int_equal(r.src.n_start, 2);
	assert_int_equal(cis_pipe_event(r.pipe, &event), 0);
	assert_int_equal(event.kind, CIS_EVENT_DEVICE_GONE);
	cis_pipe_stats(r.pipe, &st);
	assert_int_equal(st.events[CIS_EVENT_DEVICE_GONE], 1);
	assert_int_equal(st.lost_scans, 3000);
	end(&r);
}

/* Nobody comes back: what has passed is told by reports without values. */
static void reports_go_on_while_no_samples_come(void **state)
{
	struct run r;
	struct cis_instant last = {.tai_s = START_S, .rate = {50, 1}};

	(void)state;
	scripted_init(&r.src, 100);
	r.src.fault_at = 50;
	r.src.fault = -EPIPE;
	r.src.silent_blocks = UINT64_MAX;
	start(&r, INFINITY);
	for (unsigned n = 0; n < 35; n++) {
		assert_int_equal(next(&r, &rep), 0);
		assert_int_equal(cis_instant_diff(rep.at, last), 1);
		last = rep.at;
		/* 0.5 s of samples, less half a window. */
		assert_int_equal(rep.flags, n < 24 ? 0 : CIS_REPORT_GAP);
	}
	cis_pipe_stop(r.pipe);
	while (cis_pipe_pop(r.pipe, &rep) == 0)
		;
	assert_int_equal(cis_pipe_pop(r.pipe, &rep), -ENODATA);
	end(&r);
}

static void an_outage_counts_towards_the_duration(void **state)
{
	static const uint64_t fault_at[] = {0, 20};
	static const int ends[] = {-ENODEV, -ENODATA};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct run r;

		scripted_init(&r.src, 100);
		r.src.fault_at = fault_at[i];
		r.src.fault = -ENODEV;
		r.src.n_refused = UINT32_MAX;
		start(&r, 0.3);
		while (next(&r, &rep) == 0)
			;
		/* An error only where nothing was ever measured. */
		assert_int_equal(next(&r, &rep), ends[i]);
		end(&r);
	}
}

/*
 * A source faster than the estimator. Ring 1 has room for 2 s of blocks a
 * quarter as long: 800. From one loss to the next at least half of them are
 * taken.
 */
static void losses_come_in_one_piece(void **state)
{
	const uint64_t half_ring = 400 * MAX_BLOCK;
	struct run r;
	struct cis_pipe_stats st;

	(void)state;
	scripted_init(&r.src, 8000);
	r.src.base.info.realtime = true;
	start(&r, INFINITY);
	while (next(&r, &rep) == 0)
		;
	cis_pipe_stats(r.pipe, &st);
	assert_int_equal(st.scans, 8000 * MAX_BLOCK);
	assert_in_range(st.overruns, 0,
			1 + (st.scans - st.lost_scans) / half_ring);
	end(&r);
}

/* 53.7 Hz is no seed that is made ahead: the design thread hears of it. */
static void rows_that_are_missed_are_made_meanwhile(void **state)
{
	static const char *const profiles[] = {"p", "m", "reference"};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct run r;

		scripted_init(&r.src, UINT64_MAX);
		r.src.f_hz = 53.7;
		start_profile(&r, profiles[i], INFINITY);
		do
			assert_int_equal(next(&r, &rep), 0);
		while (rep.notes & CIS_NOTE_FAR);
		assert_int_equal(rep.flags | rep.notes, 0);
		/* Acceptance: at most 8e-7 Hz between two seeds. */
		check_close(rep.freq_hz, 53.7, 8e-7);
		end(&r);
	}
}

static void it_can_be_stopped_at_any_time(void **state)
{
	struct run r;

	(void)state;
	scripted_init(&r.src, UINT64_MAX);
	start(&r, INFINITY);
	assert_int_equal(next(&r, &rep), 0);
	cis_pipe_stop(r.pipe);
	cis_pipe_stop(r.pipe);
	while (cis_pipe_pop(r.pipe, &rep) == 0)
		;
	assert_int_equal(cis_pipe_pop(r.pipe, &rep), -ENODATA);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_come_in_order_and_none_is_lost),
		cmocka_unit_test(the_duration_counts_samples),
		cmocka_unit_test(an_empty_block_is_no_end),
		cmocka_unit_test(an_overrun_is_a_gap_and_sampling_goes_on),
		cmocka_unit_test(
			a_fault_is_told_when_it_comes_and_when_it_has_gone),
		cmocka_unit_test(a_vanished_device_is_asked_until_it_is_back),
		cmocka_unit_test(reports_go_on_while_no_samples_come),
		cmocka_unit_test(an_outage_counts_towards_the_duration),
		cmocka_unit_test(losses_come_in_one_piece),
		cmocka_unit_test(rows_that_are_missed_are_made_meanwhile),
		cmocka_unit_test(it_can_be_stopped_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
