/* page_in.h - what the files of the page share. */
#ifndef HOST_CLI_WEB_PAGE_IN_H
#define HOST_CLI_WEB_PAGE_IN_H

#include "page.h"

#define CIS_PAGE_TEXT (CIS_WEB_MAX_EVENT - 256) /* of an event */

/* Instants without values, one after the other. */
struct cis_page_hole {
	uint64_t n;
	bool told; /* some have a report, which says so */
};

/* Reports that wait for the timer, the oldest overwritten. */
struct cis_page_reports {
	struct cis_page_sample *sample; /* [n_slot] */
	uint32_t n_slot, n_phasor;
	uint64_t put, taken; /* so far; sample i is [i % n_slot] */
	double complex *phasor_rms;
	double *resid;
	struct cis_page_hole *hole; /* before sample i */
	struct cis_page_hole open;  /* that has not ended */
	bool has_last;
	struct cis_instant last;
	uint64_t n_missed; /* instants without a report */
};

#define CIS_PAGE_FRAMES    50
#define CIS_PAGE_BYTES     65536
#define CIS_PAGE_CONFIGS   8
#define CIS_PAGE_PEER_SIZE 64

struct cis_page_kept {
	bool in;
	bool unsent;
	struct cis_time when;
	size_t at, len; /* in bytes[] */
	char stream[CIS_PAGE_PEER_SIZE], peer[CIS_PAGE_PEER_SIZE];
};

struct cis_page_frames {
	uint32_t n;
	size_t n_byte;
	uint64_t n_unshown;
	struct cis_page_kept kept[CIS_PAGE_FRAMES];
	uint8_t bytes[CIS_PAGE_BYTES];
	char hex[2 * CIS_PAGE_BYTES + 1];
	/* The newest configurations, for those who come; NULL: none. */
	json_t *config[CIS_PAGE_CONFIGS];
};

/* A phasor of the reports. */
struct cis_page_chan {
	char name[CIS_NAME_SIZE];
	enum cis_quantity quantity;
	char phase;         /* 'A', 'B', 'C', '+'; 0: not known */
	double nominal_rms; /* V or A; 0: not known */
};

struct cis_page {
	struct cis_page_config cfg;
	struct cis_web *web;
	uv_timer_t flush, second;
	unsigned n_handle;
	bool watched;         /* or was, a moment ago */
	uint64_t seen_ms;     /* when somebody was there last, on the loop */
	uint64_t n_connected; /* then */
	bool changed;         /* the state is to be told */
	const char *time_state;
	const char *why;    /* samples are missing; NULL: nobody said */
	uint64_t n_skipped; /* reports that the timer was too late for */
	uint32_t n_chan;
	struct cis_page_chan *chan;
	struct cis_page_reports reports;
	struct cis_page_frames frames;
	char text[CIS_PAGE_TEXT];
	size_t text_len;
};

/* page_text.c: an event of many objects, as many events as it takes. `v` is
 * taken; what is too long for any is not told: -EMSGSIZE. */
void cis_page_batch(struct cis_page *page);
int cis_page_batch_add(struct cis_page *page, const char *event, json_t *v);
void cis_page_batch_end(struct cis_page *page, const char *event);
/* Instead of that: what newcomers get first. add() without an event leaves out
 * what does not fit. */
void cis_page_batch_greet(struct cis_page *page, const char *event);
/* One object; taken. */
int cis_page_publish(struct cis_page *page, const char *event, json_t *v);
void cis_page_greet(struct cis_page *page, const char *event, size_t len);
json_t *cis_page_date(struct cis_time t);

/* page_report.c; -ENOMEM: there is no room for any */
int cis_page_reports_size(struct cis_page_reports *r, uint32_t n_phasor);
void cis_page_reports_free(struct cis_page_reports *r);
/* At most so many that the loop does not wait for it; all where all is true. */
void cis_page_reports_flush(struct cis_page *page, bool all);

/* page_frame.c */
void cis_page_frames_flush(struct cis_page *page);
void cis_page_frames_free(struct cis_page_frames *f);

/* page_state.c */
void cis_page_state_tell(struct cis_page *page);
/* malloc'd, or NULL. */
char *cis_page_state_text(const struct cis_page *page);

/* page_metrics.c */
void cis_page_metrics_tell(struct cis_page *page);

#endif
