/* test_web_guard.c - names of the server, origins of pages, the token. */
#include <arpa/inet.h>
#include <string.h>

#include "check.h"
#include "host/net/web/guard.h"

static struct cis_guard guard_at(const char *ip, const char *name)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
				  .sin_port = htons(8118)};
	struct cis_guard guard;

	inet_pton(AF_INET, ip, &sin.sin_addr);
	cis_guard_init(&guard, name, (const struct sockaddr *)&sin);
	return guard;
}

static void a_host_is_ours_by_name_and_port(void **state)
{
	static const struct {
		const char *host;
		bool ours;
	} cases[] = {
		{"localhost:8118", true},
		{"LOCALHOST:8118", true},
		{"127.0.0.1:8118", true},
		{"[::1]:8118", true},
		{"bench.lab:8118", true},
		{"bench.lab", false},
		{"localhost:8119", false},
		{"localhost:", false},
		{"localhost:+8118", false},
		{"localhost: 8118", false},
		{"localhost:8118:", false},
		{"localhost:08118", true},
		{"localhost:4294975414", false}, /* 8118 + 2^32 */
		{"localhost.:8118", false},
		{"evil.example:8118", false},
		{"localhost.evil.example:8118", false},
		{"::1:8118", false},
		{"[::1]8118", false},
		{"[::1", false},
		{"[]:8118", false},
		{":8118", false},
		{"", false},
		{"10.0.0.1:8118", false},
	};
	const struct cis_guard guard = guard_at("127.0.0.1", "bench.lab");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (cis_guard_host(&guard, cases[i].host) != cases[i].ours)
			fail_msg("%s", cases[i].host);
	assert_false(cis_guard_host(&guard, NULL));
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

static void a_page_of_ours_has_our_origin(void **state)
{
	const char *host = "localhost:8118";

	(void)state;
	assert_true(cis_guard_origin(host, "http://localhost:8118"));
	assert_false(cis_guard_origin(host, "https://localhost:8118"));
	assert_false(cis_guard_origin(host, "http://localhost:8118/"));
	assert_false(cis_guard_origin(host, "http://localhost:811"));
	assert_false(cis_guard_origin(host, "http://127.0.0.1:8118"));
	assert_false(cis_guard_origin(host, "null"));
	assert_false(cis_guard_origin(host, ""));
}

static void a_token_is_the_whole_token(void **state)
{
	struct cis_guard guard = guard_at("10.0.0.1", "10.0.0.1");
	struct cis_guard other = guard;
	char wrong[CIS_TOKEN_SIZE];

	(void)state;
	assert_int_equal(cis_guard_make_token(&guard), 0);
	assert_int_equal(cis_guard_make_token(&other), 0);
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
		cmocka_unit_test(a_host_is_ours_by_name_and_port),
		cmocka_unit_test(bound_to_all_any_address_is_ours_but_no_name),
		cmocka_unit_test(a_page_of_ours_has_our_origin),
		cmocka_unit_test(a_token_is_the_whole_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
