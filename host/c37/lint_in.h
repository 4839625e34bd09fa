/*
 * lint_in.h - the linter's inside: a frame under examination, and what is
 * remembered of its stream.
 */
#ifndef HOST_C37_LINT_IN_H
#define HOST_C37_LINT_IN_H

#include <stdbool.h>

#include "cisoid/lint.h"
#include "lint_rules.h"
#include "wire.h"

/* A PMU takes at least 30 bytes of a configuration frame. */
#define LINT_MAX_PMU     2184
/* Names and IDCODEs are compared among so many. */
#define LINT_MAX_COMPARE 512

struct lint_frame {
	const uint8_t *p;
	size_t len; /* of the frame as it is, whatever FRAMESIZE says */
	size_t end; /* where CHK begins */
	struct cis_c37_head head;
	bool trusted; /* CHK right, or wrong in a way that is understood */
	bool odd;     /* a byte is missing or too many, and that was told */
	struct cis_lint_list *out;
};

/* Where the parts of a PMU lie in a configuration frame. */
struct lint_pmu {
	uint32_t station, names, units, fnom_at, next;
	uint16_t idcode, format, fnom, cfgcnt;
	uint16_t n_phasor, n_analog, n_digital;
	uint8_t n_dfreq; /* frames in a row whose DFREQ cannot be */
	bool has_freq;
	float freq_hz; /* of its last data */
};

struct lint_config {
	bool cfg3;
	bool fits; /* all of it lies where it should */
	uint32_t time_base;
	uint16_t n_pmu;
	int16_t rate;
};

enum lint_pace {
	LINT_PACE_UNKNOWN, /* gaps are held back */
	LINT_PACE_RIGHT,
	LINT_PACE_OTHER, /* evenly, and not as configured */
};

/* Times of data; differences in 1/TIME_BASE s. */
struct lint_clock {
	bool has_last;
	int64_t second;
	uint32_t fracsec;
	uint32_t print; /* of the last frame's bytes */
	enum lint_pace pace;
	unsigned n_step; /* while the pace is not known */
	int64_t step;    /* the first of them, and the usual one */
	int64_t missing; /* held back */
	unsigned n_off;  /* the same: frames off the grid */
	bool uneven;
	bool far;        /* from its arrival, and it was told */
	unsigned n_back; /* in a row */
};

struct cis_lint {
	bool has_cfg, cfg1; /* CFG-1: for want of a better one */
	struct lint_config cfg;
	struct lint_clock clock;
	bool announced; /* STAT bit 10 is set, or was for this configuration */
	bool fresh;     /* a configuration came since bit 10 last fell */
	bool doubt;     /* another one came, and bit 10 was not set */
	uint64_t body[3];  /* fingerprints of the last CFG-1, -2, -3 */
	uint32_t count[3]; /* the sum of their CFGCNT */
	bool seen[3];
	uint16_t cont_idx; /* of a series of fragments; 0: none */
	size_t cfg_len;
	uint8_t cfg_frame[CIS_C37_MAX_FRAME];
	bool changing[LINT_MAX_PMU]; /* STAT bit 10 of the last data */
	struct lint_pmu pmu[LINT_MAX_PMU];
};

/* ---- lint.c ---- */

/* Once for each rule and frame; again only counts. */
__attribute__((format(printf, 5, 6))) void
lint_say(const struct lint_frame *f, enum lint_id id, size_t offset,
	 const char *field, const char *fmt, ...);

static inline uint16_t lint_u16(const struct lint_frame *f, size_t at)
{
	return cis_be16(f->p + at);
}

/* ---- lint_frame.c: head, lengths, CHK ---- */

/* Sets all of *f but `out`; false when nothing more can be said. */
bool lint_open(struct lint_frame *f, const uint8_t *buf, size_t len);

/* ---- lint_crc.c ---- */

struct lint_why {
	enum lint_id id;
	size_t len;     /* of the frame as it was meant */
	size_t chk_len; /* bytes that it has for CHK */
	char text[160];
};

bool lint_crc_right(const uint8_t *p, size_t len);
/* Why CHK of the `len` bytes is wrong; `said` is FRAMESIZE. False: it does not
 * show. */
bool lint_crc_why(const uint8_t *p, size_t len, size_t said,
		  struct lint_why *why);

/* ---- lint_config.c: where things are ---- */

/* `pmu` may be NULL, else it has LINT_MAX_PMU places. */
void lint_config(const struct lint_frame *f, struct lint_config *cfg,
		 struct lint_pmu *pmu);
/* The PMU that begins at `at`; false when it does not end within the frame.
 * `phantom`: bytes for an analog count of zero, and for a digital one. */
bool lint_config_pmu(const struct lint_frame *f, size_t at,
		     const size_t phantom[2], struct lint_pmu *pmu);
bool lint_config3_pmu(const struct lint_frame *f, size_t at,
		      struct lint_pmu *pmu);

/* ---- lint_names.c, lint_units.c: what they say ---- */

void lint_names(const struct lint_frame *f, bool cfg3,
		const struct lint_pmu *pmu, unsigned i);
/* `pmu` against the one before it. */
void lint_twice(const struct lint_frame *f, bool cfg3,
		const struct lint_pmu *pmu, const struct lint_pmu *before);
void lint_units(const struct lint_frame *f, const struct lint_pmu *pmu,
		unsigned i);
void lint_units3(const struct lint_frame *f, const struct lint_pmu *pmu,
		 unsigned i);
/* A name's text, cut to fit, what cannot be shown as '?'; returns buf. */
#define LINT_NAME_SIZE 24
const char *lint_name(const uint8_t *p, size_t len, char buf[LINT_NAME_SIZE]);
/* The name at *at, which moves on. */
const uint8_t *lint_next_name(const uint8_t *frame, bool cfg3, size_t *at,
			      size_t *len);

/* ---- lint_data.c, lint_stat.c, lint_time.c, lint_other.c ---- */

void lint_data(struct cis_lint *lint, const struct lint_frame *f);
void lint_stat(struct cis_lint *lint, const struct lint_frame *f, unsigned i,
	       size_t at);
/* The first data after another configuration. */
void lint_change(struct cis_lint *lint, const struct lint_frame *f,
		 unsigned stat);
/* Time of any frame; time_base 0: not known. */
void lint_head_time(const struct lint_frame *f, uint32_t time_base);
/* Whether a clock that says so has been set. */
bool lint_was_set(uint32_t soc);
void lint_clock(struct cis_lint *lint, const struct lint_frame *f,
		const struct cis_time *arrival);
void lint_clock_end(struct cis_lint *lint, const struct lint_frame *f);
void lint_command(const struct lint_frame *f);
void lint_header(const struct lint_frame *f);

#endif
