/* mcu.c - see mcu.h. */
#include "mcu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host/acq/dates/clock.h"
#include "host/acq/realtime.h"
#include "mcu_thread.h"

#define WAIT_NS     INT64_C(3000000000)
#define N_EVENTS    64
#define MAX_LEAD_MS 58000

/* ---- open and close ---- */

/* Turns of the thread that does not run yet, until all is known. */
static int wait_ready(struct cis_mcu *m, struct cis_diag *diag)
{
	int64_t end_ns = cis_clock_monotonic_ns() + WAIT_NS;
	const double wait_s = 1e-9 * WAIT_NS;
	struct mcu_talk *t = &m->talk;
	int err = 0;

	while (!mcu_talk_ready(t) && cis_clock_monotonic_ns() < end_ns) {
		mcu_thread_turn(m, end_ns);
		if (m->port.fd < 0 || mcu_talk_refused(t, NULL))
			break;
	}
	err = mcu_talk_refused(t, diag);
	if (err || mcu_talk_ready(t))
		return err;
	if (m->port.connecting)
		return cis_fail(diag, -ETIMEDOUT, "%s: does not answer",
				m->cfg.where);
	if (m->port.fd >= 0 || t->now.st.link_err == -EPROTO ||
	    t->came.protocol)
		return mcu_talk_why(t, wait_s, diag);
	err = t->now.st.link_err;
	if (m->why.msg[0])
		return cis_fail(diag, err, "%s", m->why.msg);
	return cis_fail(diag, err, "%s: %s", m->cfg.where,
			err == -ENODEV ? "closed by the other end"
				       : strerror(-err));
}

static int open_one(struct cis_mcu *m, struct cis_diag *diag)
{
	int err = mcu_port_open(&m->port, diag);

	if (err)
		return err;
	m->begun_ns = cis_clock_monotonic_ns();
	if (!m->port.connecting)
		mcu_talk_begin(&m->talk, m->begun_ns);
	return wait_ready(m, diag);
}

/* The first connection: of a host's addresses the first that takes it. */
static int first_open(struct cis_mcu *m, struct cis_diag *diag)
{
	int err = mcu_port_init(&m->port, m->cfg.where, diag);
	unsigned n = m->port.n_addr ? m->port.n_addr : 1;

	if (err)
		return err;
	for (unsigned i = 0; i < n; i++) {
		err = open_one(m, diag);
		if (!err || m->talk.begun_ns)
			break;
	}
	return err;
}

static int run(struct cis_mcu *m, struct cis_diag *diag)
{
	int err = pthread_create(&m->thread, NULL, mcu_thread_run, m);

	if (err)
		return cis_fail(diag, -err, "no thread for the front end: %s",
				strerror(err));
	cis_realtime_name(m->thread, "front-end");
	return 0;
}

static int make(struct cis_mcu *m, const struct cis_mcu_config *cfg,
		struct cis_diag *diag)
{
	m->cfg = *cfg;
	m->port.fd = -1;
	m->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->changed, NULL);
	mcu_talk_init(&m->talk, cfg, (uint16_t)cis_clock_monotonic_ns());
	if (m->wake_fd < 0)
		return cis_fail(diag, -errno, "eventfd: %s", strerror(errno));
	if (cis_ring_new(N_EVENTS, sizeof(struct cis_mcu_event), &m->events))
		return cis_fail(diag, -ENOMEM, "out of memory");
	return 0;
}

static void unmake(struct cis_mcu *m)
{
	mcu_port_close(&m->port);
	if (m->wake_fd >= 0)
		close(m->wake_fd);
	cis_ring_free(m->events);
	pthread_cond_destroy(&m->changed);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

int cis_mcu_open(const struct cis_mcu_config *cfg, struct cis_mcu **out,
		 struct cis_diag *diag)
{
	int err = cis_mcu_where_check(cfg->where, diag);
	struct cis_mcu *m;

	if (err)
		return err;
	m = calloc(1, sizeof(*m));
	if (!m)
		return cis_fail(diag, -ENOMEM, "out of memory");
	err = make(m, cfg, diag);
	if (!err)
		err = first_open(m, diag);
	if (!err)
		err = run(m, diag);
	if (err) {
		unmake(m);
		return err;
	}
	*out = m;
	return 0;
}

static void wake(struct cis_mcu *m)
{
	const uint64_t one = 1;

	/* It fails only where it is awake already. */
	if (write(m->wake_fd, &one, sizeof(one)) < 0)
		return;
}

void cis_mcu_close(struct cis_mcu *m)
{
	if (!m)
		return;
	atomic_store_explicit(&m->stop, true, memory_order_release);
	wake(m);
	pthread_join(m->thread, NULL);
	unmake(m);
}

/* ---- start ---- */

int cis_mcu_start(struct cis_mcu *m, int lead_ms, int64_t *tai_s,
		  struct cis_diag *diag)
{
	struct mcu_wish wish = {.on = true, .lead_ms = lead_ms};

	if (lead_ms < 1 || lead_ms > MAX_LEAD_MS)
		return cis_fail(diag, -EINVAL,
				"a start pulse is asked for 1 to %d ms ahead",
				MAX_LEAD_MS);
	pthread_mutex_lock(&m->lock);
	m->wish = wish;
	wake(m);
	while (!m->wish.done)
		pthread_cond_wait(&m->changed, &m->lock);
	wish = m->wish;
	m->wish.on = false;
	pthread_mutex_unlock(&m->lock);
	if (wish.err)
		return cis_fail(diag, wish.err, "%s", wish.why.msg);
	*tai_s = wish.tai_s;
	return 0;
}

/* ---- what is seen ---- */

struct cis_time_quality cis_mcu_quality(const struct cis_mcu *m, int64_t now_ns)
{
	struct mcu_now now;

	mcu_shown_get(&m->shown, &now);
	return mcu_now_quality(&now, now_ns);
}

bool cis_mcu_torn(const struct cis_mcu *m)
{
	return atomic_load_explicit(&m->torn, memory_order_acquire);
}

void cis_mcu_state(const struct cis_mcu *m, struct cis_mcu_state *st)
{
	struct mcu_now now;

	mcu_shown_get(&m->shown, &now);
	mcu_now_state(&now, cis_clock_monotonic_ns(), st);
}

const char *cis_mcu_where(const struct cis_mcu *m)
{
	return m->cfg.where;
}

bool cis_mcu_event(struct cis_mcu *m, struct cis_mcu_event *ev)
{
	const struct cis_mcu_event *slot = cis_ring_get_begin(m->events);

	if (!slot)
		return false;
	*ev = *slot;
	cis_ring_get_end(m->events);
	return true;
}

const char *cis_mcu_servo_name(enum cis_mcu_servo servo)
{
	return fe_state_word((enum fe_state)servo);
}
