/*
 * commands.h - what the host asks for is checked, done and answered.
 *
 * A START or SET that comes again, with the same sequence number, is answered
 * as before and not done again.
 */
#ifndef FIRMWARE_CORE_COMMANDS_H
#define FIRMWARE_CORE_COMMANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/link.h"

struct fe_front;

struct fe_commands {
	struct fe_command last; /* START or SET */
	enum fe_reason reason;  /* why not, where it was not done */
	bool done;
	bool any; /* there was one */
	uint32_t delay_ns;
};

void fe_commands_init(struct fe_commands *c);

/* The ID line and the events of a boot. */
void fe_commands_boot(struct fe_front *f);

/* A line's text from the host. */
void fe_commands_obey(struct fe_front *f, const char *text);

#endif
