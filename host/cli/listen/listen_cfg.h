/*
 * listen_cfg.h - configurations out of a file, for a client.
 */
#ifndef HOST_CLI_LISTEN_CFG_H
#define HOST_CLI_LISTEN_CFG_H

#include "host/cli/decode/decode.h"
#include "host/net/client.h"

/*
 * Gives the client the configuration frames of `what`: a capture, a file of
 * bytes or of hexadecimal digits, or the digits. Of one IDCODE the last counts;
 * CFG-1 only where the file has nothing else. -EBADMSG, -ENOENT and the like
 * with a message. What the client takes goes into `book`, too, unless NULL.
 */
int cis_listen_give_configs(struct cis_client *client,
			    struct cis_decode_book *book, const char *what,
			    struct cis_diag *diag);

#endif
