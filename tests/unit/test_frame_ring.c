/* test_frame_ring.c - the last frames are there, each as it was made. */
#include <string.h>

#include "check.h"
#include "host/net/frame_ring.h"

/* Frame n has 1 + n % 9 bytes, each of them n. */
static size_t len_of(uint64_t n)
{
	return 1 + (size_t)(n % 9);
}

static void make(struct cis_frame_ring *ring, unsigned n)
{
	while (n--) {
		uint64_t which = ring->n_made;

		memset(cis_frame_ring_next(ring), (int)which, len_of(which));
		(void)cis_frame_ring_made(ring, len_of(which));
	}
}

static void check_frames(const struct cis_frame_ring *ring, uint64_t from)
{
	assert_int_equal(cis_frame_ring_oldest(ring), from);
	for (uint64_t n = from; n < ring->n_made; n++) {
		size_t len;
		const uint8_t *frame = cis_frame_ring_at(ring, n, &len);

		assert_int_equal(len, len_of(n));
		for (size_t i = 0; i < len; i++)
			assert_int_equal(frame[i], (uint8_t)n);
	}
}

static struct cis_frame_ring ring_of(size_t frame_size, uint64_t n)
{
	struct cis_frame_ring ring = {.frame_size = frame_size};

	assert_int_equal(cis_frame_ring_init(&ring, n), 0);
	return ring;
}

static void it_holds_the_last_frames(void **state)
{
	struct cis_frame_ring ring = ring_of(9, 7);

	(void)state;
	check_frames(&ring, 0);
	make(&ring, 7);
	check_frames(&ring, 0);
	make(&ring, 1);
	check_frames(&ring, 1);
	make(&ring, 600);
	check_frames(&ring, 601);
	cis_frame_ring_free(&ring);
}

static void what_is_forgotten_or_skipped_is_gone(void **state)
{
	struct cis_frame_ring ring = ring_of(9, 7);

	(void)state;
	make(&ring, 5);
	cis_frame_ring_forget(&ring);
	check_frames(&ring, 5);
	make(&ring, 2);
	check_frames(&ring, 5);
	cis_frame_ring_skip(&ring);
	check_frames(&ring, 8);
	make(&ring, 3);
	check_frames(&ring, 8);
	cis_frame_ring_free(&ring);
}

static void frames_stay_when_it_is_widened(void **state)
{
	struct cis_frame_ring ring = ring_of(9, 7);
	const uint8_t *slots = ring.slots;

	(void)state;
	make(&ring, 10);
	assert_int_equal(cis_frame_ring_widen(&ring, 8), 0);
	assert_ptr_equal(ring.slots, slots);
	assert_int_equal(ring.frame_size, 9);
	assert_int_equal(cis_frame_ring_widen(&ring, 1000), 0);
	check_frames(&ring, 3);
	memset(cis_frame_ring_next(&ring), 1, 1000);
	(void)cis_frame_ring_made(&ring, 1000);
	for (uint64_t n = 4; n < 10; n++) {
		size_t len;

		(void)cis_frame_ring_at(&ring, n, &len);
		assert_int_equal(len, len_of(n));
	}
	cis_frame_ring_free(&ring);
}

/* Readers count on: a swap gives neither its frames nor its numbers away. */
static void each_counts_on_after_a_swap(void **state)
{
	struct cis_frame_ring a = ring_of(9, 7), b = ring_of(100, 20);

	(void)state;
	make(&a, 10);
	cis_frame_ring_swap(&a, &b);
	assert_int_equal(a.n_made, 10);
	assert_int_equal(a.n_slot, 20);
	assert_int_equal(a.frame_size, 100);
	assert_int_equal(b.n_made, 0);
	assert_int_equal(b.n_slot, 7);
	cis_frame_ring_forget(&a);
	make(&a, 25);
	check_frames(&a, 15);
	cis_frame_ring_free(&a);
	cis_frame_ring_free(&b);
}

/* 1 MiB of the longest frames of C37.118 are 16, of one byte a million. */
static void its_size_is_bounded(void **state)
{
	static const struct {
		size_t frame_size;
		uint64_t n, n_slot;
	} c[] = {
		{100, 100, 100}, {65535, 100, 16},        {65535, 0, 4},
		{100, 0, 4},     {1, 1u << 30, 1u << 20},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct cis_frame_ring ring = ring_of(c[i].frame_size, c[i].n);

		assert_int_equal(ring.n_slot, c[i].n_slot);
		cis_frame_ring_free(&ring);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_holds_the_last_frames),
		cmocka_unit_test(what_is_forgotten_or_skipped_is_gone),
		cmocka_unit_test(frames_stay_when_it_is_widened),
		cmocka_unit_test(each_counts_on_after_a_swap),
		cmocka_unit_test(its_size_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
