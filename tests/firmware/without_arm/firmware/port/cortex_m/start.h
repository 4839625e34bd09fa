/* start.h - of the port's, what a board calls, on a computer. */
#ifndef TESTS_FIRMWARE_WITHOUT_ARM_START_H
#define TESTS_FIRMWARE_WITHOUT_ARM_START_H

#include <stdint.h>

void port_irq_enable(uint32_t irq, uint32_t level);
void port_irq_off(void);
void port_irq_on(void);

#endif
