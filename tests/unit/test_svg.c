/* test_svg.c - charts: where values lie, and what is left out. */
#define _GNU_SOURCE /* open_memstream */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "host/cli/verify/svg.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Coordinates are written with one decimal. */
#define PIXEL 0.1

/* For any document here, in bytes. */
#define ROOM 65536

/* The document; the caller frees. */
static char *chart(const struct cis_svg_panel *panels, size_t n,
		   const char *title)
{
	char *text = calloc(1, ROOM);
	FILE *f = text ? fmemopen(text, ROOM, "w") : NULL;

	assert_non_null(f);
	cis_svg_write(f, title, panels, n);
	assert_int_equal(fclose(f), 0);
	return text;
}

static char *line_chart(const double *x, const double *y, size_t n, bool log_y)
{
	const struct cis_svg_series s = {
		.style = CIS_SVG_LINE, .n = n, .x = x, .y = y};
	const struct cis_svg_panel p = {.x_label = "x",
					.y_label = "y",
					.log_y = log_y,
					.n_series = 1,
					.series = &s};

	return chart(&p, 1, "t");
}

/* The path of the line. */
static const char *path_of(const char *text)
{
	const char *at = strstr(text, "class=\"l\"");

	assert_non_null(at);
	at = strstr(at, " d=\"");
	assert_non_null(at);
	return at + 4;
}

struct spot {
	double x, y;
};

static size_t spots_of(const char *text, struct spot *spots, size_t room)
{
	const char *at = path_of(text);
	size_t n = 0;
	int len;

	while (n < room && (*at == 'M' || *at == 'L') &&
	       sscanf(at + 1, "%lf %lf%n", &spots[n].x, &spots[n].y, &len) ==
		       2) {
		at += 1 + len;
		n++;
	}
	return n;
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

static void a_linear_axis_is_linear(void **state)
{
	const double x[] = {0, 2, 10}, y[] = {0, 0.2, 1};
	char *text = line_chart(x, y, N(x), false);
	struct spot s[4];

	(void)state;
	assert_int_equal(spots_of(text, s, N(s)), 3);
	check_close(s[1].x - s[0].x, 0.2 * (s[2].x - s[0].x), PIXEL);
	check_close(s[1].y - s[0].y, 0.2 * (s[2].y - s[0].y), PIXEL);
	assert_true(s[2].x > s[0].x);
	assert_true(s[2].y < s[0].y); /* up is up */
	free(text);
}

static void a_logarithmic_axis_has_decades_of_one_size(void **state)
{
	const double x[] = {0, 1, 2}, y[] = {1e-6, 1e-4, 1};
	char *text = line_chart(x, y, N(x), true);
	struct spot s[4];

	(void)state;
	assert_int_equal(spots_of(text, s, N(s)), 3);
	check_close(s[1].y - s[0].y, (s[2].y - s[0].y) / 3, PIXEL);
	free(text);
}

static void what_is_no_number_breaks_the_line(void **state)
{
	const double x[] = {0, 1, 2, 3, 4}, y[] = {1, NAN, 2, -1, INFINITY};
	char *text = line_chart(x, y, N(x), true);
	struct spot s[8];

	(void)state;
	assert_int_equal(spots_of(text, s, N(s)), 2);
	assert_null(strchr(path_of(text), 'L'));
	assert_null(strstr(text, "nan"));
	assert_null(strstr(text, "inf"));
	free(text);
}

static void one_value_or_none_is_a_chart(void **state)
{
	const double x[] = {3}, y[] = {7};
	const struct cis_svg_panel none = {.x_label = "x", .y_label = "y"};
	char *one = line_chart(x, y, 1, false),
	     *log = line_chart(x, y, 1, true);
	char *empty = chart(&none, 1, "t");

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const char *text = i == 0 ? one : i == 1 ? log : empty;

		assert_null(strstr(text, "nan"));
		assert_null(strstr(text, "inf"));
		assert_non_null(strstr(text, "</svg>"));
	}
	free(one);
	free(log);
	free(empty);
}

static void a_limit_is_within_the_panel(void **state)
{
	const double x[] = {0, 1}, y[] = {1e-9, 1e-8}, limit = 1;
	const struct cis_svg_series s[] = {
		{.style = CIS_SVG_LIMIT, .n = 1, .y = &limit, .name = "limit"},
		{.style = CIS_SVG_DOTS, .n = 2, .x = x, .y = y}};
	const struct cis_svg_panel p = {.x_label = "x",
					.y_label = "y",
					.log_y = true,
					.n_series = 2,
					.series = s};
	char *text = chart(&p, 1, "t");
	double at_x, at_y;

	(void)state;
	assert_int_equal(sscanf(path_of(text), "M%lf %lfH", &at_x, &at_y), 2);
	assert_true(at_y > 0 && at_y < 280);
	assert_int_equal(count(text, "<circle "), 2);
	assert_non_null(strstr(text, ">limit</text>"));
	free(text);
}

static void text_is_escaped(void **state)
{
	char *text = chart(NULL, 0, "a < b & c > d");

	(void)state;
	assert_int_equal(count(text, "a &lt; b &amp; c &gt; d"), 2);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_linear_axis_is_linear),
		cmocka_unit_test(a_logarithmic_axis_has_decades_of_one_size),
		cmocka_unit_test(what_is_no_number_breaks_the_line),
		cmocka_unit_test(one_value_or_none_is_a_chart),
		cmocka_unit_test(a_limit_is_within_the_panel),
		cmocka_unit_test(text_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
