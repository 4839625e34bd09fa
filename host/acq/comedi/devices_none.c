/* devices_none.c - devices.h where there is no Comedi. */
#include <errno.h>

#include "devices.h"

bool cis_devices_supported(void)
{
	return false;
}

uint32_t cis_devices_list(struct cis_device list[CIS_MAX_DEVICE])
{
	(void)list;
	return 0;
}

int cis_device_facts(const char *opts, struct cis_device_facts *facts,
		     struct cis_diag *diag)
{
	(void)opts;
	(void)facts;
	return cis_fail(diag, -ENOTSUP,
			"this program was built without Comedi and knows no "
			"boards; build it with CISOID_COMEDI=ON");
}
