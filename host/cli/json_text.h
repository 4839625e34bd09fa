/* json_text.h - somebody's text as JSON, and what the linter says of it. */
#ifndef HOST_CLI_JSON_TEXT_H
#define HOST_CLI_JSON_TEXT_H

#include <jansson.h>

#include "cisoid/lint.h"

/* '?' for each byte that is no UTF-8: an argument's, or one of a character that
 * was cut. NULL: no memory. */
json_t *cis_json_text(const char *s);

/* A finding as an object; how often it was found is the caller's to add. */
json_t *cis_json_finding(const struct cis_lint_finding *at);

#endif
