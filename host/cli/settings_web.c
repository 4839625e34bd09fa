/* settings_web.c - where the page is to be; see settings.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/net/addr.h"
#include "settings.h"

bool cis_settings_web_off(const char *listen)
{
	return !strcmp(listen, "off");
}

int cis_settings_check_web(const char *listen, struct cis_diag *diag)
{
	char spec[CIS_CONF_TEXT + 8];
	struct cis_addr addr;
	struct cis_diag why = {""};

	if (cis_settings_web_off(listen))
		return 0;
	snprintf(spec, sizeof(spec), "tcp:%s", listen);
	if (strlen(listen) < CIS_CONF_TEXT &&
	    !cis_addr_parse(spec, &addr, &why) &&
	    !cis_addr_only(&addr, 0, &why))
		return 0;
	return cis_fail(diag, -EINVAL,
			"\"%.80s\" is not HOST:PORT or off; 127.0.0.1:8118 is "
			"usual",
			listen);
}

static bool is_host(const char *name)
{
	if (!*name || strlen(name) > 253)
		return false;
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr(".-_:[]", *c))
			return false;
	return true;
}

int cis_settings_web_names(char *text, struct cis_settings_web *web,
			   struct cis_diag *diag)
{
	char *save = NULL;

	web->n_name = 0;
	for (char *name = strtok_r(text, " ,\t", &save); name;
	     name = strtok_r(NULL, " ,\t", &save)) {
		if (!is_host(name))
			return cis_fail(diag, -EINVAL,
					"\"%.80s\" is not the name of a host",
					name);
		if (web->n_name == CIS_WEB_NAMES)
			return cis_fail(diag, -EINVAL, "at most %d names",
					CIS_WEB_NAMES);
		web->name[web->n_name++] = name;
	}
	return 0;
}

int cis_settings_web(const struct cis_conf *conf, const char *said,
		     struct cis_settings_web *web, struct cis_diag *diag)
{
	const char *listen = said ? said : cis_conf_get(conf, "web", "listen");

	web->listen = cis_settings_web_off(listen) ? NULL : listen;
	web->given = said || cis_conf_find(conf, "web", "listen");
	snprintf(web->text, sizeof(web->text), "%s",
		 cis_conf_get(conf, "web", "names"));
	return cis_settings_web_names(web->text, web, diag);
}
