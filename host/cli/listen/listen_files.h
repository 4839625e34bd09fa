/*
 * listen_files.h - what a session of listen writes: tables, a capture, counts.
 */
#ifndef HOST_CLI_LISTEN_FILES_H
#define HOST_CLI_LISTEN_FILES_H

#include "host/net/pcap_out.h"
#include "listen.h"
#include "listen_out.h"
#include "listen_sum.h"

struct cis_listen_files {
	const struct cis_listen_config *lc;
	struct cis_listen_out out;
	struct cis_outfile stats;
	struct cis_pcap_out *pcap; /* NULL: none */
	bool table; /* standard output is a terminal and free for one */
};

/* 0, or an exit status after a sentence. */
int cis_listen_files_open(struct cis_listen_files *files,
			  const struct cis_listen_config *lc);

/* Keeps the files, with the counts in `sum`; NULL: nothing was received, and
 * nothing is kept. 0, or an error with a message. */
int cis_listen_files_close(struct cis_listen_files *files,
			   const struct cis_listen_sum *sum,
			   struct cis_diag *diag);

/* A frame for the capture, if there is one. -EMSGSIZE is told; any other error
 * ends the capture, and close() tells why. */
int cis_listen_files_capture(struct cis_listen_files *files,
			     struct cis_time arrival, const uint8_t *frame,
			     size_t len);

void cis_listen_files_free(struct cis_listen_files *files);

#endif
