/*
 * connection.c - see connection.h.
 *
 * PMU Connection Tester reads the elements as text, and its names whatever their
 * case; connection strings are "key=value; ...".
 */
#include "connection.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "outfile.h"

#define TEXT_SIZE 600

/* "tcp:[::1]:4712" in parts. */
struct where {
	bool tcp, unasked;
	char host[300];
	char port[8];
};

static bool take_apart(const char *endpoint, struct where *w)
{
	const char *host = strchr(endpoint, ':');
	const char *port = strrchr(endpoint, ':');
	size_t len;

	w->tcp = !strncmp(endpoint, "tcp:", 4);
	if (!host || port <= host ||
	    (!w->tcp && strncmp(endpoint, "udp:", 4) != 0))
		return false;
	host++;
	len = (size_t)(port - host);
	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (len >= sizeof(w->host))
		return false;
	memcpy(w->host, host, len);
	w->host[len] = '\0';
	snprintf(w->port, sizeof(w->port), "%s", port + 1);
	return true;
}

/* A server on all addresses is reached by the computer's name. */
static void name_host(struct where *w)
{
	if (!w->unasked &&
	    (!strcmp(w->host, "0.0.0.0") || !strcmp(w->host, "::")) &&
	    gethostname(w->host, sizeof(w->host)))
		strcpy(w->host, "localhost");
	w->host[sizeof(w->host) - 1] = '\0';
}

static bool is_group(const char *host)
{
	unsigned first = 0;

	return (strchr(host, ':') && (host[0] == 'f' || host[0] == 'F') &&
		(host[1] == 'f' || host[1] == 'F')) ||
	       (sscanf(host, "%u.", &first) == 1 && first >= 224 &&
		first <= 239);
}

static void write_string(const struct where *w, char text[TEXT_SIZE])
{
	const char *local = strchr(w->host, ':') ? "::0" : "0.0.0.0";

	if (w->tcp && w->unasked)
		snprintf(text, TEXT_SIZE,
			 "port=%s; interface=%s; isListener=true", w->port,
			 local);
	else if (w->tcp)
		snprintf(text, TEXT_SIZE,
			 "server=%s; port=%s; interface=%s; isListener=false",
			 w->host, w->port, local);
	else if (w->unasked && !is_group(w->host))
		snprintf(text, TEXT_SIZE, "localport=%s; interface=%s", w->port,
			 local);
	else
		snprintf(text, TEXT_SIZE,
			 "localport=%s; server=%s; remoteport=%s; interface=%s",
			 w->port, w->host, w->port, local);
}

static void put_text(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", f);
		else if (*text == '<')
			fputs("&lt;", f);
		else if (*text == '>')
			fputs("&gt;", f);
		else
			fputc(*text, f);
	}
}

static void put_file(FILE *f, const struct cis_connection *c,
		     const struct where *w)
{
	static const char soap[] = "http://schemas.xmlsoap.org/soap";
	static const char clr[] = "http://schemas.microsoft.com";
	static const char xsd[] = "http://www.w3.org/2001/XMLSchema";
	char text[TEXT_SIZE];

	write_string(w, text);
	fprintf(f,
		"<SOAP-ENV:Envelope xmlns:xsi=\"%s-instance\" xmlns:xsd=\"%s\" "
		"xmlns:SOAP-ENC=\"%s/encoding/\" "
		"xmlns:SOAP-ENV=\"%s/envelope/\" "
		"xmlns:clr=\"%s/soap/encoding/clr/1.0\" "
		"SOAP-ENV:encodingStyle=\"%s/encoding/\">\n",
		xsd, xsd, soap, soap, clr, soap);
	fprintf(f,
		"<SOAP-ENV:Body>\n<a1:ConnectionSettings id=\"ref-1\" "
		"xmlns:a1=\"%s/clr/nsassem/ConnectionTester/"
		"PMUConnectionTester\">\n",
		clr);
	fprintf(f, "<PhasorProtocol>%s</PhasorProtocol>\n",
		c->version == 2 ? "IEEEC37_118V2" : "IeeeC37_118V1");
	fprintf(f, "<TransportProtocol>%s</TransportProtocol>\n",
		w->tcp ? "Tcp" : "Udp");
	fputs("<ConnectionString id=\"ref-5\">", f);
	put_text(f, text);
	fprintf(f, "</ConnectionString>\n<PmuID>%u</PmuID>\n",
		(unsigned)c->idcode);
	fprintf(f, "<FrameRate>%u</FrameRate>\n", (unsigned)c->rate.num);
	fputs("<AutoRepeatPlayback>false</AutoRepeatPlayback>\n"
	      "<ByteEncodingDisplayFormat>0</ByteEncodingDisplayFormat>\n"
	      "<ConnectionParameters xsi:null=\"1\"/>\n"
	      "</a1:ConnectionSettings>\n</SOAP-ENV:Body>\n"
	      "</SOAP-ENV:Envelope>\n",
	      f);
}

int cis_connection_allowed(const char *path, const char *receiver,
			   struct cis_diag *diag)
{
	if (!path || (receiver && !strcmp(receiver, "pmuct")))
		return 0;
	return cis_fail(diag, -EINVAL,
			"--connection-file: is PMU Connection Tester's; add "
			"--for pmuct");
}

static bool find_listener(const struct cis_connection *c,
			  const struct cis_connection_ends *ends,
			  struct where *w)
{
	const char *name;

	w->unasked = false;
	for (unsigned i = c->n_sends; (name = ends->name(ends->arg, i)); i++)
		if (take_apart(name, w))
			return true;
	return false;
}

static bool find_stream(const struct cis_connection *c,
			const struct cis_connection_ends *ends, struct where *w)
{
	w->unasked = true;
	for (unsigned i = 0; i < c->n_sends; i++)
		if (take_apart(ends->name(ends->arg, i), w))
			return true;
	return false;
}

int cis_connection_write(const struct cis_connection *c,
			 const struct cis_connection_ends *ends,
			 struct cis_diag *diag)
{
	struct cis_outfile of;
	struct where w;
	int err;

	if (!find_listener(c, ends, &w) && !find_stream(c, ends, &w))
		return cis_fail(diag, -EINVAL,
				"--connection-file: the stream goes to files "
				"only; nobody can connect");
	name_host(&w);
	err = cis_outfile_open(&of, c->path, c->force, diag);
	if (err)
		return err;
	put_file(of.f, c, &w);
	return cis_outfile_commit(&of, diag);
}
