/*
 * streamer_watch.c - what the page sees of the streamer's frames: those of the
 * first PMU, as they are sent, and where the process measures nothing itself
 * what they say.
 */
#include <stdlib.h>
#include <string.h>

#include "host/acq/dates/clock.h"
#include "page.h"
#include "streamer_in.h"

/* At full speed more come than anyone can look at. */
#define LEAST_MS 4

static struct cis_time now(void)
{
	const struct cis_clock clock = {.kind = CIS_CLOCK_SYSTEM};

	return cis_clock_now(&clock);
}

static void show(struct cis_streamer *s, const char *peer, bool in,
		 const uint8_t *frame, size_t len)
{
	const struct cis_page_frame shown = {
		.in = in,
		.stream = "streamer",
		.peer = peer,
		.frame = frame,
		.len = len,
		.when = now(),
	};

	cis_page_frame(s->page, &shown);
}

/* ---- data ---- */

/* Room for a frame of this configuration; it is seldom another one. */
static struct cis_c37_data *room(struct cis_streamer_watched *w,
				 const struct cis_c37_config *cfg)
{
	size_t len = cis_c37_data_len(cfg);

	if (w->data && len == w->data_len && cfg->pmu[0].format == w->format)
		return w->data;
	cis_c37_data_free(w->data);
	w->data = NULL;
	w->data_len = len;
	w->format = cfg->pmu[0].format;
	return cis_c37_data_new(cfg, &w->data) ? NULL : w->data;
}

static bool is_wanted(struct cis_streamer *s)
{
	struct cis_streamer_watched *w = &s->watched;
	uint64_t now_ms = uv_now(s->loop);

	if (s->own_time || !s->page || !s->run)
		return false;
	if (s->run->sc->flat_out && now_ms - w->shown_ms < LEAST_MS)
		return false;
	w->shown_ms = now_ms;
	return true;
}

static void report(struct cis_streamer *s, const uint8_t *frame, size_t len)
{
	struct cis_streamer_watched *w = &s->watched;
	const struct cis_c37_config *cfg = cis_sim_first_config(s->run->sim);
	struct cis_c37_data *data =
		cis_c37_crc_ok(frame, len) ? room(w, cfg) : NULL;

	if (!data || cfg->pmu[0].n_phasor > CIS_MAX_PHASOR ||
	    cis_c37_data_decode(cfg, frame, len, data, NULL) <= 0)
		return;
	cis_c37_data_to_report(cfg, 0, data, &w->rep);
	w->rep.notes |= CIS_NOTE_SIM;
	cis_page_report(s->page, &w->rep);
}

static void on_data(void *arg, const uint8_t *frame, size_t len)
{
	struct cis_streamer *s = arg;

	show(s, NULL, false, frame, len);
	if (is_wanted(s))
		report(s, frame, len);
}

/* ---- what is asked and answered ---- */

static void on_sent(void *arg, const char *peer, const uint8_t *frame,
		    size_t len)
{
	show(arg, peer, false, frame, len);
}

static void on_command(void *arg, const char *peer, const uint8_t *frame,
		       size_t len)
{
	struct cis_streamer *s = arg;
	struct cis_streamer_watched *w = &s->watched;
	struct cis_streamer_command *c =
		&w->command[w->n_command++ % CIS_STREAMER_COMMANDS];

	*c = (struct cis_streamer_command){.when = now()};
	memcpy(c->peer, peer, strnlen(peer, sizeof(c->peer) - 1));
	c->idcode = (uint16_t)(frame[CIS_C37_IDCODE_AT] << 8 |
			       frame[CIS_C37_IDCODE_AT + 1]);
	if (len > CIS_C37_HEAD_LEN + 1)
		c->word = (uint16_t)(frame[CIS_C37_HEAD_LEN] << 8 |
				     frame[CIS_C37_HEAD_LEN + 1]);
	show(s, peer, true, frame, len);
}

/* ---- beginning ---- */

void cis_streamer_watch(struct cis_streamer *s)
{
	struct cis_streamer_watched *w = &s->watched;
	struct cis_chan_map map;

	w->watch = (struct cis_feed_watch){.data = on_data,
					   .sent = on_sent,
					   .command = on_command,
					   .arg = s};
	cis_sim_set_watch(s->run->sim, &w->watch);
	cis_page_changed(s->page);
	if (s->own_time || !s->page)
		return;
	cis_signal_map(&s->run->sc->sig, &map);
	cis_page_channels_of(s->page, &map);
}

void cis_streamer_watch_free(struct cis_streamer *s)
{
	cis_c37_data_free(s->watched.data);
}
