/* reports_live.c - see reports_live.h. */
#include "reports_live.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/net/client.h"
#include "reports_parts.h"

#define MAX_TIMEOUT_MS 1e12

struct cis_reports_live {
	struct cis_reports_live_config cfg;
	struct cis_reports_about about;
	struct cis_client *client;
	bool begun, ended;
	uint16_t pmu;
	struct cis_time arrived; /* the frame at hand */
	struct cis_report rep;
};

static void end(struct cis_reports_live *live, int err, const char *message)
{
	if (live->ended)
		return;
	cis_reports_live_close(live);
	live->cfg.ops->end(live->cfg.arg, err, message);
}

static void on_frame(void *arg, const uint8_t *frame, size_t len, bool crc_ok,
		     struct cis_time arrival)
{
	struct cis_reports_live *live = arg;

	(void)frame;
	(void)len;
	live->arrived = arrival;
	live->about.crc_errors += !crc_ok;
}

static void begin(struct cis_reports_live *live,
		  const struct cis_c37_config *cfg)
{
	const struct cis_reports_pick *pick = &live->cfg.pick;
	char names[160];
	struct cis_diag diag = {""};
	bool many;
	int i = cis_reports_pick_pmu(cfg, pick, NULL, &many);

	cis_reports_list(cfg, names, sizeof(names));
	if (i < 0) {
		cis_fail(&diag, -EINVAL, "%.100s: has no such PMU; it has %s",
			 live->cfg.what, names);
		end(live, -ENOTCONN, diag.msg);
		return;
	}
	if (many) {
		cis_reports_many(live->cfg.what, names, pick, &diag);
		end(live, -EINVAL, diag.msg);
		return;
	}
	live->pmu = (uint16_t)i;
	if (cis_reports_describe(&live->about, cfg, live->pmu, &diag)) {
		end(live, -ENOTCONN, diag.msg);
		return;
	}
	live->begun = true;
	live->cfg.ops->begin(live->cfg.arg);
}

static void on_config(void *arg, const struct cis_c37_config *cfg)
{
	struct cis_reports_live *live = arg;
	struct cis_diag diag;

	if (live->ended)
		return;
	if (!live->begun) {
		begin(live, cfg);
		return;
	}
	if (cis_reports_fits(&live->about, cfg, live->pmu))
		return;
	cis_fail(&diag, -ENODATA,
		 "%.160s: its configuration has changed; what follows would be "
		 "another comparison",
		 live->cfg.what);
	end(live, -ENODATA, diag.msg);
}

static void on_data(void *arg, const struct cis_c37_config *cfg,
		    const struct cis_c37_data *data)
{
	struct cis_reports_live *live = arg;
	struct cis_arrival arrival;

	if (live->ended || !live->begun)
		return;
	arrival = cis_reports_from_frame(cfg, live->pmu, data, &live->arrived,
					 &live->rep);
	live->cfg.ops->report(live->cfg.arg, &live->rep, &arrival);
}

static void on_state(void *arg, enum cis_client_state state,
		     const char *message)
{
	struct cis_reports_live *live = arg;

	if (state == CIS_CLIENT_CLOSED)
		end(live, live->begun ? -ENODATA : -ENOTCONN, message);
}

int cis_reports_live_new(const struct cis_reports_live_config *cfg,
			 struct cis_reports_live **out, struct cis_diag *diag)
{
	static const struct cis_client_ops ops = {.frame = on_frame,
						  .config = on_config,
						  .data = on_data,
						  .state = on_state};
	double timeout_ms = ceil(fmin(cfg->timeout_s * 1e3, MAX_TIMEOUT_MS));
	struct cis_reports_live *live = calloc(1, sizeof(*live));
	struct cis_client_config cc = {.loop = cfg->loop,
				       .spec = cfg->what,
				       .idcode = cfg->pick.idcode,
				       .timeout_ms = (uint64_t)timeout_ms,
				       .ops = &ops,
				       .arg = live};
	int err;

	if (!live)
		return cis_fail(diag, -ENOMEM, "out of memory");
	live->cfg = *cfg;
	live->about.what = cfg->what;
	live->about.kind = CIS_REPORTS_LIVE;
	err = cis_client_new(&cc, &live->client, diag);
	if (err)
		free(live);
	else
		*out = live;
	return err;
}

const struct cis_reports_about *
cis_reports_live_about(struct cis_reports_live *live)
{
	if (!live->ended)
		live->about.unread = cis_client_unread(live->client);
	return &live->about;
}

void cis_reports_live_close(struct cis_reports_live *live)
{
	if (live->ended)
		return;
	live->ended = true;
	live->about.unread = cis_client_unread(live->client);
	cis_client_close(live->client);
}

void cis_reports_live_free(struct cis_reports_live *live)
{
	free(live);
}
