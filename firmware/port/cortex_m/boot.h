/* boot.h - which boot this is, from what RAM still holds of the last one. */
#ifndef FIRMWARE_PORT_CORTEX_M_BOOT_H
#define FIRMWARE_PORT_CORTEX_M_BOOT_H

#include <stdbool.h>
#include <stdint.h>

enum { PORT_FAULT_WORD = 0x0badf417 };

/* Written by port_fault alone. */
extern uint32_t port_boot_fault;

struct port_boot {
	uint32_t word; /* differs from that of the boot before */
	bool after_fault;
};

/* Once per boot, before anything else: one more than the last word where RAM
 * has kept it, else one drawn from what RAM happens to hold at power-up. */
struct port_boot port_boot(void);

#endif
