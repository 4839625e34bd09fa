/*
 * web_host.c - a loop with a web server and nothing else, for web_server.py.
 *
 *   web_host [HOST:PORT [free|given [NAME...]]]    NAME: by which a proxy asks
 *
 * Prints the URL and ends with its standard input. What is posted to
 * /api/publish, "COUNT BYTES", is published as so many events, one each 20 ms;
 * /api/timing tells how long the longest of them took, and how many took longer
 * than LONG_NS.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/net/web/web.h"

#define PERIOD_MS 20
#define LONG_NS   UINT64_C(100000000)

struct host {
	uv_loop_t loop;
	uv_timer_t timer;
	uv_poll_t input;
	struct cis_web *web;
	unsigned n_left, n_done, n_long;
	size_t len;
	uint64_t longest_ns;
	char data[CIS_WEB_MAX_EVENT];
};

static void on_tick(uv_timer_t *timer)
{
	struct host *host = timer->data;
	int n;
	uint64_t start_ns, took_ns;

	if (host->n_left == 0)
		return;
	host->n_left--;
	memset(host->data, ' ', host->len);
	n = snprintf(host->data, sizeof(host->data), "{\"i\":%u}",
		     host->n_done++);
	host->data[n] = ' ';
	start_ns = uv_hrtime();
	if (cis_web_publish(host->web, "report", host->data, host->len))
		abort();
	took_ns = uv_hrtime() - start_ns;
	host->n_long += took_ns > LONG_NS;
	if (took_ns > host->longest_ns)
		host->longest_ns = took_ns;
}

static int publish(struct host *host, const char *body)
{
	char *end;
	unsigned long n = strtoul(body, &end, 10);
	unsigned long len = strtoul(end, NULL, 10);

	if (n > 100000 || len < 32 || len > 60000)
		return 422;
	host->n_left = (unsigned)n;
	host->n_done = 0;
	host->len = len;
	host->longest_ns = 0;
	host->n_long = 0;
	return 200;
}

static int call(void *arg, const struct cis_web_call *asked, char **reply)
{
	struct host *host = arg;
	char text[512];
	struct cis_web_stats s;
	int status = 200;

	if (!strcmp(asked->path, "/api/mute"))
		return 200;
	if (!strcmp(asked->path, "/api/publish"))
		status = publish(host, asked->body);
	cis_web_stats(host->web, &s);
	snprintf(text, sizeof(text),
		 "{\"method\":\"%s\",\"len\":%zu,\"strlen\":%zu,\"left\":%u,"
		 "\"longest_ns\":%" PRIu64 ",\"n_long\":%u,\"readers\":%u,"
		 "\"connections\":%u,\"skipped\":%" PRIu64
		 ",\"refused\":%" PRIu64 "}",
		 asked->method, asked->len, strlen(asked->body), host->n_left,
		 host->longest_ns, host->n_long, s.n_reader, s.n_connection,
		 s.n_skipped, s.n_refused);
	*reply = strdup(text);
	return status;
}

static void on_input(uv_poll_t *poll, int status, int events)
{
	struct host *host = poll->data;

	(void)status;
	(void)events;
	uv_close((uv_handle_t *)poll, NULL);
	uv_close((uv_handle_t *)&host->timer, NULL);
	cis_web_close(host->web);
}

static int start(struct host *host, int argc, char **argv)
{
	static const uint8_t page[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3,
				       3,    0,    0, 0, 0, 0, 0, 0, 0, 0};
	static const struct cis_web_file file = {"/index.html",
						 "text/html; charset=utf-8",
						 "\"1\"", page, sizeof(page)};
	const struct cis_web_config config = {
		.loop = &host->loop,
		.bind = argc > 1 ? argv[1] : "127.0.0.1:0",
		.port_given = argc > 2 && !strcmp(argv[2], "given"),
		.names = (const char *const *)argv + (argc > 3 ? 3 : 0),
		.n_name = argc > 3 ? (unsigned)argc - 3 : 0,
		.files = &file,
		.n_file = 1,
		.call = call,
		.arg = host,
	};
	struct cis_diag diag = {""};
	int err = cis_web_open(&config, &host->web, &diag);

	if (err) {
		puts(diag.msg);
		return err;
	}
	cis_web_greet(host->web, "state", "{\"s\":1}", 7);
	cis_web_greet(host->web, "frame", "{\"f\":\n1}", 8);
	cis_web_greet(host->web, "state", "{\"s\":22}", 8);
	cis_web_set(host->web, "/api/state", "{\"a\":1}", 7);
	cis_web_set(host->web, "/api/state", "{\"a\":22}", 8);
	cis_web_metrics(host->web, "up 1\n", 5);
	puts(cis_web_url(host->web));
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	static struct host host;
	int err;

	uv_loop_init(&host.loop);
	err = start(&host, argc, argv);
	if (!err) {
		uv_timer_init(&host.loop, &host.timer);
		host.timer.data = &host;
		uv_timer_start(&host.timer, on_tick, PERIOD_MS, PERIOD_MS);
		uv_poll_init(&host.loop, &host.input, 0);
		host.input.data = &host;
		uv_poll_start(&host.input, UV_READABLE | UV_DISCONNECT,
			      on_input);
	}
	uv_run(&host.loop, UV_RUN_DEFAULT);
	return uv_loop_close(&host.loop) || err ? 1 : 0;
}
