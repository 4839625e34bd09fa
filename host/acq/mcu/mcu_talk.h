/*
 * mcu_talk.h - what the front end says, and what is said to it: bytes in, bytes,
 * state and events out.
 *
 * Pure: no descriptor, no thread; the clocks are the caller's.
 */
#ifndef HOST_ACQ_MCU_TALK_H
#define HOST_ACQ_MCU_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cisoid/diag.h"
#include "cisoid/time.h"
#include "firmware/core/line.h"
#include "host/acq/mcu/mcu.h"
#include "host/acq/mcu/mcu_ask.h"
#include "host/acq/mcu/mcu_shown.h"
#include "host/acq/mcu/mcu_watch.h"

#define MCU_TALK_EVENTS 32

/* When something is read or done. */
struct mcu_at {
	int64_t now_ns;      /* monotonic */
	struct cis_time sys; /* the system's clock: compared, never used */
};

/* What came since the connection was made, to tell what is at the other end. */
struct mcu_came {
	uint64_t n_byte, n_bad;
	uint64_t n_echo; /* our own commands */
	uint64_t n_nmea;
	uint64_t n_report;
	int32_t protocol; /* of its ID; 0: none */
};

/* A start pulse that is asked for. */
struct mcu_order {
	bool on, done;
	int lead_ms;
	unsigned n_late;
	int64_t tai_s;
	int err; /* when done */
	struct cis_diag why;
};

struct mcu_talk {
	struct cis_mcu_config cfg;
	struct fe_line line;
	struct mcu_ask ask;
	struct mcu_watch watch;
	struct mcu_order order;
	struct mcu_came came;
	struct mcu_now now;
	uint64_t n_bad_then; /* came.n_bad at the last report */
	bool identified;     /* in this connection, with our protocol */
	bool up;             /* was told to be */
	int64_t begun_ns;
	struct cis_mcu_event event[MCU_TALK_EVENTS];
	unsigned n_event;
};

/* seq: any number; others than those of a program that was here before. */
void mcu_talk_init(struct mcu_talk *t, const struct cis_mcu_config *cfg,
		   uint16_t seq);

/* A connection is made; bytes came; time went on; it ended, by -errno. */
void mcu_talk_begin(struct mcu_talk *t, int64_t now_ns);
void mcu_talk_bytes(struct mcu_talk *t, const uint8_t *buf, size_t len,
		    const struct mcu_at *at);
void mcu_talk_tick(struct mcu_talk *t, int64_t now_ns);
void mcu_talk_end(struct mcu_talk *t, int err);

/* It speaks another protocol, or nothing of use comes any more: connect anew. */
int mcu_talk_broken(const struct mcu_talk *t, int64_t now_ns);

/* It has said who it is and how its time is, and answered all settings. */
bool mcu_talk_ready(const struct mcu_talk *t);
/* A setting that it refuses: -EINVAL, or 0. */
int mcu_talk_refused(const struct mcu_talk *t, struct cis_diag *diag);
/* Why it is not ready after so long: -ENODEV or -EPROTO. */
int mcu_talk_why(const struct mcu_talk *t, double waited_s,
		 struct cis_diag *diag);

/* ---- mcu_set.c ---- */

void mcu_set_query(struct mcu_talk *t, int64_t now_ns); /* who it is */
void mcu_set_all(struct mcu_talk *t, const struct mcu_at *at);
/* The leap second, where another one is known than it was told. */
void mcu_set_leap(struct mcu_talk *t, const struct mcu_at *at);

/* ---- mcu_start.c ---- */

/* The first second to start at, at least lead_ms from now. */
struct mcu_second {
	int64_t tai_s, utc_s;
};
struct mcu_second mcu_start_second(const struct mcu_now *now, int64_t now_ns,
				   int lead_ms);

/* Asks for it; order.done may be at once. Then answers, and time going on. */
void mcu_start_begin(struct mcu_talk *t, int lead_ms, int64_t now_ns);
void mcu_start_answer(struct mcu_talk *t, int64_t now_ns);
void mcu_start_tick(struct mcu_talk *t, int64_t now_ns);

#endif
