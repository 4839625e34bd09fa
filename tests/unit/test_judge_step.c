/*
 * test_judge_step.c - response, delay and overshoot of responses whose figures
 * are known in closed form.
 *
 * Points stand H apart, as ten repetitions at 50 reports/s give them, in the
 * order in which reports come: one repetition after another. Tolerances follow
 * from H: a line through a curve y is off by at most H^2/8 |y''|, and a
 * crossing by that over |y'|.
 */
#include <errno.h>

#include "check.h"
#include "cisoid/judge.h"

#define PI       3.141592653589793238463
#define H        0.002
#define N_REPEAT 10
#define N_POINT  301
#define FIRST_S  (-0.3)

static const struct cis_limit limit = {
	.tve_pct = 1, .fe_hz = 0.005, .rfe_hz_per_s = 0.4};

struct response {
	double before, after;
	double (*part)(double t_s); /* of the step that is done at t */
	double shift_s;             /* of the points from the grid */
};

/* TVE is the magnitude's; FE and RFE stay where they are put. */
static struct cis_step_result judge(const struct response *r)
{
	static struct cis_step_point points[N_POINT];
	struct cis_step_result out;
	uint32_t n = 0;

	for (uint32_t k = 0; k < N_REPEAT; k++) {
		for (uint32_t i = k; i < N_POINT; i += N_REPEAT) {
			double t = FIRST_S + i * H + r->shift_s;
			double truth = t >= 0 ? r->after : r->before;
			double value =
				r->before + (r->after - r->before) * r->part(t);

			points[n++] = (struct cis_step_point){
				.t_s = t,
				.tve_pct = 100 * fabs(value / truth - 1),
				.fe_hz = 0.004,
				.rfe_hz_per_s = NAN,
				.value = value,
			};
		}
	}
	assert_int_equal(
		cis_step_judge(points, n, r->before, r->after, &limit, &out),
		0);
	return out;
}

/* ---- a straight line from -20 to 30 ms ---- */

static double straight(double t_s)
{
	return fmin(fmax((t_s + 0.02) / 0.05, 0), 1);
}

/* Lines are exact on a line; what is left is the rounding of t. */
static void a_straight_response_is_judged_exactly(void **state)
{
	const struct response up = {1, 1.1, straight, 0};
	struct cis_step_result out = judge(&up);
	/* 1 % of 1 from below; 1 % of 1.1 is 11 % of the step short. */
	double leaves = -0.02 + 0.1 * 0.05, enters = -0.02 + 0.89 * 0.05;

	(void)state;
	check_close(out.resp_tve_s, enters - leaves, 1e-12);
	check_close(out.resp_fe_s, 0, 0);
	assert_true(isnan(out.resp_rfe_s));
	check_close(out.delay_s, 0.005, 1e-12);
	check_close(out.overshoot_pct, 0, 1e-10);
	check_close(out.undershoot_pct, 0, 0);
}

static void a_step_down_is_judged_as_one_up(void **state)
{
	const struct response down = {1, 0.9, straight, 0.0007};
	struct cis_step_result out = judge(&down);
	double leaves = -0.02 + 0.1 * 0.05, enters = -0.02 + 0.91 * 0.05;

	(void)state;
	check_close(out.resp_tve_s, enters - leaves, 1e-12);
	check_close(out.delay_s, 0.005, 1e-12);
	check_close(out.overshoot_pct, 0, 1e-10);
}

/* ---- first order, 20 ms ---- */

#define TAU_S 0.02

static double exponential(double t_s)
{
	return t_s < 0 ? 0 : 1 - exp(-t_s / TAU_S);
}

/* The error jumps at the step, between two points: H. It enters where
 * 10 exp(-t/tau)/1.1 is 1; y''/y' is 1/tau there. */
static void a_first_order_response_is_found_within_the_spacing(void **state)
{
	const double line_s = H * H / (8 * TAU_S);
	const double enters_s = TAU_S * log(10 / 1.1);

	(void)state;
	for (int i = 0; i < 7; i++) {
		const struct response r = {1, 1.1, exponential, i * H / 7};
		struct cis_step_result out = judge(&r);

		assert_true(out.resp_tve_s >= enters_s - 2 * line_s);
		assert_true(out.resp_tve_s <= enters_s + H + 2 * line_s);
		check_close(out.delay_s, TAU_S * log(2), 2 * line_s);
		check_close(out.overshoot_pct, 0, 0);
	}
}

/* ---- an ideal low-pass filter: 1/2 + Si(pi t/T)/pi ---- */

#define RING_S 0.02

static double sine_integral(double x)
{
	double term = x, sum = 0;

	for (int k = 0; k < 200; k++) {
		sum += term / (2 * k + 1);
		term *= -x * x / ((2 * k + 2) * (2 * k + 3));
	}
	return sum;
}

/* The series cancels beyond 30, where the ripple is 1 % and done. */
static double ideal_low_pass(double t_s)
{
	double x = PI * t_s / RING_S;

	return 0.5 + sine_integral(fmin(fmax(x, -30), 30)) / PI;
}

/* Extremes of 1/2 + Si(pi)/pi at +-T, where y'' is -1/T^2 and a point is H/2
 * away at most: less by up to H^2/(8 T^2) of the step. Si(pi) is 1.85193705. */
