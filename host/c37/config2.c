/* config2.c - a PMU's part of CFG-1 and CFG-2, clause 6.4; see config.h. */
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "ascii.h"

/* STN, IDCODE, FORMAT, PHNMR, ANNMR, DGNMR, FNOM, CFGCNT */
#define FIXED_LEN (C37_NAME_LEN + 14)

/* ---- encode ---- */

/* Bytes of what follows the fixed part: names, then units. */
static size_t channels_len(size_t n_phasor, size_t n_analog, size_t n_digital)
{
	return (C37_NAME_LEN + 4) * (n_phasor + n_analog) +
	       (16 * C37_NAME_LEN + 4) * n_digital;
}

size_t c37_pmu2_len(const struct cis_c37_pmu *pmu)
{
	return FIXED_LEN +
	       channels_len(pmu->n_phasor, pmu->n_analog, pmu->n_digital);
}

static uint8_t *put_name(struct c37_writer *w, const char *utf8)
{
	uint8_t *at = w->buf + w->fill;
	char ascii[C37_NAME_LEN + 1];

	c37_ascii(utf8, ascii, sizeof(ascii));
	memset(at, ' ', C37_NAME_LEN);
	memcpy(at, ascii, strlen(ascii));
	w->fill += C37_NAME_LEN;
	return at;
}

static bool taken(const uint8_t *names, const uint8_t *name)
{
	for (; names < name; names += C37_NAME_LEN)
		if (!memcmp(names, name, C37_NAME_LEN))
			return true;
	return false;
}

/* A name that is the same as an earlier one in its first 16 bytes ends in its
 * own number, #2 for the second channel: receivers find channels by name. */
static void put_channel_name(struct c37_writer *w, const uint8_t *names,
			     const char *utf8)
{
	uint8_t *at = put_name(w, utf8);
	size_t number = (size_t)(at - names) / C37_NAME_LEN + 1;
	char ascii[C37_NAME_LEN + 1], tail[C37_NAME_LEN];
	size_t base, len, keep;

	c37_ascii(utf8, ascii, sizeof(ascii));
	base = strlen(ascii);
	for (; base > 0 && taken(names, at); number++) {
		len = (size_t)snprintf(tail, sizeof(tail), "#%zu", number);
		keep = base + len > C37_NAME_LEN ? C37_NAME_LEN - len : base;
		memset(at, ' ', C37_NAME_LEN);
		memcpy(at, ascii, keep);
		memcpy(at + keep, tail, len);
	}
}

void c37_pmu2_put(struct c37_writer *w, const struct cis_c37_pmu *pmu)
{
	const uint8_t *names;

	put_name(w, pmu->station);
	c37_put16(w, pmu->idcode);
	c37_put16(w, pmu->format);
	c37_put16(w, pmu->n_phasor);
	c37_put16(w, pmu->n_analog);
	c37_put16(w, pmu->n_digital);
	names = w->buf + w->fill;
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		put_channel_name(w, names, pmu->phasor[i].name);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		put_channel_name(w, names, pmu->analog[i].name);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		for (unsigned bit = 0; bit < 16; bit++)
			put_name(w, pmu->digital[i].name[bit]);
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		c37_put32(w, pmu->phasor[i].unit);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		c37_put32(w, pmu->analog[i].unit);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		c37_put32(w, pmu->digital[i].mask);
	c37_put16(w, pmu->fnom);
	c37_put16(w, pmu->cfgcnt);
}

/* ---- decode ---- */

static void get_name(struct c37_reader *r, char *name)
{
	const uint8_t *p = c37_take(r, C37_NAME_LEN);

	if (p)
		c37_text(p, C37_NAME_LEN, false, name);
}

static void get_channels(struct c37_reader *r, struct cis_c37_pmu *pmu)
{
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		get_name(r, pmu->phasor[i].name);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		get_name(r, pmu->analog[i].name);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		for (unsigned bit = 0; bit < 16; bit++)
			get_name(r, pmu->digital[i].name[bit]);
	for (uint16_t i = 0; i < pmu->n_phasor; i++)
		pmu->phasor[i].unit = c37_get32(r);
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		pmu->analog[i].unit = c37_get32(r);
	for (uint16_t i = 0; i < pmu->n_digital; i++)
		pmu->digital[i].mask = c37_get32(r);
}

int c37_pmu2_get(struct c37_reader *r, struct cis_c37_pmu *pmu, unsigned i,
		 struct cis_diag *diag)
{
	uint16_t n_phasor, n_analog, n_digital;
	int err;

	get_name(r, pmu->station);
	pmu->idcode = c37_get16(r);
	pmu->format = c37_get16(r);
	n_phasor = c37_get16(r);
	n_analog = c37_get16(r);
	n_digital = c37_get16(r);
	/* Before memory is asked for: the frame must hold what it promises. */
	if (r->failed ||
	    channels_len(n_phasor, n_analog, n_digital) + 4 > r->left)
		return cis_fail(diag, -EBADMSG,
				"the configuration frame is too short for the "
				"%u phasors, %u analogs and %u digital words "
				"of PMU %u",
				n_phasor, n_analog, n_digital, i + 1);
	err = cis_c37_pmu_size(pmu, n_phasor, n_analog, n_digital);
	if (err)
		return cis_fail(diag, err, "out of memory");
	get_channels(r, pmu);
	pmu->fnom = c37_get16(r);
	pmu->cfgcnt = c37_get16(r);
	return 0;
}
