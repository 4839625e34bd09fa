/*
 * link_again.h - a message that was read, written again.
 */
#ifndef TESTS_FIRMWARE_LINK_AGAIN_H
#define TESTS_FIRMWARE_LINK_AGAIN_H

#include "firmware/core/link.h"

/* The length of the line; 0 where there is none. */
static inline size_t say_again(const struct fe_message *m, struct fe_text *t)
{
	switch (m->kind) {
	case FE_MESSAGE_ID:
		return fe_id_encode(&m->id, t);
	case FE_MESSAGE_REPORT:
		return fe_report_encode(&m->report, t);
	case FE_MESSAGE_EVENT:
		return fe_event_encode(&m->event, t);
	case FE_MESSAGE_ACK:
		return fe_ack_encode(&m->ack, t);
	case FE_MESSAGE_NAK:
		return fe_nak_encode(&m->nak, t);
	case FE_MESSAGE_BAD:
		break;
	}
	return 0;
}

#endif
