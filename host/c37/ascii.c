/* ascii.c - see ascii.h. */
#include "ascii.h"

#include <stdint.h>
#include <string.h>

#include "host/core/utf8.h"

/* U+00C0 to U+017F, two letters each: "A " is one letter. */
static const char latin[] = "A A A A A A AEC E E E E I I I I "
			    "D N O O O O O x O U U U U Y THss"
			    "a a a a a a aec e e e e i i i i "
			    "d n o o o o o / o u u u u y thy "
			    "A a A a A a C c C c C c C c D d "
			    "D d E e E e E e E e E e G g G g "
			    "G g G g H h H h I i I i I i I i "
			    "I i IJijJ j K k k L l L l L l L "
			    "l L l N n N n N n n N n O o O o "
			    "O o OEoeR r R r R r S s S s S s "
			    "S s T t T t T t U u U u U u U u "
			    "U u U u W w Y y Y Z z Z z Z z s ";

/* U+0391 to U+03C9. */
static const char greek[] = "A B G D E Z E ThI K L M N X O P "
			    "R ? S T Y PhChPsO I Y a e e i y "
			    "a b g d e z e thi k l m n x o p "
			    "r s s t y phchpso ";

/* U+0430 to U+044F; the capitals lie 32 before them. */
static const char *const cyrillic[] = {
	"a",  "b",  "v",  "g",    "d", "e", "zh", "z", "i",  "y", "k",
	"l",  "m",  "n",  "o",    "p", "r", "s",  "t", "u",  "f", "kh",
	"ts", "ch", "sh", "shch", "",  "y", "",   "e", "yu", "ya"};

/* Those outside the tables, Ukrainian, Belarusian and Serbian letters too. */
static const struct {
	uint32_t code;
	const char *ascii;
} others[] = {
	{0x00A0, " "},   {0x00B0, "deg"}, {0x00B1, "+-"}, {0x00B2, "2"},
	{0x00B3, "3"},   {0x00B5, "u"},   {0x00B7, "."},  {0x0401, "Yo"},
	{0x0402, "Dj"},  {0x0404, "Ye"},  {0x0406, "I"},  {0x0407, "Yi"},
	{0x0408, "J"},   {0x0409, "Lj"},  {0x040A, "Nj"}, {0x040B, "C"},
	{0x040E, "U"},   {0x040F, "Dz"},  {0x0451, "yo"}, {0x0452, "dj"},
	{0x0454, "ye"},  {0x0456, "i"},   {0x0457, "yi"}, {0x0458, "j"},
	{0x0459, "lj"},  {0x045A, "nj"},  {0x045B, "c"},  {0x045E, "u"},
	{0x045F, "dz"},  {0x0490, "G"},   {0x0491, "g"},  {0x2010, "-"},
	{0x2011, "-"},   {0x2013, "-"},   {0x2014, "-"},  {0x2018, "'"},
	{0x2019, "'"},   {0x201C, "\""},  {0x201D, "\""}, {0x2116, "No"},
	{0x2126, "Ohm"}, {0x2212, "-"},
};

static void from_pair(const char *pair, char out[8])
{
	out[0] = pair[0];
	out[1] = pair[1] == ' ' ? '\0' : pair[1];
	out[2] = '\0';
}

static void from_cyrillic(uint32_t code, char out[8])
{
	bool capital = code < 0x430;

	strcpy(out, cyrillic[code - (capital ? 0x410 : 0x430)]);
	if (capital && out[0])
		out[0] = (char)(out[0] - 'a' + 'A');
}

static void letter(uint32_t code, char out[8])
{
	if (code >= 0x20 && code < 0x7F) {
		out[0] = (char)code;
		out[1] = '\0';
		return;
	}
	if (code >= 0xC0 && code <= 0x17F)
		from_pair(latin + 2 * (code - 0xC0), out);
	else if (code >= 0x391 && code <= 0x3C9)
		from_pair(greek + 2 * (code - 0x391), out);
	else if (code >= 0x410 && code <= 0x44F)
		from_cyrillic(code, out);
	else
		strcpy(out, "?");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].code == code)
			strcpy(out, others[i].ascii);
}

size_t c37_ascii(const char *utf8, char *out, size_t size)
{
	const unsigned char *s = (const unsigned char *)utf8;
	size_t left = strlen(utf8), want = 0, fill = 0;
	bool full = false;

	while (left > 0) {
		uint32_t code;
		size_t n = cis_utf8_next(s, left, &code), len;
		char text[8] = "?";

		if (n > 0)
			letter(code, text);
		else
			n = 1;
		len = strlen(text);
		full = full || fill + len >= size;
		if (!full) {
			memcpy(out + fill, text, len);
			fill += len;
		}
		want += len;
		s += n;
		left -= n;
	}
	if (size > 0)
		out[fill] = '\0';
	return want;
}

static bool is_text(uint32_t code, bool lines)
{
	if (lines && (code == '\n' || code == '\r' || code == '\t'))
		return true;
	return code >= 0x20 && code != 0x7F;
}

void c37_text(const unsigned char *wire, size_t n, bool lines, char *out)
{
	size_t fill = 0;

	while (fill < n && wire[fill]) {
		uint32_t code;
		size_t len = cis_utf8_next(wire + fill, n - fill, &code);

		if (len == 0 || !is_text(code, lines)) {
			out[fill++] = '?';
			continue;
		}
		memcpy(out + fill, wire + fill, len);
		fill += len;
	}
	while (fill > 0 && out[fill - 1] == ' ')
		fill--;
	out[fill] = '\0';
}
