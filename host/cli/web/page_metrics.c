/* page_metrics.c - /metrics in the text format of Prometheus; see page.h. */
#include <inttypes.h>
#include <stdio.h>

#include "page_in.h"

static size_t own(const struct cis_page *page, char *text, size_t size)
{
	struct cis_web_stats s;
	int n;

	cis_web_stats(page->web, &s);
	n = snprintf(
		text, size,
		"# HELP cisoid_build_info The program.\n"
		"# TYPE cisoid_build_info gauge\n"
		"cisoid_build_info{version=\"%s\",mode=\"%s\"} 1\n"
		"# HELP cisoid_page_readers Browsers that follow the page.\n"
		"# TYPE cisoid_page_readers gauge\n"
		"cisoid_page_readers %u\n"
		"# HELP cisoid_page_events_total Messages for the page.\n"
		"# TYPE cisoid_page_events_total counter\n"
		"cisoid_page_events_total %" PRIu64 "\n"
		"# HELP cisoid_page_skipped_total Messages that slow browsers "
		"missed.\n"
		"# TYPE cisoid_page_skipped_total counter\n"
		"cisoid_page_skipped_total %" PRIu64 "\n"
		"# HELP cisoid_page_refused_total Requests refused.\n"
		"# TYPE cisoid_page_refused_total counter\n"
		"cisoid_page_refused_total %" PRIu64 "\n",
		CISOID_VERSION, page->cfg.mode, s.n_reader, s.n_event,
		s.n_skipped + page->n_skipped, s.n_refused);
	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

void cis_page_metrics_tell(struct cis_page *page)
{
	size_t len = own(page, page->text, sizeof(page->text));
	size_t left = sizeof(page->text) - len;
	size_t more = 0;

	if (page->cfg.metrics)
		more = page->cfg.metrics(page->cfg.arg, page->text + len, left);
	if (more < left)
		len += more;
	cis_web_metrics(page->web, page->text, len);
}
