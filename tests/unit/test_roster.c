/* test_roster.c - PMUs and channels are found again under other names. */
#include "host/sim/roster.h"

#include <stdio.h>

#include "tests/support/check.h"

static struct cis_c37_pmu pmu(uint16_t idcode, const char *station)
{
	struct cis_c37_pmu p = {.idcode = idcode};

	snprintf(p.station, sizeof(p.station), "%s", station);
	return p;
}

static struct cis_roster *three(const char *a, const char *b, const char *c)
{
	const char *const name[] = {a, b, c};
	struct cis_roster *r;

	assert_int_equal(cis_roster_new(3, &r), 0);
	for (uint16_t i = 0; i < 3; i++) {
		struct cis_c37_pmu p = pmu((uint16_t)(101 + i), name[i]);

		cis_roster_add(r, &p, i, 0);
	}
	cis_roster_sort(r);
	return r;
}

static uint32_t find(const struct cis_roster *r, uint16_t idcode,
		     const char *station)
{
	struct cis_c37_pmu p = pmu(idcode, station);

	return cis_roster_find(r, &p);
}

static void a_pmu_is_found_by_name_then_by_idcode(void **state)
{
	struct cis_roster *r = three("SIM-0001", "SIM-0002", "SIM-0003");

	(void)state;
	assert_int_equal(find(r, 102, "SIM-0002"), 1);
	assert_int_equal(find(r, 3, "SIM-0003"), 2);   /* numbered anew */
	assert_int_equal(find(r, 102, "SIM-0001"), 0); /* so that they clash */
	assert_int_equal(find(r, 103, "NORTH"), 2);    /* named anew */
	assert_int_equal(find(r, 7, "NORTH"), CIS_ROSTER_NONE);
	assert_int_equal(find(r, 7, ""), CIS_ROSTER_NONE);
	cis_roster_free(r);
}

static void names_are_alike_whatever_their_case_and_blanks(void **state)
{
	struct cis_roster *r = three("Sim 0001", "sim_0002", "SIM 0003    ");

	(void)state;
	assert_int_equal(find(r, 0, "SIM_0001"), 0);
	assert_int_equal(find(r, 0, "SIM 0002   "), 1);
	assert_int_equal(find(r, 0, "sim 0003"), 2);
	cis_roster_free(r);
}

static void a_name_that_two_have_says_nothing(void **state)
{
	struct cis_roster *r = three("SAME", "SAME", "OTHER");

	(void)state;
	assert_int_equal(find(r, 9, "SAME"), CIS_ROSTER_NONE);
	assert_int_equal(find(r, 102, "SAME"), 1);
	assert_int_equal(find(r, 9, "OTHER"), 2);
	cis_roster_free(r);
}

/* CFG-2 has 16 bytes for it. */
static void a_long_name_is_known_by_its_first_16_characters(void **state)
{
	struct cis_roster *r =
		three("A-NAME-OF-MORE-THAN-16", "B-NAME-OF-MORE-THAN-16", "C");

	(void)state;
	assert_int_equal(find(r, 9, "B-NAME-OF-MORE-T"), 1);
	assert_string_equal(cis_roster_unit(r, 0)->station, "A-NAME-OF-MORE-T");
	assert_string_equal(cis_roster_unit(r, 2)->station, "C");
	cis_roster_free(r);
}

static void channels(const char *const *ours, uint16_t n_ours,
		     const char *const *theirs, uint16_t n_theirs, int16_t *to)
{
	static struct cis_c37_channel a[4], b[4];

	for (unsigned i = 0; i < n_ours; i++)
		snprintf(a[i].name, sizeof(a[i].name), "%s", ours[i]);
	for (unsigned i = 0; i < n_theirs; i++)
		snprintf(b[i].name, sizeof(b[i].name), "%s", theirs[i]);
	cis_roster_channels(a, n_ours, b, n_theirs, to);
}

static void channels_are_found_by_name_or_by_position(void **state)
{
	static const char *const ours[] = {"VA", "VB", "V+"};
	static const char *const turned[] = {"v+ +SV", "VA AV", "IA AI"};
	static const char *const fewer[] = {"VB"};
	static const char *const renamed[] = {"P1", "P2", "P3"};
	static const char *const longer[] = {"VAB", "VBC"};
	int16_t to[4];

	(void)state;
	channels(ours, 3, turned, 3, to);
	assert_int_equal(to[0], 2);
	assert_int_equal(to[1], 0);
	assert_int_equal(to[2], -1);
	channels(ours, 3, fewer, 1, to);
	assert_int_equal(to[0], 1);
	channels(ours, 3, renamed, 3, to);
	assert_int_equal(to[0], 0);
	assert_int_equal(to[2], 2);
	channels(ours, 3, longer, 2, to);
	assert_int_equal(to[0], -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pmu_is_found_by_name_then_by_idcode),
		cmocka_unit_test(
			names_are_alike_whatever_their_case_and_blanks),
		cmocka_unit_test(a_name_that_two_have_says_nothing),
		cmocka_unit_test(
			a_long_name_is_known_by_its_first_16_characters),
		cmocka_unit_test(channels_are_found_by_name_or_by_position),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
