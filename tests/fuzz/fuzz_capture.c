/* fuzz_capture.c - any bytes as a capture file. */
#include <stdio.h>
#include <stdlib.h>

#include "cisoid/c37.h"
#include "fuzz.h"
#include "host/net/capture.h"

/* Every frame is whole, and its length its own. */
static void take(void *arg, const struct cis_capture_frame *f)
{
	struct cis_c37_head head;

	(void)arg;
	if (cis_c37_peek(f->frame, f->len, &head) != (int)f->len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cis_capture_stats stats;
	struct cis_warn_list warn = {.n = 0};
	struct cis_diag diag;
	const struct cis_capture_taker to = {
		.take = take, .stats = &stats, .warn = &warn};
	FILE *file;

	if (size == 0)
		return 0;
	file = fmemopen((void *)(uintptr_t)data, size, "rb");
	if (!file)
		return 0;
	(void)cis_capture_read(file, "input", &to, &diag);
	return 0;
}
