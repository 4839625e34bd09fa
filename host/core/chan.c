/* chan.c - names, selection and grouping of channels; see chan.h. */
#include "cisoid/chan.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "near.h"
#include "opt.h"
#include "utf8.h"

/* ---- names ---- */

/* Copies at most size - 1 bytes, whole characters; '?' for what is no text. */
static void copy_utf8(char *to, size_t size, const char *from)
{
	const unsigned char *s = (const unsigned char *)from;
	size_t left = strlen(from), fill = 0;
	uint32_t code;

	while (left > 0) {
		size_t n = cis_utf8_next(s, left, &code);
		bool good = n > 0 && (n > 1 || (*s >= 0x20 && *s != 0x7F));

		if (n == 0)
			n = 1;
		if (fill + n >= size)
			break;
		if (good)
			memcpy(to + fill, s, n);
		else
			to[fill] = isspace(*s) ? ' ' : '?';
		fill += good ? n : 1;
		s += n;
		left -= n;
	}
	to[fill] = '\0';
}

static void trim(char *s)
{
	size_t lead = strspn(s, " \t");
	size_t len = strlen(s + lead);

	while (len > 0 &&
	       (s[lead + len - 1] == ' ' || s[lead + len - 1] == '\t'))
		len--;
	memmove(s, s + lead, len);
	s[len] = '\0';
}

static int find(const struct cis_chan_map *map, uint32_t n, const char *name,
		size_t len)
{
	for (uint32_t c = 0; c < n; c++)
		if (strlen(map->chan[c].name) == len &&
		    !memcmp(map->chan[c].name, name, len))
			return (int)c;
	return -1;
}

void cis_chan_set_name(struct cis_chan_map *map, uint32_t chan,
		       const char *utf8)
{
	char base[CIS_NAME_SIZE - 8];
	char *name = map->chan[chan].name;

	copy_utf8(base, sizeof(base), utf8);
	trim(base);
	if (!base[0])
		snprintf(base, sizeof(base), "CH%u", (unsigned)chan);
	strcpy(name, base);
	for (unsigned k = 2; find(map, chan, name, strlen(name)) >= 0; k++)
		snprintf(name, CIS_NAME_SIZE, "%s#%u", base, k);
}

/* ---- groups ---- */

static const char *const systems[] = {"ABC", "123", "RST", "UVW"};

/* The letter or digit that tells the phase: of "A", "L1", "Ua", "VA_"... */
static char phase_letter(const char *text)
{
	size_t len = strlen(text);

	return len ? (char)toupper((unsigned char)text[len - 1]) : '\0';
}

/* "A", "1", "L1" are phases; anything longer is some other remark. */
static char phase_field(const char *ph)
{
	size_t len = strlen(ph);

	if (len == 1 || (len == 2 && toupper((unsigned char)ph[0]) == 'L'))
		return phase_letter(ph);
	return '\0';
}

static bool is_system(const char letters[3])
{
	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		if (!memcmp(letters, systems[i], 3))
			return true;
	return false;
}

static bool is_group(const struct cis_chan *c)
{
	char by_field[3], by_name[3];

	for (unsigned i = 0; i < 3; i++) {
		if (c[i].quantity != c[0].quantity ||
		    strcmp(c[i].unit, c[0].unit) != 0 ||
		    c[i].position != c[0].position + i)
			return false;
		by_field[i] = phase_field(c[i].phase);
		by_name[i] = phase_letter(c[i].name);
	}
	return is_system(by_field) || is_system(by_name);
}

/* Voltages before currents, each in the order in which they were found. */
static void order_groups(struct cis_chan_map *map)
{
	for (uint32_t g = 1; g < map->n_group; g++) {
		struct cis_group grp = map->group[g];
		uint32_t to = g;

		while (to > 0 && map->group[to - 1].quantity > grp.quantity) {
			map->group[to] = map->group[to - 1];
			to--;
		}
		map->group[to] = grp;
	}
}

static void name_groups(struct cis_chan_map *map)
{
	unsigned n_of[2] = {0, 0};

	order_groups(map);
	for (uint32_t g = 0; g < map->n_group; g++)
		n_of[map->group[g].quantity]++;
	for (uint32_t g = 0; g < map->n_group; g++) {
		struct cis_group *grp = &map->group[g];
		const char *kind = grp->quantity == CIS_VOLTAGE ? "V+" : "I+";

		char first[CIS_NAME_SIZE - 4] = "";

		if (n_of[grp->quantity] > 1)
			copy_utf8(first, sizeof(first),
				  map->chan[grp->chan[0]].name);
		snprintf(grp->name, sizeof(grp->name), "%s%s%s", first,
			 first[0] ? ":" : "", kind);
	}
}

void cis_chan_map_group(struct cis_chan_map *map)
{
	map->n_group = 0;
	for (uint32_t c = 0; c + 2 < map->n_chan;) {
		if (!is_group(&map->chan[c])) {
			c++;
			continue;
		}
		map->group[map->n_group++] = (struct cis_group){
			.quantity = map->chan[c].quantity,
			.chan = {c, c + 1, c + 2},
		};
		c += 3;
	}
	name_groups(map);
}

