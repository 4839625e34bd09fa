/* pcap_out.c - see pcap_out.h. */
#define _DEFAULT_SOURCE /* pcap.h needs u_int */

#include "pcap_out.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cisoid/c37.h"
#include "cisoid/log.h"
#include "host/core/be.h"

#define ETH_LEN  14
#define IP_LEN   20
#define UDP_LEN  8
#define WRAP_LEN (ETH_LEN + IP_LEN + UDP_LEN)

struct cis_pcap_out {
	char path[4096];
	char tmp[4112];
	pcap_t *pcap;
	pcap_dumper_t *dump;
	uint16_t ip_id;
	uint64_t n; /* frames */
	int err;    /* the first */
	uint8_t packet[WRAP_LEN + CIS_C37_MAX_UDP];
};

/* RFC 791: ones' complement of the ones' complement sum. */
static uint16_t ip_checksum(const uint8_t *ip)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < IP_LEN; i += 2)
		sum += cis_be16(ip + i);
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return (uint16_t)~sum;
}

static void wrap(struct cis_pcap_out *po, size_t len)
{
	static const uint8_t loopback[8] = {127, 0, 0, 1, 127, 0, 0, 1};
	uint8_t *eth = po->packet;
	uint8_t *ip = eth + ETH_LEN;
	uint8_t *udp = ip + IP_LEN;

	memset(po->packet, 0, WRAP_LEN);
	cis_put_be16(eth + 12, 0x0800);
	ip[0] = 0x45;
	cis_put_be16(ip + 2, (uint16_t)(IP_LEN + UDP_LEN + len));
	cis_put_be16(ip + 4, po->ip_id++);
	ip[8] = 64;
	ip[9] = 17;
	memcpy(ip + 12, loopback, sizeof(loopback));
	cis_put_be16(ip + 10, ip_checksum(ip));
	cis_put_be16(udp, CIS_C37_PORT_TCP);
	cis_put_be16(udp + 2, CIS_C37_PORT_UDP);
	cis_put_be16(udp + 4, (uint16_t)(UDP_LEN + len));
}

static int choose_names(struct cis_pcap_out *po, const char *path, bool force,
			struct cis_diag *diag)
{
	struct stat st;
	bool there = !stat(path, &st);

	if (strlen(path) >= sizeof(po->path))
		return cis_fail(diag, -ENAMETOOLONG, "%.60s...: name too long",
				path);
	if (there && S_ISDIR(st.st_mode))
		return cis_fail(diag, -EISDIR, "%.200s: is a directory", path);
	if (there && S_ISREG(st.st_mode) && !force)
		return cis_fail(diag, -EEXIST,
				"%.200s: exists; --force overwrites it", path);
	strcpy(po->path, path);
	/* Devices and pipes are written in place. */
	if (!strcmp(path, "-") || (there && !S_ISREG(st.st_mode)))
		strcpy(po->tmp, path);
	else
		snprintf(po->tmp, sizeof(po->tmp), "%s.%ld", path,
			 (long)getpid());
	return 0;
}

static int open_dump(struct cis_pcap_out *po, struct cis_diag *diag)
{
	FILE *f = strcmp(po->path, "-") ? fopen(po->tmp, "wb") : stdout;

	if (!f) {
		int err = -errno;

		return cis_fail(diag, err, "%.200s: %s", po->path,
				strerror(-err));
	}
	po->pcap = pcap_open_dead(DLT_EN10MB, sizeof(po->packet));
	po->dump = po->pcap ? pcap_dump_fopen(po->pcap, f) : NULL;
	if (po->dump)
		return 0;
	if (f != stdout)
		fclose(f);
	return cis_fail(diag, -EIO, "%.200s: cannot write a capture", po->path);
}

int cis_pcap_open(const char *path, bool force, struct cis_pcap_out **out,
		  struct cis_diag *diag)
{
	struct cis_pcap_out *po = calloc(1, sizeof(*po));
	int err;

	if (!po)
		return cis_fail(diag, -ENOMEM, "out of memory");
	err = choose_names(po, path, force, diag);
	if (!err)
		err = open_dump(po, diag);
	if (err) {
		if (po->pcap)
			pcap_close(po->pcap);
		free(po);
		return err;
	}
	*out = po;
	return 0;
}

int cis_pcap_put(struct cis_pcap_out *po, int64_t soc, uint32_t us,
		 const uint8_t *frame, size_t len)
{
	struct pcap_pkthdr hdr = {
		.ts = {.tv_sec = (time_t)soc, .tv_usec = (suseconds_t)us},
		.caplen = (bpf_u_int32)(WRAP_LEN + len),
		.len = (bpf_u_int32)(WRAP_LEN + len)};

	if (len > CIS_C37_MAX_UDP)
		return -EMSGSIZE;
	wrap(po, len);
	memcpy(po->packet + WRAP_LEN, frame, len);
	errno = 0;
	pcap_dump((u_char *)po->dump, &hdr, po->packet);
	po->n++;
	if (!ferror(pcap_dump_file(po->dump)))
		return 0;
	if (!po->err)
		po->err = errno ? -errno : -EIO;
	return -EIO;
}

static bool in_place(const struct cis_pcap_out *po)
{
	return !strcmp(po->tmp, po->path);
}

void cis_pcap_abort(struct cis_pcap_out *po)
{
	pcap_dump_close(po->dump);
	if (!in_place(po))
		unlink(po->tmp);
	pcap_close(po->pcap);
	free(po);
}

/* Force is for another recording, not for none. */
static bool is_left(const struct cis_pcap_out *po)
{
	struct stat st;

	if (po->n || in_place(po) || stat(po->path, &st) || !st.st_size)
		return false;
	cis_log(CIS_LOG_WARN,
		"%s: left as it was: there is no frame to write in its place",
		po->path);
	return true;
}

int cis_pcap_close(struct cis_pcap_out *po, struct cis_diag *diag)
{
	FILE *f = pcap_dump_file(po->dump);
	int err = po->err;

	if (!err && is_left(po)) {
		cis_pcap_abort(po);
		return 0;
	}
	errno = 0;
	if (!err && (pcap_dump_flush(po->dump) || ferror(f)))
		err = errno ? -errno : -EIO;
	if (!err && !in_place(po) && fsync(fileno(f)))
		err = -errno;
	pcap_dump_close(po->dump);
	if (!err && !in_place(po) && rename(po->tmp, po->path))
		err = -errno;
	if (err && !in_place(po))
		unlink(po->tmp);
	if (err)
		cis_fail(diag, err, "%.200s: %s", po->path, strerror(-err));
	pcap_close(po->pcap);
	free(po);
	return err;
}
