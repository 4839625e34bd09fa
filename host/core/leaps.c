/*
 * leaps.c - see leaps.h and utc.h.
 *
 * What is learnt is appended, one atomic word an entry (the SOC and two bits), so
 * that threads may read while another learns. A thread may have a table of its
 * own instead.
 */
#include "leaps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define DAY_S      86400
#define NTP_TO_SOC INT64_C(2208988800) /* 1900 to 1970 */
#define MINUTE_S   60
#define N_LEARNT   CIS_MAX_REHEARSAL

/* A word is four times the SOC, and: */
#define DELETED   1
#define REHEARSED 2

/* IERS Bulletin C. */
static const struct {
	int64_t soc;
	int offset_s;
} built_in[] = {
	{63072000, 10},   {78796800, 11},   {94694400, 12},   {126230400, 13},
	{157766400, 14},  {189302400, 15},  {220924800, 16},  {252460800, 17},
	{283996800, 18},  {315532800, 19},  {362793600, 20},  {394329600, 21},
	{425865600, 22},  {489024000, 23},  {567993600, 24},  {631152000, 25},
	{662688000, 26},  {709948800, 27},  {741484800, 28},  {773020800, 29},
	{820454400, 30},  {867715200, 31},  {915148800, 32},  {1136073600, 33},
	{1230768000, 34}, {1341100800, 35}, {1435708800, 36}, {1483228800, 37},
};

#define N_BUILT_IN (sizeof(built_in) / sizeof(built_in[0]))

/* The list that it was copied from expires on 2026-06-28. */
#define BUILT_IN_UNTIL INT64_C(1782604800)

static _Atomic int64_t learnt[N_LEARNT];
static _Atomic int64_t known_until = BUILT_IN_UNTIL;

static _Thread_local struct cis_utc_table *own; /* NULL: that of all */

static const struct cis_leap none;

/* ---- the words ---- */

static int64_t word_of(size_t i)
{
	return own ? own->learnt[i]
		   : atomic_load_explicit(&learnt[i], memory_order_acquire);
}

static void set_word(size_t i, int64_t word)
{
	if (own)
		own->learnt[i] = word;
	else
		atomic_store_explicit(&learnt[i], word, memory_order_release);
}

/* What was there; 0: now it is `word`. */
static int64_t claim(size_t i, int64_t word)
{
	int64_t seen = 0;

	if (!own) {
		atomic_compare_exchange_strong_explicit(&learnt[i], &seen, word,
							memory_order_release,
							memory_order_acquire);
		return seen;
	}
	seen = own->learnt[i];
	if (!seen)
		own->learnt[i] = word;
	return seen;
}

void cis_utc_use(struct cis_utc_table *table)
{
	own = table;
}

void cis_utc_copy(struct cis_utc_table *table)
{
	size_t n = 0;

	for (size_t i = 0; i < N_LEARNT; i++) {
		int64_t word = word_of(i);

		if (word && !(word & REHEARSED))
			table->learnt[n++] = word;
	}
	for (; n < N_LEARNT; n++)
		table->learnt[n] = 0;
}

/* ---- looking ---- */

/* Entry i, its offset_s 0 past the end; `before` is entry i - 1. */
static struct cis_leap entry(size_t i, int offset_before_s)
{
	int64_t word;

	if (i < N_BUILT_IN)
		return (struct cis_leap){.soc = built_in[i].soc,
					 .offset_s = built_in[i].offset_s};
	if (i >= N_BUILT_IN + N_LEARNT)
		return none;
	word = word_of(i - N_BUILT_IN);
	if (!word)
		return none;
	return (struct cis_leap){
		.soc = word >> 2,
		.offset_s = offset_before_s + (word & DELETED ? -1 : 1),
		.rehearsed = word & REHEARSED,
	};
}

static bool reached(enum cis_leap_scale scale, struct cis_leap e, int64_t value)
{
	if (!e.offset_s || (e.rehearsed && scale == CIS_LEAP_POSIX))
		return false;
	return value >= (scale == CIS_LEAP_TAI ? e.soc + e.offset_s : e.soc);
}

/* Dates are of our days for the most part: the search begins at the end of
 * what was built in. */
bool cis_leap_find(enum cis_leap_scale scale, int64_t value,
		   struct cis_leap *last, struct cis_leap *next)
{
	size_t n = N_BUILT_IN;

	while (n > 0 && !reached(scale, entry(n - 1, 0), value))
		n--;
	*last = n ? entry(n - 1, 0) : none;
	for (;;) {
		*next = entry(n, last->offset_s);
		if (!reached(scale, *next, value))
			return n > 0;
		*last = *next;
		n++;
	}
}

int64_t cis_utc_known_until(void)
{
	return atomic_load_explicit(&known_until, memory_order_relaxed);
}

