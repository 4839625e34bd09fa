/* test_client.c - the client against our feed, and against scripted devices. */
#include "feed_bench.h"

#include <signal.h>

#include "cisoid/log.h"
#include "host/net/client.h"

/* What the client told. */
struct heard {
	unsigned n_frame, n_bad_crc, n_config, n_data;
	enum cis_client_state state;
	char message[320];
	uint16_t n_phasor; /* of the last data frame */
	uint32_t soc, fracsec;
	double freq_hz;
	double complex first_rms;
	struct cis_client *close_at; /* close it at the first data frame */
};

static struct line dev;

static void on_frame(void *arg, const uint8_t *frame, size_t len, bool crc_ok,
		     struct cis_time arrival)
{
	struct heard *h = arg;

	(void)frame;
	(void)len;
	h->n_frame++;
	h->n_bad_crc += !crc_ok;
	/* 2020-01-01T00:00:00Z, clause 6.2: a clock, not a counter. */
	assert_true(arrival.tai_ns > INT64_C(1577836800) * CIS_NS_PER_S);
}

static void on_config(void *arg, const struct cis_c37_config *cfg)
{
	struct heard *h = arg;

	assert_non_null(cfg);
	h->n_config++;
}

static void on_data(void *arg, const struct cis_c37_config *cfg,
		    const struct cis_c37_data *data)
{
	struct heard *h = arg;

	h->n_data++;
	h->n_phasor = cfg->pmu[0].n_phasor;
	h->soc = data->head.soc;
	h->fracsec = data->head.fracsec;
	h->freq_hz = data->block[0].freq_hz;
	h->first_rms = data->block[0].phasor_rms[0];
	if (h->close_at)
		cis_client_close(h->close_at);
	h->close_at = NULL;
}

static void on_state(void *arg, enum cis_client_state state,
		     const char *message)
{
	struct heard *h = arg;

	h->state = state;
	snprintf(h->message, sizeof(h->message), "%s", message);
}

static struct cis_client *open_client(uv_loop_t *loop, const char *spec,
				      uint16_t idcode, uint64_t timeout_ms,
				      struct heard *h)
{
	static const struct cis_client_ops ops = {.frame = on_frame,
						  .config = on_config,
						  .data = on_data,
						  .state = on_state};
	const struct cis_client_config cc = {.loop = loop,
					     .spec = spec,
					     .idcode = idcode,
					     .timeout_ms = timeout_ms,
					     .ops = &ops,
					     .arg = h,
					     .cfg = CIS_CLIENT_CFG_2};
	struct cis_client *client;
	struct cis_diag diag;

	memset(h, 0, sizeof(*h));
	if (cis_client_new(&cc, &client, &diag))
		fail_msg("%s: %s", spec, diag.msg);
	return client;
}

static void wait_state(struct bench *b, const struct heard *h,
		       enum cis_client_state state)
{
	uint64_t since_ms = uv_now(&b->loop);

	while (h->state != state && bench_patient(b, since_ms))
		;
	assert_int_equal(h->state, state);
}

static void wait_data(struct bench *b, const struct heard *h, unsigned n)
{
	uint64_t since_ms = uv_now(&b->loop);

	while (h->n_data < n && bench_patient(b, since_ms))
		;
	assert_int_equal(h->n_data, n);
}

static void wait_running(struct bench *b, uint32_t n)
{
	uint64_t since_ms = uv_now(&b->loop);

	while (bench_stats(b).clients_running != n &&
	       bench_patient(b, since_ms))
		;
	assert_int_equal(bench_stats(b).clients_running, n);
}

/* ---- with our feed ---- */

static void reports_arrive_as_they_were_put(void **state)
{
	static const char *const specs[] = {"tcp:127.0.0.1:0",
					    "udp:127.0.0.1:0", "tcp:[::1]:0"};
	struct cis_client *client;
	struct heard h;
	struct bench b;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		bench_open(&b);
		if (cis_feed_add(b.feed, CIS_FEED_LISTEN, specs[i], NULL)) {
			bench_close(&b);
			continue; /* no IPv6 here */
		}
		client = open_client(&b.loop, cis_feed_endpoint(b.feed, 0),
				     BENCH_IDCODE, 0, &h);
		wait_state(&b, &h, CIS_CLIENT_STREAMING);
		wait_running(&b, 1);
		assert_int_equal(h.n_config, 1);
		bench_put(&b, 3);
		wait_data(&b, &h, 3);
		assert_int_equal(h.soc, 1700000040);
		assert_int_equal(h.fracsec, 40000);
		assert_int_equal(h.n_phasor, 3);
		/* Both are exact as float32. */
		check_close(h.freq_hz, 50.125 + 2.0 / 1024, 0);
		check_close(creal(h.first_rms), 100, 0);
		cis_client_close(client);
		wait_running(&b, 0);
		bench_close(&b);
	}
}

