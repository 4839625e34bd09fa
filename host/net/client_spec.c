/* client_spec.c - see client_spec.h. */
#include "client_spec.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "multicast.h"

/* ---- where frames come in ---- */

/* Every interface, in the family of the peer. */
static void set_any(struct cis_client_spec *spec)
{
	struct sockaddr_in6 any6 = {.sin6_family = AF_INET6};
	struct sockaddr_in any = {.sin_family = AF_INET};

	any6.sin6_port = any.sin_port = htons(spec->addr.data_port);
	if (spec->addr.ss[0].ss_family == AF_INET6)
		memcpy(&spec->local, &any6, sizeof(any6));
	else
		memcpy(&spec->local, &any, sizeof(any));
}

static void set_local(struct cis_client_spec *spec)
{
	if (!spec->mixed)
		spec->local = spec->addr.ss[0];
	else if (spec->addr.data_host[0])
		spec->local = spec->addr.data_ss;
	else
		set_any(spec);
}

static int check_interface(const struct cis_client_spec *spec,
			   struct cis_diag *diag)
{
	const struct sockaddr *local = (struct sockaddr *)&spec->local;
	unsigned index;

	if (!(spec->addr.words & CIS_WORD_IF))
		return 0;
	if (!cis_addr_is_multicast(local))
		return cis_fail(diag, -EINVAL,
				"if=%s: only a multicast group is joined on an "
				"interface",
				spec->addr.interface);
	return cis_multicast_interface(&spec->addr, &index, diag) ? -EINVAL : 0;
}

/* ---- both ---- */

static int refuse(const char *text, const struct cis_addr *addr,
		  struct cis_diag *diag)
{
	if (addr->kind == CIS_ADDR_PCAP)
		return cis_fail(diag, -EINVAL,
				"%.120s: a file is read with cisoid decode",
				text);
	if (addr->port == 0 && addr->kind == CIS_ADDR_TCP)
		return cis_fail(diag, -EINVAL,
				"%.120s: nobody can be reached at port 0",
				text);
	return cis_addr_only(addr, CIS_WORD_IF | CIS_WORD_DATA, diag);
}

int cis_client_spec_read(const char *text, struct cis_client_spec *spec,
			 struct cis_diag *diag)
{
	struct cis_client_spec s = {.mixed = false};
	int err = cis_addr_parse(text, &s.addr, diag);

	if (!err)
		err = refuse(text, &s.addr, diag);
	if (!err)
		err = cis_addr_resolve(&s.addr, diag);
	if (err)
		return err;
	s.mixed = s.addr.words & CIS_WORD_DATA;
	set_local(&s);
	err = check_interface(&s, diag);
	if (err)
		return err;
	*spec = s;
	return 0;
}
