/* reread.c - see reread.h. */
#include "reread.h"

#include <string.h>

#include "cisoid/log.h"

static void tell(const char *what, bool differs)
{
	if (differs)
		cis_log(CIS_LOG_WARN, "%s: takes effect at the next start",
			what);
}

static bool same_list(const char *const *a, uint32_t n_a, const char *const *b,
		      uint32_t n_b)
{
	for (uint32_t i = 0; n_a == n_b && i < n_a; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return n_a == n_b;
}

static bool moved(const struct cis_app_stream *a,
		  const struct cis_app_stream *b)
{
	return !same_list(a->send, a->n_send, b->send, b->n_send) ||
	       !same_list(a->listen, a->n_listen, b->listen, b->n_listen);
}

static bool same_channels(const struct cis_app_config *a,
			  const struct cis_app_config *b)
{
	for (uint32_t i = 0; a->n_cal == b->n_cal && i < a->n_cal; i++) {
		const struct cis_cal_chan *x = &a->cal[i], *y = &b->cal[i];

		if (strcmp(x->name, y->name) != 0 || x->gain != y->gain ||
		    x->offset != y->offset || x->ratio != y->ratio ||
		    x->delay_s != y->delay_s || x->u_gain != y->u_gain ||
		    x->u_delay_s != y->u_delay_s ||
		    strcmp(x->table, y->table) != 0)
			return false;
	}
	return a->n_cal == b->n_cal;
}

static const char *web_of(const struct cis_app_config *ac)
{
	return ac->web.listen ? ac->web.listen : "off";
}

static void tell_rest(const struct cis_app_config *now,
		      const struct cis_app_config *fresh)
{
	tell("[daq]", strcmp(now->source, fresh->source) != 0);
	tell("[channel.*]", !same_channels(now, fresh));
	tell("[time]", strcmp(now->time, fresh->time) != 0);
	tell("[reference]", strcmp(now->profile, fresh->profile) != 0 ||
				    now->rate.num != fresh->rate.num ||
				    now->rate.den != fresh->rate.den);
	tell("nominal_freq", now->fnom_hz != fresh->fnom_hz);
	tell("[web]", strcmp(web_of(now), web_of(fresh)) != 0 ||
			      !same_list(now->web.name, now->web.n_name,
					 fresh->web.name, fresh->web.n_name));
	tell("number of streams", now->n_stream != fresh->n_stream);
	for (uint32_t i = 0; i < now->n_stream && i < fresh->n_stream; i++)
		tell("addresses of a stream",
		     moved(&now->stream[i], &fresh->stream[i]));
}

void cis_reread(const struct cis_app_config *now, struct cis_sinks *sinks,
		const struct cis_monitor *monitor)
{
	const struct cis_app_config *fresh;

	cis_monitor_reloading(monitor);
	fresh = now->reread(now->reread_arg);
	if (fresh) {
		tell_rest(now, fresh);
		cis_sinks_change(sinks, fresh);
	} else {
		cis_log(CIS_LOG_WARN, "the configuration stays as it was");
	}
	cis_monitor_reloaded(monitor);
}
