/*
 * fuzz_lint.c - any bytes as frames for the linter: alone, and as a stream cut
 * by FRAMESIZE, with every CHK made right so that more is looked at.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/c37.h"
#include "cisoid/lint.h"
#include "fuzz.h"

/* What is said is within the frame, and said once. */
static void check(const struct cis_lint_list *found)
{
	for (uint32_t i = 0; i < cis_lint_kept(found); i++) {
		const struct cis_lint_finding *at = &found->at[i];

		if (!at->text[0] || at->times == 0 || at->offset > 65535)
			abort();
		for (uint32_t k = 0; k < i; k++)
			if (found->at[k].rule == at->rule)
				abort();
	}
}

/* Without a table: the fuzzer's frames are short. */
static void seal(uint8_t *frame, size_t len)
{
	unsigned crc = 0xFFFF;

	for (size_t i = 0; i + 2 < len; i++) {
		crc ^= (unsigned)frame[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
	}
	frame[len - 2] = (uint8_t)(crc >> 8);
	frame[len - 1] = (uint8_t)crc;
}

/* Copies of its own length, for the address sanitizer. */
static void put(struct cis_lint *lint, const uint8_t *data, size_t len,
		bool sealed)
{
	struct cis_time arrival = {.tai_ns = INT64_C(1700000000000000000)};
	struct cis_lint_list found;
	uint8_t *frame = malloc(len + 1);

	if (!frame)
		abort();
	memcpy(frame, data, len);
	if (sealed && len >= 16)
		seal(frame, len);
	cis_lint_put(lint, frame, len, len % 2 ? &arrival : NULL, &found);
	check(&found);
	free(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cis_lint *lint, *other;
	struct cis_lint_list found;
	bool sealed = size > 0 && data[0] & 1;

	if (size > 0) {
		data++;
		size--;
	}
	if (cis_lint_new(&lint) || cis_lint_new(&other))
		abort();
	cis_lint_frame(data, size, &found);
	check(&found);
	while (size > 0) {
		size_t n = size < 4 ? size : (size_t)data[2] << 8 | data[3];

		if (n == 0 || n > size)
			n = size;
		put(lint, data, n, sealed);
		data += n;
		size -= n;
	}
	cis_lint_adopt(other, lint);
	cis_lint_end(lint, &found);
	check(&found);
	cis_lint_end(other, &found);
	cis_lint_free(lint);
	cis_lint_free(other);
	return 0;
}
