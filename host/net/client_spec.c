/* client_spec.c - see client_spec.h. */
#include "client_spec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

/* ---- interfaces ---- */

static bool is_meant(const uv_interface_address_t *ia, const char *text)
{
	char name[INET6_ADDRSTRLEN] = "";

	if (!strcmp(ia->name, text))
		return true;
	if (ia->address.address4.sin_family == AF_INET)
		uv_ip4_name(&ia->address.address4, name, sizeof(name));
	else
		uv_ip6_name(&ia->address.address6, name, sizeof(name));
	return !strcmp(name, text);
}

/* The interface that is meant, in this family. */
static bool write_iface(const uv_interface_address_t *list, int n,
			const char *name, int family, char *out)
{
	for (int i = 0; i < n; i++) {
		const uv_interface_address_t *ia = &list[i];

		if (strcmp(ia->name, name) != 0 ||
		    ia->address.address4.sin_family != family)
			continue;
		if (family == AF_INET)
			uv_ip4_name(&ia->address.address4, out, CIS_IFACE_SIZE);
		else
			snprintf(out, CIS_IFACE_SIZE, "::%%%s", name);
		return true;
	}
	return false;
}

int cis_client_iface(const char *text, int family, char out[CIS_IFACE_SIZE],
		     struct cis_diag *diag)
{
	uv_interface_address_t *list;
	bool found = false;
	int n, err = uv_interface_addresses(&list, &n);

	if (err)
		return cis_fail(diag, err, "if=%.60s: %s", text,
				uv_strerror(err));
	for (int i = 0; i < n && !found; i++)
		if (is_meant(&list[i], text))
			found = write_iface(list, n, list[i].name, family, out);
	uv_free_interface_addresses(list, n);
	if (!found)
		return cis_fail(diag, -EINVAL,
				"if=%.60s: no interface of this name or "
				"address has an %s address",
				text, family == AF_INET ? "IPv4" : "IPv6");
	return 0;
}

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
	const struct cis_addr *addr = &spec->addr;
	const char *host = spec->mixed ? addr->data_host : addr->host;

	memcpy(spec->local_host, host, strlen(host) + 1);
	if (!spec->mixed)
		spec->local = addr->ss[0];
	else if (host[0])
		spec->local = addr->data_ss;
	else
		set_any(spec);
}

static int set_iface(struct cis_client_spec *spec, struct cis_diag *diag)
{
	const struct sockaddr *local = (struct sockaddr *)&spec->local;
	const char *name = spec->addr.interface;

	if (!(spec->addr.words & CIS_WORD_IF))
		return 0;
	if (!cis_addr_is_multicast(local))
		return cis_fail(diag, -EINVAL,
				"if=%s: only a multicast group is joined on an "
				"interface",
				name);
	return cis_client_iface(name, local->sa_family, spec->iface, diag);
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
	err = set_iface(&s, diag);
	if (err)
		return err;
	*spec = s;
	return 0;
}