static void extend(int64_t until_soc)
{
	int64_t seen = cis_utc_known_until();

	while (seen < until_soc &&
	       !atomic_compare_exchange_weak_explicit(
		       &known_until, &seen, until_soc, memory_order_relaxed,
		       memory_order_relaxed))
		continue;
}

static int append(int64_t soc, int step_s, unsigned bits)
{
	int64_t word = soc * 4 + bits + (step_s < 0 ? DELETED : 0);
	int64_t last_soc = built_in[N_BUILT_IN - 1].soc;

	if ((step_s != 1 && step_s != -1) || soc > UINT32_MAX)
		return -EINVAL;
	for (size_t i = 0; i < N_LEARNT; i++) {
		int64_t seen;

		if (soc <= last_soc)
			return -EINVAL;
		seen = claim(i, word);
		if (!seen || seen == word)
			break;
		last_soc = seen >> 2;
	}
	return 0;
}

/* A leap second that is rehearsed in a table keeps real ones out of that. */
int cis_utc_learn_leap(int64_t soc, int step_s)
{
	struct cis_utc_table *alone = own;
	int err;

	if (soc % DAY_S)
		return -EINVAL;
	own = NULL;
	err = append(soc, step_s, 0);
	own = alone;
	if (err)
		return err;
	if (alone)
		append(soc, step_s, 0);
	extend(soc);
	return 0;
}

int cis_utc_rehearse_leap(int64_t soc, int step_s)
{
	return soc % MINUTE_S ? -EINVAL : append(soc, step_s, REHEARSED);
}

unsigned cis_utc_rehearsed(struct cis_rehearsal out[CIS_MAX_REHEARSAL])
{
	unsigned n = 0;

	for (size_t i = 0; i < N_LEARNT && n < CIS_MAX_REHEARSAL; i++) {
		int64_t word = word_of(i);

		if (word & REHEARSED)
			out[n++] = (struct cis_rehearsal){
				.soc = word >> 2,
				.step_s = word & DELETED ? -1 : 1};
	}
	return n;
}

void cis_utc_end_rehearsals(void)
{
	size_t n = 0;

	for (size_t i = 0; i < N_LEARNT; i++) {
		int64_t word = word_of(i);

		if (word && !(word & REHEARSED))
			set_word(n++, word);
	}
	for (; n < N_LEARNT; n++)
		set_word(n, 0);
}

struct cis_leap_near cis_utc_leap_near(int64_t tai_s)
{
	struct cis_leap_near near = {0, 0};
	struct cis_leap before, last, next, after;

	if (!cis_leap_find(CIS_LEAP_TAI, tai_s, &last, &next))
		return near;
	if (next.offset_s && next.soc + next.offset_s - tai_s <= MINUTE_S + 1) {
		near.in_s = next.soc + next.offset_s - tai_s;
		near.step_s = next.offset_s - last.offset_s;
	} else if (cis_leap_find(CIS_LEAP_SOC, last.soc - 1, &before, &after)) {
		near.in_s = last.soc + last.offset_s - tai_s;
		near.step_s = last.offset_s - before.offset_s;
	}
	return near;
}

/* ---- leap-seconds.list ---- */

/* A line of the list: 1 and an entry, 2 and the expiry, 0 for a comment; what
 * is none of these is -EBADMSG. */
static int read_line(const char *line, int64_t *ntp_s, int *offset_s)
{
	if (!strncmp(line, "#@", 2))
		return sscanf(line + 2, "%" SCNd64, ntp_s) == 1 ? 2 : -EBADMSG;
	if (line[strspn(line, " \t\r\n")] == '\0' || line[0] == '#')
		return 0;
	return sscanf(line, "%" SCNd64 " %d", ntp_s, offset_s) == 2 ? 1
								    : -EBADMSG;
}

/* An entry either is one that is known, or follows the last. */
static int take_entry(int64_t soc, int offset_s)
{
	struct cis_leap last, next;

	if (!cis_leap_find(CIS_LEAP_SOC, soc, &last, &next))
		return -EBADMSG;
	if (last.soc == soc)
		return last.offset_s == offset_s ? 0 : -EBADMSG;
	if (next.offset_s || cis_utc_learn_leap(soc, offset_s - last.offset_s))
		return -EBADMSG;
	return 0;
}

int cis_utc_read_leaps(FILE *f)
{
	char line[256];
	int64_t until = 0, ntp_s;
	int kind = 0, offset_s;

	while (kind >= 0 && fgets(line, sizeof(line), f)) {
		kind = read_line(line, &ntp_s, &offset_s);
		if (kind > 0 &&
		    (ntp_s < NTP_TO_SOC || ntp_s - NTP_TO_SOC > UINT32_MAX))
			return -EBADMSG;
		if (kind == 1)
			kind = take_entry(ntp_s - NTP_TO_SOC, offset_s);
		else if (kind == 2)
			until = ntp_s - NTP_TO_SOC;
	}
	if (kind < 0)
		return kind;
	if (!until)
		return -EBADMSG;
	extend(until);
	return 0;
}
