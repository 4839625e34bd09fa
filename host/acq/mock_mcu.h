/*
 * mock_mcu.h - a front end that starts the mock, "clock=mcu:WHERE", and names its
 * seconds as it would a board's. Samples come at the time of its edges.
 */
#ifndef HOST_ACQ_MOCK_MCU_H
#define HOST_ACQ_MOCK_MCU_H

#include "host/acq/mcu/front_end.h"

struct cis_mock_mcu {
	struct cis_front_end_opts opts;
	const char *key; /* of the others that was set last; NULL: none */
	struct cis_front_end front_end; /* mcu NULL: there is none */
	bool armed;                     /* it has agreed to a second: */
	struct cis_front_end_start start;
};

/* All keys there are; ends with NULL. */
extern const char *const cis_mock_mcu_keys[];

void cis_mock_mcu_init(struct cis_mock_mcu *m);

/* -ENOENT: no such key. -EINVAL, with a message. */
int cis_mock_mcu_set(struct cis_mock_mcu *m, const char *key, const char *text,
		     struct cis_diag *diag);

/* What cis_front_end_open() says; the keys are checked as well. */
int cis_mock_mcu_open(struct cis_mock_mcu *m, double rate_hz,
		      struct cis_diag *diag);

/*
 * Whether scans up to after_ns after scan 0 come now: 0, scan 0 at m->start;
 * -ETIMEDOUT, after timeout_ms at most; -ETIME, -ENXIO: never; -EPIPE: the count
 * is torn. Without a front end they always do.
 */
int cis_mock_mcu_heed(struct cis_mock_mcu *m, int64_t after_ns, int timeout_ms,
		      struct cis_diag *why);

#endif
