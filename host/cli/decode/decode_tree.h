/*
 * decode_tree.h - the lines of the tree: a walk over the bytes of a frame, whose
 * lengths the decoder has checked.
 */
#ifndef HOST_CLI_DECODE_TREE_H
#define HOST_CLI_DECODE_TREE_H

#include "decode.h"

struct cis_tree {
	FILE *f;
	const uint8_t *p;
	int indent;
};

/* Begins the line of a field of `len` bytes; the value is the caller's. */
void cis_tree_field(struct cis_tree *w, const char *name, size_t len);

/* A field within a word: its bits are shown in the word's own line. */
void cis_tree_part(const struct cis_tree *w, const char *name, unsigned raw,
		   const char *meaning);

/* TIME_BASE to DATA_RATE. */
void cis_tree_config(struct cis_tree *w, const struct cis_c37_config *cfg,
		     bool is_cfg3);

#endif
