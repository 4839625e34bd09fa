/*
 * cff.h - the combined file of C37.111-2013: CFG and DAT as sections of one.
 */
#ifndef HOST_COMTRADE_CFF_H
#define HOST_COMTRADE_CFF_H

#include <stddef.h>
#include <stdint.h>

#include "tell.h"

struct comtrade_parts {
	const uint8_t *cfg;
	size_t cfg_len;
	unsigned cfg_line; /* lines before it */
	const uint8_t *dat;
	size_t dat_len;
};

/* -EBADMSG when it lacks one of them. */
int comtrade_cff_split(const uint8_t *buf, size_t len,
		       struct comtrade_parts *parts,
		       const struct comtrade_tell *tell);

#endif
