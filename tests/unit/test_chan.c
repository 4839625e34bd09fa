/* test_chan.c - names, groups, selection and renaming, by cisoid-estimate(1). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cisoid/chan.h"

static struct cis_chan_map map;

/* "name|phase|unit" triples; V and kV are voltages. */
static void make(const char *const *chans)
{
	memset(&map, 0, sizeof(map));
	for (; chans[0]; chans += 3) {
		struct cis_chan *c = &map.chan[map.n_chan];

		cis_chan_set_name(&map, map.n_chan, chans[0]);
		snprintf(c->phase, sizeof(c->phase), "%s", chans[1]);
		snprintf(c->unit, sizeof(c->unit), "%s", chans[2]);
		c->quantity = strchr(chans[2], 'V') ? CIS_VOLTAGE : CIS_CURRENT;
		c->position = map.n_chan++;
	}
	cis_chan_map_group(&map);
}

static void groups_are_found_by_phase_or_name(void **state)
{
	static const char *const by_letter[] = {
		"VA", "",  "V",  "VB", "",  "V",  "VC", "",  "V", "IA",
		"",   "A", "IB", "",   "A", "IC", "",   "A", NULL};
	static const char *const by_field[] = {
		"one", "L1", "kV", "two", "L2", "kV", "three", "L3", "kV", "x",
		"R",   "A",  "y",  "S",   "A",  "z",  "T",     "A",  NULL};
	/* The field says 1 for all: then the names are asked. */
	static const char *const useless_field[] = {
		"Ia", "1", "A", "Ib", "1", "A", "Ic", "1", "A", NULL};

	(void)state;
	make(by_letter);
	assert_int_equal(map.n_group, 2);
	assert_string_equal(map.group[0].name, "V+");
	assert_string_equal(map.group[1].name, "I+");
	assert_int_equal(map.group[1].chan[2], 5);
	make(by_field);
	assert_int_equal(map.n_group, 2);
	make(useless_field);
	assert_int_equal(map.n_group, 1);
}

static void voltages_come_first(void **state)
{
	static const char *const chans[] = {
		"IA", "",  "A",  "IB", "",  "A",  "IC", "",  "A", "VA",
		"",   "V", "VB", "",   "V", "VC", "",   "V", NULL};

	(void)state;
	make(chans);
	assert_int_equal(map.n_group, 2);
	assert_string_equal(map.group[0].name, "V+");
	assert_string_equal(map.group[1].name, "I+");
	assert_int_equal(map.group[1].chan[0], 0);
}

