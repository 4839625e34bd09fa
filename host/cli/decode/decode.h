/*
 * decode.h - frames of a capture or file, with the configurations that explain
 * them; and the three ways to print one.
 */
#ifndef HOST_CLI_DECODE_H
#define HOST_CLI_DECODE_H

#include <stdio.h>

#include "cisoid/c37.h"
#include "cisoid/lint.h"
#include "host/net/capture.h"

#define CIS_DECODE_NOTE_SIZE 400

struct cis_decoded {
	const struct cis_capture_frame *from; /* from->from NULL: no packets */
	struct cis_c37_head head;
	uint32_t time_base; /* of the configuration, else 1000000 */
	/* Of a configuration frame itself; of data, what explains them; else
	 * NULL. */
	const struct cis_c37_config *cfg;
	const struct cis_c37_data *data; /* NULL: not data, or not decoded */
	const char *text;                /* of a header frame */
	int command;
	const uint8_t *ext; /* data of a command 8, else NULL */
	size_t ext_len;
	/* Of a CFG-3: its CONT_IDX; and with the last fragment of a series the
	 * frame put together, without CHK, else NULL. */
	unsigned cont_idx;
	const uint8_t *joined;
	size_t joined_len;
	char note[CIS_DECODE_NOTE_SIZE];   /* "": all is well */
	const struct cis_lint_list *found; /* departures from the standard */
};

/* The configurations seen so far, by conversation and IDCODE. */
struct cis_decode_book;

struct cis_decode_book *cis_decode_book_new(void); /* NULL: no memory */
void cis_decode_book_free(struct cis_decode_book *book);

/*
 * Decodes a frame; *out is valid until the next call. A configuration with a
 * good CRC explains the frames after it. -ENOMEM.
 */
int cis_decode_frame(struct cis_decode_book *book,
		     const struct cis_capture_frame *frame,
		     struct cis_decoded *out);

/* The linter over these frames, for its counts. */
struct cis_decode_lint *cis_decode_book_lint(struct cis_decode_book *book);

void cis_decode_print_line(FILE *f, const struct cis_decoded *d);
void cis_decode_print_tree(FILE *f, const struct cis_decoded *d);
void cis_decode_print_json(FILE *f, const struct cis_decoded *d);

/* ---- words ---- */

const char *cis_decode_type(enum cis_c37_type type);  /* "data" */
const char *cis_decode_command(int command);          /* "data on" */
const char *cis_decode_quality(uint8_t time_quality); /* "locked" */
const char *cis_decode_unlocked(uint16_t stat);       /* "below 10 s" */
const char *cis_decode_pmu_tq(uint16_t stat);         /* "below 1 us" */
const char *cis_decode_data_error(uint16_t stat);     /* "good" */
const char *cis_decode_trigger(uint16_t stat);        /* "manual" */
const char *cis_decode_analog_kind(uint32_t anunit);  /* "rms" */
const char *cis_decode_component(unsigned component); /* "phase A" */

/* "50 frames/s", "1 frame in 10 s". Returns buf. */
#define CIS_DECODE_RATE_SIZE 24
const char *cis_decode_rate(int16_t data_rate, char buf[CIS_DECODE_RATE_SIZE]);

/* The frame's time as RFC 3339 with six decimals. */
const char *cis_decode_time(const struct cis_decoded *d, char *buf);

#endif
