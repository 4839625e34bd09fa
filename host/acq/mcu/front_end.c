/* front_end.c - see front_end.h. */
#include "front_end.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/utc.h"
#include "host/acq/dates/clock.h"

#define MAX_RATE_HZ 50000.0
#define LEAD_MS     300
#define FRESH_S     0.4   /* a report that still holds at the next second */
#define UNSYNC_S    31e-6 /* 1 % TVE at 50 Hz is 31.8 us */
#define NEAR_NS     INT64_C(200000000)
#define SHARP_NS    INT64_C(1000000)
#define AGAIN_NS    INT64_C(60000000000)

/* ---- options ---- */

void cis_front_end_defaults(struct cis_front_end_opts *opts)
{
	*opts = (struct cis_front_end_opts){.wait_s = CIS_FRONT_END_WAIT_S};
}

int cis_front_end_take(struct cis_front_end_opts *opts, const char *word,
		       size_t len, struct cis_diag *diag)
{
	struct cis_diag why;

	if (len < 4 || memcmp(word, "mcu:", 4) != 0)
		return -ENOENT;
	word += 4;
	len -= 4;
	if (len == 0 || len >= sizeof(opts->where))
		return cis_fail(diag, -EINVAL,
				"clock: mcu: names no front end; give its "
				"port, such as mcu:/dev/ttyACM0");
	memcpy(opts->where, word, len);
	opts->where[len] = '\0';
	if (cis_mcu_where_check(opts->where, &why))
		return cis_fail(diag, -EINVAL, "clock: %.300s", why.msg);
	return 0;
}

int cis_front_end_check(const struct cis_front_end_opts *opts, double rate_hz,
			struct cis_diag *diag)
{
	if (!opts->where[0])
		return 0;
	if (!(rate_hz >= 1 && rate_hz <= MAX_RATE_HZ &&
	      rate_hz == floor(rate_hz)))
		return cis_fail(diag, -EINVAL,
				"rate: the front end gives a whole number of "
				"edges a second, from 1 to %.0f",
				MAX_RATE_HZ);
	if (!(opts->delay_ns >= 0 &&
	      opts->delay_ns <= CIS_FRONT_END_MAX_DELAY_NS &&
	      opts->delay_ns == floor(opts->delay_ns)))
		return cis_fail(diag, -EINVAL,
				"clock_delay_ns: not a whole number from 0 to "
				"%.0f",
				CIS_FRONT_END_MAX_DELAY_NS);
	if (!(opts->wait_s >= 0 && opts->wait_s <= CIS_FRONT_END_MAX_WAIT_S))
		return cis_fail(diag, -EINVAL,
				"clock_wait_s: not from 0 to %.0f seconds",
				CIS_FRONT_END_MAX_WAIT_S);
	return 0;
}

int cis_front_end_open(struct cis_front_end *fe,
		       const struct cis_front_end_opts *opts, double rate_hz,
		       struct cis_diag *diag)
{
	struct cis_mcu_config cfg = {
		.rate_hz = (uint32_t)rate_hz,
		.delay_ns = (uint32_t)opts->delay_ns,
	};
	struct cis_diag why = {""};
	int err;

	*fe = (struct cis_front_end){.wait_s = opts->wait_s};
	if (!opts->where[0])
		return 0;
	snprintf(cfg.where, sizeof(cfg.where), "%s", opts->where);
	err = cis_mcu_open(&cfg, &fe->mcu, &why);
	if (!err)
		return 0;
	return cis_fail(diag, err == -EINVAL ? err : -ENODEV, "%s", why.msg);
}

void cis_front_end_close(struct cis_front_end *fe)
{
	cis_mcu_close(fe->mcu);
	fe->mcu = NULL;
}

/* ---- start ---- */

