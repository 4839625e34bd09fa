/* near.c - see near.h. */
#include "near.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define MAX_WORD 63

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

static unsigned distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned row[MAX_WORD + 1];

	if (la > MAX_WORD || lb > MAX_WORD)
		return MAX_WORD;
	for (unsigned j = 0; j <= lb; j++)
		row[j] = j;
	for (unsigned i = 1; i <= la; i++) {
		unsigned corner = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= lb; j++) {
			unsigned same = tolower((unsigned char)a[i - 1]) ==
					tolower((unsigned char)b[j - 1]);
			unsigned d = min3(row[j] + 1, row[j - 1] + 1,
					  corner + !same);

			corner = row[j];
			row[j] = d;
		}
	}
	return row[lb];
}

const char *cis_near(const char *word, const char *const words[])
{
	const char *best = NULL;
	unsigned least = (unsigned)strlen(word) / 3 + 2;

	for (size_t i = 0; words[i]; i++) {
		unsigned d = distance(word, words[i]);

		if (d < least && d < strlen(words[i])) {
			least = d;
			best = words[i];
		}
	}
	return best;
}
