/*
 * listen.h - a session with a PMU: connect, count, write, stop.
 */
#ifndef HOST_CLI_LISTEN_H
#define HOST_CLI_LISTEN_H

#include "host/cli/cli.h"

struct cis_listen_config {
	const char *spec;     /* tcp:HOST:PORT[,data=udp:PORT], udp:HOST:PORT */
	uint16_t idcode;      /* 0: 1 in commands, any in what comes */
	unsigned cfg;         /* 2, 3; 0: 3, and 2 from who does not answer */
	double timeout_s;     /* for a connection or an answer; 0: the usual */
	double retry_s;       /* to reach a PMU again that was lost */
	uint64_t count;       /* data frames; 0: no end */
	double duration_s;    /* of data; INFINITY: no end */
	const char *cfg_file; /* configurations; NULL */
	const char *csv;      /* file or "-"; NULL */
	const char *pcap;     /* file; NULL */
	const char *stats;    /* file or "-"; NULL */
	bool json;
	bool doctor; /* doctor.h instead */
	bool force;
};

/* Runs until the count, the duration, a signal or the end of the stream.
 * Returns the exit status; what went wrong was told. */
int cis_listen_run(const struct cis_listen_config *lc);

#endif
