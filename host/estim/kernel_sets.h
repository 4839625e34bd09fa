/*
 * kernel_sets.h - the kernels that the program holds, whether or not the
 * machine can run them.
 */
#ifndef HOST_ESTIM_KERNEL_SETS_H
#define HOST_ESTIM_KERNEL_SETS_H

#include "kernel.h"

extern const struct cis_kernel cis_kernel_base;
#ifdef __x86_64__
extern const struct cis_kernel cis_kernel_avx2;
extern const struct cis_kernel cis_kernel_avx512;
#endif

#endif
