/* semihost.c - see semihost.h. */
#include "firmware/port/mps2/semihost.h"

enum {
	SYS_OPEN = 0x01,
	SYS_WRITE = 0x05,
	SYS_READ = 0x06,
	SYS_EXIT_EXTENDED = 0x20,
	ADP_STOPPED_APPLICATION_EXIT = 0x20026
};

static uint32_t call(uint32_t operation, const uintptr_t *arguments)
{
	register uint32_t r0 __asm__("r0") = operation;
	register const uintptr_t *r1 __asm__("r1") = arguments;

	__asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
	return r0;
}

static uint32_t length(const char *s)
{
	uint32_t n = 0;

	while (s[n] != '\0')
		n++;
	return n;
}

int32_t semihost_open(const char *name, uint32_t mode)
{
	const uintptr_t arguments[] = {(uintptr_t)name, mode, length(name)};

	return (int32_t)call(SYS_OPEN, arguments);
}

uint32_t semihost_read(int32_t handle, void *to, uint32_t n)
{
	const uintptr_t arguments[] = {(uintptr_t)handle, (uintptr_t)to, n};

	return call(SYS_READ, arguments);
}

uint32_t semihost_write(int32_t handle, const void *from, uint32_t n)
{
	const uintptr_t arguments[] = {(uintptr_t)handle, (uintptr_t)from, n};

	return call(SYS_WRITE, arguments);
}

_Noreturn void semihost_exit(uint32_t status)
{
	const uintptr_t arguments[] = {ADP_STOPPED_APPLICATION_EXIT, status};

	for (;;)
		call(SYS_EXIT_EXTENDED, arguments);
}
