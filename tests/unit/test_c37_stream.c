/* test_c37_stream.c - a byte stream is cut into its frames. */
#include <errno.h>
#include <string.h>

#include "annex_d.h"
#include "check.h"
#include "cisoid/c37.h"

struct stream {
	uint8_t buf[4096];
	size_t len;
};

static void add(struct stream *s, const char *hex)
{
	s->len += from_hex(hex, s->buf + s->len);
}

/* Feeds the stream in pieces of `step` bytes; returns the types of its frames
 * as digits. */
static const char *types(const struct stream *s, size_t step, size_t *skipped)
{
	static struct cis_c37_splitter sp;
	static uint8_t buf[CIS_C37_MAX_FRAME];
	static char found[64];
	size_t n = 0;

	cis_c37_splitter_init(&sp, buf, sizeof(buf));
	for (size_t at = 0; at < s->len; at += step) {
		const uint8_t *p = s->buf + at, *frame;
		size_t left = s->len - at < step ? s->len - at : step;
		struct cis_c37_head head;
		int len;

		while ((len = cis_c37_splitter_next(&sp, &p, &left, &frame)) >
		       0) {
			assert_int_equal(
				cis_c37_peek(frame, (size_t)len, &head), len);
			found[n++] = (char)('0' + head.type);
		}
		assert_int_equal(len, -EAGAIN);
		assert_int_equal(left, 0);
	}
	found[n] = '\0';
	*skipped = sp.skipped;
	return found;
}

static void frames_are_found_whatever_the_pieces(void **state)
{
	struct stream s = {.len = 0};
	size_t skipped;

	(void)state;
	add(&s, ANNEX_D_CFG2 ANNEX_D_DATA ANNEX_D_DATA);
	add(&s, ANNEX_D_HEADER ANNEX_D_COMMAND ANNEX_D_DATA);
	for (size_t step = 1; step <= s.len; step++) {
		assert_string_equal(types(&s, step, &skipped), "300140");
		assert_int_equal(skipped, 0);
	}
}

static void garbage_is_skipped_and_counted(void **state)
{
	static const char *const garbage[] = {
		"00",
		"aa",
		"aaaaaa",
		"aa01ffff",               /* looks like a frame of 65535 */
		"aa010020000000000000",   /* ends within the next frame */
		"68000000aa31aa01001200", /* both, and more */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		struct stream s = {.len = 0};
		size_t skipped;

		/* A frame with another's check word puts it out of step. */
		add(&s, ANNEX_D_DATA "77");
		add(&s, garbage[i]);
		add(&s, ANNEX_D_DATA ANNEX_D_COMMAND ANNEX_D_DATA);
		for (size_t step = 1; step <= s.len; step++) {
			assert_string_equal(types(&s, step, &skipped), "0040");
			assert_int_equal(skipped, 1 + strlen(garbage[i]) / 2);
		}
	}
}

static void a_wrong_check_word_does_not_lose_the_frame(void **state)
{
	struct stream s = {.len = 0};
	size_t skipped;

	(void)state;
	add(&s, ANNEX_D_DATA ANNEX_D_DATA ANNEX_D_COMMAND);
	s.buf[60] ^= 1;
	assert_string_equal(types(&s, s.len, &skipped), "004");
	assert_int_equal(skipped, 0);
}

/* Within a stream in step: what follows it is not lost. */
static void a_frame_longer_than_the_buffer_is_skipped(void **state)
{
	struct stream s = {.len = 0};
	struct cis_c37_splitter sp;
	uint8_t small[18];

	(void)state;
	add(&s, ANNEX_D_COMMAND ANNEX_D_CFG2 ANNEX_D_COMMAND ANNEX_D_DATA);
	add(&s, ANNEX_D_COMMAND);
	for (size_t step = 1; step <= s.len; step++) {
		unsigned n = 0;

		cis_c37_splitter_init(&sp, small, sizeof(small));
		for (size_t at = 0; at < s.len; at += step) {
			const uint8_t *p = s.buf + at, *frame;
			size_t left = s.len - at < step ? s.len - at : step;

			while (cis_c37_splitter_next(&sp, &p, &left, &frame) ==
			       18) {
				assert_int_equal(frame[1] >> 4, CIS_C37_CMD);
				n++;
			}
			assert_int_equal(left, 0);
		}
		assert_int_equal(n, 3);
		assert_int_equal(sp.n_long, 2);
		assert_int_equal(sp.skipped, 0);
	}
}

/* Its length may be what is wrong: it is none when it does not fit. */
static void out_of_step_what_does_not_fit_is_no_frame(void **state)
{
	struct stream s = {.len = 0};
	const uint8_t *p = s.buf, *frame;
	struct cis_c37_splitter sp;
	uint8_t small[64];

	(void)state;
	add(&s, "77aa41ffff" ANNEX_D_COMMAND);
	cis_c37_splitter_init(&sp, small, sizeof(small));
	assert_int_equal(cis_c37_splitter_next(&sp, &p, &s.len, &frame), 18);
	assert_int_equal(sp.skipped, 5);
	assert_int_equal(sp.n_long, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_found_whatever_the_pieces),
		cmocka_unit_test(garbage_is_skipped_and_counted),
		cmocka_unit_test(a_wrong_check_word_does_not_lose_the_frame),
		cmocka_unit_test(a_frame_longer_than_the_buffer_is_skipped),
		cmocka_unit_test(out_of_step_what_does_not_fit_is_no_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
