/* devices_show.c - boards and what they can do, for a person. */
#include <math.h>
#include <stdio.h>

#include "devices_parts.h"
#include "host/cli/run/corrections.h"

const char *cis_devices_hint(void)
{
	if (!cis_devices_supported())
		return "this program was built without Comedi and knows no "
		       "boards; build it with CISOID_COMEDI=ON";
	return "no /dev/comedi*: load the driver of the board (modprobe, then "
	       "dmesg tells), or comedi_config for one that is not found by "
	       "itself; without a board there is the source mock";
}

void cis_devices_print_list(const struct cis_device *list, uint32_t n)
{
	if (n == 0)
		return;
	printf("%-16s %-24s %-20s %6s\n", "device", "board", "driver",
	       "inputs");
	for (uint32_t i = 0; i < n; i++) {
		const struct cis_device *d = &list[i];

		if (!d->board[0])
			printf("%-16s %-24s %-20s %6s  %s\n", d->path, "-", "-",
			       "-", d->why.msg);
		else
			printf("%-16s %-24s %-20s %6u%s%s\n", d->path, d->board,
			       d->driver, (unsigned)d->n_chan,
			       d->samples ? "" : "  ",
			       d->samples ? "" : d->why.msg);
	}
}

static void print_subdevices(const struct cis_device_facts *f)
{
	puts("subdevices");
	for (uint32_t s = 0; s < f->n_subdevice; s++) {
		const struct cis_subdevice *d = &f->subdevice[s];

		printf("  %2u  %-26s", (unsigned)s, d->type);
		if (d->n_chan)
			printf(" %3u channels, %2u bits", (unsigned)d->n_chan,
			       d->bits);
		printf("%s%s\n", d->samples ? ", samples by itself" : "",
		       d->busy ? ", in use" : "");
	}
}

static void print_ranges(const struct cis_device_facts *f)
{
	for (uint32_t r = 0; r < f->n_range; r++)
		printf("  %-16s %u: %g to %g %s%s\n", r ? "" : "ranges",
		       (unsigned)r, f->range[r].min, f->range[r].max,
		       f->range[r].unit,
		       f->range_by_chan ? " (channel 0; others may differ)"
					: "");
}

static void print_convert(const struct cis_device_facts *f)
{
	printf("  %-16s ", "sampling");
	if (f->simultaneous)
		printf("simultaneous: all channels of a scan at one "
		       "instant\n");
	else if (f->multiplexed)
		printf("multiplexed: channels one after the other, %g ns apart "
		       "at least\n",
		       f->convert_ns);
	else
		printf("not told\n");
	if (f->simultaneous && f->multiplexed)
		printf("  %-16s or one after the other, %g ns apart at least\n",
		       "", f->convert_ns);
}

static void print_rate(const struct cis_device_facts *f)
{
	if (f->refused.msg[0]) {
		printf("  %-16s %s\n", "rate", f->refused.msg);
		return;
	}
	printf("  %-16s %g Hz of %u channels becomes %.6f Hz (%.0f ns, %+.2f "
	       "ppm)\n",
	       "rate", f->asked_hz, (unsigned)f->n_asked, f->rate_hz,
	       f->period_ns, 1e6 * (f->rate_hz / f->asked_hz - 1));
	if (!isnan(f->step_ns))
		printf("  %-16s %.4g ns: the next slower is %.6f Hz\n",
		       "timing step", f->step_ns,
		       1e9 / (f->period_ns + f->step_ns));
	if (!isnan(f->max_hz))
		printf("  %-16s %.6g Hz of %u channels\n", "fastest", f->max_hz,
		       (unsigned)f->n_asked);
}

static void print_calibration(const struct cis_device_facts *f)
{
	printf("  %-16s ", "calibration");
	if (!f->software_cal)
		puts("by the board");
	else if (f->has_cal_file)
		printf("by software: %s\n", f->cal_file);
	else
		printf("by software, but there is no %s: nominal ranges are "
		       "used; comedi_soft_calibrate writes it\n",
		       f->cal_file[0] ? f->cal_file : "file");
}

static void print_buffer(const struct cis_device_facts *f)
{
	printf("  %-16s %.0f bytes, at most %.0f", "buffer", f->buffer_len,
	       f->max_buffer_len);
	if (!isnan(f->buffer_s))
		printf("; %.3g s of %u channels", f->buffer_s,
		       (unsigned)f->n_asked);
	putchar('\n');
}

void cis_devices_print_facts(const struct cis_device_facts *f)
{
	printf("%s: %s (driver %s)\n", f->path, f->board, f->driver);
	print_subdevices(f);
	if (f->n_chan == 0) {
		puts(f->refused.msg);
		return;
	}
	printf("analogue inputs, subdevice %u\n", f->inputs);
	printf("  %-16s %u of %u bits\n", "channels", (unsigned)f->n_chan,
	       f->bits);
	print_ranges(f);
	printf("  %-16s%s%s%s%s\n", "reference", f->diff ? " diff" : "",
	       f->ground ? " ground" : "", f->common ? " common" : "",
	       f->other ? " other" : "");
	print_convert(f);
	print_rate(f);
	if (f->source_refused.msg[0])
		printf("  %-16s %s\n", "as a source", f->source_refused.msg);
	printf("  %-16s clock %s, start %s\n", "external",
	       f->external_clock ? "yes" : "no",
	       f->external_start ? "yes" : "no");
	print_calibration(f);
	print_buffer(f);
}

void cis_devices_print_corrections(const struct cis_device_facts *f,
				   const struct cis_cal *cal)
{
	puts("corrections");
	if (f->source_convert_ns > 0)
		printf("  %-16s channel i (from 0) is taken i times %.10g ns "
		       "later\n",
		       "scan", f->source_convert_ns);
	if (cis_cal_map(cal)->n_chan == 0) {
		printf("  %-16s none in the configuration\n", "channels");
		return;
	}
	cis_corrections_print(stdout, cal, NULL);
}
