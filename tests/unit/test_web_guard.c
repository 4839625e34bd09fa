/* test_web_guard.c - names of the server, origins of pages, the token. */
#include <arpa/inet.h>
#include <string.h>

#include "check.h"
#include "host/net/web/guard.h"

static struct cis_guard guard_at(const char *ip, const char *name)
{
	static const char *const names[] = {"pmu.lab", "bench.example"};
	struct sockaddr_in sin = {.sin_family = AF_INET,
				  .sin_port = htons(8118)};
	const unsigned n_name = strcmp(name, "pmu.lab") ? 0 : 2;
	struct cis_guard guard;

	inet_pton(AF_INET, ip, &sin.sin_addr);
	assert_int_equal(cis_guard_init(&guard, name,
					(const struct sockaddr *)&sin, names,
					n_name),
			 0);
	return guard;
}

static const struct {
	const char *host;
	bool ours;
} cases[] = {
	{"localhost:8118", true},
	{"LOCALHOST:8118", true},
	{"localhost", true},
	{"localhost:9000", true}, /* ssh -L 9000:... */
	{"127.0.0.1:8118", true},
	{"127.255.1.2", true},
	{"[::1]:8118", true},
	{"[::1]", true},
	{"192.168.1.5:8118", true},
	{"192.168.1.5", true},
	{"[::ffff:192.168.1.5]:1", true},
	{"bench.lab:8118", true},
	{"Bench.Lab", true},
	{"192.168.1.6:8118", false},
	{"128.0.0.1", false},
	{"127.0.0.1.evil.example", false},
	{"127.1", false},
	{"localhost:", false},
	{"localhost:+8118", false},
	{"localhost: 8118", false},
	{"localhost:8118:", false},
	{"localhost:8118 ", false},
	{"localhost:123456", false},
	{"localhost.:8118", false},
	{"user@localhost", false},
	{"evil.example:8118", false},
	{"localhost.evil.example:8118", false},
	{"evil.example#localhost", false},
	{"bench.lab.evil", false},
	{"::1:8118", false},
	{"[::1]8118", false},
	{"[::1", false},
	{"[localhost]", false},
	{"[127.0.0.1]", false},
	{"[]:8118", false},
	{":8118", false},
	{"", false},
};

static void a_host_is_ours_by_name_at_any_port(void **state)
{
	const struct cis_guard guard = guard_at("192.168.1.5", "bench.lab");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (cis_guard_host(&guard, cases[i].host) != cases[i].ours)
			fail_msg("%s", cases[i].host);
	assert_false(cis_guard_host(&guard, NULL));
}

static void a_proxy_asks_by_the_names_that_were_given(void **state)
{
	const struct cis_guard guard = guard_at("127.0.0.1", "pmu.lab");

	(void)state;
	assert_true(cis_guard_host(&guard, "pmu.lab"));
	assert_true(cis_guard_host(&guard, "bench.example:8443"));
	assert_false(cis_guard_host(&guard, "example"));
}

static void bound_to_all_any_address_is_ours_but_no_name(void **state)
{
	const struct cis_guard guard = guard_at("0.0.0.0", "0.0.0.0");

	(void)state;
	assert_true(cis_guard_host(&guard, "10.0.0.1:8118"));
	assert_true(cis_guard_host(&guard, "[fe80::1]:8118"));
	assert_false(cis_guard_host(&guard, "evil.example:8118"));
	assert_false(cis_guard_host(&guard, "10.0.0.1.evil:8118"));
}

static void who_is_free_of_the_token(void **state)
{
	const struct cis_guard local = guard_at("127.0.0.1", "127.0.0.1");
	const struct cis_guard proxied = guard_at("127.0.0.1", "pmu.lab");
	const struct cis_guard named = guard_at("127.0.1.1", "bench.lab");
	const struct cis_guard all = guard_at("0.0.0.0", "0.0.0.0");

	(void)state;
	assert_string_equal(local.token, "");
	assert_string_not_equal(proxied.token, "");
	assert_string_not_equal(named.token, "");
	assert_string_not_equal(all.token, "");
	assert_true(cis_guard_free(&local, "localhost:9000"));
	assert_true(cis_guard_free(&proxied, "[::1]:8118"));
	assert_false(cis_guard_free(&proxied, "pmu.lab"));
	assert_true(cis_guard_free(&named, "127.0.1.1"));
	assert_false(cis_guard_free(&named, "bench.lab"));
	assert_false(cis_guard_free(&all, "localhost"));
	assert_false(cis_guard_free(&all, "10.0.0.1"));
	assert_false(cis_guard_free(&local, NULL));
	assert_false(cis_guard_free(&local, ""));
}

static void a_page_of_ours_has_our_origin(void **state)
{
	const char *host = "localhost:8118";

	(void)state;
	assert_true(cis_guard_origin(host, "http://localhost:8118"));
	assert_true(cis_guard_origin(host, "https://localhost:8118"));
	assert_false(cis_guard_origin(host, "http://localhost:8118/"));
	assert_false(cis_guard_origin(host, "http://localhost:811"));
	assert_false(cis_guard_origin(host, "http://127.0.0.1:8118"));
	assert_false(cis_guard_origin(host, "http://http://localhost:8118"));
	assert_false(cis_guard_origin(host, "file://localhost:8118"));
	assert_false(cis_guard_origin(host, "null"));
	assert_false(cis_guard_origin(host, ""));
}

static void a_token_is_the_whole_token(void **state)
{
	const struct cis_guard guard = guard_at("10.0.0.1", "10.0.0.1");
	const struct cis_guard other = guard_at("10.0.0.1", "10.0.0.1");
	char wrong[CIS_TOKEN_SIZE];

	(void)state;
	assert_string_not_equal(guard.token, other.token);
	assert_int_equal(strlen(guard.token), CIS_TOKEN_SIZE - 1);
	assert_true(cis_guard_token(&guard, guard.token));
	assert_false(cis_guard_token(&guard, other.token));
	assert_false(cis_guard_token(&guard, guard.token + 1));
	assert_false(cis_guard_token(&guard, ""));
	assert_false(cis_guard_token(&guard, NULL));
	memcpy(wrong, guard.token, sizeof(wrong));
	wrong[CIS_TOKEN_SIZE - 2] ^= 1;
	assert_false(cis_guard_token(&guard, wrong));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_is_ours_by_name_at_any_port),
		cmocka_unit_test(a_proxy_asks_by_the_names_that_were_given),
		cmocka_unit_test(bound_to_all_any_address_is_ours_but_no_name),
		cmocka_unit_test(who_is_free_of_the_token),
		cmocka_unit_test(a_page_of_ours_has_our_origin),
		cmocka_unit_test(a_token_is_the_whole_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
