/*
 * accept_p_mr.h - two rigs of 50 Hz and 50 reports a second: p, which is held to
 * less, and m with the reference.
 */
#ifndef TESTS_ACCEPT_P_MR_H
#define TESTS_ACCEPT_P_MR_H

#include "accept.h"

static struct accept_rig p, mr;

static int set_up(void **state)
{
	(void)state;
	accept_init(&p, 50, 50, ACCEPT_P);
	accept_init(&mr, 50, 50, ACCEPT_M | ACCEPT_R);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	accept_fini(&p);
	accept_fini(&mr);
	return 0;
}

#endif
