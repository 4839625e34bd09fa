/* utf8.c - see utf8.h. */
#include "utf8.h"

size_t cis_utf8_next(const unsigned char *s, size_t left, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c;
	size_t n;

	if (left == 0)
		return 0;
	n = s[0] < 0x80             ? 1
	    : (s[0] & 0xE0) == 0xC0 ? 2
	    : (s[0] & 0xF0) == 0xE0 ? 3
	    : (s[0] & 0xF8) == 0xF0 ? 4
				    : 0;
	if (n == 0 || n > left)
		return 0;
	c = n == 1 ? s[0] : s[0] & (0x7Fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3F);
	}
	if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		return 0;
	*code = c;
	return n;
}
