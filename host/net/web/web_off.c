/* web_off.c - the web server of a program built without; see web.h. */
#include <errno.h>
#include <string.h>

#include "web.h"

int cis_web_open(const struct cis_web_config *config, struct cis_web **out,
		 struct cis_diag *diag)
{
	(void)config;
	(void)out;
	return cis_fail(diag, -EOPNOTSUPP,
			"web: built without the page (CISOID_WEB)");
}

void cis_web_reply(struct cis_web *web, const struct cis_web_call *call,
		   int status, char *reply)
{
	(void)web;
	(void)call;
	(void)status;
	(void)reply;
}

void cis_web_close(struct cis_web *web)
{
	(void)web;
}

const char *cis_web_url(const struct cis_web *web)
{
	(void)web;
	return "";
}

int cis_web_publish(struct cis_web *web, const char *event, const char *json,
		    size_t len)
{
	(void)web;
	(void)event;
	(void)json;
	(void)len;
	return 0;
}

int cis_web_greet(struct cis_web *web, const char *event, const char *json,
		  size_t len)
{
	(void)web;
	(void)event;
	(void)json;
	(void)len;
	return 0;
}

int cis_web_set(struct cis_web *web, const char *path, const char *json,
		size_t len)
{
	(void)web;
	(void)path;
	(void)json;
	(void)len;
	return 0;
}

int cis_web_metrics(struct cis_web *web, const char *text, size_t len)
{
	return cis_web_set(web, "/metrics", text, len);
}

void cis_web_stats(const struct cis_web *web, struct cis_web_stats *stats)
{
	(void)web;
	memset(stats, 0, sizeof(*stats));
}
