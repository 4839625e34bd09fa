/*
 * json_doc.h - a JSON document that a person wrote: its values by name, and for
 * each error the line and the key.
 *
 * A place in the document is a chain from the value up to the root; places live
 * on the stack of those who walk down.
 */
#ifndef HOST_CLI_SIMULATE_JSON_DOC_H
#define HOST_CLI_SIMULATE_JSON_DOC_H

#include <jansson.h>
#include <stddef.h>

#include "cisoid/diag.h"

/* The last error of a document in its two parts: "events[1].rocof", and the
 * sentence. */
#define CIS_JSON_PATH_SIZE 120
struct cis_json_fault {
	char path[CIS_JSON_PATH_SIZE];
	struct cis_diag why;
};

struct cis_json_doc {
	const char *name; /* of the file; borrowed */
	char *text;
	size_t len;
	json_t *root;                 /* an object */
	struct cis_json_fault *fault; /* the caller's, or NULL */
};

/*
 * Messages are "NAME:LINE: sentence". read(): a negative errno; -EBADMSG: no
 * JSON, or a text that is none. parse() takes a text that is in memory.
 */
int cis_json_doc_read(const char *path, struct cis_json_doc *doc,
		      struct cis_diag *diag);
int cis_json_doc_parse(const char *name, const char *text, size_t len,
		       struct cis_json_doc *doc, struct cis_diag *diag);
void cis_json_doc_free(struct cis_json_doc *doc);

struct cis_json_at {
	const struct cis_json_doc *doc;
	const struct cis_json_at *up; /* NULL: the root */
	const char *key;              /* NULL: item `i` of an array */
	size_t i;
	json_t *value; /* NULL: there is none */
};

struct cis_json_at cis_json_root(const struct cis_json_doc *doc);
struct cis_json_at cis_json_member(const struct cis_json_at *up,
				   const char *key);
struct cis_json_at cis_json_item(const struct cis_json_at *up, size_t i);

/* "NAME:LINE: path.of.key: sentence"; returns -EBADMSG. */
__attribute__((format(printf, 3, 4))) int
cis_json_fail(const struct cis_json_at *at, struct cis_diag *diag,
	      const char *fmt, ...);

/*
 * All below: -EBADMSG with a message where the value is of another type or out
 * of range; where there is none, the output keeps what it has.
 */

/* An object with no keys but these, a NULL-terminated list. */
int cis_json_check_keys(const struct cis_json_at *at, const char *const keys[],
			struct cis_diag *diag);
int cis_json_get_number(const struct cis_json_at *at, double *value,
			struct cis_diag *diag);
int cis_json_get_text(const struct cis_json_at *at, const char **text,
		      struct cis_diag *diag);
/* The place of one of `words` in their list. */
int cis_json_get_word(const struct cis_json_at *at, const char *const words[],
		      unsigned *word, struct cis_diag *diag);
/* Its type must be `type`, JSON_ARRAY or JSON_OBJECT or another. */
int cis_json_check_type(const struct cis_json_at *at, json_type type,
			struct cis_diag *diag);

/* A number as text that reads back to the same; JSON's number is all digits. */
#define CIS_JSON_NUMBER_SIZE 32
const char *cis_json_number_text(const json_t *number,
				 char buf[CIS_JSON_NUMBER_SIZE]);

#endif
