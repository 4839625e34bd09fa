/* test_web_backlog.c - the last events, and readers that come late. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
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
	assert_int_equal(cis_backlog_put(b, "report", "{\n1}", 4, 0), 0);
	assert_int_equal(cis_backlog_put(b, "gap", "{\r}", 3, 0), 0);
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
	char id[CIS_BACKLOG_ID_SIZE];
	uint64_t next;

	(void)state;
	for (int i = 0; i < 5; i++)
		cis_backlog_put(b, "x", "{}", 2, 0);
	assert_true(cis_backlog_after(b, "00000007-4", &next));
	assert_int_equal(next, 5);
	assert_true(cis_backlog_after(b, "00000007-0", &next));
	assert_int_equal(next, 1);
	assert_true(cis_backlog_after(b, "00000007-5", &next));
	assert_int_equal(next, 6);
	cis_backlog_id(b, 5, id);
	assert_string_equal(id, "00000007-5");
	cis_backlog_free(b);
}

static void what_tells_nothing_is_no_place(void **state)
{
	static const char *const ids[] = {
		"00000008-4",
		"00000007-6",
		"00000007--4",
		"00000007-",
		"",
		"7-4",
		"x",
		"00000007-+1",
		" 00000007-1",
		"00000007-18446744073709551616",
		"00000007-99999999999999999999",
		"00000007-4x",
	};
	struct cis_backlog *b = cis_backlog_new(10000, 3, 7);
	uint64_t next = 77;

	(void)state;
	for (int i = 0; i < 5; i++)
		cis_backlog_put(b, "x", "{}", 2, 0);
	assert_false(cis_backlog_after(b, NULL, &next));
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (cis_backlog_after(b, ids[i], &next))
			fail_msg("%s", ids[i]);
	assert_int_equal(next, 77);
	cis_backlog_free(b);
}

static void a_newcomer_has_what_is_not_too_old(void **state)
{
	struct cis_backlog *b = cis_backlog_new(10000, 4, 7);

	(void)state;
	assert_int_equal(cis_backlog_since(b, 0), 1);
	for (uint64_t ms = 100; ms <= 600; ms += 100)
		cis_backlog_put(b, "x", "{}", 2, ms);
	/* of the four that are kept: 300, 400, 500, 600 */
	assert_int_equal(cis_backlog_since(b, 0), 3);
	assert_int_equal(cis_backlog_since(b, 500), 5);
	assert_int_equal(cis_backlog_since(b, 501), 6);
	assert_int_equal(cis_backlog_since(b, 601), 7);
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
	assert_int_equal(cis_backlog_put(b, "x", big, sizeof(big), 0),
			 -EMSGSIZE);
	assert_int_equal(cis_backlog_put(b, "x", big, 200, 0), -EMSGSIZE);
	assert_int_equal(cis_backlog_put(b, name, "{}", 2, 0), -EMSGSIZE);
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
	struct cis_backlog *b = cis_backlog_new(1000, 8, 7);
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

		assert_int_equal(cis_backlog_put(b, "x", json, (size_t)n, i),
				 0);
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

struct race {
	struct cis_backlog *b;
	atomic_bool done;
};

/* Of any length, all of one letter. */
static void *put_many(void *arg)
{
	struct race *race = arg;
	static char json[1000];

	for (unsigned i = 1; i <= 200000; i++) {
		const size_t len = 1 + i * 7919 % (sizeof(json) - 1);

		memset(json, 'a' + (int)(i % 26), len);
		if (cis_backlog_put(race->b, "x", json, len, i))
			abort();
	}
	/* Release: whoever sees it sees the last event. */
	atomic_store_explicit(&race->done, true, memory_order_release);
	return NULL;
}

/* How many whole events stand there; a torn one has two letters. */
static uint64_t count_whole(const char *buf, size_t len)
{
	uint64_t n = 0;

	for (const char *at = buf; at < buf + len; n++) {
		const char *data = strstr(at, "data: ");
		size_t n_same = 0;

		assert_non_null(data);
		data += strlen("data: ");
		while (data[n_same] == data[0])
			n_same++;
		assert_memory_equal(data + n_same, "\n\n", 2);
		at = data + n_same + 2;
	}
	return n;
}

static void who_reads_while_another_puts_sees_whole_events(void **state)
{
	struct race race = {cis_backlog_new(8000, 64, 7), false};
	uint64_t next = 1, skipped, before, n = 0, n_skipped = 0;
	char buf[3000];
	pthread_t thread;
	bool done;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, put_many, &race), 0);
	do {
		/* Acquire: see put_many(). */
		done = atomic_load_explicit(&race.done, memory_order_acquire);
		do {
			before = next;
			n += count_whole(buf, read_all(race.b, &next, buf,
						       sizeof(buf), &skipped));
			n_skipped += skipped;
		} while (done && next > before);
	} while (!done);
	pthread_join(thread, NULL);
	assert_int_equal(next, 200001);
	assert_int_equal(n + n_skipped, 200000);
	cis_backlog_free(race.b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_stand_as_they_are_sent),
		cmocka_unit_test(a_reader_goes_on_after_what_it_has_seen),
		cmocka_unit_test(what_tells_nothing_is_no_place),
		cmocka_unit_test(a_newcomer_has_what_is_not_too_old),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(events_are_whole_or_counted_as_skipped),
		cmocka_unit_test(
			who_reads_while_another_puts_sees_whole_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
