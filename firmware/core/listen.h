/* listen.h - what receiver and host say: bytes to lines to those who act. */
#ifndef FIRMWARE_CORE_LISTEN_H
#define FIRMWARE_CORE_LISTEN_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/bytes.h"
#include "firmware/core/line.h"

struct fe_front;

struct fe_listen {
	struct fe_bytes gps_bytes;
	struct fe_bytes host_bytes;
	struct fe_line gps_line;
	uint64_t gps_began_q32; /* the line did */
	struct fe_line host_line;
};

void fe_listen_init(struct fe_listen *l);

/* Reads what came since the last one. */
void fe_listen_poll(struct fe_front *f);

#endif
