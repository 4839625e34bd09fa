/* capture.c - from capture files to conversations; see capture.h. */
#define _DEFAULT_SOURCE /* pcap.h: u_int */
#include "capture.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/utc.h"
#include "flow.h"
#include "host/core/be.h"
#include "ipfrag.h"

#define PROTO_TCP 6
#define PROTO_UDP 17

#define ETHER_IPV4 0x0800
#define ETHER_IPV6 0x86DD

/* tcpdump.org/linktypes.html; not every libpcap names it. */
#define LINK_SLL2 276

struct capture {
	int link;
	struct flow_table *flows;
	struct ipfrag_table *frags;
	struct cis_capture_stats *stats;
};

struct bytes {
	const uint8_t *p;
	size_t len;
};

static bool skip(struct bytes *b, size_t n)
{
	if (b->len < n)
		return false;
	b->p += n;
	b->len -= n;
	return true;
}

/* ---- transport ---- */

static int take_udp(struct capture *c, struct flow_packet *p, struct bytes b)
{
	size_t len;

	if (b.len < 8)
		return 0;
	p->from.port = cis_be16(b.p);
	p->to.port = cis_be16(b.p + 2);
	len = cis_be16(b.p + 4);
	if (len >= 8 && len < b.len)
		b.len = len;
	skip(&b, 8);
	p->data = b.p;
	p->len = b.len;
	return flow_udp(c->flows, p);
}

static int take_tcp(struct capture *c, struct flow_packet *p, struct bytes b)
{
	size_t head_len;

	if (b.len < 20)
		return 0;
	p->from.port = cis_be16(b.p);
	p->to.port = cis_be16(b.p + 2);
	p->seq = cis_be32(b.p + 4);
	p->ack = cis_be32(b.p + 8);
	p->syn = b.p[13] & 0x02;
	p->has_ack = b.p[13] & 0x10;
	head_len = (size_t)(b.p[12] >> 4) * 4;
	if (head_len < 20 || !skip(&b, head_len))
		return 0;
	p->data = b.p;
	p->len = b.len;
	return flow_tcp(c->flows, p);
}

static int take_transport(struct capture *c, struct flow_packet *p,
			  uint8_t proto, struct bytes b)
{
	if (proto == PROTO_TCP)
		return take_tcp(c, p, b);
	if (proto == PROTO_UDP)
		return take_udp(c, p, b);
	c->stats->other++;
	return 0;
}

static int take_fragment(struct capture *c, struct flow_packet *p,
			 struct ipfrag *f, struct bytes b)
{
	const uint8_t *whole;
	size_t len;

	memcpy(f->src, p->from.ip, sizeof(f->src));
	memcpy(f->dst, p->to.ip, sizeof(f->dst));
	f->data = b.p;
	f->len = b.len;
	len = ipfrag_put(c->frags, f, &whole);
	if (len == 0)
		return 0;
	return take_transport(c, p, f->proto, (struct bytes){whole, len});
}

/* ---- internet ---- */

static void map_ipv4(uint8_t ip[16], const uint8_t *v4)
{
	memset(ip, 0, 10);
	ip[10] = ip[11] = 0xFF;
	memcpy(ip + 12, v4, 4);
}

static int take_ipv4(struct capture *c, struct flow_packet *p, struct bytes b)
{
	size_t head_len, total_len;
	uint16_t frag;
	uint8_t proto;

	if (b.len < 20 || b.p[0] >> 4 != 4)
		return 0;
	head_len = (b.p[0] & 0x0Fu) * 4;
	total_len = cis_be16(b.p + 2);
	/* Ethernet pads; offloading network cards may leave a length of 0. */
	if (total_len >= head_len && total_len < b.len)
		b.len = total_len;
	frag = cis_be16(b.p + 6);
	proto = b.p[9];
	map_ipv4(p->from.ip, b.p + 12);
	map_ipv4(p->to.ip, b.p + 16);
	if (frag & 0x3FFF) {
		struct ipfrag f = {.id = cis_be16(b.p + 4),
				   .proto = proto,
				   .more = frag & 0x2000,
				   .offset = (frag & 0x1FFFu) * 8};

		if (head_len < 20 || !skip(&b, head_len))
			return 0;
		return take_fragment(c, p, &f, b);
	}
	if (head_len < 20 || !skip(&b, head_len))
		return 0;
	return take_transport(c, p, proto, b);
}

static bool is_ipv6_option(uint8_t proto)
{
	return proto == 0 || proto == 43 || proto == 60; /* RFC 8200, 4 */
}

static int take_ipv6(struct capture *c, struct flow_packet *p, struct bytes b)
{
	size_t payload_len;
	uint8_t proto;

	if (b.len < 40 || b.p[0] >> 4 != 6)
		return 0;
	payload_len = cis_be16(b.p + 4);
	proto = b.p[6];
	memcpy(p->from.ip, b.p + 8, 16);
	memcpy(p->to.ip, b.p + 24, 16);
	skip(&b, 40);
	if (payload_len > 0 && payload_len < b.len)
		b.len = payload_len;
	while (is_ipv6_option(proto)) {
		if (b.len < 2)
			return 0;
		proto = b.p[0];
		if (!skip(&b, (b.p[1] + 1u) * 8))
			return 0;
	}
	if (proto == 44 && b.len >= 8) {
		struct ipfrag f = {.id = cis_be32(b.p + 4),
				   .proto = b.p[0],
				   .more = b.p[3] & 1,
				   .offset = cis_be16(b.p + 2) & 0xFFF8u};

		skip(&b, 8);
		return take_fragment(c, p, &f, b);
	}
	return take_transport(c, p, proto, b);
}

