/* dater_stub.h - stands in until the tracker is there. */
#ifndef HOST_ACQ_DATER_STUB_H
#define HOST_ACQ_DATER_STUB_H

#include <math.h>

#define cis_track_init          cis_track_init_stub
#define cis_track_restart       cis_track_restart_stub
#define cis_track_observe       cis_track_observe_stub
#define cis_track_clock         cis_track_clock_stub
#define cis_track_date          cis_track_date_stub
#define cis_track_bound_s       cis_track_bound_s_stub
#define cis_track_state(t, s)   cis_track_state_stub((t), (s))
#define cis_continuity_init     cis_continuity_init_stub
#define cis_continuity_set_freq cis_continuity_set_freq_stub
#define cis_continuity_reset    cis_continuity_reset_stub
#define cis_continuity_push     cis_continuity_push_stub

static inline void cis_track_init(struct cis_track *t,
				  const struct cis_track_opts *o)
{
	t->opts = *o;
}
static inline void cis_track_restart(struct cis_track *t)
{
	(void)t;
}
static inline enum cis_track_verdict
cis_track_observe(struct cis_track *t, const struct cis_track_obs *o)
{
	(void)t;
	(void)o;
	return CIS_TRACK_HELD_BACK;
}
static inline bool cis_track_clock(const struct cis_track *t, uint64_t s,
				   struct cis_scan_clock *c)
{
	(void)t;
	(void)s;
	(void)c;
	return false;
}
static inline bool cis_track_date(const struct cis_track *t, uint64_t s,
				  double f, struct cis_split_time *d)
{
	(void)t;
	(void)s;
	(void)f;
	(void)d;
	return false;
}
static inline double cis_track_bound_s(const struct cis_track *t, uint64_t s)
{
	(void)t;
	(void)s;
	return INFINITY;
}
static inline struct cis_track_state
cis_track_state_stub(const struct cis_track *t, uint64_t s)
{
	(void)t;
	(void)s;
	return (struct cis_track_state){0};
}
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
