/* test_lint.c - the linter where no sender would go: every truncation, every
 * byte changed, and streams of many PMUs. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/c37.h"
#include "cisoid/lint.h"

#define N_PMU 3

static struct cis_c37_config *config_new(void)
{
	struct cis_c37_config *cfg;

	assert_int_equal(cis_c37_config_new(N_PMU, &cfg), 0);
	cfg->idcode = 7;
	for (uint16_t i = 0; i < N_PMU; i++) {
		struct cis_c37_pmu *pmu = &cfg->pmu[i];

		assert_int_equal(cis_c37_pmu_size(pmu, 2, 1, 1), 0);
		pmu->idcode = (uint16_t)(100 + i);
		pmu->format = (uint16_t)(i == 1 ? 0 : 0xF);
		snprintf(pmu->station, sizeof(pmu->station), "S%u", i);
		strcpy(pmu->phasor[0].name, "VA");
		strcpy(pmu->phasor[1].name, "IA");
		strcpy(pmu->analog[0].name, "P");
		strcpy(pmu->digital[0].name[0], "BREAKER");
		pmu->phasor[0].unit = 1000;
		pmu->phasor[1].unit = 1u << 24 | 1000;
	}
	return cfg;
}

static int config_frame(enum cis_c37_type type, uint8_t *buf, size_t size)
{
	struct cis_c37_config *cfg = config_new();
	struct cis_split_time at = {.tai_s = 1700000037};
	int len;

	if (type == CIS_C37_CFG3) {
		cfg->version = 2;
		for (uint16_t i = 0; i < N_PMU; i++) {
			cfg->pmu[i].svc_class = 'M';
			cfg->pmu[i].phasor[0].scale = 1;
			cfg->pmu[i].phasor[1].scale = 1;
			cfg->pmu[i].analog[0].scale = 1;
		}
	}
	len = cis_c37_config_encode(cfg, type, at, 0, buf, size);
	cis_c37_config_free(cfg);
	assert_true(len > 0);
	return len;
}

static int data_frame(uint32_t n, uint8_t *buf, size_t size)
{
	struct cis_c37_config *cfg = config_new();
	struct cis_c37_data *data;
	int len;

	assert_int_equal(cis_c37_data_new(cfg, &data), 0);
	data->head.soc = 1700000000 + n / 50;
	data->head.fracsec = n % 50 * 20000;
	for (uint16_t i = 0; i < N_PMU; i++) {
		data->block[i].freq_hz = 50;
		data->block[i].phasor_rms[0] = 100;
	}
	len = cis_c37_data_encode(cfg, data, buf, size);
	cis_c37_data_free(data);
	cis_c37_config_free(cfg);
	assert_true(len > 0);
	return len;
}

static void good_frames_have_no_findings(void **state)
{
	static const enum cis_c37_type types[] = {CIS_C37_CFG1, CIS_C37_CFG2,
						  CIS_C37_CFG3};
	struct cis_lint_list found;
	uint8_t buf[4096];

	(void)state;
	for (size_t t = 0; t < 3; t++) {
		struct cis_lint *lint;
		int len = config_frame(types[t], buf, sizeof(buf));

		assert_int_equal(cis_lint_new(&lint), 0);
		cis_lint_put(lint, buf, (size_t)len, NULL, &found);
		assert_int_equal(found.n, 0);
		assert_true(cis_lint_has_config(lint));
		for (uint32_t n = 0; n < 120; n++) {
			len = data_frame(n, buf, sizeof(buf));
			cis_lint_put(lint, buf, (size_t)len, NULL, &found);
			assert_int_equal(found.n, 0);
		}
		cis_lint_end(lint, &found);
		assert_int_equal(found.n, 0);
		cis_lint_free(lint);
	}
}

static void a_cut_frame_is_never_without_a_finding(void **state)
{
	static const enum cis_c37_type types[] = {CIS_C37_CFG2, CIS_C37_CFG3};
	struct cis_lint_list found;
	uint8_t buf[4096];

	(void)state;
	for (size_t t = 0; t < 2; t++) {
		int len = config_frame(types[t], buf, sizeof(buf));

		for (int n = 0; n < len; n++) {
			/* A copy of its own, for the address sanitizer. */
			uint8_t *cut = malloc((size_t)n + 1);

			memcpy(cut, buf, (size_t)n);
			cis_lint_frame(cut, (size_t)n, &found);
			assert_true(found.n > 0);
			free(cut);
		}
	}
}

/* A byte changed in a frame changes its CHK: one finding of it, and at most
 * three of what lengths say. */
static void a_damaged_frame_has_few_findings(void **state)
{
	struct cis_lint_list found;
	uint8_t buf[4096];
	int len = config_frame(CIS_C37_CFG2, buf, sizeof(buf));

	(void)state;
	for (int i = 0; i < len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			buf[i] ^= (uint8_t)(1u << bit);
			cis_lint_frame(buf, (size_t)len, &found);
			assert_in_range(found.n, 1, 4);
			buf[i] ^= (uint8_t)(1u << bit);
		}
	}
}

static bool has(const struct cis_lint_list *found, const char *code)
{
	for (uint32_t i = 0; i < cis_lint_kept(found); i++)
		if (!strcmp(found->at[i].rule->code, code))
			return true;
	return false;
}

static void fragments_are_counted(void **state)
{
	struct cis_c37_head head = {.type = CIS_C37_CFG3,
				    .version = 2,
				    .idcode = 7,
				    .soc = 1700000000};
	static const uint16_t order[] = {1, 2, 4, 0xFFFF};
	struct cis_lint_list found;
	struct cis_lint *lint;
	uint8_t buf[64];

	(void)state;
	assert_int_equal(cis_lint_new(&lint), 0);
	for (size_t i = 0; i < 4; i++) {
		/* A command 8 has a CHK; only SYNC says what it is. */
		uint8_t ext[30] = {0};
		int len = cis_c37_extended_encode(&head, ext, sizeof(ext), buf,
						  sizeof(buf));

		assert_true(len > 0);
		buf[1] = 0x52;
		buf[14] = (uint8_t)(order[i] >> 8);
		buf[15] = (uint8_t)order[i];
		/* CHK does not matter for the order. */
		cis_lint_put(lint, buf, (size_t)len, NULL, &found);
		assert_int_equal(has(&found, "E-CFG3-CONT"), order[i] == 4);
	}
	cis_lint_free(lint);
}

static void every_rule_has_its_own_code(void **state)
{
	size_t n;
	const struct cis_lint_rule *rules = cis_lint_rules(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_non_null(strchr("EWI", rules[i].code[0]));
		assert_true(rules[i].clause[0] && rules[i].title[0] &&
			    rules[i].advice[0]);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(rules[i].code, rules[k].code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_frames_have_no_findings),
		cmocka_unit_test(a_cut_frame_is_never_without_a_finding),
		cmocka_unit_test(a_damaged_frame_has_few_findings),
		cmocka_unit_test(fragments_are_counted),
		cmocka_unit_test(every_rule_has_its_own_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