static void what_is_no_system_is_no_group(void **state)
{
	static const char *const cases[][10] = {
		{"VA", "", "V", "VC", "", "V", "VB", "", "V", NULL}, /* order */
		{"VA", "", "V", "VB", "", "kV", "VC", "", "V", NULL}, /* unit */
		{"VA", "", "V", "IB", "", "A", "VC", "", "V", NULL},
		{"VA", "", "V", "VB", "", "V", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		make(cases[i]);
		assert_int_equal(map.n_group, 0);
	}
}

static void several_groups_of_a_kind_bear_their_first_name(void **state)
{
	static const char *const chans[] = {"VA_1", "A", "V", "VB_1", "B", "V",
					    "VC_1", "C", "V", "VN",   "N", "V",
					    "VA_2", "A", "V", "VB_2", "B", "V",
					    "VC_2", "C", "V", NULL};

	(void)state;
	make(chans);
	assert_int_equal(map.n_group, 2);
	assert_string_equal(map.group[0].name, "VA_1:V+");
	assert_string_equal(map.group[1].name, "VA_2:V+");
}

static void names_are_trimmed_unique_and_utf8(void **state)
{
	static const char *const chans[] = {
		"  IA ", "",  "A",  "IA", "",  "A", "bad\xFFname",
		"",      "A", "\t", "",   "A", NULL};

	(void)state;
	make(chans);
	assert_string_equal(map.chan[0].name, "IA");
	assert_string_equal(map.chan[1].name, "IA#2");
	assert_string_equal(map.chan[2].name, "bad?name");
	assert_string_equal(map.chan[3].name, "CH3");
}

static void selection_keeps_the_given_order(void **state)
{
	static const char *const chans[] = {"VC", "",   "V", "x", "",
					    "V",  "VB", "",  "V", "VA",
					    "",   "V",  NULL};
	uint32_t of[CIS_MAX_CHAN];
	struct cis_diag diag;

	(void)state;
	make(chans);
	assert_int_equal(cis_chan_map_select(&map, "VD", of, &diag), -EINVAL);
	assert_string_equal(diag.msg,
			    "no channel \"VD\"; did you mean \"VC\"?");
	assert_int_equal(cis_chan_map_select(&map, "VA,VA", of, &diag),
			 -EINVAL);
	assert_int_equal(cis_chan_map_select(&map, "", of, &diag), -EINVAL);
	assert_int_equal(cis_chan_map_select(&map, "VA,VB,VC", of, &diag), 0);
	assert_int_equal(of[0], 3);
	assert_int_equal(of[2], 0);
	assert_int_equal(map.n_group, 1);
	assert_string_equal(map.group[0].name, "V+");
}

static void renaming_voltages_leaves_the_currents_alone(void **state)
{
	static const char *const chans[] = {
		"U1", "",  "V",  "U2", "",  "V",  "U3", "",  "V", "J1",
		"",   "A", "J2", "",   "A", "J3", "",   "A", NULL};

	(void)state;
	make(chans);
	assert_int_equal(cis_chan_map_rename(&map, "VA=U2,VB=U3,VC=U1", NULL),
			 0);
	assert_int_equal(map.n_group, 2);
	assert_string_equal(map.group[0].name, "V+");
	assert_int_equal(map.group[0].chan[0], 1);
	assert_string_equal(map.group[1].name, "I+");
	assert_int_equal(map.group[1].chan[0], 3);
}

static void renaming_makes_the_only_groups(void **state)
{
	static const char *const chans[] = {
		"U1", "",  "V",  "U2", "",  "V",  "U3", "",  "V", "W1",
		"",   "V", "W2", "",   "V", "W3", "",   "V", NULL};
	struct cis_diag diag;

	(void)state;
	make(chans);
	assert_int_equal(map.n_group, 2);
	assert_int_equal(cis_chan_map_rename(&map, "VA=W1,VB=W2,VC=W3", &diag),
			 0);
	assert_int_equal(map.n_group, 1);
	assert_string_equal(map.group[0].name, "V+");
	assert_int_equal(map.group[0].chan[0], 3);
	assert_string_equal(map.chan[3].name, "VA");
	assert_int_equal(cis_chan_map_rename(&map, "VB=VA", &diag), 0);
	assert_int_equal(cis_chan_map_rename(&map, "IA=U1", &diag), -EINVAL);
	assert_string_equal(diag.msg, "\"IA=U1\": U1 is a voltage");
	assert_int_equal(cis_chan_map_rename(&map, "VA=U1,VC=U1", &diag),
			 -EINVAL);
	assert_int_equal(cis_chan_map_rename(&map, "VQ=U1", &diag), -EINVAL);
	assert_int_equal(cis_chan_map_rename(&map, "VA", &diag), -EINVAL);
	assert_int_equal(cis_chan_map_rename(&map, "VA=U9", &diag), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_found_by_phase_or_name),
		cmocka_unit_test(voltages_come_first),
		cmocka_unit_test(what_is_no_system_is_no_group),
		cmocka_unit_test(
			several_groups_of_a_kind_bear_their_first_name),
		cmocka_unit_test(names_are_trimmed_unique_and_utf8),
		cmocka_unit_test(selection_keeps_the_given_order),
		cmocka_unit_test(renaming_makes_the_only_groups),
		cmocka_unit_test(renaming_voltages_leaves_the_currents_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
