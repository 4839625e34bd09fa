/* ipfrag.h - puts the fragments of IP packets together. */
#ifndef HOST_NET_IPFRAG_H
#define HOST_NET_IPFRAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ipfrag {
	uint8_t src[16], dst[16];
	uint32_t id;
	uint8_t proto;
	bool more;     /* fragments follow */
	size_t offset; /* of data in the whole */
	const uint8_t *data;
	size_t len;
};

struct ipfrag_table;

struct ipfrag_table *ipfrag_new(void);
void ipfrag_free(struct ipfrag_table *t);

/*
 * Takes a fragment. When it completes its packet, sets *data (valid until the
 * next call) and returns the length; 0 until then.
 */
size_t ipfrag_put(struct ipfrag_table *t, const struct ipfrag *f,
		  const uint8_t **data);

#endif
