/*
 * listen_table.h - what a terminal shows of a stream: a head, and the newest
 * frame of each PMU, drawn over and over in the same place.
 */
#ifndef HOST_CLI_LISTEN_TABLE_H
#define HOST_CLI_LISTEN_TABLE_H

#include <stdbool.h>

#include "cisoid/c37.h"

#define CIS_TABLE_MS 200 /* between two drawings */

struct cis_listen_table;

struct cis_listen_table *cis_listen_table_new(void); /* NULL: no memory */
void cis_listen_table_free(struct cis_listen_table *t);

/* Takes a frame, unless its stream had one within CIS_TABLE_MS of `now_ms`. */
void cis_listen_table_data(struct cis_listen_table *t,
			   const struct cis_c37_config *cfg,
			   const struct cis_c37_data *data, uint64_t now_ms);

/* Draws it all below `head`, whole lines, where it was drawn before; as much of
 * it as the terminal has room for. */
void cis_listen_table_draw(struct cis_listen_table *t, const char *head);

/* Other lines follow: the next drawing stands below them. */
void cis_listen_table_leave(struct cis_listen_table *t);

#endif
