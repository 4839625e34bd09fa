/*
 * descriptors.h - room for open files: the process's soft limit.
 */
#ifndef HOST_NET_DESCRIPTORS_H
#define HOST_NET_DESCRIPTORS_H

/* Raises the soft limit, if it must and can, so that `wanted` more files can be
 * opened. Returns how many of them can. */
unsigned cis_descriptors_reserve(unsigned wanted);

#endif
