/* json_line.h - where a value stands in a JSON text: jansson does not tell. */
#ifndef HOST_CLI_SIMULATE_JSON_LINE_H
#define HOST_CLI_SIMULATE_JSON_LINE_H

#include <stddef.h>

/* A member by its key, or an item by its number where key is NULL. */
struct cis_json_step {
	const char *key;
	size_t i;
};

/* The line, from 1, of the value at the end of the steps; or of the last one on
 * the way that is there. The text is JSON, and ends with a NUL. */
unsigned cis_json_line(const char *text, const struct cis_json_step *step,
		       size_t n_step);

#endif
