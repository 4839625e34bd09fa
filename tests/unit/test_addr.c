/* test_addr.c - endpoints as users write them. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "check.h"
#include "host/net/addr.h"

static void endpoints_are_read(void **state)
{
	static const struct {
		const char *spec;
		enum cis_addr_kind kind;
		const char *host;
		unsigned port;
	} cases[] = {
		{"tcp:127.0.0.1:4712", CIS_ADDR_TCP, "127.0.0.1", 4712},
		{"udp:localhost:0", CIS_ADDR_UDP, "localhost", 0},
		{"tcp:[::1]:65535", CIS_ADDR_TCP, "::1", 65535},
		{"udp:[fe80::1%lo]:4713", CIS_ADDR_UDP, "fe80::1%lo", 4713},
	};
	struct cis_addr addr;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(cis_addr_parse(cases[i].spec, &addr, NULL), 0);
		assert_int_equal(addr.kind, cases[i].kind);
		assert_string_equal(addr.host, cases[i].host);
		assert_int_equal(addr.port, cases[i].port);
	}
	assert_int_equal(cis_addr_parse("pcap:a:b/c.pcap", &addr, NULL), 0);
	assert_int_equal(addr.kind, CIS_ADDR_PCAP);
	assert_string_equal(addr.path, "a:b/c.pcap");
}

static void bad_endpoints_are_refused_with_a_reason(void **state)
{
	static const struct {
		const char *spec, *says;
	} cases[] = {
		{"", "tcp:HOST:PORT"},
		{"127.0.0.1:4712", "tcp:HOST:PORT"},
		{"http:127.0.0.1:4712", "tcp:HOST:PORT"},
		{"tcp:", "no port"},
		{"tcp:127.0.0.1", "no port"},
		{"tcp:[::1]", "no port"},
		{"tcp:[::1:4712", "no port"},
		{"tcp::4712", "no host"},
		{"tcp:[]:4712", "no host"},
		{"tcp:::1:4712", "no host"},
		{"tcp:fe80::1:4712", "brackets"},
		{"tcp:127.0.0.1:", "not a number"},
		{"tcp:127.0.0.1:-1", "not a number"},
		{"tcp:127.0.0.1:47x", "not a number"},
		{"tcp:127.0.0.1:65536", "over 65535"},
		{"tcp:127.0.0.1:99999999999999999999", "over 65535"},
		{"pcap:", "no file name"},
	};
	struct cis_addr addr;
	struct cis_diag diag;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&diag, 0, sizeof(diag));
		assert_int_equal(cis_addr_parse(cases[i].spec, &addr, &diag),
				 -EINVAL);
		if (!strstr(diag.msg, cases[i].says))
			fail_msg("%s: says \"%s\"", cases[i].spec, diag.msg);
	}
}

static void a_host_name_may_have_255_bytes(void **state)
{
	char spec[400] = "tcp:";
	struct cis_addr addr;

	(void)state;
	memset(spec + 4, 'a', 255);
	strcpy(spec + 259, ":1");
	assert_int_equal(cis_addr_parse(spec, &addr, NULL), 0);
	memset(spec + 4, 'a', 256);
	strcpy(spec + 260, ":1");
	assert_int_equal(cis_addr_parse(spec, &addr, NULL), -EINVAL);
}

static void addresses_are_resolved_and_written_back(void **state)
{
	static const char *const specs[] = {"tcp:127.0.0.1:4712",
					    "udp:0.0.0.0:1", "tcp:[::1]:4712"};
	char buf[CIS_ADDR_SIZE];
	struct cis_addr addr;

	(void)state;
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		assert_int_equal(cis_addr_parse(specs[i], &addr, NULL), 0);
		assert_int_equal(cis_addr_resolve(&addr, NULL), 0);
		assert_int_equal(addr.n, 1);
		assert_string_equal(
			cis_addr_format((struct sockaddr *)&addr.ss[0], buf),
			specs[i] + 4);
	}
}

/* RFC 1035: a label has at most 63 bytes, so nobody need be asked. */
static void names_without_an_address_are_told(void **state)
{
	char spec[100] = "tcp:";
	struct cis_addr addr;
	struct cis_diag diag;

	(void)state;
	memset(spec + 4, 'a', 70);
	strcpy(spec + 74, ":4712");
	assert_int_equal(cis_addr_parse(spec, &addr, &diag), 0);
	assert_int_equal(cis_addr_resolve(&addr, &diag), -EADDRNOTAVAIL);
	assert_non_null(strstr(diag.msg, "no address for"));
}

static void addresses_differ_by_family_host_and_port(void **state)
{
	static const char *const specs[] = {
		"tcp:127.0.0.1:1", "tcp:127.0.0.1:2", "tcp:127.0.0.2:1",
		"tcp:[::1]:1",     "tcp:[::1]:2",     "tcp:[::2]:1"};
	struct cis_addr a, b;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		for (size_t k = 0; k < 6; k++) {
			cis_addr_parse(specs[i], &a, NULL);
			cis_addr_parse(specs[k], &b, NULL);
			assert_int_equal(cis_addr_resolve(&a, NULL), 0);
			assert_int_equal(cis_addr_resolve(&b, NULL), 0);
			assert_int_equal(
				cis_addr_equal((struct sockaddr *)&a.ss[0],
					       (struct sockaddr *)&b.ss[0]),
				i == k);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoints_are_read),
		cmocka_unit_test(bad_endpoints_are_refused_with_a_reason),
		cmocka_unit_test(a_host_name_may_have_255_bytes),
		cmocka_unit_test(addresses_are_resolved_and_written_back),
		cmocka_unit_test(names_without_an_address_are_told),
		cmocka_unit_test(addresses_differ_by_family_host_and_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
