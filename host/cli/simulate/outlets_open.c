/* outlets_open.c - outlets from the words of the command line; see outlets.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cisoid/log.h"
#include "outlets_parts.h"

#define WAIT_MS 100 /* at full speed, for a socket */

int cis_outlets_check_datagrams(const struct cis_outlets *o,
				struct cis_maker *m, struct cis_diag *diag)
{
	const struct cis_instant at = {.rate = m->rate};
	size_t conf = cis_c37_config_len(
		m->ops->config(m, o->oc.shard.first, at), CIS_C37_CFG2);
	size_t most = conf > m->frame_max ? conf : m->frame_max;

	if (most <= CIS_C37_MAX_UDP)
		return 0;
	return cis_fail(diag, -EINVAL,
			"frames of %zu bytes do not fit into a datagram; use "
			"TCP or fewer PMUs",
			most);
}

static int open_udp(struct cis_outlets *o, struct cis_outlet *to,
		    struct cis_addr *addr, struct cis_diag *diag)
{
	uint32_t n_port = addr->each_port ? o->oc.maker->n_stream : 1;
	int err = cis_addr_only(
		addr, CIS_WORD_TTL | CIS_WORD_IF | CIS_WORD_PORTS, diag);

	if (!err)
		err = cis_addr_resolve(addr, diag);
	if (!err)
		err = cis_udp_batch_open(addr, n_port, &to->udp, diag);
	if (err)
		return cis_exit_for(err);
	if (o->oc.flat_out)
		cis_udp_batch_set_wait(to->udp, WAIT_MS);
	snprintf(to->name, sizeof(to->name), "%s", cis_udp_batch_name(to->udp));
	return 0;
}

static int open_file(struct cis_outlets *o, struct cis_outlet *to,
		     const struct cis_addr *addr, struct cis_diag *diag)
{
	int err = cis_pcap_open(addr->path, o->oc.overwrite, &to->file, diag);

	snprintf(to->name, sizeof(to->name), "pcap:%.310s", addr->path);
	return err ? cis_exit_for_output(err) : 0;
}

static int open_feeds(struct cis_outlets *o, struct cis_diag *diag)
{
	const struct cis_fleet_feeds_config fc = {
		.loop = o->oc.loop,
		.maker = o->oc.maker,
		.shard = o->oc.shard,
		.opts = o->oc.opts,
	};
	int err = o->feeds ? 0 : cis_fleet_feeds_new(&fc, &o->feeds, diag);

	return err ? cis_exit_for(err) : 0;
}

static int open_stream(struct cis_outlets *o, const char *spec,
		       struct cis_diag *diag)
{
	struct cis_outlet *to = &o->outlet[o->n];
	struct cis_addr addr;
	int status;

	if (o->n == CIS_MAX_OUTLET) {
		cis_fail(diag, -EINVAL, "--stream: more than %d of them",
			 CIS_MAX_OUTLET);
		return CIS_EXIT_USAGE;
	}
	if (cis_addr_parse(spec, &addr, diag))
		return CIS_EXIT_USAGE;
	to->kind = addr.kind == CIS_ADDR_UDP    ? CIS_OUTLET_UDP
		   : addr.kind == CIS_ADDR_PCAP ? CIS_OUTLET_FILE
						: CIS_OUTLET_FEEDS;
	if (to->kind != CIS_OUTLET_FEEDS &&
	    cis_outlets_check_datagrams(o, o->oc.maker, diag))
		return CIS_EXIT_USAGE;
	if (to->kind == CIS_OUTLET_UDP)
		status = open_udp(o, to, &addr, diag);
	else if (to->kind == CIS_OUTLET_FILE)
		status = open_file(o, to, &addr, diag);
	else
		status = open_feeds(o, diag);
	if (!status && to->kind == CIS_OUTLET_FEEDS)
		status = cis_fleet_feeds_open(o->feeds, CIS_FEED_STREAM, spec,
					      diag);
	o->n += !status;
	return status;
}

static int open_all(struct cis_outlets *o, struct cis_diag *diag)
{
	const struct cis_endpoints *ep = o->oc.endpoints;
	int status = 0;

	for (uint32_t i = 0; i < ep->n_stream && !status; i++)
		status = open_stream(o, ep->stream[i], diag);
	if (!status && (ep->n_listen || !ep->n_stream))
		status = open_feeds(o, diag);
	for (uint32_t i = 0; i < ep->n_listen && !status; i++)
		status = cis_fleet_feeds_open(o->feeds, CIS_FEED_LISTEN,
					      ep->listen[i], diag);
	if (!status && !ep->n_listen && !ep->n_stream)
		status = cis_fleet_feeds_open_default(o->feeds, diag);
	return status;
}

static void tell_endpoints(struct cis_outlets *o)
{
	const char *where;

	for (unsigned k = 0; (where = cis_outlets_endpoint(o, k)); k++)
		cis_log(CIS_LOG_INFO, "%s %s",
			k < o->oc.endpoints->n_stream ? "streaming to"
						      : "listening on",
			where);
}

int cis_outlets_open(const struct cis_outlets_config *oc,
		     struct cis_outlets **out, struct cis_diag *diag)
{
	struct cis_outlets *o = calloc(1, sizeof(*o));
	int status;

	if (o)
		o->told = calloc(oc->shard.end - oc->shard.first + 1,
				 sizeof(*o->told));
	if (!o || !o->told) {
		free(o);
		cis_fail(diag, -ENOMEM, "out of memory");
		return CIS_EXIT_RUNTIME;
	}
	o->oc = *oc;
	*out = o;
	status = open_all(o, diag);
	if (!status)
		tell_endpoints(o);
	return status;
}
