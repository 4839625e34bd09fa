/* method.c - see method.h. */
#include "method.h"

#include <math.h>

#include "channels.h"
#include "tfls.h"

const struct cis_method *cis_method_of(enum cis_profile profile)
{
	return profile == CIS_PROFILE_LS7 ? &cis_method_ls7 : &cis_method_tfls;
}

void cis_chan_fit_nothing(struct cis_chan_fit *cf, uint32_t flags)
{
	cf->dyn = (struct cis_dyn){.x = {NAN, NAN, NAN},
				   .a1_per_s = NAN,
				   .a2_per_s2 = NAN,
				   .dc = NAN,
				   .freq_hz = NAN,
				   .rocof_hz_per_s = NAN,
				   .resid_rms = NAN,
				   .sigma = NAN,
				   .flags = flags};
}
