/* test_page_text.c - many objects of JSON in events that hold so much and no
 * more. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "host/cli/web/page_in.h"

#define AROUND 6 /* bytes of a lone object but for its letters: [["..."], */

/* ["aaa..."]: with what stands around it `len` bytes of an event. */
static json_t *object_of(size_t len)
{
	const size_t n = len - AROUND;
	char *letters = malloc(n);
	json_t *v = json_array();

	assert_non_null(letters);
	memset(letters, 'a', n);
	json_array_append_new(v, json_stringn(letters, n));
	free(letters);
	return v;
}

/* Nothing is published of a page without a server. */
static struct cis_page *page_new(void)
{
	struct cis_page *page = calloc(1, sizeof(*page));

	assert_non_null(page);
	cis_page_batch(page);
	return page;
}

static void an_event_is_filled_to_the_last_byte_and_no_further(void **state)
{
	struct cis_page *page = page_new();

	(void)state;
	assert_int_equal(
		cis_page_batch_add(page, NULL, object_of(CIS_PAGE_TEXT)), 0);
	assert_int_equal(page->text_len, CIS_PAGE_TEXT);
	assert_int_equal(cis_page_batch_add(page, NULL, object_of(AROUND + 1)),
			 -EMSGSIZE);
	assert_int_equal(page->text_len, CIS_PAGE_TEXT);
	free(page);
}

static void what_finds_no_room_begins_the_next_event(void **state)
{
	struct cis_page *page = page_new();

	(void)state;
	cis_page_batch_add(page, "x", object_of(CIS_PAGE_TEXT));
	assert_int_equal(cis_page_batch_add(page, "x", object_of(AROUND + 1)),
			 0);
	assert_int_equal(page->text_len, AROUND + 1);
	assert_memory_equal(page->text, "[[\"a\"],", AROUND + 1);
	free(page);
}

static void what_is_too_long_for_any_event_is_left_out(void **state)
{
	struct cis_page *page = page_new();

	(void)state;
	assert_int_equal(
		cis_page_batch_add(page, "x", object_of(CIS_PAGE_TEXT + 1)),
		-EMSGSIZE);
	assert_int_equal(page->text_len, 1);
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_event_is_filled_to_the_last_byte_and_no_further),
		cmocka_unit_test(what_finds_no_room_begins_the_next_event),
		cmocka_unit_test(what_is_too_long_for_any_event_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
