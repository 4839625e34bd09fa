/*
 * talk_ask.c - what a client asks for, and when it asks again.
 *
 * CFG-3 is asked for first, and CFG-2 from who does not answer soon; whichever
 * comes first holds. The attempts share the time-out.
 */
#include "talk.h"

#include <time.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"

#define MAX_ASK 3    /* times, within the time-out */
#define CFG3_MS 1000 /* who has it answers so soon */

struct cis_time cis_talk_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return cis_time_from_posix(ts.tv_sec, ts.tv_nsec);
}

static uint16_t idcode_to_ask(const struct cis_client *client)
{
	if (client->idcode)
		return client->idcode;
	return client->n_stream && !client->several ? client->stream[0]->idcode
						    : client->ask;
}

void cis_talk_command(struct cis_client *client, enum cis_c37_command command)
{
	uint8_t buf[32];
	int len;

	if (!client->commands)
		return;
	len = cis_c37_command_encode(1, idcode_to_ask(client),
				     cis_time_split(cis_talk_now()),
				     (uint16_t)command, buf, sizeof(buf));
	if (len <= 0)
		return;
	cis_client_send(client, buf, (size_t)len);
	if (client->ops->sent)
		client->ops->sent(client->arg, command);
}

/* ---- a configuration ---- */

static void timer_fired(uv_timer_t *timer);

void cis_talk_wait_ms(struct cis_client *client, uint64_t ms)
{
	if (cis_client_alive(client))
		uv_timer_start(&client->timer, timer_fired, ms, 0);
}

void cis_talk_ask(struct cis_client *client)
{
	client->asking.asked_ms = uv_now(client->loop);
	if (client->asking.n++ == 0)
		client->asking.started_ms = client->asking.asked_ms;
	cis_talk_command(client, client->asking.command);
}

/* What is left of the time-out, shared by the attempts that are left. */
static uint64_t answer_ms(const struct cis_client *client)
{
	uint64_t gone_ms = uv_now(client->loop) - client->asking.started_ms;
	uint64_t left_ms =
		client->timeout_ms > gone_ms ? client->timeout_ms - gone_ms : 0;
	unsigned n =
		client->asking.n < MAX_ASK ? MAX_ASK + 1 - client->asking.n : 1;
	uint64_t ms = left_ms / n;

	if (client->wish == CIS_CLIENT_CFG_ANY && ms > CFG3_MS &&
	    client->asking.command == CIS_C37_CMD_SEND_CFG3)
		ms = CFG3_MS;
	return ms ? ms : 1;
}

void cis_talk_choose(struct cis_client *client)
{
	if (client->wish == CIS_CLIENT_CFG_2)
		client->asking.command = CIS_C37_CMD_SEND_CFG2;
	else if (!client->asking.command || client->wish == CIS_CLIENT_CFG_3)
		client->asking.command = CIS_C37_CMD_SEND_CFG3;
}

void cis_talk_fall_back(struct cis_client *client)
{
	if (client->wish != CIS_CLIENT_CFG_ANY ||
	    client->asking.command != CIS_C37_CMD_SEND_CFG3)
		return;
	cis_log(CIS_LOG_DEBUG, "%s: no CFG-3 came, CFG-2 is asked for",
		client->endpoint);
	client->asking.command = CIS_C37_CMD_SEND_CFG2;
}

void cis_talk_ask_in_turn(struct cis_client *client)
{
	cis_talk_ask(client);
	cis_talk_wait_ms(client, answer_ms(client));
}

static void no_config(struct cis_client *client)
{
	if (client->why.msg[0])
		cis_client_fail(client,
				"%s: its configuration cannot be read: "
				"%.160s",
				client->endpoint, client->why.msg);
	else if (client->commands && client->wish == CIS_CLIENT_CFG_3)
		cis_client_fail(
			client,
			"%s: no CFG-3 came; is IDCODE %u right, and does it "
			"know more than CFG-2?",
			client->endpoint, (unsigned)idcode_to_ask(client));
	else if (client->commands)
		cis_client_fail(
			client,
			"%s: no configuration came; is IDCODE %u right?",
			client->endpoint, (unsigned)idcode_to_ask(client));
	else
		cis_client_fail(client,
				"%s: no configuration came, and %llu data "
				"frames that need one",
				client->endpoint,
				(unsigned long long)client->counts.unread);
}

void cis_talk_prod(struct cis_client *client)
{
	uint64_t ms = client->timeout_ms;

	if (client->spec.addr.kind != CIS_ADDR_UDP || !client->commands)
		return;
	if (uv_now(client->loop) - client->heard_ms >= ms)
		cis_talk_command(client, CIS_C37_CMD_DATA_ON);
	cis_talk_wait_ms(client, ms);
}

static void timer_fired(uv_timer_t *timer)
{
	struct cis_client *client = timer->data;

	if (client->state == CIS_CLIENT_STREAMING) {
		cis_talk_prod(client);
	} else if (client->commands && client->asking.n < MAX_ASK) {
		cis_talk_fall_back(client);
		cis_talk_ask_in_turn(client);
	} else {
		no_config(client);
	}
}
