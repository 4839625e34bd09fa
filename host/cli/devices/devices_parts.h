/* devices_parts.h - the parts of `cisoid devices`. */
#ifndef HOST_CLI_DEVICES_PARTS_H
#define HOST_CLI_DEVICES_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "cisoid/selfcheck.h"
#include "cisoid/source.h"
#include "host/acq/cal/cal.h"
#include "host/acq/comedi/devices.h"

/* ---- list and show ---- */

void cis_devices_print_list(const struct cis_device *list, uint32_t n);
void cis_devices_print_facts(const struct cis_device_facts *facts);
/* What is corrected of its samples, by its own timing and by `cal`. */
void cis_devices_print_corrections(const struct cis_device_facts *facts,
				   const struct cis_cal *cal);
/* -ENOMEM */
int cis_devices_json_list(const struct cis_device *list, uint32_t n);
int cis_devices_json_facts(const struct cis_device_facts *facts,
			   const struct cis_cal *cal);
/* What to do where there is no board; one sentence. */
const char *cis_devices_hint(void);

/* ---- test ---- */

struct cis_devices_ask {
	const char *source;
	const char *against; /* a channel; NULL: the first */
	const char *write;   /* a file; NULL: none */
	bool force, json;
	double duration_s;
	struct cis_cal_chan cal[CIS_MAX_CHAN]; /* the corrections there are */
	uint32_t n_cal;
};

/* What was taken, and what it shows. */
struct cis_devices_test {
	const struct cis_devices_ask *ask;
	struct cis_source *src;
	struct cis_cal *cal;
	const struct cis_source_info *info;
	const struct cis_chan_map *map; /* behind the corrections */
	uint32_t against;
	double rate_hz;
	uint32_t n_scan;
	double *x; /* [n_chan][room] */
	uint32_t room;
	double delay_s[CIS_MAX_CHAN];
	bool clipped; /* a block says so */
	uint32_t n_restart;
	struct cis_selfcheck found;
};

/* An exit status; what went wrong was told. */
int cis_devices_test(const struct cis_devices_ask *ask);

void cis_devices_print_test(const struct cis_devices_test *t);
int cis_devices_json_test(const struct cis_devices_test *t);

/* "abc", "acb", "common", "unclear" */
const char *cis_devices_order_name(enum cis_order order);

/* -EEXIST with a sentence: the file to be written holds more than would be
 * written, which --force is not meant for. */
int cis_devices_check_map(const struct cis_devices_test *t,
			  struct cis_diag *diag);

/* Gains and delays as sections of a configuration file: what there was, less
 * what was found. -EEXIST and the like with a sentence. */
int cis_devices_write_map(const struct cis_devices_test *t,
			  struct cis_diag *diag);

/* The correction of a channel that there is; one that does nothing if none. */
struct cis_cal_chan cis_devices_correction(const struct cis_devices_ask *ask,
					   const char *name);

#endif
