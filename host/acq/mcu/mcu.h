/*
 * mcu.h - the timing front end at the other end of a serial link.
 *
 * It holds a scan clock on UTC, starts boards on a whole second and says what
 * its time is worth. Here are the host's side of docs/mcu-link.md and a thread
 * that keeps the link: it asks, sets, listens, and connects again after an
 * unplug. Nothing here is dated by the moment at which a line arrives.
 */
#ifndef HOST_ACQ_MCU_H
#define HOST_ACQ_MCU_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/diag.h"
#include "cisoid/time.h"

#define CIS_MCU_WHERE_SIZE 256
#define CIS_MCU_WORD_SIZE  24

struct cis_mcu;

/* "/dev/ttyACM0", "tcp:HOST:PORT" or "unix:PATH", without a comma; opens
 * nothing. -EINVAL with a message. */
int cis_mcu_where_check(const char *where, struct cis_diag *diag);

struct cis_mcu_config {
	char where[CIS_MCU_WHERE_SIZE];
	uint32_t rate_hz;  /* of the scan clock; 0: set nothing, only listen */
	uint32_t delay_ns; /* that antenna, receiver, cable make a pulse late */
};

/*
 * Waits until the front end has said who it is and how its time is, and has
 * taken the settings, at most 3 s. With a message: -EINVAL (bad words, or it
 * refuses a setting), -ENODEV (nothing there, or no front end), -EACCES, -EBUSY,
 * -EPROTO (another version of the protocol), else the system's.
 */
int cis_mcu_open(const struct cis_mcu_config *cfg, struct cis_mcu **out,
		 struct cis_diag *diag);
void cis_mcu_close(struct cis_mcu *m); /* NULL is allowed */

/*
 * Asks for a start pulse on the first whole second that is at least lead_ms
 * (1 to 58000) away by the front end's own label, and waits for its answer:
 * scan 0 is then at *tai_s. One thread at a time. With a message: -EAGAIN (not
 * locked, or it does not know the second), -ETIMEDOUT (no answer), -ENODEV (the
 * link is down), -EPROTO (refused for another reason).
 */
int cis_mcu_start(struct cis_mcu *m, int lead_ms, int64_t *tai_s,
		  struct cis_diag *diag);

/* ---- any thread; nothing waits ---- */

/*
 * What the edges are worth at a moment of cis_clock_monotonic_ns(). Locked with a
 * label: unlocked_s is 0. In holdover and while it closes in: its own bound, and
 * the time since it was locked. Unheard for more than 2 s: the last bound, 1 us
 * for each second of silence, by which edges are moved at most, and what a quartz
 * without pulses drifts meanwhile, 3.75 ns for the square of each second.
 * Otherwise unc_s is INFINITY. unlocked_s is INFINITY where it was never seen
 * locked.
 */
struct cis_time_quality cis_mcu_quality(const struct cis_mcu *m,
					int64_t now_ns);

/*
 * Since start() the count of scans is no longer the time, or that is not known:
 * the front end restarted, edges were stepped, late or missing, its label jumped,
 * or it was unheard for so long that any of these may have been. Stays true until
 * the next start().
 */
bool cis_mcu_torn(const struct cis_mcu *m);

/* As the front end names them. */
enum cis_mcu_servo {
	CIS_MCU_INIT,
	CIS_MCU_ACQUIRE,
	CIS_MCU_TRACK,
	CIS_MCU_LOCKED,
	CIS_MCU_HOLDOVER,
	CIS_MCU_FAULT,
	CIS_MCU_N_SERVO,
};

struct cis_mcu_state {
	bool up;      /* connected, and heard within 2 s */
	int link_err; /* why there is no connection, -errno; 0: there is one */
	bool known;   /* it has said who it is: */
	char board[CIS_MCU_WORD_SIZE], version[CIS_MCU_WORD_SIZE];
	uint32_t tick_hz, rate_hz, boot;

	bool heard;   /* since its last restart; then of the last second: */
	double age_s; /* since it was heard; NaN */
	enum cis_mcu_servo servo;
	bool label;    /* it believes utc_s, the second that began */
	int64_t utc_s; /* POSIX; 0: not known */
	int64_t tai_s; /* the same second; 0: not known */
	/* Monotonic, at TAI 0 by its label, to 50 ms; a report that was read late
	 * does not make it later. 0: not known. */
	int64_t zero_ns;
	unsigned n_named; /* reports in a row by which that is known */
	double phase_s;   /* its edge 0 less the pulse; NaN: no pulse */
	double freq_ppb;  /* its oscillator is fast by; NaN: not known */
	double error_s;   /* bound (k = 3) of edges against UTC; NaN */
	int sats;         /* -1: not known */
	uint32_t n_edge;  /* of the last whole second */
	int leap_pending; /* +1, -1, 0 */
	bool in_leap, armed, pulse, slewing, running;
	/* The label less this computer's clock, to about 0.1 s; NaN: not known. */
	double off_s;

	/* Told since the link was opened; lines that were lost told of more: */
	uint64_t n_bad_sentence; /* of its receiver, refused */
	uint64_t n_lost_line;    /* for us, that found no room */

	uint64_t n_line;  /* good lines */
	uint64_t n_bad;   /* lines and bytes that were refused */
	uint64_t n_event; /* told by the front end ... */
	uint64_t n_drop;  /* ... or of the link, that nobody took in time */
	uint64_t n_link;  /* times the link came up */
};

void cis_mcu_state(const struct cis_mcu *m, struct cis_mcu_state *st);

/* "INIT", "ACQUIRE", "TRACK", "LOCKED", "HOLDOVER", "FAULT". */
const char *cis_mcu_servo_name(enum cis_mcu_servo servo);

/* The link's words, as they were configured. */
const char *cis_mcu_where(const struct cis_mcu *m);

/* ---- one thread ---- */

enum cis_mcu_event_kind {
	CIS_MCU_LINK_UP,   /* it is heard */
	CIS_MCU_LINK_DOWN, /* it is not: value is -errno; -ETIMEDOUT: silent */
	CIS_MCU_RESTARTED, /* value is its new word of boot */
	CIS_MCU_REFUSED,   /* a setting, by name; value is what it was to be */
	CIS_MCU_TOLD,      /* the front end's own: name and value */
};

struct cis_mcu_event {
	enum cis_mcu_event_kind kind;
	char name[CIS_MCU_WORD_SIZE]; /* or empty */
	int64_t value;
	int64_t utc_s; /* by the front end; 0: not known */
};

/* The oldest that nobody took; false: none. */
bool cis_mcu_event(struct cis_mcu *m, struct cis_mcu_event *ev);

#endif
