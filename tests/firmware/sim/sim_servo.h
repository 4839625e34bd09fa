/*
 * sim_servo.h - the servo with a simulated oscillator, simulated pulses and the
 * arithmetic of an ideal divider; second by second, judged by true time.
 *
 * Edges are whole ticks, captured pulses too. Of a second's edges edge 0 and
 * SIM_SERVO_CHECKS others are looked at, each second at other places, so that a
 * day takes seconds; between two looks the edges lie on a straight line.
 */
#ifndef TESTS_FIRMWARE_SIM_SIM_SERVO_H
#define TESTS_FIRMWARE_SIM_SIM_SERVO_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/servo.h"
#include "tests/firmware/sim/sim_osc.h"
#include "tests/firmware/sim/sim_pps.h"

enum { SIM_SERVO_CHECKS = 16, SIM_SERVO_PENDING = 64 };

struct sim_servo {
	const struct sim_osc *osc;
	const struct sim_pps *pps;
	double delay_ns; /* that the pulses really have */
	uint32_t rate_hz;
	struct fe_servo servo;

	int64_t n;          /* true second nearest to the last edge 0 */
	uint64_t edge0_q32; /* of the coming second */
	uint64_t second_q32;
	struct fe_servo_status last; /* as told in the last second */
	bool ordered;
	uint64_t order_q32;
	int64_t n_next; /* whose pulses are not yet pending */
	uint64_t pending_q32[SIM_SERVO_PENDING];
	int n_pending;
};

struct sim_servo_second {
	int64_t n;       /* true second nearest to edge 0 */
	double from_ns;  /* its edge 0 after it */
	double worst_ns; /* of all edges looked at, without sign */
	double sum2_ns2;
	int n_sum2;
	/* Of an edge's error to the bound in force: an edge before the servo was
	 * asked has the last second's. 0: there was none. */
	double ratio;
	double off_rate; /* of their periods against truth, largest */
	bool stepped;
	int n_verdicts[FE_PPS_REFUSED + 1];
	struct fe_servo_status status;
};

/* The divider runs, edges anywhere; the label is believed. */
void sim_servo_init(struct sim_servo *s, const struct sim_osc *osc,
		    const struct sim_pps *pps);

/* From an edge 0 to the next. */
void sim_servo_second(struct sim_servo *s, struct sim_servo_second *out);

/* So many; the last one's outcome. */
void sim_servo_run(struct sim_servo *s, int64_t n_seconds,
		   struct sim_servo_second *out);

#endif
