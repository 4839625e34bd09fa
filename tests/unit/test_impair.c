/* test_impair.c - fates of frames: how often, how long, and whose. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cisoid/c37.h"
#include "crc_bitwise.h"
#include "host/sim/impair.h"

#define N 400000

/* Two-sided 5 sigma of a normal distribution: one draw in 1.7 million is further
 * off, and the draws of a seed are always the same. */
#define SIGMAS 5.0

static struct cis_impair impair_of(const char *text)
{
	struct cis_impair imp = {.seed = 1};
	struct cis_diag diag = {""};

	if (cis_impair_parse(text, &imp, &diag))
		fail_msg("%s: %s", text, diag.msg);
	return imp;
}

static struct cis_impair_frame frame_at(uint16_t idcode, uint64_t n)
{
	return (struct cis_impair_frame){idcode, n, (double)n / 50, 1.0 / 50};
}

static enum cis_fate_kind kind_at(const struct cis_impair *imp, uint16_t idcode,
				  uint64_t n)
{
	struct cis_impair_frame which = frame_at(idcode, n);

	return cis_impair_fate(imp, &which).kind;
}

static void count(const struct cis_impair *imp, uint64_t counts[CIS_N_FATE])
{
	memset(counts, 0, CIS_N_FATE * sizeof(counts[0]));
	for (uint64_t n = 0; n < N; n++)
		counts[kind_at(imp, 7, n)]++;
}

/* Binomial: variance p (1 - p) / N. */
static void check_share(uint64_t n, double p)
{
	check_close((double)n / N, p, SIGMAS * sqrt(p * (1 - p) / N));
}

/* ---- how often ---- */

static void each_kind_has_the_share_that_is_asked_for(void **state)
{
	static const struct {
		const char *text;
		double share[CIS_N_FATE];
	} cases[] = {
		{"loss=1%", {.99, .01}},
		{"loss=100%", {0, 1}},
		{"dup=0.1%,reorder=0.1%,crc=0.1%,loss=1%",
		 {.987, .01, 0, .001, .001, .001}},
		{"crc=30%", {.7, 0, 0, 0, 0, .3}},
		/* Nothing is left: no frame has two fates. */
		{"loss=40%,dup=20%,crc=20%,trunc=10%,length=5%,back=5%",
		 {0, .4, 0, .2, 0, .2, .1, .05, .05}},
		/* Shares are of all frames, not of those not lost. */
		{"loss=50%,burst=4,dup=50%", {0, -1, 0, -1}},
	};
	uint64_t counts[CIS_N_FATE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_impair imp = impair_of(cases[i].text);

		count(&imp, counts);
		for (unsigned k = 0; k < CIS_N_FATE; k++)
			if (cases[i].share[k] >= 0)
				check_share(counts[k], cases[i].share[k]);
	}
}

/*
 * A chain of two states with chances q to become bad and 1/B to become good:
 * the lost share's variance is p (1 - p) / N (1 + c) / (1 - c), c = 1 - q - 1/B
 * its correlation from frame to frame; lengths of bursts are geometric, with
 * mean B, variance B (B - 1), and 1/B of them have one frame.
 */
static void bursts_have_the_mean_length_that_is_asked_for(void **state)
{
	static const struct {
		double loss, burst;
	} cases[] = {{.01, 5}, {.01, 1}, {.2, 20},
		     {.3, 1},  {.6, 2},  {.05, 100}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double p = cases[i].loss, b = cases[i].burst;
		double q = p / ((1 - p) * b), c = 1 - q - 1 / b;
		struct cis_impair imp = {.seed = 3, .burst_len = b};
		double lost = 0, runs = 0, singles = 0, run = 0;

		imp.share[CIS_FATE_LOST] = p;
		for (uint64_t n = 0; n < N; n++) {
			if (kind_at(&imp, 7, n) == CIS_FATE_LOST) {
				lost++;
				run++;
				continue;
			}
			runs += run > 0;
			singles += run == 1;
			run = 0;
		}
		check_close(lost / N, p,
			    SIGMAS * sqrt(p * (1 - p) / N * (1 + c) / (1 - c)));
		/* One more: the run that the end cuts. */
		check_close((lost - run) / runs, b,
			    SIGMAS * sqrt(b * (b - 1) / runs) + 1e-12);
		check_close(singles / runs, 1 / b,
			    SIGMAS * sqrt((1 - 1 / b) / b / runs) + 1e-12);
	}
}

