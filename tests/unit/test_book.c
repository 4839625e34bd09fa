/* test_book.c - what is sent to a PDC and comes back is counted exactly. */
#include "host/sim/book.h"

#include <errno.h>
#include <string.h>

#include "tests/support/check.h"

#define N      3
#define RATE   50
#define WINDOW 2.0
#define SLOTS  101 /* of a window of 2 s, and the instant at its end */

static const int64_t second_tai = 1800000000;

static struct cis_instant instant(int64_t n)
{
	return (struct cis_instant){.tai_s = second_tai + n / RATE,
				    .k = (uint32_t)(n % RATE),
				    .rate = {RATE, 1}};
}

static struct cis_time after(int64_t n, double s)
{
	return cis_time_add_ns(cis_instant_time(instant(n)),
			       (int64_t)(s * 1e9));
}

static struct cis_book *make(const uint32_t *stream_of, uint32_t n_stream)
{
	static const uint32_t one_each[N] = {0, 1, 2};
	const struct cis_book_config bc = {
		.n_stream = n_stream,
		.n_unit = N,
		.stream_of = stream_of ? stream_of : one_each,
		.rate = {RATE, 1},
		.window_s = WINDOW,
		.late_s = 0.5,
	};
	struct cis_diag diag = {""};
	struct cis_book *book;

	assert_int_equal(cis_book_new(&bc, &book, &diag), 0);
	return book;
}

/* A fleet whose units begin with instant 0. */
static struct cis_book *begun(void)
{
	struct cis_book *book = make(NULL, N);

	cis_book_advance(book, instant(0));
	for (uint32_t i = 0; i < N; i++)
		cis_book_begin(book, i, instant(0), 1);
	return book;
}

static void send_all(struct cis_book *book, int64_t n)
{
	for (uint32_t i = 0; i < N; i++)
		cis_book_sent(book, i, instant(n), after(n, 0.01));
}

static enum cis_book_place came(struct cis_book *book, uint32_t unit, int64_t n,
				double s, enum cis_back back)
{
	int64_t latency_ns = 0;
	const struct cis_book_block block = {instant(n), after(n, s), back};

	return cis_book_came(book, unit, &block, &latency_ns);
}

static struct cis_book_counts unit(const struct cis_book *book, uint32_t i)
{
	struct cis_book_counts n;

	cis_book_unit(book, i, &n);
	return n;
}

static void what_comes_back_is_whole(void **state)
{
	struct cis_book *book = begun();
	struct cis_book_counts sum;

	(void)state;
	for (int64_t n = 0; n < 1000; n++) {
		send_all(book, n);
		for (uint32_t i = 0; i < N; i++)
			assert_int_equal(came(book, i, n, 0.1, CIS_BACK_WHOLE),
					 CIS_BOOK_SENT);
	}
	assert_false(cis_book_waits(book));
	cis_book_close(book);
	cis_book_total(book, &sum);
	assert_int_equal(sum.sent, 3000);
	assert_int_equal(sum.whole, 3000);
	assert_int_equal(sum.lost + sum.changed + sum.missing + sum.late, 0);
	cis_book_free(book);
}

static void each_fate_is_counted_once_and_of_its_pmu(void **state)
{
	struct cis_book *book = begun();
	struct cis_book_counts n1, sum;

	(void)state;
	for (int64_t n = 0; n < 300; n++) {
		send_all(book, n);
		came(book, 0, n, 0.1, CIS_BACK_WHOLE);
		came(book, 2, n, 0.1, CIS_BACK_WHOLE);
		if (n % 10 == 1)
			came(book, 1, n, 0.1, CIS_BACK_CHANGED);
		else if (n % 10 == 2)
			came(book, 1, n, 0.1, CIS_BACK_MISSING);
		else if (n % 10 == 3)
			came(book, 1, n, 0.52, CIS_BACK_WHOLE);
		else if (n % 10 != 4)
			came(book, 1, n, 0.1, CIS_BACK_WHOLE);
		if (n % 10 == 5)
			assert_int_equal(came(book, 1, n, 0.1, CIS_BACK_WHOLE),
					 CIS_BOOK_BACK);
	}
	assert_true(cis_book_waits(book));
	cis_book_close(book);
	n1 = unit(book, 1);
	assert_int_equal(n1.sent, 300);
	assert_int_equal(n1.changed, 30);
	assert_int_equal(n1.missing, 30);
	assert_int_equal(n1.late, 30);
	assert_int_equal(n1.lost, 30);
	assert_int_equal(n1.doubled, 30);
	assert_int_equal(n1.whole, 210);
	cis_book_total(book, &sum);
	assert_int_equal(sum.whole, 810);
	assert_int_equal(sum.lost, 30);
	cis_book_free(book);
}

