/*
 * fleet_bench.h - many feeds on the loop of the test, with one room for all,
 * configurations that are lent and a switchboard. Feed i has IDCODE
 * BENCH_IDCODE + i, which its data frames hold, with i in their first byte after
 * the head.
 */
#ifndef TESTS_FLEET_BENCH_H
#define TESTS_FLEET_BENCH_H

#include "feed_bench.h"
#include "host/net/switchboard.h"

#define FLEET_MAX  8
#define FLEET_DATA 80 /* bytes of a data frame at most */

struct fleet {
	struct bench b; /* its feed is the first */
	unsigned n;
	struct cis_c37_config *cfg[FLEET_MAX];
	struct cis_feed *feed[FLEET_MAX];
	struct cis_switchboard *sb;
	unsigned n_lent;
};

static inline const struct cis_c37_config *fleet_lend(void *arg, uint32_t i)
{
	struct fleet *f = arg;

	f->n_lent++;
	return f->cfg[i];
}

static inline void fleet_open_with(struct fleet *f, unsigned n,
				   struct cis_feed_config fc)
{
	struct bench *b = &f->b;

	memset(f, 0, sizeof(*f));
	f->n = n;
	fc.loop = &b->loop;
	fc.lend = fleet_lend;
	fc.arg = f;
	fc.header = "of a fleet";
	assert_int_equal(uv_loop_init(&b->loop), 0);
	assert_int_equal(cis_feed_room_new(&b->loop, &fc.room), 0);
	assert_int_equal(cis_switchboard_new(&fc, &f->sb, &b->diag), 0);
	for (fc.i = 0; fc.i < n; fc.i++) {
		struct cis_feed **feed = &f->feed[fc.i];

		f->cfg[fc.i] = bench_config(3);
		f->cfg[fc.i]->idcode = (uint16_t)(BENCH_IDCODE + fc.i);
		assert_int_equal(cis_feed_new(&fc, feed, &b->diag), 0);
		assert_int_equal(
			cis_switchboard_add(f->sb, *feed, fc.i, &b->diag), 0);
	}
	cis_feed_room_free(fc.room);
	b->feed = f->feed[0];
	b->rep.at = (struct cis_instant){.tai_s = cis_tai_from_soc(1700000040),
					 .rate = {BENCH_RATE, 1}};
}

static inline void fleet_open(struct fleet *f, unsigned n)
{
	fleet_open_with(f, n, (struct cis_feed_config){.data_max = FLEET_DATA});
}

/* The endpoint as it really is. */
static inline const char *fleet_add(struct fleet *f, enum cis_feed_role role,
				    const char *spec)
{
	unsigned k = 0;

	while (cis_switchboard_endpoint(f->sb, k))
		k++;
	if (cis_switchboard_open(f->sb, role, spec, &f->b.diag))
		fail_msg("%s: %s", spec, f->b.diag.msg);
	return cis_switchboard_endpoint(f->sb, k);
}

/* A port for each feed: those in a row that nobody else has, of which the first
 * is returned. */
static inline unsigned fleet_open_each(struct fleet *f, const char *scheme)
{
	char spec[64];
	int err = -EADDRINUSE;
	unsigned port = 0;

	for (unsigned i = 0; err == -EADDRINUSE && i < 1000; i++) {
		port = 20000 + ((unsigned)getpid() * 16 + i * 64) % 12000;
		snprintf(spec, sizeof(spec), "%s:127.0.0.1:%u,ports=each",
			 scheme, port);
		err = cis_switchboard_open(f->sb, CIS_FEED_LISTEN, spec,
					   &f->b.diag);
	}
	if (err)
		fail_msg("%s", f->b.diag.msg);
	return port;
}

static inline void fleet_close(struct fleet *f)
{
	cis_switchboard_close(f->sb);
	for (unsigned i = 1; i < f->n; i++)
		cis_feed_close(f->feed[i]);
	bench_close(&f->b);
	for (unsigned i = 0; i < f->n; i++)
		cis_c37_config_free(f->cfg[i]);
}

/* Any bytes with the head of a data frame. */
static inline void fleet_frame(uint8_t *frame, size_t len, unsigned i,
			       uint8_t fill)
{
	memset(frame, fill, len);
	frame[0] = 0xAA;
	frame[1] = 0x01;
	frame[2] = (uint8_t)(len >> 8);
	frame[3] = (uint8_t)len;
	frame[4] = (uint8_t)((BENCH_IDCODE + i) >> 8);
	frame[5] = (uint8_t)(BENCH_IDCODE + i);
}

/* One frame of each feed. */
static inline void fleet_put(struct fleet *f)
{
	uint8_t frame[50];

	for (unsigned i = 0; i < f->n; i++) {
		fleet_frame(frame, sizeof(frame), i, (uint8_t)i);
		cis_feed_put_frame(f->feed[i], f->b.rep.at, 0, frame,
				   sizeof(frame));
	}
	f->b.rep.at = cis_instant_next(f->b.rep.at);
}

static inline struct cis_feed_stats fleet_stats(const struct fleet *f)
{
	struct cis_feed_stats stats;

	cis_switchboard_stats(f->sb, &stats);
	return stats;
}

/* A frame of feed i of this type comes. Returns its length. */
static inline size_t fleet_expect(struct fleet *f, struct line *l, unsigned i,
				  enum cis_c37_type type)
{
	struct cis_c37_head head;
	int len = line_next(&f->b, l);

	assert_true(len > 0);
	assert_int_equal(cis_c37_peek(l->frame, (size_t)len, &head), len);
	assert_int_equal(head.type, type);
	assert_int_equal(head.idcode, BENCH_IDCODE + i);
	return (size_t)len;
}

static inline void fleet_command(struct line *l, unsigned i, int command)
{
	line_command(l, (uint16_t)(BENCH_IDCODE + i), command);
}

/* All that was sent to feed i has been obeyed, and nothing else came. */
static inline void fleet_quiet(struct fleet *f, struct line *l, unsigned i)
{
	fleet_command(l, i, CIS_C37_CMD_SEND_HDR);
	fleet_expect(f, l, i, CIS_C37_HDR);
}

#endif
