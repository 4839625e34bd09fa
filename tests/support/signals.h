/* signals.h - a signal from "key=value key=value", or the test fails. */
#ifndef TESTS_SIGNALS_H
#define TESTS_SIGNALS_H

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "cisoid/signal.h"

static inline struct cis_signal signal_of(const char *keys)
{
	struct cis_signal sig;
	struct cis_diag diag = {""};
	char key[32], value[32];
	int used;

	cis_signal_init(&sig);
	for (; sscanf(keys, " %31[^=]=%31s%n", key, value, &used) == 2;
	     keys += used)
		if (cis_signal_set(&sig, key, value, &diag))
			fail_msg("%s=%s: %s", key, value, diag.msg);
	if (cis_signal_finish(&sig, &diag))
		fail_msg("%s", diag.msg);
	return sig;
}

#endif
