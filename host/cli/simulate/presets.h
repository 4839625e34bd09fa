/* presets.h - scenarios that come with the program: the files of presets/. */
#ifndef HOST_CLI_SIMULATE_PRESETS_H
#define HOST_CLI_SIMULATE_PRESETS_H

struct cis_preset {
	const char *name;
	const char *text; /* JSON */
};

extern const struct cis_preset cis_presets[]; /* ends with a NULL name */

#endif
