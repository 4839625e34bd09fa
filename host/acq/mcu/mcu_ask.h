/*
 * mcu_ask.h - what the host wants of the front end, until it is answered.
 *
 * One place for each thing that can be wanted. A command without an answer is
 * sent again, unchanged. Pure: writes into a buffer.
 */
#ifndef HOST_ACQ_MCU_ASK_H
#define HOST_ACQ_MCU_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/link.h"

enum mcu_want {
	MCU_WANT_ID,
	MCU_WANT_RATE,
	MCU_WANT_DELAY,
	MCU_WANT_LEAP,
	MCU_WANT_TILL,
	MCU_WANT_START,
	MCU_N_WANT,
};

enum mcu_answer {
	MCU_NOT_ASKED,
	MCU_WAITING,
	MCU_ACKED,
	MCU_REFUSED, /* with a reason */
};

struct mcu_question {
	enum mcu_answer answer;
	struct fe_command command;
	enum fe_reason reason;
	unsigned n_sent;
	int64_t sent_ns; /* last */
};

struct mcu_ask {
	uint16_t seq; /* of the last command */
	struct mcu_question q[MCU_N_WANT];
	char out[1024]; /* to be sent: the first out_len */
	size_t out_len;
};

/* A new connection: nothing is wanted; seq goes on. */
void mcu_ask_reset(struct mcu_ask *a);

/* Sends `command`, in the place of an older one; the sequence number is set. */
void mcu_ask(struct mcu_ask *a, enum mcu_want want,
	     const struct fe_command *command, int64_t now_ns);

/* Whose answer it is; MCU_N_WANT: nobody waits for it. */
enum mcu_want mcu_ask_acked(struct mcu_ask *a, uint16_t seq);
enum mcu_want mcu_ask_refused(struct mcu_ask *a, const struct fe_nak *nak);

/* What had no answer is sent again. */
void mcu_ask_again(struct mcu_ask *a, int64_t now_ns);

/* The first n bytes of out are sent. */
void mcu_ask_sent(struct mcu_ask *a, size_t n);

#endif
