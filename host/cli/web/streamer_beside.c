/*
 * streamer_beside.c - the options that stand beside the scenario; see
 * streamer_beside.h.
 *
 * Each is given to the options of the command line as it would have been said
 * there.
 */
#include "streamer_beside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum kind { NUMBER, EITHER, TEXT, SWITCH, LIST };

static const struct beside {
	const char *key, *option;
	enum kind kind;
} beside[] = {
	{"stream", "stream", LIST},
	{"listen", "listen", LIST},
	{"c37", "c37", EITHER},
	{"cfg", "cfg", EITHER},
	{"cfg_every", "cfg-every", EITHER},
	{"time_base", "time-base", NUMBER},
	{"test_mode", "test-mode", SWITCH},
	{"for", "for", TEXT},
	{"duration", "duration", EITHER},
	{"start", "start", TEXT},
};

_Static_assert(sizeof(beside) / sizeof(beside[0]) == CIS_STREAMER_N_BESIDE,
	       "all of them");

/* ---- types ---- */

static int check_type(const struct cis_json_at *at, enum kind kind,
		      struct cis_diag *diag)
{
	static const json_type types[] = {
		[NUMBER] = JSON_REAL, [EITHER] = JSON_REAL,
		[TEXT] = JSON_STRING, [SWITCH] = JSON_TRUE,
		[LIST] = JSON_ARRAY,
	};

	if (kind == EITHER && json_is_string(at->value))
		return 0;
	return cis_json_check_type(at, types[kind], diag);
}

void cis_streamer_beside_keys(const char *keys[CIS_STREAMER_N_BESIDE])
{
	for (size_t i = 0; i < CIS_STREAMER_N_BESIDE; i++)
		keys[i] = beside[i].key;
}

int cis_streamer_beside_check(const struct cis_json_at *root)
{
	for (size_t i = 0; i < CIS_STREAMER_N_BESIDE; i++) {
		struct cis_json_at at = cis_json_member(root, beside[i].key);

		if (check_type(&at, beside[i].kind, NULL))
			return -EBADMSG;
	}
	return 0;
}

/* ---- values ---- */

/* An option's sentence, "--cfg-every: ..." or "cfg 3: ...". */
static const char *without_name(const char *msg, const char *name)
{
	size_t len = strlen(name);
	const char *at = msg + (strncmp(msg, "--", 2) ? 0 : 2);

	if (strncmp(at, name, len) != 0 || !strchr(": ", at[len]))
		return msg;
	at = strstr(at, ": ");
	return at ? at + 2 : msg;
}

/* Texts stay those of the body. */
static int give(struct cis_streamer_request *r, const struct cis_json_at *at,
		const char *option)
{
	char buf[CIS_JSON_NUMBER_SIZE];
	const char *text = json_string_value(at->value);
	struct cis_diag why = {""};

	if (json_is_number(at->value))
		text = cis_json_number_text(at->value, buf);
	if (!cis_sim_take(&r->args, option, text, &why))
		return 0;
	return cis_json_fail(at, NULL, "%.300s", without_name(why.msg, option));
}

static int give_endpoints(struct cis_streamer_request *r,
			  const struct cis_json_at *list, const char *option,
			  const struct cis_streamer_rules *rules)
{
	bool listens = !strcmp(option, "listen");
	const struct cis_streamer_reach how = {.listens = listens,
					       .names = rules->names,
					       .allow_public = r->allow_public};
	struct cis_diag why = {""};

	for (size_t i = 0; i < json_array_size(list->value); i++) {
		struct cis_json_at at = cis_json_item(list, i);
		const char *said = NULL;
		char *spec;

		if (cis_json_get_text(&at, &said, NULL))
			return -EBADMSG;
		if (i >= CIS_SIM_MAX_ENDPOINT)
			return cis_json_fail(&at, NULL, "more than %d of them",
					     CIS_SIM_MAX_ENDPOINT);
		spec = listens ? r->listen[i] : r->stream[i];
		if (cis_streamer_reach(&how, said, spec, &why))
			return cis_json_fail(&at, NULL, "%.300s", why.msg);
		if (cis_sim_take(&r->args, option, spec, &why))
			return cis_json_fail(&at, NULL, "%.300s", why.msg);
	}
	return 0;
}

static int read_beside(struct cis_streamer_request *r,
		       const struct cis_json_at *root, const struct beside *b,
		       const struct cis_streamer_rules *rules)
{
	struct cis_json_at at = cis_json_member(root, b->key);

	if (!at.value || json_is_false(at.value))
		return 0;
	if (b->kind == LIST)
		return give_endpoints(r, &at, b->option, rules);
	return give(r, &at, b->option);
}

int cis_streamer_beside_read(struct cis_streamer_request *r,
			     const struct cis_json_at *root,
			     const struct cis_streamer_rules *rules)
{
	for (size_t i = 0; i < CIS_STREAMER_N_BESIDE; i++)
		if (read_beside(r, root, &beside[i], rules))
			return -EBADMSG;
	return 0;
}

/* ---- all of them together ---- */

int cis_streamer_beside_fail(const struct cis_diag *why,
			     struct cis_streamer_error *error)
{
	cis_streamer_fail(error, 422, CIS_EXIT_USAGE, "%s", why->msg);
	for (size_t i = 0; i < CIS_STREAMER_N_BESIDE; i++) {
		const char *text = without_name(why->msg, beside[i].option);

		if (text == why->msg)
			continue;
		cis_streamer_fail(error, 422, CIS_EXIT_USAGE, "%s", text);
		snprintf(error->field, sizeof(error->field), "%s",
			 beside[i].key);
		break;
	}
	return 422;
}
