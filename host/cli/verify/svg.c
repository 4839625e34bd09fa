/* svg.c - see svg.h. Dark on white, so that it prints. */
#include "svg.h"

#include <math.h>
#include <string.h>

#define WIDTH   760.0
#define HEIGHT  280.0 /* of a panel */
#define TOP     40.0  /* above the first panel */
#define LEFT    84.0
#define RIGHT   186.0 /* room for the legend */
#define BOTTOM  48.0
#define ABOVE   12.0
#define LIMIT   "#b00020"
#define MAX_KEY 12 /* entries of a legend */

/* Told apart by colour and dash. */
static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73",
				      "#cc79a7", "#666666", "#8a6d00"};
static const char *const dashes[] = {"", "7 3", "2 3", "9 3 2 3"};

#define N_COLOUR (sizeof(colours) / sizeof(colours[0]))
#define N_DASH   (sizeof(dashes) / sizeof(dashes[0]))

/* One axis: values `min`..`max` on pixels `from`..`to`. */
struct axis {
	double min, max;
	double from, to;
	bool log;
};

static bool shown(const struct axis *a, double v)
{
	return isfinite(v) && (!a->log || v > 0);
}

static double level(const struct axis *a, double v)
{
	return a->log ? log10(v) : v;
}

static double place(const struct axis *a, double v)
{
	double from = level(a, a->min), to = level(a, a->max);

	return a->from + (a->to - a->from) * (level(a, v) - from) / (to - from);
}

static void put_text(FILE *f, const char *text)
{
	for (const char *c = text; *c; c++) {
		if (*c == '&')
			fputs("&amp;", f);
		else if (*c == '<')
			fputs("&lt;", f);
		else if (*c == '>')
			fputs("&gt;", f);
		else
			fputc(*c, f);
	}
}

/* ---- axes ---- */

static void widen(struct axis *a, double v)
{
	if (!shown(a, v))
		return;
	a->min = fmin(a->min, v);
	a->max = fmax(a->max, v);
}

/* The next of 1, 2, 5 times a power of ten that is not below v. */
static double nice(double v)
{
	double p = pow(10, floor(log10(v)));
	double m = v / p;

	return p * (m <= 1 ? 1 : m <= 2 ? 2 : m <= 5 ? 5 : 10);
}

static double tick_step(const struct axis *a)
{
	return nice((a->max - a->min) / 8);
}

/* Round ends, and never an empty range. */
static void settle(struct axis *a, bool round_ends)
{
	if (!(a->min <= a->max)) {
		a->min = a->log ? 0.1 : 0;
		a->max = 1;
	}
	if (a->log) {
		a->min = pow(10, floor(log10(a->min) + 1e-9));
		a->max = pow(10, ceil(log10(a->max) - 1e-9));
		if (a->min == a->max)
			a->max *= 10;
		return;
	}
	if (a->max - a->min <= 1e-12 * fmax(fabs(a->min), fabs(a->max))) {
		double half = a->max != 0 ? 0.1 * fabs(a->max) : 1;

		a->min -= half;
		a->max += half;
	}
	if (round_ends) {
		double step = tick_step(a);

		a->min = step * floor(a->min / step + 1e-9);
		a->max = step * ceil(a->max / step - 1e-9);
	}
}

static void find_ranges(const struct cis_svg_panel *p, struct axis *x,
			struct axis *y)
{
	for (size_t s = 0; s < p->n_series; s++)
		for (size_t i = 0; i < p->series[s].n; i++) {
			widen(y, p->series[s].y[i]);
			if (p->series[s].x)
				widen(x, p->series[s].x[i]);
		}
	settle(x, false);
	settle(y, true);
}

static void x_tick(FILE *f, const struct axis *x, const struct axis *y,
		   double v)
{
	double at = place(x, v);

	fprintf(f,
		"<path class=\"g\" d=\"M%.1f %.1fV%.1f\"/>"
		"<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%g</text>"
		"\n",
		at, y->to, y->from, at, y->from + 16, v);
}

static void y_tick(FILE *f, const struct axis *x, const struct axis *y,
		   double v)
{
	double at = place(y, v);

	fprintf(f,
		"<path class=\"g\" d=\"M%.1f %.1fH%.1f\"/>"
		"<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n",
		x->from, at, x->to, x->from - 6, at + 4, v);
}

typedef void put_tick(FILE *f, const struct axis *x, const struct axis *y,
		      double v);

static void linear_ticks(FILE *f, const struct axis *x, const struct axis *y,
			 const struct axis *of, put_tick *put)
{
	double step = tick_step(of);
	long first = lround(ceil(of->min / step - 1e-9));
	long last = lround(floor(of->max / step + 1e-9));

	for (long i = first; i <= last; i++)
		put(f, x, y, (double)i * step);
}

/* Decades, and of many only every second, third ... */
static void decade_ticks(FILE *f, const struct axis *x, const struct axis *y)
{
	long first = lround(log10(y->min)), last = lround(log10(y->max));
	long every = (last - first) / 9 + 1;

	for (long i = first; i <= last; i += every)
		y_tick(f, x, y, pow(10, (double)i));
}