static void unasked_streams_are_read_too(void **state)
{
	struct cis_client *client;
	struct heard h;
	struct bench b;

	(void)state;
	bench_open(&b);
	client = open_client(&b.loop, "udp:127.0.0.1:0", BENCH_IDCODE, 0, &h);
	bench_add(&b, CIS_FEED_STREAM, cis_client_endpoint(client));
	bench_put(&b, 5);
	wait_data(&b, &h, 5);
	assert_int_equal(h.n_config, 1);
	assert_int_equal(h.n_frame, 6);
	/* With another minute the same configuration comes: nothing new. */
	for (unsigned i = 1; i <= 60; i++) {
		bench_put(&b, 50);
		wait_data(&b, &h, 5 + 50 * i);
	}
	assert_int_equal(h.n_frame, 3005 + 2);
	assert_int_equal(h.n_config, 1);
	cis_client_close(client);
	bench_close(&b);
}

static void a_client_may_be_closed_from_its_call_back(void **state)
{
	struct cis_client *client;
	struct heard h;
	struct bench b;

	(void)state;
	bench_open(&b);
	bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	client = open_client(&b.loop, cis_feed_endpoint(b.feed, 0),
			     BENCH_IDCODE, 0, &h);
	h.close_at = client;
	wait_state(&b, &h, CIS_CLIENT_STREAMING);
	wait_running(&b, 1);
	bench_put(&b, 10);
	wait_running(&b, 0);
	assert_int_equal(h.n_data, 1);
	bench_close(&b);
}

static void the_end_of_the_stream_is_told(void **state)
{
	struct cis_client *client;
	struct heard h;
	struct bench b;

	(void)state;
	bench_open(&b);
	bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	client = open_client(&b.loop, cis_feed_endpoint(b.feed, 0),
			     BENCH_IDCODE, 0, &h);
	wait_state(&b, &h, CIS_CLIENT_STREAMING);
	wait_running(&b, 1);
	cis_feed_close(b.feed);
	wait_state(&b, &h, CIS_CLIENT_CLOSED);
	assert_non_null(strstr(h.message, "closed by the other side"));
	cis_client_close(client);
	uv_run(&b.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&b.loop), 0);
}

static void a_wrong_idcode_is_suspected(void **state)
{
	struct cis_client *client;
	struct heard h;
	struct bench b;

	(void)state;
	bench_open(&b);
	bench_add(&b, CIS_FEED_LISTEN, "tcp:127.0.0.1:0");
	client =
		open_client(&b.loop, cis_feed_endpoint(b.feed, 0), 99, 500, &h);
	wait_state(&b, &h, CIS_CLIENT_CLOSED);
	assert_non_null(strstr(h.message, "no configuration came"));
	assert_non_null(strstr(h.message, "IDCODE 99"));
	cis_client_close(client);
	bench_close(&b);
}

