/* test_quota.c - so much a second, and what hosts and log lines get of it. */
#include <stdio.h>

#include "check.h"
#include "host/net/addr.h"
#include "host/net/hosts.h"
#include "host/net/teller.h"

static void a_quota_is_full_at_first_and_fills_again(void **state)
{
	struct cis_quota q;

	(void)state;
	cis_quota_init(&q, 10, 4, 1000);
	for (int i = 0; i < 4; i++)
		assert_true(cis_quota_take(&q, 1, 1000));
	assert_false(cis_quota_take(&q, 1, 1000));
	/* a tenth of a second for one */
	assert_false(cis_quota_take(&q, 1, 1099));
	assert_true(cis_quota_take(&q, 1, 1100));
	assert_int_equal(cis_quota_left(&q, 1250), 1);
	assert_int_equal(cis_quota_left(&q, 2000), 4);
	assert_false(cis_quota_take(&q, 5, 2000));
	assert_true(cis_quota_take(&q, 4, 2000));
}

static void odd_clocks_do_no_harm(void **state)
{
	struct cis_quota q;

	(void)state;
	cis_quota_init(&q, UINT32_MAX, UINT32_MAX, UINT64_MAX - 1);
	assert_true(cis_quota_take(&q, UINT32_MAX, UINT64_MAX - 1));
	assert_int_equal(cis_quota_left(&q, 5), 0); /* set back */
	assert_int_equal(cis_quota_left(&q, UINT64_MAX), UINT32_MAX);
	cis_quota_init(&q, 0, 3, 0);
	assert_true(cis_quota_take(&q, 3, 0));
	assert_int_equal(cis_quota_left(&q, UINT64_MAX), 0);
}

static struct sockaddr_storage host(unsigned i)
{
	struct cis_addr addr;
	char spec[40];

	snprintf(spec, sizeof(spec), "udp:10.%u.%u.%u:4713", i >> 16,
		 i >> 8 & 255, i & 255);
	assert_int_equal(cis_addr_parse(spec, &addr, NULL), 0);
	assert_int_equal(cis_addr_resolve(&addr, NULL), 0);
	return addr.ss[0];
}

static unsigned taken(struct cis_hosts *h, unsigned who, bool known,
		      uint64_t ms)
{
	struct sockaddr_storage ss = host(who);
	unsigned n = 0;

	while (n < 10000 &&
	       cis_hosts_take(h, (struct sockaddr *)&ss, known, ms))
		n++;
	return n;
}

static void a_host_has_its_share_and_takes_nobody_elses(void **state)
{
	static struct cis_hosts h;

	(void)state;
	cis_hosts_init(&h, 1, 0);
	assert_int_equal(taken(&h, 1, false, 0), 256);
	assert_int_equal(taken(&h, 2, false, 0), 256);
	assert_int_equal(taken(&h, 1, false, 1000), 16);
}

static void strangers_together_are_bounded_and_the_known_are_not(void **state)
{
	static struct cis_hosts h;
	unsigned n = 0;

	(void)state;
	cis_hosts_init(&h, 1, 0);
	assert_int_equal(taken(&h, 1, true, 0), 256);
	for (unsigned i = 2; i < 1000; i++)
		n += taken(&h, i, false, 0);
	assert_int_equal(n, 2048);
	assert_int_equal(taken(&h, 2000, true, 1), 256);
}

static void log_lines_beyond_a_hundred_are_counted(void **state)
{
	struct cis_teller t;

	(void)state;
	cis_log_set_level(CIS_LOG_ERR);
	cis_teller_init(&t, 0);
	for (int i = 0; i < 250; i++)
		cis_tell(&t, 0, CIS_LOG_INFO, "line %d", i);
	assert_int_equal(t.untold, 150);
	cis_tell(&t, 1000, CIS_LOG_INFO, "after a second");
	assert_int_equal(t.untold, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quota_is_full_at_first_and_fills_again),
		cmocka_unit_test(odd_clocks_do_no_harm),
		cmocka_unit_test(a_host_has_its_share_and_takes_nobody_elses),
		cmocka_unit_test(
			strangers_together_are_bounded_and_the_known_are_not),
		cmocka_unit_test(log_lines_beyond_a_hundred_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
