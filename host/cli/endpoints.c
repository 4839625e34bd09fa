/* endpoints.c - see endpoints.h. */
#include "endpoints.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/c37.h"
#include "cisoid/log.h"

#define MAX_TRIES   100 /* ports tried after the default one */
#define STATION_LEN 16  /* bytes of STN in CFG-2 */

static int add(struct cis_feed *feed, const struct cis_endpoints *ep,
	       enum cis_feed_role role, const char *spec)
{
	struct cis_diag diag = {""};
	int err = cis_feed_add(feed, role, spec, &diag);

	if (!err)
		return 0;
	return cis_cli_fail(ep->cmd,
			    strncmp(spec, "pcap:", 5)
				    ? cis_exit_for(err)
				    : cis_exit_for_output(err),
			    "%s", diag.msg);
}

int cis_endpoints_default(int (*listen)(void *arg, const char *spec,
					struct cis_diag *diag),
			  void *arg, struct cis_diag *diag)
{
	int err = -EADDRINUSE;

	for (int i = 0; i < MAX_TRIES && err == -EADDRINUSE; i++) {
		char spec[32];

		snprintf(spec, sizeof(spec), "tcp:127.0.0.1:%d",
			 CIS_C37_PORT_TCP + i);
		err = listen(arg, spec, diag);
		if (!err && i > 0)
			cis_log(CIS_LOG_WARN, "port %d is in use; using %d",
				CIS_C37_PORT_TCP, CIS_C37_PORT_TCP + i);
	}
	return err;
}

static int listen_at(void *arg, const char *spec, struct cis_diag *diag)
{
	return cis_feed_add(arg, CIS_FEED_LISTEN, spec, diag);
}

static int add_default(struct cis_feed *feed, const struct cis_endpoints *ep)
{
	struct cis_diag diag = {""};
	int err = cis_endpoints_default(listen_at, feed, &diag);

	if (!err)
		return 0;
	return cis_cli_fail(ep->cmd, cis_exit_for(err), "%s", diag.msg);
}

int cis_endpoints_add(struct cis_feed *feed, const struct cis_endpoints *ep)
{
	const char *where;
	int status = 0;

	if (ep->n_stream + ep->n_listen == 0)
		status = add_default(feed, ep);
	for (uint32_t i = 0; i < ep->n_stream && !status; i++)
		status = add(feed, ep, CIS_FEED_STREAM, ep->stream[i]);
	for (uint32_t i = 0; i < ep->n_listen && !status; i++)
		status = add(feed, ep, CIS_FEED_LISTEN, ep->listen[i]);
	for (unsigned i = 0; !status && (where = cis_feed_endpoint(feed, i));
	     i++)
		cis_log(CIS_LOG_INFO, "%s %s",
			i < ep->n_stream ? "streaming to" : "listening on",
			where);
	return status;
}

void cis_endpoints_warn_rate(struct cis_rate rate)
{
	if (rate.den > 1)
		cis_log(CIS_LOG_WARN,
			"--rate 1/%u: DATA_RATE is -%u, which few receivers "
			"know; 1 or more is safe",
			(unsigned)rate.den, (unsigned)rate.den);
}

static const char *endpoint_of(void *feed, unsigned i)
{
	return cis_feed_endpoint(feed, i);
}

int cis_endpoints_describe(const struct cis_command *cmd, struct cis_feed *feed,
			   const struct cis_connection *c)
{
	const struct cis_connection_ends ends = {endpoint_of, feed};
	struct cis_diag diag = {""};
	int err = c->path ? cis_connection_write(c, &ends, &diag) : 0;

	if (!err)
		return 0;
	return cis_cli_fail(cmd, cis_exit_for_output(err), "%s", diag.msg);
}

void cis_station_name(const char *name, bool sim, char out[CIS_STATION_SIZE])
{
	int keep = STATION_LEN - 4;

	if (!sim || strstr(name, "SIM")) {
		snprintf(out, CIS_STATION_SIZE, "%s", name);
		return;
	}
	/* Never in the middle of a character. */
	if ((int)strlen(name) > keep)
		while (keep > 0 && ((unsigned char)name[keep] & 0xC0) == 0x80)
			keep--;
	snprintf(out, CIS_STATION_SIZE, "%.*s-SIM", keep, name);
}