/* ---- selection ---- */

static int no_such(const struct cis_chan_map *map, const char *name, size_t len,
		   struct cis_diag *diag)
{
	const char *names[CIS_MAX_CHAN + 1] = {NULL};
	char word[CIS_NAME_SIZE];
	const char *near;

	for (uint32_t c = 0; c < map->n_chan; c++)
		names[c] = map->chan[c].name;
	snprintf(word, sizeof(word), "%.*s", (int)len, name);
	near = cis_near(word, names);
	return cis_fail(diag, -EINVAL, "no channel \"%s\"%s%s%s", word,
			near ? "; did you mean \"" : "", near ? near : "",
			near ? "\"?" : "");
}

int cis_chan_map_select(struct cis_chan_map *map, const char *list,
			uint32_t *index_of, struct cis_diag *diag)
{
	struct cis_chan_map old = *map;
	uint32_t n = 0;

	for (const char *item = list; *item;) {
		size_t len = strcspn(item, ",");
		int c = find(&old, old.n_chan, item, len);

		if (c < 0)
			return no_such(&old, item, len, diag);
		for (uint32_t i = 0; i < n; i++)
			if (index_of[i] == (uint32_t)c)
				return cis_fail(
					diag, -EINVAL,
					"channel \"%.*s\" is named twice",
					(int)len, item);
		index_of[n++] = (uint32_t)c;
		item += len + (item[len] == ',');
	}
	if (n == 0)
		return cis_fail(diag, -EINVAL, "no channels are named");
	for (uint32_t i = 0; i < n; i++) {
		map->chan[i] = old.chan[index_of[i]];
		map->chan[i].position = i;
	}
	map->n_chan = n;
	cis_chan_map_group(map);
	return 0;
}

/* ---- renaming ---- */

static const char *const standard_names[] = {"VA", "VB", "VC", "IA",
					     "IB", "IC", NULL};

static int standard_index(const char *item, size_t len)
{
	for (int i = 0; standard_names[i]; i++)
		if (len == 2 && !memcmp(item, standard_names[i], 2))
			return i;
	return -1;
}

/* The channel that an item "VA=NAME" names, or -EINVAL. */
static int named(const struct cis_chan_map *map, const char *item, int i,
		 struct cis_diag *diag)
{
	size_t len = strcspn(item, ","), key = strcspn(item, "=,");
	int c;

	if (i < 0 || item[key] != '=')
		return cis_fail(diag, -EINVAL,
				"\"%.*s\": one of VA VB VC IA IB IC, an equals "
				"sign and a channel expected",
				(int)len, item);
	c = find(map, map->n_chan, item + key + 1, len - key - 1);
	if (c < 0)
		return no_such(map, item + key + 1, len - key - 1, diag);
	if ((map->chan[c].quantity == CIS_CURRENT) != (i >= 3))
		return cis_fail(diag, -EINVAL, "\"%.*s\": %s is a %s", (int)len,
				item, map->chan[c].name,
				i >= 3 ? "voltage" : "current");
	return c;
}

/* Groups of a quantity that `of` speaks of give way to the one it names. */
static void regroup(struct cis_chan_map *map, const int of[6])
{
	uint32_t n = 0;

	for (uint32_t g = 0; g < map->n_group; g++) {
		int i = map->group[g].quantity == CIS_VOLTAGE ? 0 : 3;

		if (of[i] < 0 && of[i + 1] < 0 && of[i + 2] < 0)
			map->group[n++] = map->group[g];
	}
	map->n_group = n;
	for (int i = 0; i < 6; i += 3) {
		struct cis_group *grp = &map->group[map->n_group];

		if (of[i] < 0 || of[i + 1] < 0 || of[i + 2] < 0)
			continue;
		grp->quantity = i ? CIS_CURRENT : CIS_VOLTAGE;
		for (int k = 0; k < 3; k++)
			grp->chan[k] = (uint32_t)of[i + k];
		map->n_group++;
	}
	name_groups(map);
}

int cis_chan_map_rename(struct cis_chan_map *map, const char *spec,
			struct cis_diag *diag)
{
	int of[6] = {-1, -1, -1, -1, -1, -1};

	for (const char *item = spec; *item;) {
		size_t len = strcspn(item, ",");
		int i = standard_index(item, strcspn(item, "=,"));
		int c = named(map, item, i, diag);

		if (c < 0)
			return c;
		for (int k = 0; k < 6; k++)
			if (of[k] == c && k != i)
				return cis_fail(diag, -EINVAL,
						"channel \"%s\" is named twice",
						map->chan[c].name);
		of[i] = c;
		item += len + (item[len] == ',');
	}
	if (cis_opt_once(spec, diag))
		return -EINVAL;
	/* Another channel may bear the name already: it makes room. */
	for (int i = 0; i < 6; i++) {
		int c = find(map, map->n_chan, standard_names[i], 2);

		if (of[i] >= 0 && c >= 0 && c != of[i])
			strcat(map->chan[c].name, "#2");
	}
	for (int i = 0; i < 6; i++)
		if (of[i] >= 0)
			strcpy(map->chan[of[i]].name, standard_names[i]);
	regroup(map, of);
	return 0;
}
