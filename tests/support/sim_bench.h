/*
 * sim_bench.h - the engine of `simulate` on the loop of the test, and receivers
 * that keep every frame they get, read with the configuration that came before.
 *
 * Needs the objects of the program, linked with SIM_BENCH_WRAPS of CMakeLists.txt.
 * Everything runs in one thread. The engine's clock is the bench's: it goes as the
 * computer's does, but stands still where the computer did, so nothing depends on
 * how busy that is.
 */
#ifndef TESTS_SIM_BENCH_H
#define TESTS_SIM_BENCH_H

#include "feed_bench.h"
#include "fleet.h"
#include "host/acq/dates/clock.h"
#include "host/cli/simulate/sim.h"
#include "host/net/ticker.h"

#define SIM_IDCODE      7 /* of the first PMU */
#define SIM_MOST        20000
#define SIM_STEP_NS     (5 * CIS_NS_PER_S / 1000) /* at most, in a turn */
#define SIM_PATIENCE_NS (60 * CIS_NS_PER_S)       /* of the engine's */

struct sim_data {
	uint16_t idcode, stat;
	size_t len;
	struct cis_instant at;
	double complex va;
	double freq_hz;
	unsigned cfgcnt; /* of the configuration */
	bool unread;     /* no configuration explains it */
};

/* A receiver; configurations are counted. */
struct sim_ear {
	struct line line;
	struct cis_rate rate;
	uint32_t n_pmu;              /* streams */
	struct cis_c37_config **cfg; /* [n_pmu] */
	unsigned n_config, n;
	enum cis_c37_type kind; /* of the last configuration */
	struct sim_data *data;  /* [SIM_MOST] */
};

struct sim_bench {
	struct bench b; /* its loop */
	struct cis_sim *sim;
	struct cis_sim_config sc;
	const char *stream[2], *listen[2];
	char spec[32];
	unsigned n_ear;
	struct sim_ear *ear[3];
	bool ended;
	struct cis_diag diag;
};

/* ---- the clock ---- */

static struct cis_time sim_now; /* the engine's */
static int64_t sim_looked_ns;   /* the computer's, when that was */

/* Of the linker's --wrap: in place of the program's. */
struct cis_time __wrap_cis_clock_now(const struct cis_clock *clock);
void __wrap_cis_ticker_arm(struct cis_ticker *ticker, int64_t in_ns);
void __real_cis_ticker_arm(struct cis_ticker *ticker, int64_t in_ns);

struct cis_time __wrap_cis_clock_now(const struct cis_clock *clock)
{
	(void)clock;
	return sim_now;
}

/* It looks at the clock, which may not have gone on as far. */
void __wrap_cis_ticker_arm(struct cis_ticker *ticker, int64_t in_ns)
{
	__real_cis_ticker_arm(ticker,
			      in_ns < SIM_STEP_NS ? in_ns : SIM_STEP_NS);
}

static inline void sim_go_on(void)
{
	int64_t now_ns = cis_clock_monotonic_ns();
	int64_t step_ns = now_ns - sim_looked_ns;

	sim_looked_ns = now_ns;
	sim_now = cis_time_add_ns(sim_now, step_ns < SIM_STEP_NS ? step_ns
								 : SIM_STEP_NS);
}

/* ---- what is played ---- */

/* One PMU that says `keys`, sent nowhere yet. */
static inline struct cis_sim_config sim_config(const char *keys, uint32_t count,
					       uint32_t rate)
{
	struct cis_sim_config sc = {
		.sig = signal_of(keys),
		.rate = {rate, 1},
		.idcode = SIM_IDCODE,
		.count = count,
		.station = "BENCH-SIM",
		.duration_s = INFINITY,
	};
	struct cis_scenario_parts parts = {
		.sig = sc.sig, .first_idcode = SIM_IDCODE, .count = count};

	cis_stream_defaults(&sc.opts);
	sc.opts.cfg_every_s = 0;
	sc.impair.seed = 1;
	assert_int_equal(cis_scenario_new(&parts, &sc.scenario, NULL, NULL), 0);
	return sc;
}

/* With events besides. */
static inline void sim_events(struct cis_sim_config *sc, uint32_t n,
			      const struct cis_event *event)
{
	struct cis_scenario_parts parts = {.sig = sc->sig,
					   .first_idcode = SIM_IDCODE,
					   .count = sc->count,
					   .n_event = n,
					   .event = event};

	cis_scenario_free(sc->scenario);
	assert_int_equal(cis_scenario_new(&parts, &sc->scenario, NULL, NULL),
			 0);
}

/* ---- receivers ---- */

static inline struct sim_ear *ear_new(struct sim_bench *s)
{
	struct sim_ear *ear = calloc(1, sizeof(*ear));

	assert_non_null(ear);
	ear->rate = s->sc.rate;
	ear->n_pmu = s->sc.concentrate ? 1 : s->sc.count;
	ear->cfg = calloc(ear->n_pmu, sizeof(struct cis_c37_config *));
	ear->data = calloc(SIM_MOST, sizeof(*ear->data));
	assert_true(ear->cfg && ear->data);
	s->ear[s->n_ear++] = ear;
	return ear;
}

static inline void ear_free(struct sim_ear *ear)
{
	for (uint32_t i = 0; i < ear->n_pmu; i++)
		cis_c37_config_free(ear->cfg[i]);
	close(ear->line.fd);
	free(ear->cfg);
	free(ear->data);
	free(ear);
}

