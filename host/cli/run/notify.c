/* notify.c - the only file that knows libsystemd; see notify.h. */
#include "notify.h"

#ifdef CISOID_HAVE_SYSTEMD

#include <systemd/sd-daemon.h>

void cis_notify(const char *state)
{
	sd_notify(0, state);
}

uint64_t cis_notify_watchdog_us(void)
{
	uint64_t us;

	return sd_watchdog_enabled(0, &us) > 0 ? us : 0;
}

#else

void cis_notify(const char *state)
{
	(void)state;
}

uint64_t cis_notify_watchdog_us(void)
{
	return 0;
}

#endif
