/* test_doctor_rate.c - frames that come at a rate, over a link that is slow, and
 * one that pauses. */
#include <math.h>

#include "check.h"
#include "host/cli/listen/doctor_rate.h"

#define N  125
#define HZ 25.0

/* Rounding of a few sums and quotients. */
#define TOL (1e-12 * HZ)

static double delay_s[N];

static void delays(double first_s, double growth)
{
	for (unsigned i = 0; i < N; i++)
		delay_s[i] = first_s + growth * i / HZ;
}

static void an_even_delay_is_no_matter(void **state)
{
	static const double all_s[] = {0, 0.3, 5, -86400};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		delays(all_s[i], 0);
		check_close(doctor_rate_hz(HZ, delay_s, N), HZ, TOL);
	}
}

/* A frame every T (1 + g) seconds: 1 / (1 + g) of the rate. */
static void a_delay_that_grows_is_a_slower_rate(void **state)
{
	static const double growth[] = {0.02, 0.25, 1, 10, -0.1};

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		for (size_t n = N - 1; n <= N; n++) {
			delays(0.1, growth[i]);
			check_close(doctor_rate_hz(HZ, delay_s, n),
				    HZ / (1 + growth[i]), TOL);
		}
}

/* Whoever stands still for a second gets its frames at once afterwards. */
static void a_pause_changes_nothing_wherever_it_is(void **state)
{
	enum { PAUSE = 61 }; /* frames, all but one of a half */

	(void)state;
	for (unsigned at = 0; at + PAUSE <= N; at++) {
		delays(0.1, 0);
		for (unsigned i = 0; i < PAUSE; i++)
			delay_s[at + i] += (PAUSE - i) / HZ;
		check_close(doctor_rate_hz(HZ, delay_s, N), HZ, TOL);
	}
}

static void a_few_frames_have_the_rate_of_their_stamps(void **state)
{
	(void)state;
	for (size_t n = 0; n < 8; n++) {
		delays(0, 3);
		check_close(doctor_rate_hz(HZ, delay_s, n), HZ, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_even_delay_is_no_matter),
		cmocka_unit_test(a_delay_that_grows_is_a_slower_rate),
		cmocka_unit_test(a_pause_changes_nothing_wherever_it_is),
		cmocka_unit_test(a_few_frames_have_the_rate_of_their_stamps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
