/* semihost.h - files of the host that runs the emulator (Arm semihosting).
 * While a call lasts no virtual time passes. */
#ifndef FIRMWARE_PORT_MPS2_SEMIHOST_H
#define FIRMWARE_PORT_MPS2_SEMIHOST_H

#include <stdint.h>

/* Modes of SYS_OPEN. */
enum { SEMIHOST_READ_BINARY = 1, SEMIHOST_WRITE_BINARY = 5 };

/* A handle, or -1. */
int32_t semihost_open(const char *name, uint32_t mode);

/* How many bytes were not read, not written: 0 is success. */
uint32_t semihost_read(int32_t handle, void *to, uint32_t n);
uint32_t semihost_write(int32_t handle, const void *from, uint32_t n);

/* Ends the emulator with this exit status. */
_Noreturn void semihost_exit(uint32_t status);

#endif