static void losses_without_bursts_are_independent(void **state)
{
	struct cis_impair imp = impair_of("loss=20%");
	uint64_t pairs = 0;

	(void)state;
	for (uint64_t n = 0; n < N; n++)
		pairs += kind_at(&imp, 7, 2 * n) == CIS_FATE_LOST &&
			 kind_at(&imp, 7, 2 * n + 1) == CIS_FATE_LOST;
	check_share(pairs, .04);
}

static void jitter_is_evenly_spread_behind_the_delay(void **state)
{
	struct cis_impair imp = impair_of("delay=20ms,jitter=6ms");
	double sum = 0, least = 1, most = 0;

	(void)state;
	for (uint64_t n = 0; n < N; n++) {
		struct cis_impair_frame which = frame_at(7, n);
		double d = cis_impair_fate(&imp, &which).delay_s;

		sum += d;
		least = fmin(least, d);
		most = fmax(most, d);
	}
	assert_true(least >= .020 && most <= .026);
	/* The standard deviation of an even spread is its width / sqrt(12). */
	check_close(sum / N, .023, SIGMAS * .006 / sqrt(12.0 * N));
	/* All N miss the outer 1e-4 once in exp(40) seeds. */
	assert_true(least < .020 + .006e-4 && most > .026 - .006e-4);
}

static void silence_is_the_end_of_each_period(void **state)
{
	static const unsigned rates[] = {1, 10, 30, 50, 60, 120, 240};
	struct cis_impair imp = impair_of("stop=2s/60s,crc=100%");

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		for (uint64_t n = 0; n < UINT64_C(600) * rates[i]; n++) {
			struct cis_impair_frame which = {
				7, n, (double)n / rates[i], 1.0 / rates[i]};
			bool silent = n % (60 * rates[i]) >= 58 * rates[i];

			assert_int_equal(cis_impair_fate(&imp, &which).kind,
					 silent ? CIS_FATE_STOPPED
						: CIS_FATE_BAD_CRC);
		}
}

/* ---- whose ---- */

static void a_fate_follows_from_seed_idcode_and_number(void **state)
{
	struct cis_impair imp = impair_of(
		"loss=30%,burst=3,dup=10%,reorder=5%,crc=10%,jitter=5ms");
	struct cis_fate first[1000];

	(void)state;
	for (uint64_t n = 0; n < 1000; n++) {
		struct cis_impair_frame which = frame_at(9, n);

		first[n] = cis_impair_fate(&imp, &which);
	}
	/* In any order, and by anyone. */
	imp = impair_of("jitter=5ms,crc=10%,reorder=5%,dup=10%,loss=30%,"
			"burst=3");
	for (uint64_t n = 1000; n-- > 0;) {
		struct cis_impair_frame which = frame_at(9, n);
		struct cis_fate fate = cis_impair_fate(&imp, &which);

		assert_int_equal(fate.kind, first[n].kind);
		check_close(fate.delay_s, first[n].delay_s, 0);
	}
}

static void other_seeds_and_idcodes_have_other_fates(void **state)
{
	struct cis_impair imp = impair_of("loss=50%"), other = imp;
	struct cis_impair bursts = impair_of("loss=50%,burst=2");
	uint64_t same_seed = 0, same_idcode = 0, same_burst = 0;

	(void)state;
	other.seed = 2;
	for (uint64_t n = 0; n < N; n++) {
		same_idcode += kind_at(&imp, 7, n) == kind_at(&imp, 8, n);
		same_seed += kind_at(&imp, 7, n) == kind_at(&other, 7, n);
		/* 50 % in bursts of 2 is a chain of correlation 0. */
		same_burst += kind_at(&bursts, 7, n) == kind_at(&bursts, 8, n);
	}
	check_share(same_idcode, .5);
	check_share(same_seed, .5);
	check_share(same_burst, .5);
}

/* ---- behind a later one ---- */

static int by_due(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (x[0] > y[0]) - (x[0] < y[0]);
}

