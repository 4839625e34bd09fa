/*
 * notify.h - tells systemd how it goes: sd_notify(3).
 *
 * Where nothing listens, or without libsystemd (CISOID_SYSTEMD), nothing happens.
 */
#ifndef HOST_CLI_NOTIFY_H
#define HOST_CLI_NOTIFY_H

#include <stdint.h>

/* Assignments, one a line: "READY=1\nSTATUS=...". */
void cis_notify(const char *state);

/* So often at least WATCHDOG=1 is expected; 0: not at all. */
uint64_t cis_notify_watchdog_us(void);

#endif
