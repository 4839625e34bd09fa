/* test_outlets_watch.c - who gets the frames of simulated streams is listed,
 * watched, sent away. */
#include "fleet.h"
#include "watcher.h"

#include "cisoid/log.h"
#include "host/cli/simulate/outlets.h"
#include "host/sim/fleet.h"

#define COUNT 3
#define FIRST 1 /* of the shard: the streams 1 and 2, IDCODE 2 and 3 */

static struct line one, two;
static struct watcher w;

struct rig {
	struct bench b; /* its loop alone */
	struct cis_scenario *scenario;
	struct cis_maker *maker;
	struct cis_outlets *outlets;
	char udp[32], path[40], pcap[64];
	const char *stream[2], *listen[1];
	struct cis_endpoints endpoints;
	struct cis_instant at;
};

static void make_streams(struct rig *r)
{
	struct cis_fleet fleet = {.count = COUNT, .header = "outlets"};

	r->scenario = fleet_of("", COUNT, 0, NULL);
	fleet.scenario = r->scenario;
	fleet.stream = (struct cis_c37_stream_opts){.idcode = 1,
						    .station = "OUTLETS-SIM",
						    .format = 0xF,
						    .rate = {BENCH_RATE, 1},
						    .fnom_hz = 50,
						    .version = 2,
						    .edition = 2011,
						    .time_base = 1000000};
	assert_int_equal(cis_maker_fleet(&fleet, &r->maker, &r->b.diag), 0);
	r->at = (struct cis_instant){.tai_s = cis_tai_from_soc(1700000040),
				     .rate = {BENCH_RATE, 1}};
	if (r->maker->ops->begin)
		r->maker->ops->begin(r->maker, r->at);
}

static void name_endpoints(struct rig *r)
{
	int fd;

	line_bind(&one, 0, r->udp);
	strcpy(r->path, "/tmp/cisoid_outlets_XXXXXX");
	fd = mkstemp(r->path);
	assert_true(fd >= 0);
	close(fd);
	snprintf(r->pcap, sizeof(r->pcap), "pcap:%s", r->path);
	r->stream[0] = r->udp;
	r->stream[1] = r->pcap;
	r->listen[0] = "tcp:127.0.0.1:0";
	r->endpoints = (struct cis_endpoints){.stream = r->stream,
					      .n_stream = 2,
					      .listen = r->listen,
					      .n_listen = 1};
}

static void rig_open(struct rig *r)
{
	struct cis_outlets_config oc = {
		.loop = &r->b.loop,
		.shard = {.first = FIRST, .end = COUNT},
		.endpoints = &r->endpoints,
		.overwrite = true,
	};

	memset(r, 0, sizeof(*r));
	assert_int_equal(uv_loop_init(&r->b.loop), 0);
	make_streams(r);
	name_endpoints(r);
	oc.maker = r->maker;
	if (cis_outlets_open(&oc, &r->outlets, &r->b.diag))
		fail_msg("%s", r->b.diag.msg);
	cis_outlets_begin(r->outlets, r->at);
	watcher_init(&w);
	cis_outlets_set_watch(r->outlets, &w.watch);
}

static void rig_close(struct rig *r)
{
	cis_outlets_close(r->outlets);
	uv_run(&r->b.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&r->b.loop), 0);
	cis_outlets_free(r->outlets);
	r->maker->ops->free(r->maker);
	cis_scenario_free(r->scenario);
	close(one.fd);
	unlink(r->path);
}

/* One frame of each stream. Returns the bytes of one. */
static size_t put(struct rig *r)
{
	uint8_t buf[CIS_C37_MAX_FRAME];
	int len = 0;

	for (uint32_t i = FIRST; i < COUNT; i++) {
		struct cis_time when = cis_time_from_posix(1700000040, 0);

		len = r->maker->ops->frame(r->maker, i, r->at, buf,
					   sizeof(buf));
		assert_true(len > 0);
		cis_outlets_prepare(r->outlets, i, r->at, when, 0);
		cis_outlets_put(r->outlets, i, when, buf, (size_t)len);
	}
	cis_outlets_flush(r->outlets);
	r->at = cis_instant_next(r->at);
	return (size_t)len;
}

static unsigned list(struct rig *r)
{
	w.n = 0;
	cis_outlets_clients(r->outlets, watch_client, &w);
	return w.n;
}

