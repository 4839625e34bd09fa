/*
 * start.h - one start pulse, at the second that was asked for.
 *
 * It rises half a scan period before edge 0 of that second and lasts one
 * period, so that edge 0 is the first scan after it.
 */
#ifndef FIRMWARE_CORE_START_H
#define FIRMWARE_CORE_START_H

#include <stdbool.h>
#include <stdint.h>

enum fe_start_stage {
	FE_START_NONE,
	FE_START_ARMED, /* its second is not near yet */
	FE_START_READY, /* the port shall make the pulse */
	FE_START_TAKEN  /* it does; the second has not begun yet */
};

struct fe_start {
	enum fe_start_stage stage;
	int64_t utc_s;
	uint32_t rise_tick;
	uint32_t fall_tick;
};

void fe_start_init(struct fe_start *s);

/* In the place of another that may be armed. */
void fe_start_arm(struct fe_start *s, int64_t utc_s);

/* True: there was one to cancel. A pulse the port has taken is made anyway. */
bool fe_start_cancel(struct fe_start *s);

/* One is armed, and its second has not begun. */
bool fe_start_is_armed(const struct fe_start *s);

/* The port has it: it will be made, whatever is asked for now. */
bool fe_start_is_taken(const struct fe_start *s);

/* Edge 0 of second utc_s is in the ring. half_ticks: half a scan period. */
void fe_start_coming(struct fe_start *s, int64_t utc_s, uint64_t edge0_q32,
		     uint32_t half_ticks);

/* True, once: the pulse is to be made. It is left out where it should have
 * risen less than ahead_ticks from now. */
bool fe_start_take(struct fe_start *s, uint32_t now_tick, uint32_t ahead_ticks);

enum fe_start_result { FE_START_NOT_YET, FE_START_DONE, FE_START_MISSED };

/*
 * Second utc_s began. Missed: its second is past, but nobody has taken the
 * pulse. Where not NOT_YET, none is armed any more.
 */
enum fe_start_result fe_start_begun(struct fe_start *s, int64_t utc_s);

#endif
