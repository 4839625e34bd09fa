/*
 * link.h - the messages between front end and host, as lines and back.
 *
 * docs/mcu-link.md specifies them: fields, units, when they are sent. Writing
 * gives whole lines (fe_text, line.h); reading takes what is between $ and *.
 * What is read and written again is the same bytes.
 */
#ifndef FIRMWARE_CORE_LINK_H
#define FIRMWARE_CORE_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/line.h"

#define FE_PROTOCOL 1

#define FE_RATE_MAX_HZ  50000
#define FE_DELAY_MAX_NS 1000000
#define FE_TICK_MAX_HZ  INT64_C(1000000000)
#define FE_EDGES_MAX    99999

/* Any value of an event or an answer lies within +- this; events beyond, and
 * counts of edges above theirs, are written as the bound. */
#define FE_VALUE_MAX INT64_C(999999999999)

/* Room for the names of board and version, with NUL. */
#define FE_NAME_SIZE 17

/* ---- words ---- */

enum fe_state {
	FE_STATE_INIT,     /* no pulse yet, or none for long */
	FE_STATE_ACQUIRE,  /* pulses; the rate is being found, edges run free */
	FE_STATE_TRACK,    /* aligned, closing in */
	FE_STATE_LOCKED,   /* on the second, and which second is known */
	FE_STATE_HOLDOVER, /* was locked; no good pulse */
	FE_STATE_FAULT     /* pulses that contradict themselves */
};
#define FE_N_STATE 6

enum fe_flag {
	FE_FLAG_LABEL = 0x01,       /* UTC_S is believed */
	FE_FLAG_LEAP_INSERT = 0x02, /* pending at the next end of a month */
	FE_FLAG_LEAP_DELETE = 0x04,
	FE_FLAG_IN_LEAP = 0x08, /* this second is the inserted 23:59:60 */
	FE_FLAG_START = 0x10,   /* a start pulse is armed */
	FE_FLAG_PULSE = 0x20,   /* a pulse was used in this second */
	FE_FLAG_SLEW = 0x40,    /* edges still move towards UTC */
	FE_FLAG_RUNNING = 0x80  /* edges go out and are aligned */
};

enum fe_event_name {
	FE_EVENT_BOOT,
	FE_EVENT_STATE,
	FE_EVENT_STEP,
	FE_EVENT_STARTED,
	FE_EVENT_PPS_LOST,
	FE_EVENT_PPS_BACK,
	FE_EVENT_PPS_DOUBLE,
	FE_EVENT_PPS_REFUSED,
	FE_EVENT_LABEL,
	FE_EVENT_LABEL_LOST,
	FE_EVENT_LABEL_JUMP,
	FE_EVENT_LEAP,
	FE_EVENT_LINE_BAD,
	FE_EVENT_NMEA_BAD,
	FE_EVENT_UNDERRUN,
	FE_EVENT_WATCHDOG,
	FE_EVENT_LINES_LOST
};
#define FE_N_EVENT 17

enum fe_reason {
	FE_REASON_FIELDS, /* too many, too few, or not of their kind */
	FE_REASON_RANGE,  /* a value that cannot be */
	FE_REASON_STATE,  /* not now */
	FE_REASON_LATE,   /* START for a second that is too near, or over */
	FE_REASON_KEY,    /* no such key, or not for this command */
	FE_REASON_COMMAND /* no such command */
};
#define FE_N_REASON 6

enum fe_key {
	FE_KEY_ID,
	FE_KEY_RATE,
	FE_KEY_DELAY_NS,
	FE_KEY_LEAP,
	FE_KEY_LEAP_TILL
};
#define FE_N_KEY 5

/* As they stand in lines; NULL for a number that is none. */
const char *fe_state_word(enum fe_state state);
const char *fe_event_word(enum fe_event_name name);
const char *fe_reason_word(enum fe_reason reason);
const char *fe_key_word(enum fe_key key);

/* ---- front end to host ---- */

struct fe_id {
	int32_t protocol; /* others than FE_PROTOCOL: nothing else was read */
	char board[FE_NAME_SIZE];
	char version[FE_NAME_SIZE];
	uint32_t tick_hz;
	uint32_t rate_hz;
	uint32_t boot;
};

/* T, each second. What is not known is not written. */
struct fe_report {
	int64_t utc_s; /* 0: not known */
	enum fe_state state;
	bool has_phase, has_freq, has_error, has_sats;
	int32_t phase_ns; /* edge 0 less pulse */
	int32_t freq_ppb; /* of the oscillator; + is fast */
	uint32_t error_ns;
	uint8_t sats;
	uint32_t edges; /* of the last whole second */
	uint16_t flags;
};

struct fe_event {
	int64_t utc_s; /* 0: not known */
	enum fe_event_name name;
	int64_t value;
};

struct fe_ack {
	uint16_t seq;
	bool has_value;
	enum fe_key key;
	int64_t value;
};

struct fe_nak {
	uint16_t seq;
	enum fe_reason reason;
};

/* Each writes one whole line and returns its length; 0: a value or a name that
 * a line cannot hold. */
size_t fe_id_encode(const struct fe_id *id, struct fe_text *t);
size_t fe_report_encode(const struct fe_report *r, struct fe_text *t);
size_t fe_event_encode(const struct fe_event *e, struct fe_text *t);
size_t fe_ack_encode(const struct fe_ack *a, struct fe_text *t);
size_t fe_nak_encode(const struct fe_nak *n, struct fe_text *t);

enum fe_message_kind {
	FE_MESSAGE_BAD, /* none of these; nothing else is set */
	FE_MESSAGE_ID,
	FE_MESSAGE_REPORT,
	FE_MESSAGE_EVENT,
	FE_MESSAGE_ACK,
	FE_MESSAGE_NAK
};

struct fe_message {
	enum fe_message_kind kind;
	union {
		struct fe_id id;
		struct fe_report report;
		struct fe_event event;
		struct fe_ack ack;
		struct fe_nak nak;
	};
};

/* The host's side: a line's text to what it says; m->kind is returned. */
enum fe_message_kind fe_message_decode(const char *text, struct fe_message *m);

/* ---- host to front end ---- */

enum fe_verb { FE_VERB_START, FE_VERB_SET, FE_VERB_QUERY };
#define FE_N_VERB 3

struct fe_command {
	enum fe_verb verb;
	uint16_t seq;
	int64_t utc_s;   /* START */
	enum fe_key key; /* SET, QUERY */
	int64_t value;   /* SET: edges per second, ns, or a second */
};

/* 0: a value that a line cannot hold. */
size_t fe_command_encode(const struct fe_command *c, struct fe_text *t);

enum fe_command_result {
	FE_COMMAND_OK,
	FE_COMMAND_NAK, /* c->seq is set, and *reason says why */
	FE_COMMAND_BAD  /* not even a sequence number: nobody to answer */
};

/*
 * The front end's side. What is OK has values in the ranges of the protocol;
 * whether they can be now is for who obeys. Members a command does not have
 * are 0.
 */
enum fe_command_result fe_command_decode(const char *text, struct fe_command *c,
					 enum fe_reason *reason);

/* Command, sequence number and contents are the same: it was sent again. */
bool fe_command_same(const struct fe_command *a, const struct fe_command *b);

#endif
