/* mcu_thread.c - see mcu_thread.h. */
#include "mcu_thread.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "host/acq/dates/clock.h"

#define TURN_NS    INT64_C(100000000)
#define CONNECT_NS INT64_C(3000000000)
#define AGAIN_NS   INT64_C(200000000)  /* then twice that, ... */
#define MOST_AGAIN 4                   /* ... so often: 3.2 s ... */
#define AGAIN_MAX  INT64_C(2000000000) /* ... but not more */

/* ---- what others see ---- */

static void hand_over_events(struct cis_mcu *m)
{
	struct mcu_talk *t = &m->talk;

	for (unsigned i = 0; i < t->n_event; i++) {
		struct cis_mcu_event *slot = cis_ring_put_begin(m->events);

		if (!slot) {
			t->now.st.n_drop++;
			continue;
		}
		*slot = t->event[i];
		cis_ring_put_end(m->events);
	}
	t->n_event = 0;
}

static void hand_over_start(struct cis_mcu *m)
{
	struct mcu_order *o = &m->talk.order;

	if (!o->on || !o->done)
		return;
	o->on = false;
	pthread_mutex_lock(&m->lock);
	m->wish.done = true;
	m->wish.err = o->err;
	m->wish.tai_s = o->tai_s;
	m->wish.why = o->why;
	pthread_cond_signal(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

static void show(struct cis_mcu *m)
{
	hand_over_events(m);
	/* First: who sees the state behind a step sees that there was one. */
	atomic_store_explicit(&m->torn, m->talk.watch.torn,
			      memory_order_release);
	mcu_shown_put(&m->shown, &m->talk.now);
	hand_over_start(m);
}

/* ---- the connection ---- */

static void end(struct cis_mcu *m, int err, int64_t now_ns)
{
	int64_t wait_ns = AGAIN_NS << m->n_tried;

	mcu_port_close(&m->port);
	mcu_talk_end(&m->talk, err);
	if (m->n_tried < MOST_AGAIN)
		m->n_tried++;
	m->again_ns = now_ns + (wait_ns < AGAIN_MAX ? wait_ns : AGAIN_MAX);
}

static void connect_again(struct cis_mcu *m, int64_t now_ns)
{
	int err;

	if (m->port.fd >= 0 || now_ns < m->again_ns)
		return;
	err = mcu_port_open(&m->port, &m->why);
	m->begun_ns = now_ns;
	if (err)
		end(m, err, now_ns);
	else if (!m->port.connecting)
		mcu_talk_begin(&m->talk, now_ns);
}

static void finish_connect(struct cis_mcu *m, bool writable, int64_t now_ns)
{
	int err = 0;

	if (writable)
		err = mcu_port_connected(&m->port, &m->why);
	else if (now_ns - m->begun_ns > CONNECT_NS)
		err = -ETIMEDOUT;
	else
		return;
	if (err)
		end(m, err, now_ns);
	else
		mcu_talk_begin(&m->talk, now_ns);
}

static void receive(struct cis_mcu *m)
{
	const struct cis_clock system = {.kind = CIS_CLOCK_SYSTEM};
	uint8_t buf[512];
	ssize_t n = mcu_port_read(&m->port, buf, sizeof(buf));
	struct mcu_at at = {cis_clock_monotonic_ns(), cis_clock_now(&system)};

	if (n > 0)
		mcu_talk_bytes(&m->talk, buf, (size_t)n, &at);
	else if (n != -EAGAIN)
		end(m, (int)n, at.now_ns);
}

static void transmit(struct cis_mcu *m)
{
	struct mcu_ask *a = &m->talk.ask;
	ssize_t n;

	if (m->port.fd < 0 || m->port.connecting || a->out_len == 0)
		return;
	n = mcu_port_write(&m->port, a->out, a->out_len);
	if (n > 0)
		mcu_ask_sent(a, (size_t)n);
	else if (n != -EAGAIN)
		end(m, n < 0 ? (int)n : -EIO, cis_clock_monotonic_ns());
}

static void look_after(struct cis_mcu *m)
{
	int64_t now_ns = cis_clock_monotonic_ns();
	int err;

	mcu_talk_tick(&m->talk, now_ns);
	if (m->port.fd < 0 || m->port.connecting)
		return;
	if (mcu_talk_ready(&m->talk))
		m->n_tried = 0;
	err = mcu_talk_broken(&m->talk, now_ns);
	if (err)
		end(m, err, now_ns);
}

/* ---- turns ---- */

static void take_wish(struct cis_mcu *m)
{
	bool begin;
	int lead_ms;

	pthread_mutex_lock(&m->lock);
	begin = m->wish.on && !m->wish.taken;
	m->wish.taken = m->wish.on;
	lead_ms = m->wish.lead_ms;
	pthread_mutex_unlock(&m->lock);
	if (begin)
		mcu_start_begin(&m->talk, lead_ms, cis_clock_monotonic_ns());
}

static void heed_wake(struct cis_mcu *m)
{
	uint64_t n;

	if (read(m->wake_fd, &n, sizeof(n)) == sizeof(n))
		take_wish(m);
}

static int wait_ms(const struct cis_mcu *m, int64_t until_ns, int64_t now_ns)
{
	int64_t ns = now_ns + TURN_NS;

	if (m->port.fd < 0 && m->again_ns < ns)
		ns = m->again_ns;
	if (until_ns < ns)
		ns = until_ns;
	return ns > now_ns ? (int)((ns - now_ns) / 1000000) + 1 : 0;
}

void mcu_thread_turn(struct cis_mcu *m, int64_t until_ns)
{
	struct pollfd fds[2] = {{.fd = m->wake_fd, .events = POLLIN}};
	int64_t now_ns = cis_clock_monotonic_ns();

	connect_again(m, now_ns);
	transmit(m);
	fds[1].fd = m->port.fd; /* poll() skips -1 */
	fds[1].events = m->port.connecting ? POLLOUT : POLLIN;
	if (m->talk.ask.out_len > 0)
		fds[1].events |= POLLOUT;
	if (poll(fds, 2, wait_ms(m, until_ns, now_ns)) < 0)
		fds[0].revents = fds[1].revents = 0;
	if (fds[0].revents)
		heed_wake(m);
	if (m->port.connecting)
		finish_connect(m, fds[1].revents, cis_clock_monotonic_ns());
	else if (m->port.fd >= 0 && (fds[1].revents & ~POLLOUT))
		receive(m);
	look_after(m);
	transmit(m);
	show(m);
}

void *mcu_thread_run(void *arg)
{
	struct cis_mcu *m = arg;

	while (!atomic_load_explicit(&m->stop, memory_order_acquire))
		mcu_thread_turn(m, INT64_MAX);
	return NULL;
}
