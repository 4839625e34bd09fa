/*
 * mcu_probe.c - the host's side of the front end's link and nothing else, for
 * mcu_link.py.
 *
 *   mcu_probe WHERE [RATE_HZ [DELAY_NS]]
 *
 * Opens the link and then answers each word on standard input by one line of
 * JSON: "state", "events", "start MS". The first line says how it opened.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/acq/dates/clock.h"
#include "host/acq/mcu/mcu.h"

static void number(const char *key, double value)
{
	if (isfinite(value))
		printf(",\"%s\":%.12g", key, value);
	else
		printf(",\"%s\":null", key);
}

static void show_link(const struct cis_mcu_state *st)
{
	printf(",\"board\":\"%s\",\"version\":\"%s\",\"rate_hz\":%u,"
	       "\"boot\":%u,\"link_err\":%d,\"n_line\":%llu,\"n_bad\":%llu,"
	       "\"n_event\":%llu,\"n_drop\":%llu,\"n_link\":%llu",
	       st->board, st->version, st->rate_hz, st->boot, st->link_err,
	       (unsigned long long)st->n_line, (unsigned long long)st->n_bad,
	       (unsigned long long)st->n_event, (unsigned long long)st->n_drop,
	       (unsigned long long)st->n_link);
}

static void show_state(struct cis_mcu *m)
{
	struct cis_time_quality q =
		cis_mcu_quality(m, cis_clock_monotonic_ns());
	struct cis_mcu_state st;

	cis_mcu_state(m, &st);
	printf("{\"up\":%s,\"heard\":%s,\"label\":%s,\"torn\":%s,"
	       "\"servo\":\"%s\",\"tai_s\":%lld,\"utc_s\":%lld",
	       st.up ? "true" : "false", st.heard ? "true" : "false",
	       st.label ? "true" : "false", cis_mcu_torn(m) ? "true" : "false",
	       cis_mcu_servo_name(st.servo), (long long)st.tai_s,
	       (long long)st.utc_s);
	number("unc_s", q.unc_s);
	number("unlocked_s", q.unlocked_s);
	number("off_s", st.off_s);
	number("age_s", st.age_s);
	show_link(&st);
	printf("}\n");
}

static const char *event_name(enum cis_mcu_event_kind kind)
{
	static const char *const names[] = {
		[CIS_MCU_LINK_UP] = "link-up",
		[CIS_MCU_LINK_DOWN] = "link-down",
		[CIS_MCU_RESTARTED] = "restarted",
		[CIS_MCU_REFUSED] = "refused",
		[CIS_MCU_TOLD] = "told",
	};

	return names[kind];
}

static void show_events(struct cis_mcu *m)
{
	struct cis_mcu_event ev;
	const char *comma = "";

	printf("[");
	for (; cis_mcu_event(m, &ev); comma = ",")
		printf("%s{\"kind\":\"%s\",\"name\":\"%s\",\"value\":%lld}",
		       comma, event_name(ev.kind), ev.name,
		       (long long)ev.value);
	printf("]\n");
}

static void show_end(int err, int64_t tai_s, const struct cis_diag *diag)
{
	printf("{\"err\":%d,\"tai_s\":%lld,\"why\":\"", err, (long long)tai_s);
	for (const char *c = err ? diag->msg : ""; *c; c++)
		putchar(*c == '"' ? '\'' : *c);
	printf("\"}\n");
	fflush(stdout);
}

static void start(struct cis_mcu *m, const char *ms)
{
	struct cis_diag diag;
	int64_t tai_s = 0;
	int err = cis_mcu_start(m, (int)strtol(ms, NULL, 10), &tai_s, &diag);

	show_end(err, tai_s, &diag);
}

int main(int argc, char **argv)
{
	struct cis_mcu_config cfg = {.rate_hz = 0};
	struct cis_diag diag = {""};
	struct cis_mcu *m;
	char line[64];
	int err;

	if (argc < 2)
		return 2;
	err = cis_mcu_where_check(argv[1], &diag);
	if (err) {
		show_end(err, 0, &diag);
		return 1;
	}
	snprintf(cfg.where, sizeof(cfg.where), "%s", argv[1]);
	if (argc > 2)
		cfg.rate_hz = (uint32_t)strtoul(argv[2], NULL, 10);
	if (argc > 3)
		cfg.delay_ns = (uint32_t)strtoul(argv[3], NULL, 10);
	err = cis_mcu_open(&cfg, &m, &diag);
	show_end(err, 0, &diag);
	if (err)
		return 1;
	while (fgets(line, sizeof(line), stdin)) {
		if (!strncmp(line, "start ", 6))
			start(m, line + 6);
		else if (!strcmp(line, "events\n"))
			show_events(m);
		else
			show_state(m);
		fflush(stdout);
	}
	cis_mcu_close(m);
	return 0;
}
