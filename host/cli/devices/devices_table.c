/* devices_table.c - what the inputs show, for a person. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "devices_parts.h"

#define DEG_PER_RAD 57.295779513082320877

const char *cis_devices_order_name(enum cis_order order)
{
	static const char *const names[] = {[CIS_ORDER_UNCLEAR] = "unclear",
					    [CIS_ORDER_ABC] = "abc",
					    [CIS_ORDER_ACB] = "acb",
					    [CIS_ORDER_COMMON] = "common"};

	return names[order];
}

static void print_head(const struct cis_devices_test *t)
{
	printf("%s, %.10g Hz, %.4g s", t->info->detail, t->rate_hz,
	       t->n_scan / t->rate_hz);
	if (t->found.freq_hz > 0)
		printf("; signal of %.6f Hz", t->found.freq_hz);
	putchar('\n');
	if (t->info->simulated)
		puts("SIMULATED - NOT A CALIBRATION");
}

/* "63.2", or a dash. */
static const char *text(char buf[32], const char *format, double v)
{
	if (isfinite(v))
		snprintf(buf, 32, format, v);
	else
		strcpy(buf, "-");
	return buf;
}

static double range_pct(const struct cis_chan *chan, double rms)
{
	double end = fmax(-chan->range_min, chan->range_max);

	return end > 0 ? 100 * sqrt(2) * rms / end : NAN;
}

static void print_channel(const struct cis_devices_test *t, uint32_t c)
{
	const struct cis_selfcheck_chan *ch = &t->found.chan[c];
	const struct cis_chan *chan = &t->map->chan[c];
	char pct[32], codes[32], thd[32], angle[32];
	bool related = ch->signal && t->found.chan[t->against].signal;

	if (!ch->whole) {
		printf("%-10s has samples without a value\n", chan->name);
		return;
	}
	printf("%-10s %12.6f %s %7s %12.6f %11.2f %7s %8s %8llu %9s%s\n",
	       chan->name, ch->rms, chan->quantity == CIS_CURRENT ? "A" : "V",
	       text(pct, "%.2f", range_pct(chan, ch->rms)), ch->dc,
	       1e6 * ch->noise_rms,
	       text(codes, "%.2f",
		    ch->code > 0 ? ch->noise_rms / ch->code : NAN),
	       text(thd, "%.4f", ch->signal ? 100 * ch->thd : NAN),
	       (unsigned long long)ch->n_clip,
	       text(angle, "%.4f", related ? DEG_PER_RAD * ch->angle_rad : NAN),
	       ch->signal ? "" : "  no signal");
}

static void print_orders(const struct cis_devices_test *t)
{
	static const char *const words[] = {
		[CIS_ORDER_UNCLEAR] = "not three phases of one system",
		[CIS_ORDER_ABC] = "phases in order, A B C",
		[CIS_ORDER_ACB] = "phases in reverse, A C B: are two swapped?",
		[CIS_ORDER_COMMON] = "one signal on all three",
	};

	for (uint32_t g = 0; g < t->map->n_group; g++)
		printf("%s: %s\n", t->map->group[g].name,
		       words[cis_selfcheck_order(&t->found,
						 t->map->group[g].chan)]);
}

static void print_relations(const struct cis_devices_test *t)
{
	printf("\none signal on all inputs (frequencies within %g mHz, angles "
	       "within %g degrees,\nlevels within %g %%); against %s, with "
	       "standard uncertainties:\n",
	       1e3 * CIS_COMMON_HZ, CIS_COMMON_DEG, 100 * CIS_COMMON_LEVEL,
	       t->map->chan[t->against].name);
	printf("%-10s %12s %9s %12s %9s\n", "channel", "gain", "u ppm",
	       "delay ns", "u ns");
	for (uint32_t c = 0; c < t->map->n_chan; c++) {
		const struct cis_selfcheck_chan *ch = &t->found.chan[c];

		printf("%-10s %12.7f %9.2f %12.2f %9.2f\n",
		       t->map->chan[c].name, ch->gain, 1e6 * ch->u_gain,
		       1e9 * ch->delay_s, 1e9 * ch->u_delay_s);
	}
}

static void print_differences(const struct cis_devices_test *t)
{
	const char *sep = "";

	printf("\nnot one signal on all inputs (frequencies within %g mHz, "
	       "angles within %g degrees,\nlevels within %g %%): gains and "
	       "delays are not compared; different from %s: ",
	       1e3 * CIS_COMMON_HZ, CIS_COMMON_DEG, 100 * CIS_COMMON_LEVEL,
	       t->map->chan[t->against].name);
	for (uint32_t c = 0; c < t->map->n_chan; c++) {
		if (c == t->against || t->found.chan[c].common)
			continue;
		printf("%s%s", sep, t->map->chan[c].name);
		sep = " ";
	}
	putchar('\n');
}

void cis_devices_print_test(const struct cis_devices_test *t)
{
	print_head(t);
	printf("%-10s %14s %7s %12s %11s %7s %8s %8s %9s\n", "channel", "rms",
	       "range %", "dc", "noise uV", "codes", "thd %", "clipped",
	       "angle");
	for (uint32_t c = 0; c < t->map->n_chan; c++)
		print_channel(t, c);
	print_orders(t);
	if (t->clipped)
		puts("samples reached the end of the converter's range");
	if (t->found.common)
		print_relations(t);
	else if (t->map->n_chan > 1)
		print_differences(t);
}