static void put_axes(FILE *f, const struct cis_svg_panel *p,
		     const struct axis *x, const struct axis *y)
{
	double mid = (y->from + y->to) / 2;

	linear_ticks(f, x, y, x, x_tick);
	if (y->log)
		decade_ticks(f, x, y);
	else
		linear_ticks(f, x, y, y, y_tick);
	fprintf(f,
		"<path class=\"a\" d=\"M%.1f %.1fV%.1fH%.1f\"/>\n"
		"<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">",
		x->from, y->to, y->from, x->to, (x->from + x->to) / 2,
		y->from + 34);
	put_text(f, p->x_label);
	fprintf(f,
		"</text>\n<text transform=\"translate(16 %.1f) rotate(-90)\" "
		"text-anchor=\"middle\">",
		mid);
	put_text(f, p->y_label);
	fputs("</text>\n", f);
}

/* ---- data ---- */

static const char *colour_of(const struct cis_svg_series *s)
{
	return s->style == CIS_SVG_LIMIT ? LIMIT
					 : colours[s->colour % N_COLOUR];
}

static const char *dash_of(const struct cis_svg_series *s)
{
	return s->style == CIS_SVG_LIMIT ? "5 4" : dashes[s->colour % N_DASH];
}

static void put_line(FILE *f, const struct cis_svg_series *s,
		     const struct axis *x, const struct axis *y)
{
	bool down = false;

	fprintf(f,
		"<path class=\"l\" stroke=\"%s\" stroke-dasharray=\"%s\" "
		"d=\"",
		colour_of(s), dash_of(s));
	for (size_t i = 0; i < s->n; i++) {
		bool here = shown(x, s->x[i]) && shown(y, s->y[i]);

		if (here)
			fprintf(f, "%c%.1f %.1f", down ? 'L' : 'M',
				place(x, s->x[i]), place(y, s->y[i]));
		down = here;
	}
	fputs("\"/>\n", f);
}

static void put_dots(FILE *f, const struct cis_svg_series *s,
		     const struct axis *x, const struct axis *y)
{
	fprintf(f, "<g fill=\"%s\">\n", colour_of(s));
	for (size_t i = 0; i < s->n; i++)
		if (shown(x, s->x[i]) && shown(y, s->y[i]))
			fprintf(f,
				"<circle cx=\"%.1f\" cy=\"%.1f\" "
				"r=\"1.8\"/>\n",
				place(x, s->x[i]), place(y, s->y[i]));
	fputs("</g>\n", f);
}

static void put_limit(FILE *f, const struct cis_svg_series *s,
		      const struct axis *x, const struct axis *y)
{
	if (s->n == 0 || !shown(y, s->y[0]))
		return;
	fprintf(f,
		"<path class=\"l\" stroke=\"%s\" stroke-dasharray=\"%s\" "
		"d=\"M%.1f %.1fH%.1f\"/>\n",
		colour_of(s), dash_of(s), x->from, place(y, s->y[0]), x->to);
}

static void put_key(FILE *f, const struct cis_svg_series *s, double x, double y)
{
	if (s->style == CIS_SVG_DOTS)
		fprintf(f,
			"<circle fill=\"%s\" cx=\"%.1f\" cy=\"%.1f\" "
			"r=\"3\"/>",
			colour_of(s), x + 12, y);
	else
		fprintf(f,
			"<path class=\"l\" stroke=\"%s\" "
			"stroke-dasharray=\"%s\" d=\"M%.1f %.1fh24\"/>",
			colour_of(s), dash_of(s), x, y);
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\">", x + 30, y + 4);
	put_text(f, s->name);
	fputs("</text>\n", f);
}

static void put_legend(FILE *f, const struct cis_svg_panel *p,
		       const struct axis *x, const struct axis *y)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->n_series && n < MAX_KEY; i++)
		if (p->series[i].name && p->series[i].n > 0)
			put_key(f, &p->series[i], x->to + 12,
				y->to + 10 + 18 * n++);
}

static void put_panel(FILE *f, const struct cis_svg_panel *p, double top)
{
	struct axis x = {INFINITY, -INFINITY, LEFT, WIDTH - RIGHT, false};
	struct axis y = {INFINITY, -INFINITY, top + HEIGHT - BOTTOM,
			 top + ABOVE, p->log_y};

	find_ranges(p, &x, &y);
	put_axes(f, p, &x, &y);
	for (size_t i = 0; i < p->n_series; i++) {
		const struct cis_svg_series *s = &p->series[i];

		if (s->style == CIS_SVG_LINE)
			put_line(f, s, &x, &y);
		else if (s->style == CIS_SVG_DOTS)
			put_dots(f, s, &x, &y);
		else
			put_limit(f, s, &x, &y);
	}
	put_legend(f, p, &x, &y);
}

void cis_svg_write(FILE *f, const char *title,
		   const struct cis_svg_panel *panels, size_t n)
{
	double height = TOP + HEIGHT * (double)n;

	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
		"height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n"
		"<title>",
		WIDTH, height, WIDTH, height);
	put_text(f, title);
	fputs("</title>\n<style>text{font:12px sans-serif;fill:#222}"
	      ".t{font-size:14px;font-weight:bold}"
	      "path{fill:none}.g{stroke:#ddd}.a{stroke:#222}"
	      ".l{stroke-width:1.4}</style>\n"
	      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
	      f);
	fprintf(f, "<text class=\"t\" x=\"%.0f\" y=\"24\">", LEFT);
	put_text(f, title);
	fputs("</text>\n", f);
	for (size_t i = 0; i < n; i++)
		put_panel(f, &panels[i], TOP + HEIGHT * (double)i);
	fputs("</svg>\n", f);
}
