/*
 * sink.c - see sink.h. The client's life: dialled, lost, dialled again; and the
 * end, when what was sent last has had time to come back.
 *
 * A PDC often answers before it knows its PMUs, or only once it does, so an
 * attempt that fails is repeated as long as frames are sent. Without an IDCODE
 * the PDC is asked by broadcast, and each stream that comes is taken.
 */
#include "sink.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"
#include "host/cli/cli.h"
#include "host/core/opt.h"
#include "host/net/client_spec.h"
#include "sink_in.h"

#define RETRY_MS     UINT64_C(1000)
#define RETRY_MAX_MS 5000
#define KEEP_MS      UINT64_C(86400000) /* a lost PDC is dialled for a day */
#define DRAIN_MS     50
#define DRAIN_MORE_S 0.5
#define FIRST_DATA_S 10 /* a PDC that waits for its PMUs may take so long */

/* ---- the endpoint ---- */

static bool has_scheme(const char *spec)
{
	return !strncmp(spec, "tcp:", 4) || !strncmp(spec, "udp:", 4);
}

static int take_idcode(const char *text, size_t len, uint16_t *idcode,
		       struct cis_diag *diag)
{
	char number[8] = "";
	uint32_t value;

	if (len < sizeof(number))
		memcpy(number, text, len);
	if (cis_arg_u32("sink: idcode", number, 1, CIS_C37_BROADCAST, &value,
			diag))
		return -EINVAL;
	*idcode = (uint16_t)value;
	return 0;
}

/* Takes ",idcode=N" out, and sets "tcp:" before what has no scheme. */
static int read_spec(const char *spec, char out[CIS_SINK_SPEC_SIZE],
		     uint16_t *idcode, struct cis_diag *diag)
{
	size_t n = 0;

	*idcode = 0;
	if (strlen(spec) + 5 > CIS_SINK_SPEC_SIZE)
		return cis_fail(diag, -EINVAL, "--sink: too long");
	if (!has_scheme(spec)) {
		memcpy(out, "tcp:", 4);
		n = 4;
	}
	for (const char *p = spec; *p;) {
		size_t len = strcspn(p + 1, ",") + 1;

		if (!strncmp(p, ",idcode=", 8)) {
			if (take_idcode(p + 8, len - 8, idcode, diag))
				return -EINVAL;
		} else {
			memcpy(out + n, p, len);
			n += len;
		}
		p += len;
	}
	out[n] = '\0';
	return 0;
}

static int read_words(const char *spec, char out[CIS_SINK_SPEC_SIZE],
		      uint16_t *idcode, struct cis_diag *diag)
{
	struct cis_client_spec words;
	struct cis_diag why = {""};
	int err;

	if (cis_opt_once(spec, &why))
		return cis_fail(diag, -EINVAL, "--sink: %.280s", why.msg);
	err = read_spec(spec, out, idcode, diag);
	if (err)
		return err;
	err = cis_client_spec_read(out, &words, &why);
	return err ? cis_fail(diag, err, "--sink: %.280s", why.msg) : 0;
}

int cis_sink_check(const char *spec, struct cis_diag *diag)
{
	char words[CIS_SINK_SPEC_SIZE];
	uint16_t idcode;

	return read_words(spec, words, &idcode, diag);
}

/* ---- the client ---- */

static void on_frame(void *arg, const uint8_t *frame, size_t len, bool crc_ok,
		     struct cis_time arrival)
{
	struct cis_sink *sink = ((struct cis_sink_link *)arg)->sink;

	(void)frame;
	(void)len;
	sink->n_crc += !crc_ok;
	sink->arrived = cis_time_add_ns(arrival, sink->shift_ns);
}

static void on_config(void *arg, const struct cis_c37_config *cfg)
{
	struct cis_sink_link *link = arg;

	link->n_failed = 0;
	link->answered = true;
	cis_sink_config(link, cfg);
}

static void on_data(void *arg, const struct cis_c37_config *cfg,
		    const struct cis_c37_data *data)
{
	cis_sink_data(arg, cfg, data);
}

static void dial(struct cis_sink_link *link);

static void on_retry(uv_timer_t *timer)
{
	dial(timer->data);
}

static void hang_up(struct cis_sink_link *link)
{
	struct cis_client_counts now, *sum = &link->sink->counts;

	if (!link->client)
		return;
	cis_client_counts(link->client, &now);
	sum->unread += now.unread;
	sum->other += now.other;
	sum->skipped += now.skipped;
	sum->reconnects += now.reconnects;
	cis_client_close(link->client);
	link->client = NULL;
}

/* Told once, until something else happens. */
static void try_again(struct cis_sink_link *link, const char *why)
{
	uint64_t ms = RETRY_MS << (link->n_failed < 3 ? link->n_failed : 3);

	if (link->sink->closed || link->sink->draining)
		return;
	if (link->n_failed++ == 0 || strcmp(why, link->why) != 0)
		cis_log(CIS_LOG_WARN, "sink: %s; it is asked again", why);
	snprintf(link->why, sizeof(link->why), "%s", why);
	uv_timer_start(&link->timer, on_retry,
		       ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS, 0);
}

