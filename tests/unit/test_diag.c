/* test_diag.c - sentences of failures, lists of warnings. */
#include <errno.h>
#include <string.h>

#include "check.h"
#include "cisoid/diag.h"

static void a_failure_returns_its_code_and_says_why(void **state)
{
	struct cis_diag diag = {""};

	(void)state;
	assert_int_equal(cis_fail(&diag, -EINVAL, "%s:%d", "a.cfg", 3),
			 -EINVAL);
	assert_string_equal(diag.msg, "a.cfg:3");
	assert_int_equal(cis_fail(NULL, -ENOMEM, "nobody reads this"), -ENOMEM);
}

static void remarks_are_told_from_warnings(void **state)
{
	struct cis_warn_list list = {.n = 0};

	(void)state;
	cis_remark(&list, "read as %s", "UTC");
	cis_warn(&list, "%d rows are missing", 2);
	cis_remark(&list, "as recorded");
	cis_warn(NULL, "nobody reads this");
	cis_remark(NULL, "nor this");
	assert_int_equal(list.n, 3);
	assert_int_equal(list.n_remark, 2);
	assert_string_equal(list.warn[0].msg, "read as UTC");
	assert_string_equal(list.warn[1].msg, "2 rows are missing");
}

static void what_has_no_place_is_counted(void **state)
{
	struct cis_warn_list list = {.n = 0};

	(void)state;
	for (int i = 0; i < 2 * CIS_MAX_WARN; i++)
		if (i % 2)
			cis_warn(&list, "%d", i);
		else
			cis_remark(&list, "%d", i);
	assert_int_equal(list.n, 2 * CIS_MAX_WARN);
	assert_int_equal(list.n_remark, CIS_MAX_WARN);
	assert_string_equal(list.warn[CIS_MAX_WARN - 1].msg, "23");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_returns_its_code_and_says_why),
		cmocka_unit_test(remarks_are_told_from_warnings),
		cmocka_unit_test(what_has_no_place_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
