/*
 * tell.h - whom the reader tells: the file's name, the list of repairs, and the
 * sentence that goes with a refusal.
 */
#ifndef HOST_COMTRADE_TELL_H
#define HOST_COMTRADE_TELL_H

#include "cisoid/diag.h"

struct comtrade_tell {
	const char *name; /* of the CFG or CFF */
	struct cis_warn_list *warn;
	struct cis_diag *diag;
};

#endif
