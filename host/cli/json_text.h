/* json_text.h - somebody's text as JSON. */
#ifndef HOST_CLI_JSON_TEXT_H
#define HOST_CLI_JSON_TEXT_H

#include <jansson.h>

/* '?' for each byte that is no UTF-8: an argument's, or one of a character that
 * was cut. NULL: no memory. */
json_t *cis_json_text(const char *s);

#endif
