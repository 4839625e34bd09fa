/*
 * comtrade.h - IEEE C37.111 recordings: read 1991, 1999 and 2013; write 1999
 * and 2013.
 *
 * Pure: files come as bytes in memory. What is broken but can be understood is
 * repaired and told in a list of warnings; the rest is refused with -EBADMSG
 * and a message.
 */
#ifndef CISOID_COMTRADE_H
#define CISOID_COMTRADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cisoid/block.h"
#include "cisoid/chan.h"
#include "cisoid/diag.h"

struct cis_comtrade;

struct cis_comtrade_files {
	const char *name;   /* of the CFG or CFF, for messages */
	const uint8_t *cfg; /* CFG, or a whole CFF; borrowed until free */
	size_t cfg_len;
	const uint8_t *dat; /* NULL for a CFF; borrowed until free */
	size_t dat_len;
};

/* A stretch of equally spaced scans. */
struct cis_comtrade_segment {
	uint64_t first_scan;
	uint64_t n_scan;
	double rate_hz;
	struct cis_time start; /* of first_scan */
	bool unsync; /* the dates of this stretch are not to be trusted */
};

/* One analogue channel, all of them in the file's order. */
struct cis_comtrade_channel {
	char name[CIS_NAME_SIZE]; /* UTF-8 */
	char phase[8];
	char unit[16];
	bool usable; /* a voltage or a current */
	enum cis_quantity quantity;
	double to_si; /* 1000 for kV */
	double skew_s;
	double primary, secondary;
	bool is_primary; /* values are primary ones */
	bool has_side;   /* the file says which; if not, is_primary is false */
	double min, max; /* of the data, times a plus b, in SI; 0, 0: unknown */
	bool clips;      /* min and max look like a converter's limits */
};

struct cis_comtrade_info {
	char station[CIS_NAME_SIZE];
	unsigned rev_year;  /* 1991, 1999, 2013 */
	double fnom_hz;     /* line frequency; 0: not given */
	uint32_t n_channel; /* analogue */
	uint32_t n_status;
	uint64_t n_scan;
	uint32_t n_segment;
	bool binary; /* codes are the converter's: min, max may clip */
	struct cis_time start; /* of scan 0 */
	/* 2013 tmq_code: unc_s NaN where nothing is said; unlocked_s is 0 for
	 * a locked clock, else INFINITY, for the file does not tell. */
	struct cis_time_quality quality;
};

int cis_comtrade_new(const struct cis_comtrade_files *files,
		     struct cis_comtrade **out, struct cis_warn_list *warn,
		     struct cis_diag *diag);
void cis_comtrade_free(struct cis_comtrade *rec); /* NULL is allowed */

const struct cis_comtrade_info *cis_comtrade_info(const struct cis_comtrade *);
const struct cis_comtrade_channel *
cis_comtrade_channel(const struct cis_comtrade *rec, uint32_t i);
const struct cis_comtrade_segment *
cis_comtrade_segment(const struct cis_comtrade *rec, uint32_t i);

/* Scans first..first+n-1 of one channel, in V or A as recorded; a value that is
 * missing is NaN. The range must lie within the record. */
void cis_comtrade_read(const struct cis_comtrade *rec, uint32_t channel,
		       uint64_t first, uint32_t n, double *x);

/* ---- writing ---- */

enum cis_comtrade_format {
	CIS_COMTRADE_FLOAT32,  /* 2013 */
	CIS_COMTRADE_BINARY32, /* 2013; needs a range for every channel */
	CIS_COMTRADE_BINARY,   /* 1999, of 16 bits; needs a range likewise */
};

struct cis_comtrade_header {
	const char *station;
	const char *device; /* NULL: "cisoid" */
	enum cis_comtrade_format format;
	double fnom_hz;              /* 0: not known */
	struct cis_scan_clock clock; /* its anchor_scan is the first sample */
	bool unsync;    /* the dates are not traceable to UTC; 2013 */
	bool secondary; /* values are secondary ones */
	uint64_t n_scan;
	const struct cis_chan_map *map;
	const double *delay_s; /* [n_chan] skew; NULL: none */
};

/* -EINVAL with a message that names a channel without the range that BINARY32
 * and BINARY need. */
int cis_comtrade_check_range(const struct cis_comtrade_header *h,
			     struct cis_diag *diag);

/*
 * The text of the CFG file (CR LF, UTC); length or -EMSGSIZE. Commas in names
 * become semicolons. In that of 1999 dates have microseconds. No quality is
 * written where unc_s is INFINITY though neither unlocked_s nor `unsync` says
 * that it is bad: nobody knows.
 */
#define CIS_COMTRADE_CFG_SIZE (4096 + 512 * CIS_MAX_CHAN) /* enough for any */
int cis_comtrade_cfg_encode(const struct cis_comtrade_header *h, char *buf,
			    size_t size);
/* Bytes of one row of the DAT file. */
size_t cis_comtrade_row_len(const struct cis_comtrade_header *h);
/*
 * Row number n (from 0); x[c * stride] is channel c. A missing value is written
 * as the standard's mark for it, and so is a time stamp that 32 bits of
 * microseconds do not hold (after 71 minutes). Returns the row's length.
 */
size_t cis_comtrade_row_encode(const struct cis_comtrade_header *h, uint64_t n,
			       const double *x, size_t stride, uint8_t *buf);

#endif
