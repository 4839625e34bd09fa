/* json_value.h - numbers, text and findings of the linter as JSON. */
#ifndef HOST_CLI_JSON_VALUE_H
#define HOST_CLI_JSON_VALUE_H

#include <jansson.h>

#include "cisoid/lint.h"

/* Null for NaN and infinities, which JSON does not know. */
json_t *cis_json_number(double v);

/* '?' for each byte that is no UTF-8: an argument's, or one of a character that
 * was cut. Null for NULL and "". */
json_t *cis_json_text(const char *s);

/* A finding as an object; how often it was found is the caller's to add. */
json_t *cis_json_finding(const struct cis_lint_finding *at);

#endif
