/* mock_mcu.c - see mock_mcu.h. */
#include "mock_mcu.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/acq/dates/clock.h"

const char *const cis_mock_mcu_keys[] = {"clock", "clock_delay_ns",
					 "clock_wait_s", NULL};

void cis_mock_mcu_init(struct cis_mock_mcu *m)
{
	*m = (struct cis_mock_mcu){.armed = false};
	cis_front_end_defaults(&m->opts);
}

static int set_clock(struct cis_mock_mcu *m, const char *word,
		     struct cis_diag *diag)
{
	int err = cis_front_end_take(&m->opts, word, strlen(word), diag);

	if (err != -ENOENT)
		return err;
	return cis_fail(diag, -EINVAL,
			"clock: \"%.60s\" is not mcu:PORT; leave it out for a "
			"clock of its own",
			word);
}

int cis_mock_mcu_set(struct cis_mock_mcu *m, const char *key, const char *text,
		     struct cis_diag *diag)
{
	double *to = !strcmp(key, "clock_delay_ns") ? &m->opts.delay_ns
		     : !strcmp(key, "clock_wait_s") ? &m->opts.wait_s
						    : NULL;
	char *end;

	if (!strcmp(key, "clock"))
		return set_clock(m, text, diag);
	if (!to)
		return -ENOENT;
	m->key = to == &m->opts.wait_s ? "clock_wait_s" : "clock_delay_ns";
	*to = strtod(text, &end);
	if (end == text || *end)
		return cis_fail(diag, -EINVAL, "%s: \"%.60s\" is not a number",
				key, text);
	return 0;
}

int cis_mock_mcu_open(struct cis_mock_mcu *m, double rate_hz,
		      struct cis_diag *diag)
{
	int err = cis_front_end_check(&m->opts, rate_hz, diag);

	if (m->key && !m->opts.where[0])
		return cis_fail(diag, -EINVAL, "%s: is for clock=mcu", m->key);
	return err ? err
		   : cis_front_end_open(&m->front_end, &m->opts, rate_hz, diag);
}

static void rest(int64_t ns, int timeout_ms)
{
	const struct cis_clock clock = {.kind = CIS_CLOCK_SYSTEM};

	cis_clock_wait(&clock, cis_time_add_ns(cis_clock_now(&clock), ns),
		       timeout_ms);
}

static int arm(struct cis_mock_mcu *m, struct cis_diag *why)
{
	int err = cis_front_end_wait(&m->front_end, why);

	if (!err)
		err = cis_front_end_start(&m->front_end, &m->start, why);
	m->armed = !err;
	return err;
}

int cis_mock_mcu_heed(struct cis_mock_mcu *m, int64_t after_ns, int timeout_ms,
		      struct cis_diag *why)
{
	int64_t left_ns;
	int err = 0;

	if (!m->front_end.mcu)
		return 0;
	if (m->armed && cis_mcu_torn(m->front_end.mcu))
		return -EPIPE;
	if (!m->armed)
		err = arm(m, why);
	if (err) {
		rest(CIS_NS_PER_S, timeout_ms);
		return err == -EAGAIN ? -ETIMEDOUT : err;
	}
	cis_front_end_when(&m->front_end, &m->start);
	left_ns = m->start.at_ns + after_ns - cis_clock_monotonic_ns();
	if (left_ns <= 0)
		return 0;
	rest(left_ns, timeout_ms);
	return -ETIMEDOUT;
}