/* What a receiver sees: is a frame older than the newest that came whole? */
static void check_order(const char *text)
{
	enum { M = 20000 };
	struct cis_impair imp = impair_of(text);
	double(*sent)[2] = calloc(M, sizeof(*sent));
	uint64_t n_sent = 0, n_reordered = 0;
	double newest = -1;

	assert_non_null(sent);
	for (uint64_t n = 0; n < M; n++) {
		struct cis_impair_frame which = frame_at(7, n);
		struct cis_fate fate = cis_impair_fate(&imp, &which);

		assert_true(fate.delay_s <=
			    cis_impair_longest_s(&imp, which.period_s));
		if (fate.kind == CIS_FATE_LOST || fate.kind == CIS_FATE_STOPPED)
			continue;
		sent[n_sent][0] = which.t_s + fate.delay_s;
		sent[n_sent++][1] = (double)n;
	}
	qsort(sent, n_sent, sizeof(*sent), by_due);
	/* The last may have their later ones behind the end. */
	for (uint64_t i = 0; i < n_sent && sent[i][1] < M - 20; i++) {
		enum cis_fate_kind kind =
			kind_at(&imp, 7, (uint64_t)sent[i][1]);
		bool whole = kind == CIS_FATE_SENT || kind == CIS_FATE_DOUBLED;

		if (whole)
			assert_true(sent[i][1] > newest);
		if (kind == CIS_FATE_REORDERED) {
			assert_true(sent[i][1] < newest);
			n_reordered++;
		}
		if (whole || kind == CIS_FATE_REORDERED)
			newest = fmax(newest, sent[i][1]);
	}
	assert_true(n_reordered > 0);
	free(sent);
}

static void a_reordered_frame_comes_behind_a_later_one(void **state)
{
	(void)state;
	check_order("reorder=1%");
	check_order("reorder=40%");
	check_order("reorder=20%,loss=20%,burst=3,crc=10%,trunc=10%,back=5%");
	check_order("reorder=10%,delay=70ms,jitter=9ms,dup=20%");
	check_order("reorder=10%,stop=1s/3s");
}

static void a_frame_without_a_later_one_stays_in_its_place(void **state)
{
	struct cis_impair imp = impair_of("reorder=100%");

	(void)state;
	assert_int_equal(kind_at(&imp, 7, 5), CIS_FATE_SENT);
}

/* ---- bytes ---- */

#define LEN 40

/* A data frame of 24 bytes of values, FRACSEC and all. */
static void make_frame(uint8_t frame[LEN])
{
	static const uint8_t head[14] = {0xAA, 0x01, 0,    LEN,  0x1E,
					 0x36, 0x44, 0x85, 0x27, 0xF0,
					 0x00, 0x00, 0x41, 0xB1};
	uint16_t chk;

	memset(frame, 0x5A, LEN);
	memcpy(frame, head, sizeof(head));
	chk = crc_bitwise(frame, LEN - 2);
	frame[LEN - 2] = (uint8_t)(chk >> 8);
	frame[LEN - 1] = (uint8_t)chk;
}

static unsigned bits_apart(const uint8_t *a, const uint8_t *b, size_t len)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i++)
		for (unsigned bit = 0; bit < 8; bit++)
			n += (a[i] ^ b[i]) >> bit & 1;
	return n;
}

static void spoil(enum cis_fate_kind kind, uint64_t n, uint8_t frame[LEN],
		  size_t *len)
{
	struct cis_impair imp = impair_of("back=1%/3s");

	make_frame(frame);
	*len = cis_impair_spoil(&imp, kind, n, frame, LEN);
}

static void a_bad_crc_is_one_bit_behind_the_head(void **state)
{
	uint8_t good[LEN], bad[LEN];
	uint64_t seen = 0;
	size_t len;

	(void)state;
	make_frame(good);
	for (uint64_t n = 0; n < 2000; n++) {
		spoil(CIS_FATE_BAD_CRC, n, bad, &len);
		assert_int_equal(len, LEN);
		assert_memory_equal(bad, good, 14);
		assert_int_equal(bits_apart(bad, good, LEN), 1);
		assert_false(cis_c37_crc_ok(bad, LEN));
		for (size_t i = 14; i < LEN; i++)
			seen |= (uint64_t)(bad[i] != good[i]) << i;
	}
	/* 2000 draws miss one of 26 bytes once in 1e33 seeds. */
	assert_true(seen == (UINT64_C(1) << LEN) - (1 << 14));
}

