/*
 * scenes.h - a table of scenes as a group of tests.
 */
#ifndef TESTS_FIRMWARE_SCENES_H
#define TESTS_FIRMWARE_SCENES_H

#include "tests/firmware/sim/sim_scene.h"

#include "check.h"

enum { SCENES_MAX = 40 };

/* Of a scene: to its end; all is well. */
#define END INT32_MAX
#define ON  (FE_FLAG_LABEL | FE_FLAG_RUNNING | FE_FLAG_PULSE)

/* Locked, with a label, on the second, in the seconds from a to b. */
#define WELL(a, b)                                \
	{SIM_EXPECT_STATE, (a), (b), SIM_LOCKED}, \
		{SIM_EXPECT_FLAGS, (a), (b), ON}, \
	{                                         \
		SIM_EXPECT_WITHIN, (a), (b), 100  \
	}

/* Once aligned, edges are not stepped. */
#define NO_STEP                                          \
	{                                                \
		SIM_EXPECT_QUIET, 60, END, FE_EVENT_STEP \
	}

/* An event comes in the seconds from a to b; never. */
#define TOLD(a, b, name)                                   \
	{                                                  \
		SIM_EXPECT_TOLD, (a), (b), FE_EVENT_##name \
	}
#define QUIET(name)                                       \
	{                                                 \
		SIM_EXPECT_QUIET, 0, END, FE_EVENT_##name \
	}

static void is_as_it_must_be(void **state)
{
	char why[256];

	if (!sim_scene_run(*state, why, sizeof(why)))
		fail_msg("%s", why);
}

static int run_scenes(const struct sim_scene *scenes, size_t n)
{
	struct CMUnitTest tests[SCENES_MAX];

	for (size_t i = 0; i < SCENES_MAX; i++)
		tests[i] = (struct CMUnitTest){
			.name = scenes[i < n ? i : 0].name,
			.test_func = i < n ? is_as_it_must_be : NULL,
			.initial_state =
				(void *)(uintptr_t)&scenes[i < n ? i : 0],
		};
	return _cmocka_run_group_tests("scenes", tests, n, NULL, NULL);
}

#endif
