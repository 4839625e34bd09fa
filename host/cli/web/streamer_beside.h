/*
 * streamer_beside.h - the inside of streamer_request: the options that stand
 * beside the scenario, "stream", "listen", "cfg" and so on.
 */
#ifndef HOST_CLI_WEB_STREAMER_BESIDE_H
#define HOST_CLI_WEB_STREAMER_BESIDE_H

#include "host/cli/json_value.h"
#include "streamer_request.h"

#define CIS_STREAMER_N_BESIDE 10

/* Their names, in no order. */
void cis_streamer_beside_keys(const char *keys[CIS_STREAMER_N_BESIDE]);

/* Types, of the members of a body. -EBADMSG; the document's fault says where. */
int cis_streamer_beside_check(const struct cis_json_at *root);

/* Their values into the request. -EBADMSG, the same. */
int cis_streamer_beside_read(struct cis_streamer_request *r,
			     const struct cis_json_at *root,
			     const struct cis_streamer_rules *rules);

/* An option's sentence is *error, with the member that it is of. Returns 422. */
int cis_streamer_beside_fail(const struct cis_diag *why,
			     struct cis_streamer_error *error);

#endif
