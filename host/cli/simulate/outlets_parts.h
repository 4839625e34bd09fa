/* outlets_parts.h - outlets from within: outlets_open.c makes them, outlets.c
 * sends. */
#ifndef HOST_CLI_SIMULATE_OUTLETS_PARTS_H
#define HOST_CLI_SIMULATE_OUTLETS_PARTS_H

#include "fleet_feeds.h"
#include "host/net/pcap_out.h"
#include "host/net/udp_batch.h"
#include "outlets.h"

#define CIS_MAX_OUTLET 16

/* What a stream's receivers know. */
struct cis_outlet_told {
	bool knows; /* receivers may know an edition: */
	uint32_t edition;
	uint32_t turn; /* of configurations, and 1; 0: it is due */
};

enum cis_outlet_kind {
	CIS_OUTLET_UDP,
	CIS_OUTLET_FILE,
	CIS_OUTLET_FEEDS,
};

struct cis_outlet {
	enum cis_outlet_kind kind;
	struct cis_udp_batch *udp;
	struct cis_pcap_out *file;       /* NULL once closed */
	uint64_t frames, bytes, dropped; /* data, of a file */
	char name[320];
};

struct cis_outlets {
	struct cis_outlets_config oc;
	unsigned n;
	struct cis_outlet outlet[CIS_MAX_OUTLET];
	struct cis_fleet_feeds *feeds; /* NULL: nobody needs them */
	struct cis_outlet_told *told;  /* [shard] */
	int64_t turn_tai_s;            /* the second that `turn` is of */
	uint32_t turn;
	struct cis_outlets_stats done;      /* of what is closed */
	const struct cis_feed_watch *watch; /* NULL: nobody watches */
	struct cis_feed_watch of_feeds;     /* the same without data */
	bool closed;
	uint8_t scratch[CIS_C37_MAX_FRAME];
};

/* Where to, without the scheme. */
const char *cis_outlet_address(const struct cis_outlet *to);

/* Of whatever there will be, a datagram must hold it. -EINVAL with a message. */
int cis_outlets_check_datagrams(const struct cis_outlets *o,
				struct cis_maker *maker, struct cis_diag *diag);

#endif
