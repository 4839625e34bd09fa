/* test_web_backlog.c - the last events, and readers that come late. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "host/net/web/backlog.h"
#include "host/net/web/web.h"

static size_t read_all(struct cis_backlog *b, uint64_t *next, char *buf,
		       size_t size, uint64_t *skipped)
{
	const size_t n = cis_backlog_read(b, next, buf, size - 1, skipped);

	buf[n] = '\0';
	return n;
}

static void events_stand_as_they_are_sent(void **state)
{
	struct cis_backlog *b = cis_backlog_new(1000, 10, 0xab);
	uint64_t next = 1, skipped;
	char buf[500];

	(void)state;
	assert_int_equal(cis_backlog_put(b, "report", "{\n1}", 4), 0);
	assert_int_equal(cis_backlog_put(b, "gap", "{\r}", 3), 0);
	read_all(b, &next, buf, sizeof(buf), &skipped);
	assert_string_equal(buf, "id: 000000ab-1\nevent: report\ndata: { 1}\n\n"
				 "id: 000000ab-2\nevent: gap\ndata: { }\n\n");
	assert_int_equal(next, 3);
	assert_int_equal(skipped, 0);
	assert_int_equal(read_all(b, &next, buf, sizeof(buf), &skipped), 0);
	cis_backlog_free(b);
}

static void a_reader_goes_on_after_what_it_has_seen(void **state)
{
	struct cis_backlog *b = cis_backlog_new(10000, 3, 7);

	(void)state;
	for (int i = 0; i < 5; i++)
		cis_backlog_put(b, "x", "{}", 2);
	assert_int_equal(cis_backlog_after(b, NULL), 6);
	assert_int_equal(cis_backlog_after(b, "00000007-4"), 5);
	assert_int_equal(cis_backlog_after(b, "00000007-1"), 2);
	/* of another process, or nonsense: the oldest of the three */
	assert_int_equal(cis_backlog_after(b, "00000008-4"), 3);
	assert_int_equal(cis_backlog_after(b, "00000007-9"), 3);
	assert_int_equal(cis_backlog_after(b, "00000007--4"), 3);
	assert_int_equal(cis_backlog_after(b, "00000007-"), 3);
	assert_int_equal(cis_backlog_after(b, ""), 3);
	cis_backlog_free(b);
}

static void what_is_too_long_is_refused(void **state)
{
	struct cis_backlog *b = cis_backlog_new(200, 3, 7);
	static char big[CIS_WEB_MAX_EVENT];
	char name[300];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(cis_backlog_put(b, "x", big, sizeof(big)), -EMSGSIZE);
	assert_int_equal(cis_backlog_put(b, "x", big, 200), -EMSGSIZE);
	assert_int_equal(cis_backlog_put(b, name, "{}", 2), -EMSGSIZE);
	assert_int_equal(cis_backlog_end(b), 1);
	cis_backlog_free(b);
}

/* The number in the data is the event's; lengths are any. */
static void check_whole(const char *buf, uint64_t next, uint64_t n)
{
	for (uint64_t i = next - n; i < next; i++) {
		unsigned id = 0, value = 0;
		int used = 0;

		assert_int_equal(sscanf(buf,
					"id: 00000007-%u event: x data: "
					"{\"i\":%u,\"p\":\"%*[p]\"}%n",
					&id, &value, &used),
				 2);
		assert_int_equal(id, i);
		assert_int_equal(value, i);
		assert_memory_equal(buf + used, "\n\n", 2);
		buf += used + 2;
	}
	assert_int_equal(*buf, '\0');
}

static void events_are_whole_or_counted_as_skipped(void **state)
{
	struct cis_backlog *b = cis_backlog_new(997, 8, 7);
	uint64_t next = 1, before, skipped, n_seen = 0, n_skipped = 0;
	char buf[2000], json[300];

	(void)state;
	srand(1);
	for (unsigned i = 1; i <= 5000; i++) {
		const int pad = 1 + rand() % 200;
		const int n = snprintf(
			json, sizeof(json), "{\"i\":%u,\"p\":\"%.*s\"}", i, pad,
			"pppppppppppppppppppppppppppppppppppppp"
			"pppppppppppppppppppppppppppppppppppppp"
			"pppppppppppppppppppppppppppppppppppppp"
			"pppppppppppppppppppppppppppppppppppppp");

		assert_int_equal(cis_backlog_put(b, "x", json, (size_t)n), 0);
		if (rand() % 4)
			continue;
		before = next;
		read_all(b, &next, buf, sizeof(buf), &skipped);
		check_whole(buf, next, next - before - skipped);
		n_seen += next - before - skipped;
		n_skipped += skipped;
		assert_int_equal(next, i + 1);
	}
	assert_int_equal(n_seen + n_skipped, next - 1);
	assert_true(n_seen > 0 && n_skipped > 0);
	cis_backlog_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_stand_as_they_are_sent),
		cmocka_unit_test(a_reader_goes_on_after_what_it_has_seen),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(events_are_whole_or_counted_as_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
