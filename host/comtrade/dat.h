/*
 * dat.h - the rows of a DAT: numbers, time stamps and codes.
 *
 * Binary rows are read where they lie; ASCII is turned into doubles once.
 */
#ifndef HOST_COMTRADE_DAT_H
#define HOST_COMTRADE_DAT_H

#include "cfg.h"

struct comtrade_dat {
	enum comtrade_type type;
	uint32_t n_channel;
	uint64_t n_scan;
	const uint8_t *rows; /* binary */
	size_t row_len;
	double *value;  /* ASCII: [n_scan][n_channel], NaN: missing */
	double *stamp;  /* ASCII: [n_scan] */
	double *number; /* ASCII: [n_scan] */
};

/* -EBADMSG when there is not one whole row, or rows and CFG do not fit. `bytes`
 * stay the caller's until free(). */
int comtrade_dat_open(const struct comtrade_cfg *cfg, const uint8_t *bytes,
		      size_t len, struct comtrade_dat *dat,
		      const struct comtrade_tell *tell);
void comtrade_dat_free(struct comtrade_dat *dat);

/* The number that a row bears; NaN: missing. */
double comtrade_dat_number(const struct comtrade_dat *dat, uint64_t scan);

/* The time stamp of a row in units of the file; NaN: missing. */
double comtrade_dat_stamp(const struct comtrade_dat *dat, uint64_t scan);

/* Codes of scans first..first+n-1 of one channel; NaN: missing. */
void comtrade_dat_codes(const struct comtrade_dat *dat, uint32_t channel,
			uint64_t first, uint32_t n, double *x);

#endif
