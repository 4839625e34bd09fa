/* tell.c - see tell.h. */
#include "firmware/core/tell.h"

_Static_assert(FE_N_EVENT <= 32, "a bit of fe_tell.told for each event");

void fe_tell_init(struct fe_tell *t)
{
	t->len = 0;
	t->midway = false;
	t->told = 0;
	for (int i = 0; i < FE_N_EVENT; i++)
		t->count[i] = 0;
}

/* The length of the line that begins at `from`, LF and all; 0: none there. */
static size_t line_at(const struct fe_tell *t, size_t from)
{
	for (size_t i = from; i < t->len; i++)
		if (t->buf[i] == '\n')
			return i + 1 - from;
	return 0;
}

static void cut(struct fe_tell *t, size_t from, size_t n)
{
	for (size_t i = from; i + n < t->len; i++)
		t->buf[i] = t->buf[i + n];
	t->len = (uint16_t)(t->len - n);
}

/* The oldest line of which the host has nothing yet. False: there is none. */
static bool drop_one(struct fe_tell *t)
{
	size_t from = t->midway ? line_at(t, 0) : 0;
	size_t n = line_at(t, from);

	if (!n)
		return false;
	cut(t, from, n);
	fe_tell_count(t, FE_EVENT_LINES_LOST, 1);
	return true;
}

void fe_tell_line(struct fe_tell *t, const struct fe_text *line, size_t len)
{
	while (t->len + len > FE_TELL_SIZE)
		if (!drop_one(t))
			return;
	for (size_t i = 0; i < len; i++)
		t->buf[t->len + i] = line->s[i];
	t->len = (uint16_t)(t->len + len);
}

void fe_tell_event(struct fe_tell *t, const struct fe_event *e)
{
	struct fe_text line;

	fe_tell_line(t, &line, fe_event_encode(e, &line));
}

void fe_tell_count(struct fe_tell *t, enum fe_event_name name, uint32_t n)
{
	uint32_t room = UINT16_MAX - (uint32_t)t->count[name];

	t->count[name] = (uint16_t)(t->count[name] + (n < room ? n : room));
}

void fe_tell_counted(struct fe_tell *t, int64_t utc_s)
{
	for (int i = 0; i < FE_N_EVENT; i++) {
		struct fe_event e = {.utc_s = utc_s,
				     .name = (enum fe_event_name)i,
				     .value = t->count[i]};

		if (!t->count[i] || t->told & 1u << i)
			continue;
		t->count[i] = 0;
		t->told |= 1u << i;
		fe_tell_event(t, &e);
	}
}

void fe_tell_second(struct fe_tell *t)
{
	t->told = 0;
}

size_t fe_tell_take(struct fe_tell *t, char *buf, size_t n)
{
	if (n > t->len)
		n = t->len;
	for (size_t i = 0; i < n; i++)
		buf[i] = t->buf[i];
	if (n)
		t->midway = t->buf[n - 1] != '\n';
	cut(t, 0, n);
	return n;
}
