/* event.c - see event.h. */
#include "event.h"

const char *cis_event_name(enum cis_event_kind kind)
{
	static const char *const names[] = {
		[CIS_EVENT_OVERFLOW] = "overflow",
		[CIS_EVENT_DEVICE_ERROR] = "device-error",
		[CIS_EVENT_CLOCK_STOPPED] = "clock-stopped",
		[CIS_EVENT_STALLED] = "stalled",
		[CIS_EVENT_SCAN_LOST] = "scan-lost",
		[CIS_EVENT_DEVICE_GONE] = "device-gone",
		[CIS_EVENT_TIME_STATE] = "time",
		[CIS_EVENT_FRONT_END] = "front-end",
	};

	return names[kind];
}

const char *cis_time_state_name(enum cis_time_state state)
{
	static const char *const names[] = {
		[CIS_TIME_LOCKED] = "LOCKED",
		[CIS_TIME_HOLDOVER] = "HOLDOVER",
		[CIS_TIME_UNLOCKED] = "UNLOCKED",
		[CIS_TIME_FREE_RUN] = "FREE-RUN",
	};

	return names[state];
}
