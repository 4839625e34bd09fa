/* doctor_reach.c - whether there is such a name, and somebody at the address. */
#include <errno.h>
#include <stdio.h>

#include "doctor_in.h"

#define CONNECT_S 5
#define REFUSED_S 0.2 /* for the network to say that nobody listens */

static int lookup(struct doctor *d)
{
	struct cis_diag diag = {""};
	char text[CIS_ADDR_SIZE];

	doctor_begin(d, DOCTOR_LOOKUP);
	if (cis_probe_lookup(&d->probe, &diag)) {
		doctor_cause(d, "the name is misspelt");
		doctor_cause(d, "no name service is reached: try the address");
		doctor_end(d, DOCTOR_FAILED, "%.200s", diag.msg);
		return -EADDRNOTAVAIL;
	}
	doctor_end(
		d, DOCTOR_OK, "%s%s",
		cis_addr_format((struct sockaddr *)&d->probe.addr.ss[0], text),
		d->probe.addr.n > 1 ? " and others" : "");
	return 0;
}

static void why_not_reached(struct doctor *d, int err)
{
	if (err == -ECONNREFUSED) {
		doctor_cause(d, "the PMU is there, and the port is closed: "
				"4712 is usual for TCP, 4713 for UDP");
		doctor_cause(d, "its C37.118 output is not switched on, or "
				"is UDP");
	} else if (err == -ETIMEDOUT || err == -EHOSTUNREACH ||
		   err == -ENETUNREACH) {
		doctor_cause(d, "the address is wrong, or the PMU is off");
		doctor_cause(d, "a firewall drops the packets");
		doctor_cause(d, "there is no route to that network");
	} else if (err == -EADDRINUSE) {
		doctor_cause(d, "another program has the port of this "
				"computer");
	}
}

/* A port without a listener is told by the network, after something is sent. */
static int udp_refused(struct doctor *d)
{
	struct cis_probe_frame frame;
	double until_s = cis_probe_now_s() + REFUSED_S;

	if (d->probe.tcp || !d->probe.asks)
		return 0;
	cis_probe_send(&d->probe, d->idcode, CIS_C37_CMD_DATA_OFF);
	while (!d->probe.closed && cis_probe_now_s() < until_s)
		(void)doctor_next(d, until_s, &frame);
	return d->probe.closed ? d->probe.error : 0;
}

int doctor_connect(struct doctor *d)
{
	struct cis_diag diag = {""};
	int err = lookup(d);

	if (err)
		return err;
	doctor_begin(d, DOCTOR_REACH);
	err = cis_probe_open(&d->probe, doctor_timeout_s(d, CONNECT_S), &diag);
	if (!err) {
		err = udp_refused(d);
		if (err)
			snprintf(diag.msg, sizeof(diag.msg),
				 "%s: nobody listens there", d->probe.endpoint);
	}
	if (err) {
		why_not_reached(d, err);
		doctor_end(d, DOCTOR_FAILED, "%.250s", diag.msg);
		return err;
	}
	doctor_end(d, DOCTOR_OK, "%s%s", d->probe.endpoint,
		   d->probe.tcp    ? " is connected"
		   : d->probe.asks ? " does not refuse"
				   : " is this computer's: waiting for "
				     "what comes unasked");
	return 0;
}
