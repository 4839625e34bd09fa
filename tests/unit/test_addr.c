/* test_addr.c - endpoints as users write them. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
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

static void words_follow_the_port(void **state)
{
	struct cis_addr a;
	struct cis_diag diag = {""};

	(void)state;
	assert_int_equal(
		cis_addr_parse("udp:239.1.2.3:4713,ttl=4,if=eth0", &a, &diag),
		0);
	assert_int_equal(a.port, 4713);
	assert_int_equal(a.ttl, 4);
	assert_string_equal(a.interface, "eth0");
	assert_int_equal(a.words, CIS_WORD_TTL | CIS_WORD_IF);
	assert_int_equal(cis_addr_parse("tcp:[::]:4712,data=udp:[::1]:9,"
					"clients=1000,allow=10.0.0.0/8+::1",
					&a, &diag),
			 0);
	assert_string_equal(a.host, "::");
	assert_string_equal(a.data_host, "::1");
	assert_int_equal(a.data_port, 9);
	assert_int_equal(a.clients, 1000);
	assert_int_equal(a.n_allow, 2);
	assert_int_equal(cis_addr_parse("tcp:h:1,data=udp:4713", &a, &diag), 0);
	assert_string_equal(a.data_host, "");
	assert_int_equal(a.data_port, 4713);
	assert_int_equal(a.ttl, 1);
}

static void bad_words_are_refused_with_a_reason(void **state)
{
	static const struct {
		const char *spec, *says;
	} cases[] = {
		{"tcp:h:1,client=3", "did you mean \"clients\""},
		{"tcp:h:1,ttl=3", "unknown option \"ttl\""},
		{"udp:h:1,data=udp:3", "unknown option \"data\""},
		{"udp:h:1,", "nothing follows"},
		{"udp:h:1,ttl=1,ttl=2", "ttl is given twice; give it once"},
		{"udp:h:1,ttl", "ttl: no value"},
		{"udp:h:1,ttl=", "ttl: no value"},
		{"udp:h:1,ttl=256", "from 0 to 255"},
		{"udp:h:1,ttl=-1", "from 0 to 255"},
		{"udp:h:1,ttl=1e1", "from 0 to 255"},
		{"udp:h:1,clients=0", "from 1 to"},
		{"udp:h:1,clients=99999999999999999999", "clients"},
		{"tcp:h:1,data=4713", "udp:PORT"},
		{"tcp:h:1,data=udp:", "not a number"},
		{"tcp:h:1,data=udp:70000", "over 65535"},
		{"tcp:h:1,data=udp::4", "no host"},
		{"tcp:h:1,data=udp:::1:4", "no host"},
		{"tcp:h:1,allow=", "allow: no value"},
		{"tcp:h:1,allow=host", "not an address"},
		{"tcp:h:1,allow=1.2.3.4/33", "from 0 to 32"},
		{"tcp:h:1,allow=::1/129", "from 0 to 128"},
		{"tcp:h:1,allow=1.2.3.4/", "from 0 to 32"},
		{"tcp:h:1,allow=1.2.3.4+", "not an address"},
		{"tcp:h:1,allow=1+2+3+4+5+6+7+8+9+0+1+2+3+4+5+6+7", "allow"},
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

static void a_word_out_of_place_is_refused_by_name(void **state)
{
	struct cis_addr a;
	struct cis_diag diag;

	(void)state;
	cis_addr_parse("udp:h:1,ttl=3,clients=2", &a, NULL);
	assert_int_equal(
		cis_addr_only(&a, CIS_WORD_TTL | CIS_WORD_CLIENTS, &diag), 0);
	assert_int_equal(cis_addr_only(&a, CIS_WORD_TTL, &diag), -EINVAL);
	assert_non_null(strstr(diag.msg, "\"clients\" means nothing here"));
}

static void who_is_allowed_is_said_by_bits(void **state)
{
	static const struct {
		const char *allow, *who;
		bool allowed;
	} cases[] = {
		{"192.0.2.0/25", "192.0.2.127", true},
		{"192.0.2.0/25", "192.0.2.128", false},
		{"192.0.2.7", "192.0.2.7", true},
		{"192.0.2.7", "192.0.2.6", false},
		{"0.0.0.0/0", "255.255.255.255", true},
		{"0.0.0.0/0", "[::1]", false},
		{"10.0.0.0/8+2001:db8::/33", "[2001:db8:7fff::1]", true},
		{"10.0.0.0/8+2001:db8::/33", "[2001:db8:8000::1]", false},
		/* an IPv4 client of an IPv6 socket */
		{"10.0.0.0/8+2001:db8::/33", "[::ffff:10.255.0.1]", true},
		{"::/0", "10.0.0.1", true},
	};
	struct cis_addr a, who;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char spec[80];

		snprintf(spec, sizeof(spec), "tcp:h:1,allow=%s",
			 cases[i].allow);
		assert_int_equal(cis_addr_parse(spec, &a, NULL), 0);
		snprintf(spec, sizeof(spec), "tcp:%s:1", cases[i].who);
		assert_int_equal(cis_addr_parse(spec, &who, NULL), 0);
		assert_int_equal(cis_addr_resolve(&who, NULL), 0);
		if (cis_addr_allows(&a, (struct sockaddr *)&who.ss[0]) !=
		    cases[i].allowed)
			fail_msg("%s: %s", cases[i].allow, cases[i].who);
	}
	cis_addr_parse("tcp:h:1", &a, NULL);
	assert_true(cis_addr_allows(&a, (struct sockaddr *)&who.ss[0]));
}

static void in_a_list_words_belong_to_the_endpoint_before(void **state)
{
	char text[] = " tcp:h:1,clients=4 ,\tallow=::1+::2,udp:h:2, pcap:a=b "
		      "ttl=3,udp:h:3";
	static const char *const items[] = {"tcp:h:1,clients=4,allow=::1+::2",
					    "udp:h:2", "pcap:a=b", "ttl=3",
					    "udp:h:3"};
	char empty[] = " , ", *rest = text;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(cis_addr_next(&rest), items[i]);
	assert_null(cis_addr_next(&rest));
	rest = empty;
	assert_null(cis_addr_next(&rest));
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
		cmocka_unit_test(words_follow_the_port),
		cmocka_unit_test(bad_words_are_refused_with_a_reason),
		cmocka_unit_test(a_word_out_of_place_is_refused_by_name),
		cmocka_unit_test(who_is_allowed_is_said_by_bits),
		cmocka_unit_test(in_a_list_words_belong_to_the_endpoint_before),
		cmocka_unit_test(a_host_name_may_have_255_bytes),
		cmocka_unit_test(addresses_are_resolved_and_written_back),
		cmocka_unit_test(names_without_an_address_are_told),
		cmocka_unit_test(addresses_differ_by_family_host_and_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