static void a_refused_connection_is_told(void **state)
{
	struct cis_client *client;
	struct heard h;
	struct bench b;
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char spec[32];

	(void)state;
	bench_open(&b);
	/* A port that nobody else can have, and that does not listen. */
	assert_int_equal(bind(fd, (struct sockaddr *)&in, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	snprintf(spec, sizeof(spec), "tcp:127.0.0.1:%u", ntohs(in.sin_port));
	client = open_client(&b.loop, spec, BENCH_IDCODE, 0, &h);
	wait_state(&b, &h, CIS_CLIENT_CLOSED);
	assert_non_null(strstr(h.message, spec));
	assert_non_null(strstr(h.message, "refused"));
	cis_client_close(client);
	close(fd);
	bench_close(&b);
}

static void a_peer_that_says_nothing_is_told(void **state)
{
	struct cis_client *client;
	struct heard h;
	struct bench b;
	char spec[32];

	(void)state;
	bench_open(&b);
	line_bind(&dev, 0, spec); /* in use, so commands are sent there */
	client = open_client(&b.loop, spec, BENCH_IDCODE, 60, &h);
	wait_state(&b, &h, CIS_CLIENT_CLOSED);
	assert_non_null(strstr(h.message, "no configuration came"));
	cis_client_close(client);
	close(dev.fd);
	bench_close(&b);
}

static void specs_that_make_no_sense_are_refused(void **state)
{
	static const char *const specs[] = {"", "tcp:127.0.0.1",
					    "tcp:127.0.0.1:0", "pcap:file"};
	const struct cis_client_ops ops = {.frame = NULL};
	struct cis_client *client;
	struct bench b;

	(void)state;
	bench_open(&b);
	for (size_t i = 0; i < 4; i++) {
		const struct cis_client_config cc = {
			.loop = &b.loop, .spec = specs[i], .ops = &ops};

		b.diag.msg[0] = '\0';
		assert_int_equal(cis_client_new(&cc, &client, &b.diag),
				 -EINVAL);
		assert_true(strlen(b.diag.msg) > 10);
	}
	bench_close(&b);
}

/* ---- with a scripted device on UDP ---- */

struct device {
	struct bench b;
	struct cis_client *client;
	struct heard h;
	struct sockaddr_in peer;
	struct cis_c37_config *cfg;
	struct cis_c37_data *data;
};

/* The next command that the client sends. */
static int obey(struct device *d)
{
	uint64_t since_ms = uv_now(&d->b.loop);
	socklen_t len = sizeof(d->peer);
	ssize_t n;

	do {
		n = recvfrom(dev.fd, dev.rx, sizeof(dev.rx), 0,
			     (struct sockaddr *)&d->peer, &len);
		if (n > 0)
			return cis_c37_command_decode(dev.rx, (size_t)n);
	} while (bench_patient(&d->b, since_ms));
	fail_msg("no command came");
	return 0;
}

/* The next that is no repetition of `last`, which may be under way. */
static int obey_other(struct device *d, int last)
{
	int command;

	do
		command = obey(d);
	while (command == last);
	return command;
}

static void say(struct device *d, const uint8_t *buf, size_t len)
{
	assert_int_equal(sendto(dev.fd, buf, len, 0,
				(struct sockaddr *)&d->peer, sizeof(d->peer)),
			 len);
}

static void say_config(struct device *d)
{
	static uint8_t buf[CIS_C37_MAX_FRAME];
	int len = cis_c37_config_encode(d->cfg, CIS_C37_CFG2,
					(struct cis_split_time){0, 0}, 0, buf,
					sizeof(buf));

	assert_true(len > 0);
	say(d, buf, (size_t)len);
}

static void say_data(struct device *d, uint16_t stat)
{
	static uint8_t buf[CIS_C37_MAX_FRAME];
	int len;

	d->data->block[0].stat = stat;
	len = cis_c37_data_encode(d->cfg, d->data, buf, sizeof(buf));
	assert_true(len > 0);
	say(d, buf, (size_t)len);
}

static void reconfigure(struct device *d, uint32_t n_chan, uint8_t version)
{
	cis_c37_data_free(d->data);
	cis_c37_config_free(d->cfg);
	d->cfg = bench_config(n_chan);
	d->cfg->version = version;
	assert_int_equal(cis_c37_data_new(d->cfg, &d->data), 0);
}

static void device_open(struct device *d, uint8_t version)
{
	char spec[32];

	memset(d, 0, sizeof(*d));
	bench_open(&d->b);
	line_bind(&dev, 0, spec);
	reconfigure(d, 3, version);
	d->client = open_client(&d->b.loop, spec, BENCH_IDCODE, 0, &d->h);
	assert_int_equal(obey(d), CIS_C37_CMD_DATA_OFF);
	assert_int_equal(obey(d), CIS_C37_CMD_SEND_CFG2);
	say_config(d);
	assert_int_equal(obey(d), CIS_C37_CMD_DATA_ON);
	say_data(d, 0);
	wait_data(&d->b, &d->h, 1);
}

static void device_close(struct device *d)
{
	cis_client_close(d->client);
	assert_int_equal(obey(d), CIS_C37_CMD_DATA_OFF);
	bench_close(&d->b);
	cis_c37_data_free(d->data);
	cis_c37_config_free(d->cfg);
	close(dev.fd);
}

/* 2005: bit 10 for a minute after the change; the new layout is in force. */
static void a_change_of_2005_is_followed(void **state)
{
	struct device d;

	(void)state;
	device_open(&d, 1);
	reconfigure(&d, 5, 1);
	say_data(&d, CIS_C37_STAT_CFG_CHANGE);
	assert_int_equal(obey(&d), CIS_C37_CMD_SEND_CFG2);
	say_config(&d);
	say_data(&d, CIS_C37_STAT_CFG_CHANGE);
	wait_data(&d.b, &d.h, 2);
	assert_int_equal(d.h.n_phasor, 5);
	assert_int_equal(d.h.n_config, 2);
	assert_int_equal(cis_client_unread(d.client), 1);
	device_close(&d);
}

/* 2011: bit 10 for a minute before; the old layout holds until it falls. */
static void a_change_of_2011_takes_effect_when_announced(void **state)
{
	struct device d;

	(void)state;
	device_open(&d, 2);
	say_data(&d, CIS_C37_STAT_CFG_CHANGE);
	assert_int_equal(obey(&d), CIS_C37_CMD_SEND_CFG2);
	reconfigure(&d, 5, 2);
	say_config(&d);
	reconfigure(&d, 3, 2);
	say_data(&d, CIS_C37_STAT_CFG_CHANGE);
	wait_data(&d.b, &d.h, 3);
	assert_int_equal(d.h.n_phasor, 3);
	reconfigure(&d, 5, 2);
	say_data(&d, 0);
	wait_data(&d.b, &d.h, 4);
	assert_int_equal(d.h.n_phasor, 5);
	assert_int_equal(d.h.n_config, 2);
	assert_int_equal(cis_client_unread(d.client), 0);
	assert_int_equal(obey(&d), CIS_C37_CMD_SEND_CFG2);
	device_close(&d);
}

static void a_lost_configuration_is_asked_for_again(void **state)
{
	struct device d;
	char spec[32];

	(void)state;
	memset(&d, 0, sizeof(d));
	bench_open(&d.b);
	line_bind(&dev, 0, spec);
	reconfigure(&d, 3, 1);
	d.client = open_client(&d.b.loop, spec, BENCH_IDCODE, 90, &d.h);
	assert_int_equal(obey(&d), CIS_C37_CMD_DATA_OFF);
	assert_int_equal(obey(&d), CIS_C37_CMD_SEND_CFG2);
	say_data(&d, 0); /* still under way when it was silenced */
	assert_int_equal(obey(&d), CIS_C37_CMD_SEND_CFG2);
	say_config(&d);
	assert_int_equal(obey_other(&d, CIS_C37_CMD_SEND_CFG2),
			 CIS_C37_CMD_DATA_ON);
	assert_int_equal(cis_client_unread(d.client), 1);
	/* The command to start is lost; it comes again. */
	assert_int_equal(obey(&d), CIS_C37_CMD_DATA_ON);
	device_close(&d);
}

static void frames_with_a_wrong_checksum_are_told_apart(void **state)
{
	uint8_t junk[] = {0xAA, 0x01, 0, 18, 0, 7, 0, 0, 0,
			  0,    0,    0, 0,  0, 0, 0, 0, 0};
	struct device d;

	(void)state;
	device_open(&d, 1);
	say(&d, junk, sizeof(junk));
	say(&d, junk, 7);
	say_data(&d, 0);
	wait_data(&d.b, &d.h, 2);
	assert_int_equal(d.h.n_bad_crc, 1);
	device_close(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_arrive_as_they_were_put),
		cmocka_unit_test(unasked_streams_are_read_too),
		cmocka_unit_test(a_client_may_be_closed_from_its_call_back),
		cmocka_unit_test(the_end_of_the_stream_is_told),
		cmocka_unit_test(a_wrong_idcode_is_suspected),
		cmocka_unit_test(a_refused_connection_is_told),
		cmocka_unit_test(a_peer_that_says_nothing_is_told),
		cmocka_unit_test(specs_that_make_no_sense_are_refused),
		cmocka_unit_test(a_change_of_2005_is_followed),
		cmocka_unit_test(a_change_of_2011_takes_effect_when_announced),
		cmocka_unit_test(a_lost_configuration_is_asked_for_again),
		cmocka_unit_test(frames_with_a_wrong_checksum_are_told_apart),
	};

	signal(SIGPIPE, SIG_IGN);
	cis_log_set_level(CIS_LOG_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