static void a_truncated_frame_lacks_its_end(void **state)
{
	uint8_t good[LEN], bad[LEN];
	size_t len, least = LEN, most = 0;

	(void)state;
	make_frame(good);
	for (uint64_t n = 0; n < 2000; n++) {
		spoil(CIS_FATE_TRUNCATED, n, bad, &len);
		assert_memory_equal(bad, good, len);
		least = len < least ? len : least;
		most = len > most ? len : most;
	}
	assert_int_equal(least, 14);
	assert_int_equal(most, LEN - 1);
}

static void a_wrong_length_has_a_good_check_word(void **state)
{
	uint8_t good[LEN], bad[LEN];
	size_t len;

	(void)state;
	make_frame(good);
	spoil(CIS_FATE_BAD_LENGTH, 0, bad, &len);
	assert_int_equal(len, LEN - 2);
	assert_int_equal(bad[2] << 8 | bad[3], LEN - 2);
	assert_memory_equal(bad + 4, good + 4, LEN - 8);
	assert_int_equal(bad[LEN - 4] << 8 | bad[LEN - 3],
			 crc_bitwise(bad, LEN - 4));
}

static void a_time_stamp_goes_back_by_whole_seconds(void **state)
{
	uint8_t good[LEN], bad[LEN];
	size_t len;

	(void)state;
	make_frame(good);
	spoil(CIS_FATE_BACKWARD, 0, bad, &len);
	assert_int_equal(len, LEN);
	/* SOC: 0x448527F0 less 3. */
	assert_int_equal(bad[9], 0xED);
	bad[9] = good[9];
	assert_memory_equal(bad, good, LEN - 2);
	spoil(CIS_FATE_BACKWARD, 0, bad, &len);
	assert_int_equal(bad[LEN - 2] << 8 | bad[LEN - 1],
			 crc_bitwise(bad, LEN - 2));
}

static void other_kinds_leave_the_bytes_alone(void **state)
{
	static const enum cis_fate_kind kinds[] = {
		CIS_FATE_SENT, CIS_FATE_DOUBLED, CIS_FATE_REORDERED};
	uint8_t good[LEN], sent[LEN];
	size_t len;

	(void)state;
	make_frame(good);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		spoil(kinds[i], i, sent, &len);
		assert_int_equal(len, LEN);
		assert_memory_equal(sent, good, LEN);
	}
}

/* ---- words ---- */

static void a_list_says_it_all(void **state)
{
	struct cis_impair imp = impair_of(
		"loss=1%,burst=5,dup=0.1%,reorder=.2%,crc=1e-1%,trunc=0.3%,"
		"length=0,back=0.4%/2s,delay=20ms,jitter=500us,stop=2s/1min");

	(void)state;
	check_close(imp.share[CIS_FATE_LOST], .01, 1e-17);
	check_close(imp.burst_len, 5, 0);
	check_close(imp.share[CIS_FATE_DOUBLED], .001, 1e-18);
	check_close(imp.share[CIS_FATE_REORDERED], .002, 1e-18);
	check_close(imp.share[CIS_FATE_BAD_CRC], .001, 1e-18);
	check_close(imp.share[CIS_FATE_TRUNCATED], .003, 1e-18);
	check_close(imp.share[CIS_FATE_BAD_LENGTH], 0, 0);
	check_close(imp.share[CIS_FATE_BACKWARD], .004, 1e-18);
	assert_int_equal(imp.back_s, 2);
	check_close(imp.delay_s, .02, 1e-17);
	check_close(imp.jitter_s, 500e-6, 1e-19);
	check_close(imp.stop_s, 2, 0);
	check_close(imp.stop_every_s, 60, 0);
	assert_true(cis_impair_asks(&imp, CIS_FATE_STOPPED));
	assert_false(cis_impair_asks(&imp, CIS_FATE_BAD_LENGTH));
	assert_true(cis_impair_any(&imp));
	imp = impair_of("back=1%");
	assert_int_equal(imp.back_s, 1);
	imp = impair_of("loss=0,dup=0%,stop=0s/60s,delay=0s");
	assert_false(cis_impair_any(&imp));
	imp = impair_of("jitter=1ms");
	assert_true(cis_impair_any(&imp));
}