static inline void ear_data(struct sim_ear *ear,
			    const struct cis_c37_config *cfg, size_t len,
			    const struct cis_c37_head *head)
{
	struct sim_data *d = &ear->data[ear->n++];
	struct cis_c37_data *data;

	assert_true(ear->n < SIM_MOST);
	d->idcode = head->idcode;
	d->len = len;
	d->unread = true;
	if (!cfg)
		return;
	d->at = cis_c37_head_instant(cfg, head);
	d->cfgcnt = cfg->pmu[0].cfgcnt;
	assert_int_equal(cis_c37_data_new(cfg, &data), 0);
	if (cis_c37_data_len(cfg) == len &&
	    cis_c37_data_decode(cfg, ear->line.frame, len, data, NULL) > 0) {
		d->unread = false;
		d->stat = data->block[0].stat;
		d->va = data->block[0].phasor_rms[0];
		d->freq_hz = data->block[0].freq_hz;
	}
	cis_c37_data_free(data);
}

static inline void ear_frame(struct sim_ear *ear, size_t len)
{
	const uint8_t *frame = ear->line.frame;
	struct cis_c37_config **cfg;
	struct cis_c37_head head;

	assert_int_equal(cis_c37_peek(frame, len, &head), len);
	assert_true(cis_c37_crc_ok(frame, len));
	assert_in_range(head.idcode, SIM_IDCODE, SIM_IDCODE + ear->n_pmu - 1);
	cfg = &ear->cfg[head.idcode - SIM_IDCODE];
	if (head.type == CIS_C37_DATA) {
		ear_data(ear, *cfg, len, &head);
	} else if (head.type != CIS_C37_HDR) {
		cis_c37_config_free(*cfg);
		assert_int_equal(cis_c37_config_decode(frame, len, cfg, NULL),
				 len);
		ear->n_config++;
		ear->kind = head.type;
	}
}

/* All that has come. */
static inline void ear_listen(struct sim_ear *ear)
{
	struct line *l = &ear->line;
	ssize_t got;

	while ((got = recv(l->fd, l->rx, sizeof(l->rx), 0)) > 0) {
		int len;

		l->left = l->rx;
		l->n_left = (size_t)got;
		while (l->n_left && (len = line_split(l)) > 0)
			ear_frame(ear, (size_t)len);
	}
	assert_int_not_equal(got, 0);
}

/* ---- the engine ---- */

static inline void sim_ended(void *arg)
{
	((struct sim_bench *)arg)->ended = true;
}

/* One turn of the loop. */
static inline void sim_turn(struct sim_bench *s)
{
	sim_go_on();
	uv_run(&s->b.loop, UV_RUN_ONCE);
	for (unsigned i = 0; i < s->n_ear; i++)
		ear_listen(s->ear[i]);
}

static inline void sim_until(struct sim_bench *s, const unsigned *n,
			     unsigned least)
{
	struct cis_time since = sim_now;

	while (*n < least) {
		sim_turn(s);
		if (cis_time_diff_ns(sim_now, since) > SIM_PATIENCE_NS)
			fail_msg("%u of %u frames came", *n, least);
	}
}

/* A UDP receiver that is sent to unasked, which is ear 0. */
static inline void sim_open(struct sim_bench *s, struct cis_sim_config sc)
{
	static struct cis_command cmd = {.name = "simulate"};
	struct sim_ear *ear;

	memset(s, 0, sizeof(*s));
	s->sc = sc;
	ear = ear_new(s);
	line_bind(&ear->line, 0, s->spec);
	s->stream[0] = s->spec;
	s->listen[0] = "tcp:127.0.0.1:0";
	s->listen[1] = "udp:127.0.0.1:0";
	s->sc.endpoints = (struct cis_endpoints){.cmd = &cmd,
						 .stream = s->stream,
						 .n_stream = 1,
						 .listen = s->listen,
						 .n_listen = 2};
	sim_now = cis_time_from_posix(1700000000, 0);
	sim_looked_ns = cis_clock_monotonic_ns();
	assert_int_equal(uv_loop_init(&s->b.loop), 0);
	if (cis_sim_open(&s->sc, &s->b.loop, &s->sim, &s->diag))
		fail_msg("%s", s->diag.msg);
	cis_sim_start(s->sim, sim_ended, s);
}

/* The same, without listeners. */
static inline void sim_close(struct sim_bench *s)
{
	cis_sim_stop(s->sim);
	uv_run(&s->b.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&s->b.loop), 0);
	cis_sim_free(s->sim);
	cis_scenario_free(s->sc.scenario);
	for (unsigned i = 0; i < s->n_ear; i++)
		ear_free(s->ear[i]);
}

/* Something else, of which the test says how it differs; what is not used any
 * more is freed, or the sanitizer tells. */
static inline int sim_change(struct sim_bench *s, struct cis_sim_config sc)
{
	int err;

	sc.endpoints = s->sc.endpoints;
	err = cis_sim_change(s->sim, &sc, &s->diag);
	if (err) {
		cis_scenario_free(sc.scenario);
		return err;
	}
	while (cis_sim_uses(s->sim, s->sc.scenario))
		sim_turn(s);
	cis_scenario_free(s->sc.scenario);
	s->sc = sc;
	return 0;
}

static inline uint64_t sim_frames(const struct sim_bench *s)
{
	struct cis_sim_stats stats;

	cis_sim_stats(s->sim, &stats);
	return stats.frames;
}
#endif