static int take_ip(struct capture *c, struct flow_packet *p, struct bytes b)
{
	if (b.len > 0 && b.p[0] >> 4 == 4)
		return take_ipv4(c, p, b);
	if (b.len > 0 && b.p[0] >> 4 == 6)
		return take_ipv6(c, p, b);
	c->stats->other++;
	return 0;
}

/* ---- link ---- */

static int take_ether(struct capture *c, struct flow_packet *p, unsigned type,
		      struct bytes b)
{
	/* VLAN tags: 802.1Q, 802.1ad and an older one. */
	while (type == 0x8100 || type == 0x88A8 || type == 0x9100) {
		if (b.len < 4)
			return 0;
		type = cis_be16(b.p + 2);
		skip(&b, 4);
	}
	if (type == ETHER_IPV4 || type == ETHER_IPV6)
		return take_ip(c, p, b);
	c->stats->other++;
	return 0;
}

/* Where the ethertype and what it names begin; 0: no ethertype. */
static bool link_layout(int link, size_t *type_at, size_t *head_len)
{
	switch (link) {
	case DLT_EN10MB:
		*type_at = 12;
		*head_len = 14;
		return true;
	case DLT_LINUX_SLL:
		*type_at = 14;
		*head_len = 16;
		return true;
	case LINK_SLL2:
		*type_at = 0;
		*head_len = 20;
		return true;
	default:
		return false;
	}
}

static bool link_known(int link)
{
	size_t type_at, head_len;

	return link_layout(link, &type_at, &head_len) || link == DLT_RAW ||
	       link == DLT_NULL || link == DLT_LOOP || link == DLT_IPV4 ||
	       link == DLT_IPV6;
}

static int take_packet(struct capture *c, struct flow_packet *p, struct bytes b)
{
	size_t type_at, head_len;
	unsigned type;

	if (link_layout(c->link, &type_at, &head_len)) {
		if (b.len < head_len)
			return 0;
		type = cis_be16(b.p + type_at);
		skip(&b, head_len);
		return take_ether(c, p, type, b);
	}
	/* The address family's number is the system's: look at IP instead. */
	if ((c->link == DLT_NULL || c->link == DLT_LOOP) && !skip(&b, 4))
		return 0;
	return take_ip(c, p, b);
}

/* ---- file ---- */

bool cis_capture_is(const uint8_t *buf, size_t len)
{
	static const uint32_t magic[] = {0xA1B2C3D4, 0xD4C3B2A1, 0xA1B23C4D,
					 0x4D3CB2A1, 0x0A0D0D0A};

	for (size_t i = 0; len >= 4 && i < sizeof(magic) / sizeof(magic[0]);
	     i++)
		if (cis_be32(buf) == magic[i])
			return true;
	return false;
}

/* Dates that cis_time cannot hold are nonsense: 1970 instead. */
static struct cis_time packet_time(const struct pcap_pkthdr *head)
{
	int64_t s = head->ts.tv_sec;
	int64_t ns = head->ts.tv_usec; /* opened for nanoseconds */

	if (s < 0 || s > UINT32_MAX || ns < 0 || ns >= CIS_NS_PER_S)
		s = ns = 0;
	return cis_time_from_posix(s, ns);
}

static int read_packets(struct capture *c, pcap_t *pcap, const char *name,
			struct cis_warn_list *warn)
{
	struct pcap_pkthdr *head;
	const uint8_t *data;
	int more;

	while ((more = pcap_next_ex(pcap, &head, &data)) == 1) {
		struct flow_packet p = {
			.number = ++c->stats->packets,
			.time = packet_time(head),
		};
		int err;

		c->stats->cut += head->caplen < head->len;
		err = take_packet(c, &p, (struct bytes){data, head->caplen});

		if (err)
			return err;
	}
	if (more == -1)
		cis_warn(warn, "%s: ends after %llu packets: %s", name,
			 (unsigned long long)c->stats->packets,
			 pcap_geterr(pcap));
	return 0;
}

static int read_all(struct capture *c, pcap_t *pcap, const char *name,
		    struct cis_warn_list *warn, struct cis_diag *diag)
{
	int err;

	c->link = pcap_datalink(pcap);
	if (!link_known(c->link)) {
		const char *link = pcap_datalink_val_to_name(c->link);

		return cis_fail(diag, -EBADMSG,
				"%s: captured on a link of type %s (%d); known "
				"are Ethernet, Linux cooked, loopback and raw "
				"IP",
				name, link ? link : "unknown", c->link);
	}
	err = c->flows && c->frags ? read_packets(c, pcap, name, warn)
				   : -ENOMEM;
	if (err)
		return cis_fail(diag, err, "%s: out of memory", name);
	flow_finish(c->flows);
	return 0;
}

int cis_capture_read(FILE *file, const char *name,
		     const struct cis_capture_taker *to, struct cis_diag *diag)
{
	char text[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(
		file, PCAP_TSTAMP_PRECISION_NANO, text);
	struct capture c = {.stats = to->stats};
	int err;

	memset(to->stats, 0, sizeof(*to->stats));
	if (!pcap) {
		fclose(file);
		return cis_fail(diag, -EBADMSG, "%s: not a capture: %s", name,
				text);
	}
	c.flows = flow_table_new(to);
	c.frags = ipfrag_new();
	err = read_all(&c, pcap, name, to->warn, diag);
	flow_table_free(c.flows);
	ipfrag_free(c.frags);
	pcap_close(pcap); /* and file */
	return err;
}