static void nonsense_is_refused_with_a_reason(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"", "is not KEY=VALUE"},
		{"loss=1%,", "is not KEY=VALUE"},
		{",loss=1%", "is not KEY=VALUE"},
		{"loss", "loss has no value"},
		{"loss=", "loss has no value"},
		{"los=1%", "did you mean \"loss\"?"},
		{"lost=1%", "did you mean \"loss\"?"},
		{"LOSS=1%", "did you mean \"loss\"?"},
		{"xyzzy=1", "there are loss burst dup"},
		{"loss=200%", "not within 0% to 100%"},
		{"loss=-1%", "not within 0% to 100%"},
		{"loss=nan%", "is not a share"},
		{"loss=nan", "is not a share"},
		{"loss=inf%", "not within 0% to 100%"},
		{"loss=1", "percent sign: loss=1%, or loss=100%"},
		{"loss=0.01", "percent sign: loss=0.01%, or loss=1%"},
		{"loss=1 %", "is not a share"},
		{"loss=1%%", "is not a share"},
		{"loss=one", "is not a share"},
		{"loss=1%,loss=2%", "loss is given twice"},
		{"loss=60%,dup=60%", "120% of the frames altogether"},
		{"burst=5", "nothing is lost"},
		{"loss=1%,burst=0.5", "is 1 to 1000"},
		{"loss=1%,burst=nan", "is 1 to 1000"},
		{"loss=1%,burst=1e9", "is 1 to 1000"},
		{"loss=1%,burst=5ms", "is 1 to 1000"},
		{"loss=60%,burst=1", "make them longer"},
		{"loss=100%,burst=5", "make them longer"},
		{"delay=20", "is not a time such as"},
		{"delay=20%", "is not a time such as"},
		{"delay=-1ms", "is not within 0 to 3600 s"},
		{"delay=nans", "is not within 0 to 3600 s"},
		{"delay=1e9s", "is not within 0 to 3600 s"},
		{"jitter=ms", "is not a time such as"},
		{"stop=2s", "of how long"},
		{"stop=60s/60s", "nothing would ever be sent"},
		{"stop=2s/0s", "nothing would ever be sent"},
		{"stop=2s/", "is not a time such as"},
		{"stop=/2s", "is not a time such as"},
		{"back=1%/0.5s", "whole seconds"},
		{"back=1%/0s", "whole seconds"},
		{"back=1%/", "is not a time such as"},
		{"crc=1%/2s", "is not a share"},
	};
	char text[5000];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cis_impair imp = {.seed = 5, .delay_s = 8};
		struct cis_diag diag = {""};

		assert_int_equal(cis_impair_parse(cases[i].text, &imp, &diag),
				 -EINVAL);
		if (!strstr(diag.msg, cases[i].says))
			fail_msg("%s: %s", cases[i].text, diag.msg);
		check_close(imp.delay_s, 8, 0);
		assert_int_equal(imp.seed, 5);
	}
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(cis_impair_parse(text, &(struct cis_impair){0}, NULL),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_the_share_that_is_asked_for),
		cmocka_unit_test(bursts_have_the_mean_length_that_is_asked_for),
		cmocka_unit_test(losses_without_bursts_are_independent),
		cmocka_unit_test(jitter_is_evenly_spread_behind_the_delay),
		cmocka_unit_test(silence_is_the_end_of_each_period),
		cmocka_unit_test(a_fate_follows_from_seed_idcode_and_number),
		cmocka_unit_test(other_seeds_and_idcodes_have_other_fates),
		cmocka_unit_test(a_reordered_frame_comes_behind_a_later_one),
		cmocka_unit_test(
			a_frame_without_a_later_one_stays_in_its_place),
		cmocka_unit_test(a_bad_crc_is_one_bit_behind_the_head),
		cmocka_unit_test(a_truncated_frame_lacks_its_end),
		cmocka_unit_test(a_wrong_length_has_a_good_check_word),
		cmocka_unit_test(a_time_stamp_goes_back_by_whole_seconds),
		cmocka_unit_test(other_kinds_leave_the_bytes_alone),
		cmocka_unit_test(a_list_says_it_all),
		cmocka_unit_test(nonsense_is_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
