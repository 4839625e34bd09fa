/* pickup.c - see pickup.h. */
#include "pickup.h"

#include <errno.h>

void cis_pickup_init(struct cis_pickup *p)
{
	p->proven = false;
	cis_c37_splitter_init(&p->split, p->buf, sizeof(p->buf));
}

static bool another_follows(const uint8_t *data, size_t len)
{
	struct cis_c37_head head;

	return cis_c37_peek(data, len, &head) != -EBADMSG;
}

void cis_pickup_put(struct cis_pickup *p, const uint8_t *data, size_t len,
		    cis_pickup_frame *frame, void *arg)
{
	const uint8_t *buf;
	int n;

	while ((n = cis_c37_splitter_next(&p->split, &data, &len, &buf)) > 0) {
		bool ok = cis_c37_crc_ok(buf, (size_t)n);

		p->proven = p->proven || ok;
		if (ok || another_follows(data, len))
			frame(arg, buf, (size_t)n, ok);
		else
			cis_c37_splitter_refuse(&p->split);
	}
}

size_t cis_pickup_finish(struct cis_pickup *p, cis_pickup_frame *frame,
			 void *arg)
{
	const uint8_t *none = NULL, *buf;
	size_t len = 0;
	int n = cis_c37_splitter_next(&p->split, &none, &len, &buf);

	/* What waits for the rest of a frame may hide whole ones. */
	while (n != -EAGAIN || !p->split.lost) {
		if (n > 0)
			frame(arg, buf, (size_t)n,
			      cis_c37_crc_ok(buf, (size_t)n));
		else
			cis_c37_splitter_refuse(&p->split);
		n = cis_c37_splitter_next(&p->split, &none, &len, &buf);
	}
	return p->split.skipped + p->split.fill;
}
