/* commands.c - see commands.h. */
#include "firmware/core/commands.h"

#include "firmware/core/front.h"

/* A START is that far ahead. */
#define START_MIN_MS 100
#define START_MAX_S  60
/* And so far ahead is the rise of its pulse, also where periods are long. */
#define RISE_MIN_MS  50

/* What became of a command. */
struct outcome {
	bool done;
	enum fe_reason reason;
};

static const struct outcome done = {.done = true};

static struct outcome refused(enum fe_reason reason)
{
	return (struct outcome){.done = false, .reason = reason};
}

void fe_commands_init(struct fe_commands *c)
{
	c->any = false;
	c->done = false;
	c->delay_ns = 0;
}

/* A port that says nothing is called 0. */
static void copy_name(char *to, const char *from)
{
	const char *word = from ? from : "0";
	size_t i = 0;

	for (; word[i] && i + 1 < FE_NAME_SIZE; i++)
		to[i] = word[i];
	to[i] = '\0';
}

static void tell_id(struct fe_front *f)
{
	struct fe_id id = {.protocol = FE_PROTOCOL,
			   .tick_hz = f->cfg.tick_hz,
			   .rate_hz = f->scan.rate_hz,
			   .boot = f->cfg.boot};
	struct fe_text line;

	copy_name(id.board, f->cfg.board);
	copy_name(id.version, f->cfg.version);
	fe_tell_line(&f->tell, &line, fe_id_encode(&id, &line));
}

void fe_commands_boot(struct fe_front *f)
{
	struct fe_event boot = {.name = FE_EVENT_BOOT, .value = f->cfg.boot};
	struct fe_event watchdog = {.name = FE_EVENT_WATCHDOG};

	tell_id(f);
	fe_tell_event(&f->tell, &boot);
	if (f->cfg.after_watchdog)
		fe_tell_event(&f->tell, &watchdog);
}

static struct outcome start(struct fe_front *f, int64_t utc_s)
{
	int64_t ms = fe_naming_until_ms(&f->naming, utc_s, f->now_q32);
	int64_t half_ms = 500 / (int64_t)f->scan.rate_hz;

	if (!fe_seconds_can_start(f) || fe_start_is_taken(&f->start))
		return refused(FE_REASON_STATE);
	if (ms < START_MIN_MS || ms - half_ms < RISE_MIN_MS)
		return refused(FE_REASON_LATE);
	if (ms > START_MAX_S * 1000)
		return refused(FE_REASON_RANGE);
	fe_start_arm(&f->start, utc_s);
	fe_seconds_look_again(f);
	return done;
}

/* A start pulse that waits would begin at another rate than asked for. */
static struct outcome set_rate(struct fe_front *f, uint32_t rate_hz)
{
	if (f->cfg.tick_hz / rate_hz < FE_STEP_MIN_TICKS)
		return refused(FE_REASON_RANGE);
	if (rate_hz != f->scan.rate_hz)
		fe_start_cancel(&f->start);
	fe_scan_set_rate(&f->scan, rate_hz);
	return done;
}

static struct outcome set(struct fe_front *f, const struct fe_command *c)
{
	switch (c->key) {
	case FE_KEY_RATE:
		return set_rate(f, (uint32_t)c->value);
	case FE_KEY_DELAY_NS:
		f->commands.delay_ns = (uint32_t)c->value;
		fe_servo_delay(&f->servo, f->commands.delay_ns);
		return done;
	case FE_KEY_LEAP:
		return fe_label_set_leap(&f->label, c->value)
			       ? done
			       : refused(FE_REASON_RANGE);
	case FE_KEY_LEAP_TILL:
		f->label.leap_till = c->value;
		return done;
	case FE_KEY_ID:
		break;
	}
	return refused(FE_REASON_KEY);
}

static int64_t value_of(const struct fe_front *f, enum fe_key key)
{
	switch (key) {
	case FE_KEY_RATE:
		return f->scan.rate_hz;
	case FE_KEY_DELAY_NS:
		return f->commands.delay_ns;
	case FE_KEY_LEAP:
		return fe_label_leap(&f->label);
	case FE_KEY_LEAP_TILL:
		return f->label.leap_till;
	case FE_KEY_ID:
		break;
	}
	return 0;
}

static void nak(struct fe_front *f, uint16_t seq, enum fe_reason reason)
{
	struct fe_nak n = {.seq = seq, .reason = reason};
	struct fe_text line;

	fe_tell_line(&f->tell, &line, fe_nak_encode(&n, &line));
}

static void ack(struct fe_front *f, const struct fe_command *c)
{
	struct fe_ack a = {.seq = c->seq, .key = c->key};
	struct fe_text line;

	a.has_value = c->verb != FE_VERB_START && c->key != FE_KEY_ID;
	if (a.has_value)
		a.value =
			c->verb == FE_VERB_SET ? c->value : value_of(f, c->key);
	fe_tell_line(&f->tell, &line, fe_ack_encode(&a, &line));
}

/* What came again is not done again. */
static struct outcome obey_once(struct fe_front *f, const struct fe_command *c)
{
	struct fe_commands *k = &f->commands;
	struct outcome o;

	if (k->any && fe_command_same(&k->last, c))
		return (struct outcome){k->done, k->reason};
	o = c->verb == FE_VERB_START ? start(f, c->utc_s) : set(f, c);
	k->any = true;
	k->last = *c;
	k->done = o.done;
	k->reason = o.reason;
	return o;
}

static void obey(struct fe_front *f, const struct fe_command *c)
{
	struct outcome o = done;

	if (c->verb != FE_VERB_QUERY)
		o = obey_once(f, c);
	else if (c->key == FE_KEY_ID)
		tell_id(f);
	if (o.done)
		ack(f, c);
	else
		nak(f, c->seq, o.reason);
}

void fe_commands_obey(struct fe_front *f, const char *text)
{
	enum fe_reason reason;
	struct fe_command c;

	switch (fe_command_decode(text, &c, &reason)) {
	case FE_COMMAND_OK:
		obey(f, &c);
		break;
	case FE_COMMAND_NAK:
		nak(f, c.seq, reason);
		break;
	case FE_COMMAND_BAD:
		fe_tell_count(&f->tell, FE_EVENT_LINE_BAD, 1);
		break;
	}
}
