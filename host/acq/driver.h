/*
 * driver.h - the driver's side of source.h.
 *
 * A driver is source_<name>.c, which defines one struct of operations, and what
 * it needs beside it; it is declared at the foot of this file, and is listed in
 * source.c. It never logs, starts no thread but that of a front end's link, and
 * does not allocate between start and stop.
 */
#ifndef HOST_ACQ_DRIVER_H
#define HOST_ACQ_DRIVER_H

#include "cisoid/source.h"
#include "host/acq/event.h"

/* Every operation but the last is mandatory; all behave as source.h says. */
struct cis_source_ops {
	const char *name; /* as in "name:key=value,..." */
	const char *summary;

	int (*open)(const char *opts, struct cis_source **out,
		    struct cis_diag *diag);
	void (*close)(struct cis_source *src);
	int (*start)(struct cis_source *src, struct cis_time at,
		     struct cis_diag *diag);
	void (*stop)(struct cis_source *src);
	int (*read)(struct cis_source *src, struct cis_block *blk,
		    int timeout_ms);
	/* NULL: it reads no files */
	bool (*reads)(const struct cis_source *src, const char *path);
};

/* What every source has: the first member of the driver's own struct. */
struct cis_source {
	const struct cis_source_ops *ops;
	struct cis_source_info info;
	struct cis_chan_map map;   /* info.map */
	struct cis_warn_list warn; /* info.warn */
	enum cis_event_kind fault; /* why read() returned -EPIPE */
	struct cis_diag why;       /* it waits; "": it does not */
};

extern const struct cis_source_ops cis_source_mock;
extern const struct cis_source_ops cis_source_replay;
#ifdef CISOID_HAVE_COMEDI
extern const struct cis_source_ops cis_source_comedi;
#endif

#endif
