/* scenario_keys.c - see scenario_keys.h. */
#include "scenario_keys.h"

#include <errno.h>
#include <string.h>

#include "cisoid/signal.h"
#include "scenario_doc.h"

/* An option's message names it, "--rate: ..."; here its place does. */
static int fail_as(const struct cis_json_at *at, const char *msg,
		   struct cis_diag *diag)
{
	size_t len = strlen(at->key);

	if (!strncmp(msg, "--", 2))
		msg += 2;
	if (!strncmp(msg, at->key, len) && msg[len] == ':')
		msg += len + 1;
	return cis_json_fail(at, diag, "%.300s", msg + strspn(msg, " "));
}

/* The text of a number, or of a text where `is_text` allows one. */
static int value_text(const struct cis_json_at *at, bool is_text,
		      char buf[CIS_JSON_NUMBER_SIZE], const char **text,
		      struct cis_diag *diag)
{
	int err = 0;

	if (json_is_number(at->value))
		*text = cis_json_number_text(at->value, buf);
	else if (is_text)
		err = cis_json_get_text(at, text, diag);
	else
		err = cis_json_check_type(at, JSON_REAL, diag);
	return err;
}

static bool is_word(const char *key)
{
	static const char *const words[] = {"seq", "noise", "snr_db", "seed"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(key, words[i]))
			return true;
	return false;
}

/* Each key of "signal" to `take`. */
int cis_scenario_signal_keys(const struct cis_json_at *signal,
			     cis_take_option *take, void *ctx,
			     struct cis_diag *diag)
{
	const char *key, *text = NULL;
	char buf[CIS_JSON_NUMBER_SIZE];
	struct cis_diag why = {""};
	json_t *value;
	int err;

	if (!signal->value)
		return 0;
	err = cis_json_check_keys(signal, cis_signal_keys(), diag);
	if (err)
		return err;
	json_object_foreach(signal->value, key, value)
	{
		struct cis_json_at at = cis_json_member(signal, key);

		if (value_text(&at, is_word(key), buf, &text, diag))
			return -EBADMSG;
		if (take(ctx, key, text, &why))
			return fail_as(&at, why.msg, diag);
	}
	return 0;
}

enum option_kind { NUMBER, TEXT, EITHER, SWITCH };

static int give_option(const struct cis_json_at *at, enum option_kind kind,
		       cis_take_option *take, void *ctx, struct cis_diag *diag)
{
	char buf[CIS_JSON_NUMBER_SIZE];
	struct cis_diag why = {""};
	const char *text = NULL;
	int err;

	if (!at->value)
		return 0;
	if (kind == SWITCH)
		err = cis_json_check_type(at, JSON_TRUE, diag);
	else if (kind == TEXT)
		err = cis_json_get_text(at, &text, diag);
	else
		err = value_text(at, kind == EITHER, buf, &text, diag);
	if (err || json_is_false(at->value))
		return err;
	if (take(ctx, at->key, text, &why))
		return fail_as(at, why.msg, diag);
	return 0;
}

int cis_scenario_doc_options(const struct cis_scenario_doc *doc,
			     cis_take_option *take, void *ctx,
			     struct cis_diag *diag)
{
	static const struct {
		const char *key;
		enum option_kind kind;
	} options[] = {
		{"fnom", NUMBER},    {"rate", EITHER},
		{"count", NUMBER},   {"seed", EITHER},
		{"idcode", NUMBER},  {"station", TEXT},
		{"analogs", NUMBER}, {"digitals", NUMBER},
		{"format", TEXT},    {"send", TEXT},
		{"impair", TEXT},    {"concentrate", SWITCH},
	};
	struct cis_json_at root = cis_json_root(&doc->json);
	struct cis_json_at signal = cis_json_member(&root, "signal");
	int err = cis_scenario_signal_keys(&signal, take, ctx, diag);

	for (size_t i = 0; !err && i < sizeof(options) / sizeof(options[0]);
	     i++) {
		struct cis_json_at at = cis_json_member(&root, options[i].key);

		err = give_option(&at, options[i].kind, take, ctx, diag);
	}
	return err;
}
