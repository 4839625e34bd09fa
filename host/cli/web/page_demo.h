/*
 * page_demo.h - a device under test that is not there: for the page of a `run` of
 * simulated samples, and marked as simulated.
 *
 * It says the truth of the signal, with magnitudes that are 0.3 % too large; what
 * the page shows is its error against the reports, as of a real one.
 */
#ifndef HOST_CLI_WEB_PAGE_DEMO_H
#define HOST_CLI_WEB_PAGE_DEMO_H

#include "cisoid/signal.h"
#include "host/acq/cal/cal.h"
#include "page.h"

struct cis_page_demo {
	bool on;
	struct cis_signal sig;
	int64_t t0_tai_s;
	double ratio[CIS_SIGNAL_N_CHAN]; /* primary to the signal's */
};

/* Of "mock:f=50.1,...", whose t is 0 at t0_tai_s; off with any other source. cal
 * may be NULL. */
void cis_page_demo_init(struct cis_page_demo *demo, const char *source,
			int64_t t0_tai_s, const struct cis_cal *cal);

/* "dut" of a report and of the state; NULL when off. */
json_t *cis_page_demo_report(const struct cis_page_demo *demo,
			     const struct cis_page_sample *sample);
json_t *cis_page_demo_state(const struct cis_page_demo *demo);

#endif
