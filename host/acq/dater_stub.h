/* dater_stub.h - stands in until continuity.c is there. */
#ifndef HOST_ACQ_DATER_STUB_H
#define HOST_ACQ_DATER_STUB_H

#include <math.h>

#define cis_continuity_init     cis_continuity_init_stub
#define cis_continuity_set_freq cis_continuity_set_freq_stub
#define cis_continuity_reset    cis_continuity_reset_stub
#define cis_continuity_push     cis_continuity_push_stub

static inline void cis_continuity_init(struct cis_continuity *w, uint32_t n,
				       double r)
{
	(void)w;
	(void)n;
	(void)r;
}
static inline void cis_continuity_set_freq(struct cis_continuity *w, double f)
{
	(void)w;
	(void)f;
}
static inline void cis_continuity_reset(struct cis_continuity *w)
{
	(void)w;
}
static inline bool cis_continuity_push(struct cis_continuity *w,
				       const struct cis_block *b,
				       struct cis_continuity_hit *h)
{
	(void)w;
	(void)b;
	(void)h;
	return false;
}

#endif
