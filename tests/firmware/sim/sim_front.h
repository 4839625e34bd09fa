/*
 * sim_front.h - the front end on a simulated board: the core behind its port's
 * interface, with an oscillator, pulses, a receiver and a serial line, and true
 * time to judge it by.
 *
 * True time is a second n of the simulation and u, what has passed of it; a
 * pulse belongs to each second. Every single edge is judged, by the true time
 * at which the timer reaches its tick.
 */
#ifndef TESTS_FIRMWARE_SIM_FRONT_H
#define TESTS_FIRMWARE_SIM_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/link.h"
#include "tests/firmware/sim/sim_gps.h"
#include "tests/firmware/sim/sim_osc.h"
#include "tests/firmware/sim/sim_pps.h"

/* The main loop comes round so often in a second. */
#define SIM_FRONT_SLICES 1000
#define SIM_FRONT_EVENTS 48

/* The last two are borrowed and may be changed between two calls. */
struct sim_front_config {
	uint32_t tick_hz, rate_hz;
	uint32_t first_tick; /* of the timer, at the start */
	double delay_ns;     /* the pulse arrives so much later than it is */
	const struct sim_osc *osc;
	const struct sim_pps *pps;
	const struct sim_gps *gps;
};

struct sim_told {
	struct fe_event event;
	double at_s; /* when the host had all of it, after the second */
};

/* What happened in one true second. Its edges are those from half a period
   before it to half a period before the next. Edges that are a period after the
   one before keep their number, however late they come to be. */
struct sim_second {
	int64_t n;
	uint32_t n_edges; /* by their numbers */
	uint32_t n_torn;  /* edges that came not a period after the last */
	uint32_t n_dry;   /* times that there was no edge to wait for */
	double first_ns;  /* of the edge on the second; late is positive */
	double max_ns;    /* largest of all, without sign */
	double sum2_ns2;
	double min_period_ns, max_period_ns;

	bool has_report; /* a T line */
	double report_at_s;
	struct fe_report report;
	size_t n_reports;
	bool has_answer; /* the last ACK or NAK */
	struct fe_message answer;
	size_t n_ids, n_bad; /* ID lines; lines that could not be read */
	size_t n_told;       /* events, of which the first are here */
	struct sim_told told[SIM_FRONT_EVENTS];

	bool started; /* a start pulse rose, at u */
	double start_at_s;
};

struct sim_front;

struct sim_front *sim_front_new(const struct sim_front_config *cfg);
void sim_front_free(struct sim_front *s);

/* Switched off and on again; by its watchdog or by hand. */
void sim_front_reset(struct sim_front *s, bool watchdog);

/* Puts bytes on the line to the front end, where they take their time; a whole
   line of what stands between $ and *. */
void sim_front_put(struct sim_front *s, const char *bytes, size_t len);
void sim_front_say(struct sim_front *s, const char *text);

/* What came from the front end since it was asked last, up to size bytes. */
size_t sim_front_take(struct sim_front *s, char *buf, size_t size);

/* One round of the main loop: 1 / SIM_FRONT_SLICES s. True at the end of a
   second, of which *out then tells. */
bool sim_front_slice(struct sim_front *s, struct sim_second *out);

/* To the end of the second. */
void sim_front_second(struct sim_front *s, struct sim_second *out);

#endif