static uint16_t idcode_of(const struct watched *frame)
{
	struct cis_c37_head head;

	assert_true(cis_c37_peek(frame->frame, frame->len, &head) > 0);
	return head.idcode;
}

static void addresses_and_files_are_listed_with_what_they_got(void **state)
{
	struct rig r;
	size_t len;

	(void)state;
	rig_open(&r);
	put(&r);
	len = put(&r);
	assert_int_equal(list(&r), 2);
	assert_string_equal(w.client[0].address, r.udp + 4);
	assert_string_equal(w.client[0].transport, "UDP");
	assert_string_equal(w.client[1].address, r.path);
	assert_string_equal(w.client[1].transport, "FILE");
	for (unsigned k = 0; k < 2; k++) {
		assert_true(w.client[k].on && w.client[k].unasked);
		assert_int_equal(w.client[k].frames, 4);
		assert_int_equal(w.client[k].bytes, 4 * len);
		assert_int_equal(w.client[k].idcode, 0); /* of two PMUs */
		assert_int_equal(cis_outlets_kick(r.outlets, w.client[k].id),
				 -EOPNOTSUPP);
	}
	rig_close(&r);
}

static void only_the_first_stream_of_a_shard_is_watched(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r);
	put(&r);
	put(&r);
	assert_int_equal(w.n_data, 2);
	assert_int_equal(idcode_of(&w.data), FIRST + 1);
	/* Its configuration, to both. */
	assert_int_equal(w.n_sent, 2);
	assert_int_equal(idcode_of(&w.sent[0]), FIRST + 1);
	assert_string_equal(w.sent[0].peer, r.udp + 4);
	assert_string_equal(w.sent[1].peer, r.path);
	cis_outlets_set_watch(r.outlets, NULL);
	put(&r);
	assert_int_equal(w.n_data, 2);
	rig_close(&r);
}

static void clients_of_all_pmus_are_told_and_may_be_kicked(void **state)
{
	const struct cis_client_info *c;
	struct rig r;
	size_t len;
	uint64_t id;

	(void)state;
	rig_open(&r);
	line_dial(&two, cis_outlets_endpoint(r.outlets, 2), 0);
	line_command(&two, 3, CIS_C37_CMD_DATA_ON);
	line_command(&two, 3, CIS_C37_CMD_SEND_HDR);
	line_next(&r.b, &two);
	assert_int_equal(w.n_command, 2);
	watch_is_of(&w.command[0], &two);
	watch_is_of(&w.sent[0], &two);
	assert_int_equal(idcode_of(&w.command[0]), 3);
	len = put(&r);
	assert_int_equal(line_next(&r.b, &two), len);
	assert_int_equal(w.n_data, 1); /* the other's */
	assert_int_equal(list(&r), 3);
	c = watch_find(&w, &two);
	id = c->id;
	assert_int_equal(c->idcode, 3);
	assert_int_equal(c->bytes, len);
	for (unsigned k = 0; k < 2; k++)
		assert_true(w.client[k].id != id);
	assert_int_equal(cis_outlets_kick(r.outlets, id), 0);
	assert_int_equal(cis_outlets_kick(r.outlets, id), -ENOENT);
	assert_int_equal(line_next(&r.b, &two), 0);
	assert_int_equal(list(&r), 2);
	close(two.fd);
	rig_close(&r);
}

static void unknown_ids_are_refused_and_closed_outlets_have_none(void **state)
{
	static const uint64_t ids[] = {0, 3, 16, 17, UINT64_MAX};
	struct rig r;

	(void)state;
	rig_open(&r);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(cis_outlets_kick(r.outlets, ids[i]), -ENOENT);
	cis_outlets_close(r.outlets);
	assert_int_equal(list(&r), 0);
	assert_int_equal(cis_outlets_kick(r.outlets, 1), -ENOENT);
	cis_outlets_set_watch(r.outlets, &w.watch);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			addresses_and_files_are_listed_with_what_they_got),
		cmocka_unit_test(only_the_first_stream_of_a_shard_is_watched),
		cmocka_unit_test(
			clients_of_all_pmus_are_told_and_may_be_kicked),
		cmocka_unit_test(
			unknown_ids_are_refused_and_closed_outlets_have_none),
	};

	cis_log_set_level(CIS_LOG_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