static void on_state(void *arg, enum cis_client_state state,
		     const char *message)
{
	struct cis_sink_link *link = arg;

	if (state == CIS_CLIENT_STREAMING)
		cis_log(CIS_LOG_INFO, "sink: %s: data on",
			cis_client_endpoint(link->client));
	else if (state == CIS_CLIENT_CONNECTING && message[0])
		cis_log(CIS_LOG_WARN, "sink: %s", message);
	if (state != CIS_CLIENT_CLOSED || !link->client)
		return;
	hang_up(link);
	try_again(link, message);
}

static const struct cis_client_ops ops = {
	.frame = on_frame,
	.config = on_config,
	.data = on_data,
	.state = on_state,
};

static int new_client(struct cis_sink_link *link, struct cis_diag *diag)
{
	const struct cis_client_config cc = {
		.loop = link->sink->sc.loop,
		.spec = link->spec,
		.idcode = link->idcode,
		.ask = CIS_C37_BROADCAST,
		.ops = &ops,
		.arg = link,
		.retry_ms = KEEP_MS,
		.all_streams = true,
	};

	return cis_client_new(&cc, &link->client, diag);
}

static void dial(struct cis_sink_link *link)
{
	struct cis_diag diag = {""};

	if (!link->sink->closed && new_client(link, &diag))
		try_again(link, diag.msg);
}

/* ---- new ---- */

static int open_link(struct cis_sink *sink, const char *spec,
		     struct cis_diag *diag)
{
	struct cis_sink_link *link = &sink->link[sink->n_link];
	int err = read_words(spec, link->spec, &link->idcode, diag);

	link->sink = sink;
	if (!err)
		err = new_client(link, diag);
	if (err)
		return err;
	uv_timer_init(sink->sc.loop, &link->timer);
	link->timer.data = link;
	sink->n_link++;
	return 0;
}

int cis_sink_new(const struct cis_sink_config *sc, struct cis_sink **out,
		 struct cis_diag *diag)
{
	struct cis_sink *sink = calloc(1, sizeof(*sink));
	int err;

	if (!sink)
		return cis_fail(diag, -ENOMEM, "out of memory");
	sink->sc = *sc;
	err = cis_sink_open_accounts(sink, diag);
	if (err) {
		cis_sink_free(sink);
		return err;
	}
	uv_timer_init(sc->loop, &sink->timer);
	sink->timer.data = sink;
	*out = sink;
	for (uint32_t i = 0; i < sc->n_spec && !err; i++)
		err = open_link(sink, sc->spec[i], diag);
	return err;
}

void cis_sink_set_shift(struct cis_sink *sink, int64_t shift_ns)
{
	sink->shift_ns = shift_ns;
}

void cis_sink_sent(struct cis_sink *sink, uint32_t stream, const uint8_t *frame,
		   size_t len, struct cis_time when)
{
	uint32_t i = stream - sink->sc.first;
	struct cis_c37_head head;
	struct cis_instant at;

	if (cis_c37_peek(frame, len, &head) != (int)len ||
	    !cis_c37_crc_ok(frame, len) ||
	    !cis_sink_instant(sink, sink->time_base[i], &head, &at))
		return;
	cis_book_sent(sink->book, i, at, cis_time_add_ns(when, sink->shift_ns));
}

/* ---- the end ---- */

/* Whether every stream of the PDC has begun. */
static bool has_begun(const struct cis_sink *sink)
{
	bool all = sink->n_stream > 0;

	for (unsigned i = 0; i < sink->n_stream; i++)
		all &= sink->stream[i].begun;
	return all;
}

static double drain_s(const struct cis_sink *sink)
{
	double seen_s = sink->latency_s.n ? 2 * sink->latency_s.max : 0;

	if (sink->n_stream == 0)
		return 0;
	return has_begun(sink) ? fmax(sink->sc.late_s, seen_s) + DRAIN_MORE_S
			       : FIRST_DATA_S;
}

static void on_drain(uv_timer_t *timer)
{
	struct cis_sink *sink = timer->data;
	bool waits = !has_begun(sink) || cis_book_waits(sink->book);

	if (waits && uv_now(sink->sc.loop) < sink->drain_until_ms)
		return;
	uv_timer_stop(timer);
	sink->sc.drained(sink->sc.arg);
}

void cis_sink_drain(struct cis_sink *sink)
{
	if (sink->draining || sink->closed)
		return;
	sink->draining = true;
	sink->drain_until_ms =
		uv_now(sink->sc.loop) + (uint64_t)(drain_s(sink) * 1e3);
	uv_timer_start(&sink->timer, on_drain, 0, DRAIN_MS);
}

void cis_sink_close(struct cis_sink *sink)
{
	if (!sink || sink->closed)
		return;
	sink->closed = true;
	for (unsigned i = 0; i < sink->n_link; i++) {
		hang_up(&sink->link[i]);
		uv_close((uv_handle_t *)&sink->link[i].timer, NULL);
	}
	cis_book_close(sink->book);
	uv_close((uv_handle_t *)&sink->timer, NULL);
}

void cis_sink_free(struct cis_sink *sink)
{
	if (!sink)
		return;
	cis_sink_free_accounts(sink);
	free(sink);
}
