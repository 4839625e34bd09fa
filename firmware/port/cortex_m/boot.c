/* boot.c - see boot.h. */
#include "firmware/port/cortex_m/boot.h"

#include <stddef.h>

enum { DRAWN_WORDS = 1024 };

uint32_t port_boot_fault __attribute__((section(".noinit")));
static uint32_t word __attribute__((section(".noinit")));
static uint32_t word_inverse __attribute__((section(".noinit")));

/* Nothing writes behind it: the linker script's regions end there. */
extern uint32_t port_ram_used_end[];

/* FNV-1a, by words, over RAM that nobody has written. */
static uint32_t draw(void)
{
	const volatile uint32_t *ram = port_ram_used_end;
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < DRAWN_WORDS; i++)
		hash = (hash ^ ram[i]) * 16777619u;
	return hash >> 1;
}

struct port_boot port_boot(void)
{
	struct port_boot boot = {
		.after_fault = port_boot_fault == PORT_FAULT_WORD,
	};

	word = word_inverse == ~word ? word + 1 : draw();
	word_inverse = ~word;
	port_boot_fault = 0;
	boot.word = word;
	return boot;
}
