/*
 * clones.h - loops compiled once more for wider registers, chosen when the
 * program is loaded.
 *
 * No operation is fused or reordered: all machines agree to the last bit.
 * Sanitizers do not bear the choice at load time.
 */
#ifndef HOST_ESTIM_CLONES_H
#define HOST_ESTIM_CLONES_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
	!defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CLONES
#endif

#endif
