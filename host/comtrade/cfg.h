/*
 * cfg.h - a CFG file as numbers.
 */
#ifndef HOST_COMTRADE_CFG_H
#define HOST_COMTRADE_CFG_H

#include "cisoid/comtrade.h"
#include "tell.h"
#include "text.h"

enum comtrade_type {
	COMTRADE_ASCII,
	COMTRADE_BINARY,
	COMTRADE_BINARY32,
	COMTRADE_FLOAT32,
};

/* A value is a * code + b in the channel's unit. */
struct comtrade_scale {
	double a, b;
	double min, max; /* of the code; 0, 0: not given */
};

/* "samp,endsamp" */
struct comtrade_rate {
	double rate_hz; /* 0: none */
	uint64_t end;   /* scans up to here, the last one included */
};

struct comtrade_cfg {
	struct cis_comtrade_info info;        /* but n_scan and n_segment */
	struct cis_comtrade_channel *channel; /* [info.n_channel] */
	struct comtrade_scale *scale;         /* [info.n_channel] */
	struct comtrade_rate *rate;           /* [n_rate] */
	uint32_t n_rate;                      /* >= 1 */
	enum comtrade_type type;
	bool nanoseconds; /* the dates have more than six decimals */
	bool undated;     /* the first date is none */
	double timemult;
};

/* Reads and cuts up `text`, which begins after line `line` of the file.
 * -EBADMSG, -ENOMEM; free() only after success. */
int comtrade_cfg_parse(char *text, unsigned line, struct comtrade_cfg *cfg,
		       const struct comtrade_tell *tell);
void comtrade_cfg_free(struct comtrade_cfg *cfg);

/* One "An,..." line; `line` is its number in the file. */
int comtrade_channel_parse(char *text, unsigned line, struct comtrade_cfg *cfg,
			   uint32_t i, const struct comtrade_tell *tell);

/*
 * date.c: "dd/mm/yyyy,hh:mm:ss.ssssss" (1991: month first). *digits receives
 * the number of decimals. -EINVAL when there is no such date.
 */
struct comtrade_date {
	int64_t tai_s;
	int64_t ns;
	unsigned digits;
	bool swapped; /* day and month were the other way round */
};
int comtrade_date_parse(const char *text, bool month_first,
			struct comtrade_date *date);

/* "-5h30", "+1", "0": seconds that local time is ahead of UTC; -EINVAL for "x"
 * and anything else. */
int comtrade_zone_parse(const char *text, int *ahead_s);

#endif
