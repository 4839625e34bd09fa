/* test_pcap_out.c - captures that we write, as libpcap reads them. */
#define _DEFAULT_SOURCE /* pcap.h needs u_int */

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "cisoid/c37.h"
#include "host/net/pcap_out.h"

struct place {
	char folder[64];
	char path[80];
};

static void place_open(struct place *p)
{
	strcpy(p->folder, "/tmp/cisoid-pcap-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof(p->path), "%s/x.pcap", p->folder);
}

/* Fails when anything but x.pcap was left there. */
static void place_close(struct place *p)
{
	unlink(p->path);
	assert_int_equal(rmdir(p->folder), 0);
}

static unsigned u16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* RFC 1071: the sum over a header with its checksum is all ones. */
static unsigned ip_sum(const uint8_t *ip)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < 20; i += 2)
		sum += u16(ip + i);
	return (sum & 0xFFFF) + (sum >> 16);
}

static void frames_are_read_back_from_udp_over_ethernet(void **state)
{
	static uint8_t frame[CIS_C37_MAX_UDP];
	static const size_t lens[] = {0, 1, 90, CIS_C37_MAX_UDP};
	char err[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *hdr;
	struct cis_pcap_out *po;
	const u_char *pkt;
	struct place p;
	pcap_t *in;

	(void)state;
	place_open(&p);
	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 7);
	assert_int_equal(cis_pcap_open(p.path, false, &po, NULL), 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(cis_pcap_put(po, 1700000000,
					      (uint32_t)(16667 * i), frame,
					      lens[i]),
				 0);
	assert_int_equal(access(p.path, F_OK), -1); /* not before it is whole */
	assert_int_equal(cis_pcap_close(po, NULL), 0);
	in = pcap_open_offline(p.path, err);
	assert_non_null(in);
	assert_int_equal(pcap_datalink(in), DLT_EN10MB);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pcap_next_ex(in, &hdr, &pkt), 1);
		assert_int_equal(hdr->ts.tv_sec, 1700000000);
		assert_int_equal(hdr->ts.tv_usec, 16667 * i);
		assert_int_equal(hdr->caplen, 42 + lens[i]);
		assert_int_equal(u16(pkt + 12), 0x0800);
		assert_int_equal(ip_sum(pkt + 14), 0xFFFF);
		assert_int_equal(u16(pkt + 16), 28 + lens[i]);
		assert_int_equal(pkt[23], 17);
		assert_int_equal(u16(pkt + 36), CIS_C37_PORT_UDP);
		assert_int_equal(u16(pkt + 38), 8 + lens[i]);
		assert_memory_equal(pkt + 42, frame, lens[i]);
	}
	assert_int_equal(pcap_next_ex(in, &hdr, &pkt), PCAP_ERROR_BREAK);
	pcap_close(in);
	place_close(&p);
}

static void longer_frames_do_not_fit_a_datagram(void **state)
{
	static uint8_t frame[CIS_C37_MAX_UDP + 1];
	struct cis_pcap_out *po;
	struct place p;

	(void)state;
	place_open(&p);
	assert_int_equal(cis_pcap_open(p.path, false, &po, NULL), 0);
	assert_int_equal(cis_pcap_put(po, 0, 0, frame, sizeof(frame)),
			 -EMSGSIZE);
	cis_pcap_abort(po);
	place_close(&p);
}

static void existing_files_are_kept_unless_forced(void **state)
{
	struct cis_pcap_out *po;
	struct cis_diag diag;
	struct place p;
	struct stat st;

	(void)state;
	place_open(&p);
	fclose(fopen(p.path, "wb"));
	assert_int_equal(cis_pcap_open(p.path, false, &po, &diag), -EEXIST);
	assert_non_null(strstr(diag.msg, p.path));
	assert_int_equal(cis_pcap_open(p.path, true, &po, &diag), 0);
	cis_pcap_abort(po);
	assert_int_equal(stat(p.path, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(cis_pcap_open(p.path, true, &po, &diag), 0);
	assert_int_equal(cis_pcap_close(po, &diag), 0);
	assert_int_equal(stat(p.path, &st), 0);
	assert_int_equal(st.st_size, 24); /* the file header */
	/* What has content is not replaced by a capture without a frame. */
	assert_int_equal(truncate(p.path, 100), 0);
	assert_int_equal(cis_pcap_open(p.path, true, &po, &diag), 0);
	assert_int_equal(cis_pcap_close(po, &diag), 0);
	assert_int_equal(stat(p.path, &st), 0);
	assert_int_equal(st.st_size, 100);
	place_close(&p);
}

static void what_cannot_be_written_is_told(void **state)
{
	static uint8_t frame[60000];
	struct cis_pcap_out *po;
	struct cis_diag diag;
	struct place p;

	(void)state;
	place_open(&p);
	assert_int_equal(cis_pcap_open(p.folder, true, &po, &diag), -EISDIR);
	assert_int_equal(
		cis_pcap_open("/tmp/no/such/folder", false, &po, &diag),
		-ENOENT);
	place_close(&p);
	if (access("/dev/full", W_OK))
		skip();
	assert_int_equal(cis_pcap_open("/dev/full", false, &po, &diag), 0);
	assert_int_equal(cis_pcap_put(po, 0, 0, frame, sizeof(frame)), -EIO);
	assert_int_equal(cis_pcap_close(po, &diag), -ENOSPC);
	assert_non_null(strstr(diag.msg, "/dev/full"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_read_back_from_udp_over_ethernet),
		cmocka_unit_test(longer_frames_do_not_fit_a_datagram),
		cmocka_unit_test(existing_files_are_kept_unless_forced),
		cmocka_unit_test(what_cannot_be_written_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
