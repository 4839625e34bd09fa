/* sim_wire.c - see sim_wire.h. */
#include "sim_wire.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "firmware/core/line.h"
#include "sim_front.h"

#define BYTES_PER_SLICE (11520. / SIM_FRONT_SLICES) /* 115200 8N1 */

void sim_wire_empty(struct sim_wire *w)
{
	w->in_len = w->in_next = w->out_len = 0;
}

void sim_wire_put(struct sim_wire *w, const char *bytes, size_t len)
{
	memmove(w->in, w->in + w->in_next, w->in_len - w->in_next);
	w->in_len -= w->in_next;
	w->in_next = 0;
	if (len > sizeof(w->in) - w->in_len)
		len = sizeof(w->in) - w->in_len;
	memcpy(w->in + w->in_len, bytes, len);
	w->in_len += len;
}

void sim_wire_say(struct sim_wire *w, const char *text)
{
	char line[FE_LINE_MAX + 1];
	uint8_t sum = 0;
	int len;

	for (const char *c = text; *c; c++)
		sum ^= (uint8_t)*c;
	len = snprintf(line, sizeof(line), "$%s*%02X\r\n", text, sum);
	assert(len > 0 && len < (int)sizeof(line));
	sim_wire_put(w, line, (size_t)len);
}

size_t sim_wire_take(struct sim_wire *w, char *buf, size_t size)
{
	size_t len = w->out_len < size ? w->out_len : size;

	memcpy(buf, w->out, len);
	memmove(w->out, w->out + len, w->out_len - len);
	w->out_len -= len;
	return len;
}

size_t sim_wire_carry(struct sim_wire *w, char buf[SIM_WIRE_SLICE])
{
	size_t len = 0;

	w->in_credit = fmin(w->in_credit + BYTES_PER_SLICE, SIM_WIRE_SLICE);
	for (; w->in_next < w->in_len && w->in_credit >= 1; w->in_credit--)
		buf[len++] = w->in[w->in_next++];
	return len;
}

size_t sim_wire_room(struct sim_wire *w)
{
	w->out_credit = fmin(w->out_credit + BYTES_PER_SLICE, SIM_WIRE_SLICE);
	return (size_t)w->out_credit;
}

void sim_wire_keep(struct sim_wire *w, const char *buf, size_t len)
{
	size_t room = sizeof(w->out) - w->out_len;

	w->out_credit -= (double)len;
	if (len > room)
		len = room;
	memcpy(w->out + w->out_len, buf, len);
	w->out_len += len;
}
