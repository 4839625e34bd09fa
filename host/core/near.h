/* near.h - the nearest of a list of words, for "did you mean". */
#ifndef HOST_CORE_NEAR_H
#define HOST_CORE_NEAR_H

/* The word of the NULL-terminated list with the least edit distance to `word`,
 * or NULL when all are too far to be meant. */
const char *cis_near(const char *word, const char *const words[]);

#endif