static void latency_is_arrival_less_send_time(void **state)
{
	const struct cis_book_block block = {instant(7), after(7, 0.123),
					     CIS_BACK_WHOLE};
	struct cis_book *book = begun();
	int64_t ns = 0;

	(void)state;
	send_all(book, 7);
	cis_book_came(book, 1, &block, &ns);
	/* Sent 10 ms after its time stamp; kept in microseconds. */
	check_close((double)ns, 113e6, 1000);
	cis_book_free(book);
}

static void what_was_never_sent_is_unknown_or_filled_in(void **state)
{
	struct cis_book *book = begun();
	struct cis_book_counts n;

	(void)state;
	cis_book_sent(book, 0, instant(0), after(0, 0));
	assert_int_equal(came(book, 1, 0, 0.1, CIS_BACK_WHOLE),
			 CIS_BOOK_UNSENT);
	assert_int_equal(came(book, 2, 0, 0.1, CIS_BACK_MISSING),
			 CIS_BOOK_UNSENT);
	/* An instant that is yet to come. */
	assert_int_equal(came(book, 0, 5, 0.1, CIS_BACK_WHOLE),
			 CIS_BOOK_UNSENT);
	cis_book_close(book);
	n = unit(book, 0);
	assert_int_equal(n.unknown, 1);
	assert_int_equal(n.lost, 1);
	n = unit(book, 1);
	assert_int_equal(n.unknown, 1);
	assert_int_equal(n.lost, 0);
	n = unit(book, 2);
	assert_int_equal(n.filled, 1);
	assert_int_equal(n.lost + n.missing, 0);
	cis_book_free(book);
}

static void a_frame_sent_after_the_pdc_went_on_is_not_its_loss(void **state)
{
	struct cis_book *book = begun();
	struct cis_book_counts n;

	(void)state;
	cis_book_advance(book, instant(3));
	came(book, 1, 3, 0.1, CIS_BACK_MISSING);
	cis_book_sent(book, 1, instant(3), after(3, 0.2));
	cis_book_close(book);
	n = unit(book, 1);
	assert_int_equal(n.sent, 1);
	assert_int_equal(n.outpaced, 1);
	assert_int_equal(n.lost + n.missing + n.filled, 0);
	cis_book_free(book);
}

static void nothing_counts_before_a_unit_is_begun(void **state)
{
	struct cis_book *book = make(NULL, N);
	struct cis_book_counts n;

	(void)state;
	for (int64_t i = 0; i < 250; i++) {
		send_all(book, i);
		if (i == 100)
			cis_book_begin(book, 1, instant(90), 1);
	}
	assert_false(cis_book_begun(book, 0));
	cis_book_close(book);
	n = unit(book, 0);
	assert_int_equal(n.sent, 250);
	assert_int_equal(n.lost, 0);
	n = unit(book, 1);
	assert_int_equal(n.lost, 160);
	cis_book_free(book);
}

static void a_date_outside_the_window_begins_nothing(void **state)
{
	struct cis_book *book = make(NULL, N);

	(void)state;
	cis_book_begin(book, 0, instant(0), 1);
	assert_false(cis_book_begun(book, 0));
	send_all(book, 1000);
	cis_book_begin(book, 0, instant(1001), 1);
	cis_book_begin(book, 1, instant(1000 - SLOTS), 1);
	assert_false(cis_book_begun(book, 0));
	assert_false(cis_book_begun(book, 1));
	cis_book_begin(book, 1, instant(1000), 1);
	assert_true(cis_book_begun(book, 1));
	cis_book_free(book);
}

