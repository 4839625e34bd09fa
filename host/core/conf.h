/*
 * conf.h - configuration: sections of key = value, with units and origins.
 *
 * One table says which keys exist, in which unit and range; a value that is not
 * in it is refused with file, line and the nearest name. Later values replace
 * earlier ones. Sections like [stream.main] are a kind and a name.
 */
#ifndef HOST_CORE_CONF_H
#define HOST_CORE_CONF_H

#include <stdint.h>
#include <stdio.h>

#include "cisoid/diag.h"

#define CIS_CONF_MAX_ITEM 2048
#define CIS_CONF_TEXT     512

struct cis_conf_key {
	const char *section; /* "daq"; "stream.*" for a kind with names */
	const char *key;
	const char *unit;  /* base unit of a number: "Hz", "s", "" (a count); */
			   /* NULL: text */
	double min, max;   /* of a number, in that unit */
	const char *words; /* text: the allowed words, "a|b"; NULL: any */
	const char
		*preset; /* what holds when nothing is said; "" for nothing */
	const char *help;
};

struct cis_conf_item {
	char section[64]; /* "stream.main" */
	const struct cis_conf_key *key;
	char text[CIS_CONF_TEXT];
	double number;              /* in the base unit */
	char origin[CIS_CONF_TEXT]; /* "cisoid.conf:12", "--set", "default" */
};

struct cis_conf {
	const struct cis_conf_key *keys; /* ends with a NULL section */
	uint32_t n;
	struct cis_conf_item item[CIS_CONF_MAX_ITEM];
};

void cis_conf_init(struct cis_conf *conf, const struct cis_conf_key *keys);

/* Reads a file to its end. -EINVAL with "name:line: ..." ; the rest is kept as
 * it was read so far. */
int cis_conf_read(struct cis_conf *conf, FILE *f, const char *name,
		  struct cis_diag *diag);

/* "section.key=value" (the last dot before '=' parts them), as of --set. */
int cis_conf_set_text(struct cis_conf *conf, const char *text,
		      struct cis_diag *diag);

/* CISOID_<SECTION>_<KEY> for every key of a section without a name. */
int cis_conf_read_env(struct cis_conf *conf, struct cis_diag *diag);

/* The item, or NULL when nothing was said. */
const struct cis_conf_item *cis_conf_find(const struct cis_conf *conf,
					  const char *section, const char *key);
/* What was said, else the preset. */
const char *cis_conf_get(const struct cis_conf *conf, const char *section,
			 const char *key);
/* The same as a number; NaN when neither is there. */
double cis_conf_number(const struct cis_conf *conf, const char *section,
		       const char *key);

#endif