static void
overshoot_and_undershoot_are_those_of_the_sine_integral(void **state)
{
	const double extreme_pct = 100 * (1.851937051982466170 / PI - 0.5);
	const double miss_pct = 100 * H * H / (8 * RING_S * RING_S);

	(void)state;
	for (int i = 0; i < 5; i++) {
		const struct response r = {-10, 10, ideal_low_pass, i * H / 5};
		struct cis_step_result out = judge(&r);

		assert_true(out.overshoot_pct <= extreme_pct + 1e-9);
		assert_true(out.overshoot_pct >= extreme_pct - miss_pct);
		assert_true(out.undershoot_pct <= extreme_pct + 1e-9);
		assert_true(out.undershoot_pct >= extreme_pct - miss_pct);
		/* By symmetry; y'' is 0 at the middle and grows with
		 * pi^2/3 t/T^3, y' is 1/T. */
		check_close(out.delay_s, 0,
			    H * H / 8 * PI * PI / 3 * H / (RING_S * RING_S));
	}
}

/* ---- what cannot be judged ---- */

static struct cis_step_point five[5];

static void begin_five(void)
{
	for (int i = 0; i < 5; i++)
		five[i] = (struct cis_step_point){
			.t_s = (i - 2) * 0.01,
			.tve_pct = i == 2 ? 5 : 0,
			.fe_hz = i == 2 ? 0.05 : 0,
			.rfe_hz_per_s = i == 2 ? 4 : 0,
			.value = i < 2    ? 0
				 : i == 2 ? 0.5
					  : 1,
		};
}

static int judge_five(struct cis_step_result *out)
{
	return cis_step_judge(five, 5, 0, 1, &limit, out);
}

/* 5 %, up and down within 10 ms each: above 1 % for 0.8 of both. */
static void thresholds_are_crossed_on_straight_lines(void **state)
{
	struct cis_step_result out;

	(void)state;
	begin_five();
	assert_int_equal(judge_five(&out), 0);
	check_close(out.resp_tve_s, 2 * 0.01 * 0.8, 1e-15);
	check_close(out.resp_fe_s, 2 * 0.01 * 0.9, 1e-15);
	check_close(out.resp_rfe_s, 2 * 0.01 * 0.9, 1e-15);
	check_close(out.delay_s, 0, 0);
}

static void an_error_that_stays_outside_never_responds(void **state)
{
	struct cis_step_result out;

	(void)state;
	begin_five();
	five[4].tve_pct = 2;
	five[0].fe_hz = 1;
	assert_int_equal(judge_five(&out), 0);
	assert_true(isinf(out.resp_tve_s) && out.resp_tve_s > 0);
	assert_true(isinf(out.resp_fe_s) && out.resp_fe_s > 0);
	check_close(out.resp_rfe_s, 2 * 0.01 * 0.9, 1e-15);
}

static void missing_values_leave_their_figures_missing(void **state)
{
	struct cis_step_result out;

	(void)state;
	begin_five();
	five[3].tve_pct = NAN;
	assert_int_equal(judge_five(&out), 0);
	assert_true(isnan(out.resp_tve_s));
	check_close(out.delay_s, 0, 0);
	begin_five();
	five[3].value = NAN;
	assert_int_equal(judge_five(&out), 0);
	assert_true(isnan(out.delay_s));
	assert_true(isnan(out.overshoot_pct));
	assert_true(isnan(out.undershoot_pct));
	check_close(out.resp_tve_s, 2 * 0.01 * 0.8, 1e-15);
}

static void a_quantity_that_does_not_move_has_no_delay(void **state)
{
	struct cis_step_result out;

	(void)state;
	begin_five();
	for (int i = 0; i < 5; i++)
		five[i].value = 0;
	assert_int_equal(judge_five(&out), 0);
	assert_true(isnan(out.delay_s));
	check_close(out.overshoot_pct, 0, 0);
}

static void no_step_is_not_judged(void **state)
{
	struct cis_step_result out = {.delay_s = 7};

	(void)state;
	begin_five();
	assert_int_equal(cis_step_judge(five, 0, 0, 1, &limit, &out), -EINVAL);
	assert_int_equal(cis_step_judge(five, 1, 0, 1, &limit, &out), -EINVAL);
	assert_int_equal(cis_step_judge(five, 2, 0, 1, &limit, &out), -EINVAL);
	assert_int_equal(cis_step_judge(five + 2, 3, 0, 1, &limit, &out),
			 -EINVAL);
	assert_int_equal(cis_step_judge(five, 5, 1, 1, &limit, &out), -EINVAL);
	assert_int_equal(cis_step_judge(five, 5, 1, NAN, &limit, &out),
			 -EINVAL);
	five[1].t_s = NAN;
	assert_int_equal(judge_five(&out), -EINVAL);
	check_close(out.delay_s, 7, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_straight_response_is_judged_exactly),
		cmocka_unit_test(a_step_down_is_judged_as_one_up),
		cmocka_unit_test(
			a_first_order_response_is_found_within_the_spacing),
		cmocka_unit_test(
			overshoot_and_undershoot_are_those_of_the_sine_integral),
		cmocka_unit_test(thresholds_are_crossed_on_straight_lines),
		cmocka_unit_test(an_error_that_stays_outside_never_responds),
		cmocka_unit_test(missing_values_leave_their_figures_missing),
		cmocka_unit_test(a_quantity_that_does_not_move_has_no_delay),
		cmocka_unit_test(no_step_is_not_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
