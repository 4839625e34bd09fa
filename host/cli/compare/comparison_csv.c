/*
 * comparison_csv.c - the errors as CSV: a line for each instant, also where one
 * side has nothing; see comparison.h and cisoid-compare(1).
 */
#include <math.h>
#include <string.h>

#include "comparison.h"
#include "host/cli/csv.h"
#include "host/core/angle.h"

static const char *const columns[] = {"_tve_pct", "_me_pct", "_pe_deg",
				      "_delay_s", "_u_tve_pct"};

void cis_comparison_csv_header(struct cis_comparison *c)
{
	FILE *f = c->csv.f;

	fputs("time_utc,soc,fracsec,left_out,ref_doubts,dut_doubts,ref_freq_hz,"
	      "dut_freq_hz,fe_hz,rfe_hz_per_s,latency_s",
	      f);
	for (uint32_t i = 0; i < c->map.n; i++)
		for (size_t k = 0; k < sizeof(columns) / sizeof(columns[0]);
		     k++)
			cis_csv_name(f, cis_comparison_dut_name(c, i),
				     columns[k]);
	fputs("\r\n", f);
}

static void put_chan(FILE *f, const struct cis_row_chan *chan)
{
	const double *e = chan->error;

	cis_csv_number(f, e[CIS_ERR_TVE]);
	cis_csv_number(f, e[CIS_ERR_MAG]);
	cis_csv_number(f, e[CIS_ERR_PHASE] * CIS_DEG_PER_RAD);
	cis_csv_number(f, e[CIS_ERR_DELAY]);
	cis_csv_number(f, chan->u[CIS_ERR_TVE]);
}

void cis_comparison_csv_row(struct cis_comparison *c, const struct cis_row *row)
{
	char words[CIS_DOUBT_SIZE];
	FILE *f = c->csv.f;

	cis_csv_time(f, row->at);
	fprintf(f, ",%s", cis_left_words(row->left, words));
	for (unsigned s = 0; s < CIS_N_SIDE; s++)
		fprintf(f, ",%s", cis_doubt_words(row->doubts[s], words));
	cis_csv_number(f, row->freq_hz[CIS_REF]);
	cis_csv_number(f, row->freq_hz[CIS_DUT]);
	cis_csv_number(f, row->pmu[CIS_ERR_FE]);
	cis_csv_number(f, row->pmu[CIS_ERR_RFE]);
	cis_csv_number(f, row->latency_s[CIS_DUT]);
	for (uint32_t i = 0; i < row->n_chan; i++)
		put_chan(f, &row->chan[i]);
	fputs("\r\n", f);
}
