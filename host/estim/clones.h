/*
 * clones.h - loops compiled once more for wider registers, chosen when the
 * program is loaded. Sanitizers do not bear that choice.
 *
 * CLONES: no operation is fused or reordered; all machines agree to the last
 * bit. CLONES_FUSED: for what is compiled with -ffp-contract=fast and only
 * decides, against limits that no rounding comes near.
 */
#ifndef HOST_ESTIM_CLONES_H
#define HOST_ESTIM_CLONES_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
	!defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CLONES       __attribute__((target_clones("avx2", "default")))
#define CLONES_FUSED __attribute__((target_clones("avx512f", "fma", "default")))
#else
#define CLONES
#define CLONES_FUSED
#endif

#endif