const char *cis_front_end_lack(const struct cis_mcu_state *st,
			       char buf[CIS_LACK_SIZE])
{
	char sats[40] = "";

	if (!st->up || !st->heard)
		return "is not heard; look at its cable and its supply";
	if (st->sats >= 0)
		snprintf(sats, sizeof(sats), ", with %d satellites", st->sats);
	if (st->servo != CIS_MCU_LOCKED && st->servo != CIS_MCU_HOLDOVER)
		snprintf(buf, CIS_LACK_SIZE,
			 "is in %s and not locked%s; look at the antenna and "
			 "the pulse",
			 cis_mcu_servo_name(st->servo), sats);
	else if (!st->label)
		snprintf(buf, CIS_LACK_SIZE,
			 "does not know which second it is%s; look at the "
			 "receiver's NMEA",
			 sats);
	else
		return NULL;
	return buf;
}

/* Not now; and before the first start not for ever. */
static int put_off(struct cis_front_end *fe, struct cis_diag *why)
{
	int64_t now_ns = cis_clock_monotonic_ns();
	struct cis_diag said = *why;

	if (fe->since_ns == 0)
		fe->since_ns = now_ns;
	if (fe->begun || (double)(now_ns - fe->since_ns) * 1e-9 < fe->wait_s)
		return -EAGAIN;
	if (fe->wait_s <= 0)
		return -ETIME;
	return cis_fail(why, -ETIME, "after %g s %.280s", fe->wait_s, said.msg);
}

int cis_front_end_wait(struct cis_front_end *fe, struct cis_diag *why)
{
	struct cis_mcu_state st;
	const char *lack;
	char buf[CIS_LACK_SIZE];

	cis_mcu_state(fe->mcu, &st);
	lack = cis_front_end_lack(&st, buf);
	if (!lack)
		return st.age_s < FRESH_S ? 0 : -EAGAIN;
	cis_fail(why, 0, "the front end at %.100s %s", cis_mcu_where(fe->mcu),
		 lack);
	return put_off(fe, why);
}

/* The system's clock knows better when seconds begin, though not which: unless it
 * is plainly off, or this computer stood still where the two clocks were read. */
static int64_t on_second_ns(int64_t by_report_ns)
{
	const struct cis_clock clock = {.kind = CIS_CLOCK_SYSTEM};
	int64_t before_ns = cis_clock_monotonic_ns();
	struct cis_time then = cis_time_add_ns(cis_clock_now(&clock),
					       by_report_ns - before_ns);
	int64_t took_ns = cis_clock_monotonic_ns() - before_ns;
	int64_t into_ns = then.tai_ns - cis_time_floor_s(then) * CIS_NS_PER_S;

	if (into_ns >= CIS_NS_PER_S / 2)
		into_ns -= CIS_NS_PER_S;
	if (took_ns > SHARP_NS || llabs(into_ns) >= NEAR_NS)
		return by_report_ns;
	return by_report_ns - into_ns;
}

void cis_front_end_when(const struct cis_front_end *fe,
			struct cis_front_end_start *start)
{
	struct cis_mcu_state st;

	cis_mcu_state(fe->mcu, &st);
	if (st.zero_ns)
		start->at_ns = on_second_ns(st.zero_ns + start->at.tai_ns);
}

int cis_front_end_start(struct cis_front_end *fe,
			struct cis_front_end_start *start, struct cis_diag *why)
{
	int64_t tai_s;
	int err = cis_mcu_start(fe->mcu, LEAD_MS, &tai_s, why);

	if (err == -EPROTO && !fe->begun)
		return -ENXIO;
	if (err)
		return put_off(fe, why);
	fe->begun = true;
	fe->since_ns = 0;
	why->msg[0] = '\0';
	*start = (struct cis_front_end_start){
		.at = {.tai_ns = tai_s * CIS_NS_PER_S},
		.at_ns = cis_clock_monotonic_ns() + LEAD_MS * INT64_C(1000000),
	};
	cis_front_end_when(fe, start);
	return 0;
}

/* ---- while it runs ---- */

void cis_front_end_attest(const struct cis_front_end *fe, struct cis_block *blk)
{
	if (!fe->mcu)
		return;
	blk->clock.quality = cis_mcu_quality(fe->mcu, cis_clock_monotonic_ns());
	/* Asked afterwards: the quality may be that of edges which were stepped. */
	if (cis_mcu_torn(fe->mcu))
		blk->clock.quality.unc_s = INFINITY;
	if (!(blk->clock.quality.unc_s <= UNSYNC_S))
		blk->flags |= CIS_BLOCK_UNSYNC;
}