static void a_slower_pdc_loses_only_what_is_on_its_grid(void **state)
{
	struct cis_book *book = make(NULL, N);
	struct cis_book_counts n;

	(void)state;
	/* The first instant is not at a whole second. */
	cis_book_advance(book, instant(13));
	cis_book_begin(book, 0, instant(13), 5);
	for (int64_t i = 13; i < 113; i++) {
		cis_book_sent(book, 0, instant(i), after(i, 0));
		if (i % 5 == 0 && i != 50)
			came(book, 0, i, 0.1, CIS_BACK_WHOLE);
	}
	cis_book_close(book);
	n = unit(book, 0);
	assert_int_equal(n.whole, 19);
	assert_int_equal(n.lost, 1);
	cis_book_free(book);
}

static void what_comes_after_its_window_is_stale(void **state)
{
	struct cis_book *book = begun();
	struct cis_book_counts n;

	(void)state;
	for (int64_t i = 0; i < SLOTS; i++)
		send_all(book, i);
	assert_int_equal(unit(book, 0).lost, 0);
	send_all(book, SLOTS);
	assert_int_equal(unit(book, 0).lost, 1);
	assert_int_equal(came(book, 0, 0, 3, CIS_BACK_WHOLE), CIS_BOOK_OUTSIDE);
	assert_int_equal(came(book, 0, 1, 2, CIS_BACK_WHOLE), CIS_BOOK_SENT);
	n = unit(book, 0);
	assert_int_equal(n.stale, 1);
	cis_book_free(book);
}

static void a_jump_of_the_clock_settles_the_whole_window(void **state)
{
	struct cis_book *book = begun();

	(void)state;
	for (int64_t i = 0; i < 20; i++)
		send_all(book, i);
	cis_book_advance(book, instant(1000000));
	assert_int_equal(unit(book, 2).lost, 20);
	assert_false(cis_book_waits(book));
	cis_book_close(book);
	assert_int_equal(unit(book, 2).lost, 20);
	cis_book_free(book);
}

static void a_frame_with_many_pmus_is_sent_as_one(void **state)
{
	static const uint32_t stream_of[N] = {0, 0, 1};
	struct cis_book *book = make(stream_of, 2);

	(void)state;
	cis_book_advance(book, instant(0));
	for (uint32_t i = 0; i < N; i++)
		cis_book_begin(book, i, instant(0), 1);
	cis_book_sent(book, 0, instant(0), after(0, 0));
	cis_book_sent(book, 0, instant(0), after(0, 0.1));
	came(book, 1, 0, 0.1, CIS_BACK_WHOLE);
	cis_book_close(book);
	assert_int_equal(unit(book, 0).sent, 1);
	assert_int_equal(unit(book, 0).lost, 1);
	assert_int_equal(unit(book, 1).whole, 1);
	assert_int_equal(unit(book, 2).sent, 0);
	cis_book_free(book);
}

static void an_empty_book_is_refused(void **state)
{
	const struct cis_book_config none = {.n_stream = 0,
					     .n_unit = 0,
					     .rate = {50, 1},
					     .window_s = 10,
					     .late_s = 1};
	struct cis_book_config huge = {.n_stream = 65534,
				       .n_unit = 65534,
				       .rate = {240, 1},
				       .window_s = 86400,
				       .late_s = 1};
	struct cis_diag diag = {""};
	struct cis_book *book;

	(void)state;
	assert_int_equal(cis_book_new(&none, &book, &diag), -EINVAL);
	assert_int_equal(cis_book_new(&huge, &book, &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, "memory"));
	cis_book_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_back_is_whole),
		cmocka_unit_test(each_fate_is_counted_once_and_of_its_pmu),
		cmocka_unit_test(latency_is_arrival_less_send_time),
		cmocka_unit_test(what_was_never_sent_is_unknown_or_filled_in),
		cmocka_unit_test(
			a_frame_sent_after_the_pdc_went_on_is_not_its_loss),
		cmocka_unit_test(nothing_counts_before_a_unit_is_begun),
		cmocka_unit_test(a_date_outside_the_window_begins_nothing),
		cmocka_unit_test(a_slower_pdc_loses_only_what_is_on_its_grid),
		cmocka_unit_test(what_comes_after_its_window_is_stale),
		cmocka_unit_test(a_jump_of_the_clock_settles_the_whole_window),
		cmocka_unit_test(a_frame_with_many_pmus_is_sent_as_one),
		cmocka_unit_test(an_empty_book_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
