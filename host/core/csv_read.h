/*
 * csv_read.h - records of a CSV file, RFC 4180.
 *
 * Quoted fields may hold commas, line ends and doubled quotes. Lines end with
 * CR LF, LF or CR; a byte order mark is skipped; blank lines are no records.
 */
#ifndef HOST_CORE_CSV_READ_H
#define HOST_CORE_CSV_READ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cisoid/diag.h"

struct cis_csv_reader {
	FILE *f;          /* borrowed */
	const char *name; /* for messages; borrowed */
	uint64_t line;    /* on which the record began, from 1 */
	size_t n_field;
	/* private */
	uint64_t next_line;
	char *text;
	size_t len, text_cap;
	size_t *at; /* where each field begins in text */
	size_t field_cap;
};

void cis_csv_reader_init(struct cis_csv_reader *r, FILE *f, const char *name);
void cis_csv_reader_free(struct cis_csv_reader *r);

/* 1: a record was read; 0: the end. -EBADMSG (a NUL, a quote that is not
 * closed, a record too long), -EIO, -ENOMEM, with a message. */
int cis_csv_read(struct cis_csv_reader *r, struct cis_diag *diag);

/* Field i of the record, valid until the next read. */
const char *cis_csv_field(const struct cis_csv_reader *r, size_t i);

#endif
