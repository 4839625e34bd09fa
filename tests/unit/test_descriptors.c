/* test_descriptors.c - the limit of open files is raised as far as it goes. */
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "host/net/descriptors.h"

/* In a process of its own: a hard limit cannot be raised again. */
static int reserve(unsigned soft, unsigned hard, unsigned wanted)
{
	struct rlimit limit = {soft, hard};
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		unsigned n;

		if (setrlimit(RLIMIT_NOFILE, &limit))
			_exit(250);
		n = cis_descriptors_reserve(wanted);
		for (unsigned i = 0; i < n; i++)
			if (dup(0) < 0)
				_exit(251);
		_exit(n == wanted ? 200 : (int)n);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void the_soft_limit_is_raised(void **state)
{
	(void)state;
	assert_int_equal(reserve(64, 2000, 1000), 200);
}

static void a_hard_limit_too_low_is_told(void **state)
{
	int n = reserve(64, 128, 1000);

	(void)state;
	/* 32 are spared, and some are open. */
	assert_true(n > 0 && n <= 96);
}

static void no_room_at_all_is_no_accident(void **state)
{
	(void)state;
	assert_int_equal(reserve(16, 16, 1000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_soft_limit_is_raised),
		cmocka_unit_test(a_hard_limit_too_low_is_told),
		cmocka_unit_test(no_room_at_all_is_no_accident),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