double cis_front_end_best_s(struct cis_mcu *mcu)
{
	struct cis_mcu_state st;

	cis_mcu_state(mcu, &st);
	return st.up && st.heard && st.servo == CIS_MCU_LOCKED && st.label
		       ? fmax(st.error_s, 0)
		       : 0;
}

/* ---- what it tells ---- */

/* What is no fault, by its name. */
static bool is_good(const struct cis_mcu_event *e)
{
	static const char *const good[] = {"BOOT",  "STARTED", "PPS_BACK",
					   "LABEL", "LEAP",    NULL};

	if (!strcmp(e->name, "STATE"))
		return e->value != CIS_MCU_HOLDOVER &&
		       e->value != CIS_MCU_FAULT;
	for (size_t i = 0; good[i]; i++)
		if (!strcmp(e->name, good[i]))
			return true;
	return false;
}

static void name_told(const struct cis_mcu_event *e, struct cis_event *ev)
{
	bool state = !strcmp(e->name, "STATE") && e->value >= 0 &&
		     e->value < CIS_MCU_N_SERVO;

	snprintf(ev->name, sizeof(ev->name), "%s", e->name);
	if (state)
		snprintf(ev->word, sizeof(ev->word), "%s",
			 cis_mcu_servo_name((enum cis_mcu_servo)e->value));
	ev->good = is_good(e);
}

static void name_event(const struct cis_mcu_event *e, struct cis_event *ev)
{
	const char *name = "", *word = "";

	switch (e->kind) {
	case CIS_MCU_TOLD:
		name_told(e, ev);
		return;
	case CIS_MCU_LINK_UP:
		name = "LINK_UP";
		ev->good = true;
		break;
	case CIS_MCU_LINK_DOWN:
		name = "LINK_DOWN";
		word = e->value == -ETIMEDOUT ? "silent" : "gone";
		break;
	case CIS_MCU_RESTARTED:
		name = "RESTARTED";
		break;
	default:
		name = "REFUSED";
		word = e->name;
	}
	snprintf(ev->name, sizeof(ev->name), "%s", name);
	snprintf(ev->word, sizeof(ev->word), "%s", word);
}

/* STEP alone has a value that is no count. */
static void add_up(int64_t *n, struct cis_mcu_event *e)
{
	if (!strcmp(e->name, "STEP"))
		return;
	*n += e->value;
	e->value = *n;
}

bool cis_front_end_is_news(struct cis_front_end_news *news,
			   struct cis_mcu_event *e, int64_t now_ns)
{
	static const char *const often[CIS_FRONT_END_N_OFTEN] = {
		"NMEA_BAD", "PPS_REFUSED", "PPS_DOUBLE", "LINE_BAD",
		"UNDERRUN", "LINES_LOST",  "STEP"};

	if (e->kind != CIS_MCU_TOLD)
		return true;
	for (size_t i = 0; i < CIS_FRONT_END_N_OFTEN; i++) {
		if (strcmp(e->name, often[i]) != 0)
			continue;
		add_up(&news->n[i], e);
		if (news->told_ns[i] && now_ns - news->told_ns[i] < AGAIN_NS)
			return false;
		news->told_ns[i] = now_ns;
		news->n[i] = 0;
	}
	return true;
}

bool cis_front_end_event(struct cis_mcu *mcu, struct cis_front_end_news *news,
			 struct cis_event *ev)
{
	const struct cis_clock clock = {.kind = CIS_CLOCK_SYSTEM};
	struct cis_mcu_event e;

	do {
		if (!mcu || !cis_mcu_event(mcu, &e))
			return false;
	} while (!cis_front_end_is_news(news, &e, cis_clock_monotonic_ns()));
	*ev = (struct cis_event){
		.kind = CIS_EVENT_FRONT_END,
		.at = e.utc_s ? cis_time_from_posix(e.utc_s, 0)
			      : cis_clock_now(&clock),
		.duration_s = NAN,
		.value = e.value,
	};
	name_event(&e, ev);
	return true;
}
