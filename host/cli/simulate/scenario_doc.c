/* scenario_doc.c - from a file, or from the presets; see scenario_doc.h. */
#include "scenario_doc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/near.h"
#include "presets.h"

#define MAX_PRESET 64

static const char *const keys[] = {
	"title",       "fnom",    "rate",     "count",  "seed",   "idcode",
	"station",     "analogs", "digitals", "format", "send",   "impair",
	"concentrate", "signal",  "spread",   "groups", "events", NULL,
};

/* ---- reading ---- */

static int check_whole(const struct cis_scenario_doc *doc,
		       struct cis_diag *diag)
{
	struct cis_json_at root = cis_json_root(&doc->json);
	struct cis_json_at title = cis_json_member(&root, "title");
	const char *text;

	if (cis_json_check_keys(&root, keys, diag) ||
	    cis_json_get_text(&title, &text, diag))
		return -EBADMSG;
	return 0;
}

/* Takes what the document of JSON is, or the error with which it was read. */
static int take_json(struct cis_scenario_doc *doc, int err,
		     struct cis_scenario_doc **out, struct cis_diag *diag)
{
	if (!err && check_whole(doc, diag)) {
		cis_json_doc_free(&doc->json);
		err = -EBADMSG;
	}
	if (err)
		free(doc);
	else
		*out = doc;
	return err;
}

int cis_scenario_doc_read(const char *path, struct cis_scenario_doc **out,
			  struct cis_diag *diag)
{
	struct cis_scenario_doc *doc = calloc(1, sizeof(*doc));

	if (!doc)
		return cis_fail(diag, -ENOMEM, "out of memory");
	return take_json(doc, cis_json_doc_read(path, &doc->json, diag), out,
			 diag);
}

static int no_preset(const char *name, struct cis_diag *diag)
{
	const char *names[MAX_PRESET] = {NULL};
	const char *near;

	for (size_t i = 0; cis_presets[i].name && i + 1 < MAX_PRESET; i++)
		names[i] = cis_presets[i].name;
	near = cis_near(name, names);
	return cis_fail(diag, -EINVAL,
			"--preset: there is no \"%.60s\"%s%s%s; --preset list "
			"names them",
			name, near ? "; did you mean " : "", near ? near : "",
			near ? "?" : "");
}

int cis_scenario_doc_preset(const char *name, struct cis_scenario_doc **out,
			    struct cis_diag *diag)
{
	const struct cis_preset *p = cis_presets;
	struct cis_scenario_doc *doc;

	while (p->name && strcmp(p->name, name) != 0)
		p++;
	if (!p->name)
		return no_preset(name, diag);
	doc = calloc(1, sizeof(*doc));
	if (!doc)
		return cis_fail(diag, -ENOMEM, "out of memory");
	snprintf(doc->name, sizeof(doc->name), "preset %s", name);
	return take_json(doc,
			 cis_json_doc_parse(doc->name, p->text, strlen(p->text),
					    &doc->json, diag),
			 out, diag);
}

int cis_scenario_doc_take(const json_t *value, struct cis_json_fault *fault,
			  struct cis_scenario_doc **out, struct cis_diag *diag)
{
	struct cis_scenario_doc *doc = calloc(1, sizeof(*doc));
	char *text = json_dumps(value, JSON_COMPACT);
	int err = -ENOMEM;

	if (doc && text)
		err = cis_json_doc_parse("scenario", text, strlen(text),
					 &doc->json, diag);
	else
		cis_fail(diag, err, "out of memory");
	free(text);
	if (!err)
		doc->json.fault = fault;
	return take_json(doc, err, out, diag);
}

void cis_scenario_doc_free(struct cis_scenario_doc *doc)
{
	if (!doc)
		return;
	cis_json_doc_free(&doc->json);
	free(doc);
}

const char *cis_scenario_doc_title(const struct cis_scenario_doc *doc)
{
	const char *title =
		json_string_value(json_object_get(doc->json.root, "title"));

	return title ? title : "";
}

void cis_scenario_list_presets(void)
{
	for (const struct cis_preset *p = cis_presets; p->name; p++) {
		struct cis_scenario_doc *doc = NULL;

		if (cis_scenario_doc_preset(p->name, &doc, NULL) || !doc)
			continue;
		printf("%-14s %s\n", p->name, cis_scenario_doc_title(doc));
		cis_scenario_doc_free(doc);
	}
}
