/* kernel.c - see kernel.h. */
#include "kernel.h"

#include <stdbool.h>
#include <string.h>

#include "kernel_sets.h"

struct choice {
	const struct cis_kernel *kernel;
	bool runs;
};

/* The kernels from the widest on; their number. What the processor has counts
 * only where the operating system saves its registers. */
static unsigned list(struct choice choice[3])
{
	unsigned n = 0;

#ifdef __x86_64__
	__builtin_cpu_init();
	choice[n++] = (struct choice){&cis_kernel_avx512,
				      __builtin_cpu_supports("avx512f")};
	choice[n++] = (struct choice){&cis_kernel_avx2,
				      __builtin_cpu_supports("avx2") &&
					      __builtin_cpu_supports("fma")};
#endif
	choice[n++] = (struct choice){&cis_kernel_base, true};
	return n;
}

const struct cis_kernel *cis_kernel_best(void)
{
	struct choice choice[3];
	unsigned n = list(choice);

	for (unsigned i = 0; i + 1 < n; i++)
		if (choice[i].runs)
			return choice[i].kernel;
	return &cis_kernel_base;
}

const struct cis_kernel *cis_kernel_named(const char *name)
{
	struct choice choice[3];
	unsigned n = list(choice);

	for (unsigned i = 0; i < n; i++)
		if (choice[i].runs && !strcmp(choice[i].kernel->name, name))
			return choice[i].kernel;
	return NULL;
}
