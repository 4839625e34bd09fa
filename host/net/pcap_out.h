/*
 * pcap_out.h - frames as a capture file that tshark and Wireshark decode.
 *
 * Each frame is one UDP datagram, 127.0.0.1 port 4712 to 4713, over Ethernet.
 * The file is written beside its name and renamed when it is whole.
 */
#ifndef HOST_NET_PCAP_OUT_H
#define HOST_NET_PCAP_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cisoid/diag.h"

struct cis_pcap_out;

/* "-" is standard output. -EEXIST unless `force`, and the system's errors, with
 * a message. */
int cis_pcap_open(const char *path, bool force, struct cis_pcap_out **out,
		  struct cis_diag *diag);

/* At most CIS_C37_MAX_UDP bytes, else -EMSGSIZE. -EIO: nothing more can be
 * written; why is told by close. */
int cis_pcap_put(struct cis_pcap_out *po, int64_t soc, uint32_t us,
		 const uint8_t *frame, size_t len);

/* Writes the rest and gives the file its name; frees `po`. Without a frame a
 * file that exists stays as it is, with a warning. */
int cis_pcap_close(struct cis_pcap_out *po, struct cis_diag *diag);

/* Gives the file up; nothing is left behind. */
void cis_pcap_abort(struct cis_pcap_out *po);

#endif
