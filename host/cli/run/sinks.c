/* sinks.c - see sinks.h. */
#include "sinks.h"

#include "host/cli/outputs.h"

int cis_sinks_check(const struct cis_app_config *ac,
		    const struct cis_source *src)
{
	struct cis_outputs o = {.keep = !ac->force};

	cis_outputs_input(&o, ac->conf_file);
	for (uint32_t i = 0; i < ac->n_record; i++)
		cis_outputs_add(&o, ac->record[i]);
	for (uint32_t i = 0; i < ac->n_stream; i++)
		cis_outputs_add(&o, ac->stream[i].connection_file);
	for (uint32_t i = 0; i < ac->n_stream; i++)
		cis_outputs_add_streams(&o, ac->stream[i].send,
					ac->stream[i].n_send);
	return cis_outputs_check(&o, ac->cmd, src);
}

static int open_records(struct cis_sinks *s, const struct cis_app_config *ac,
			const struct cis_sinks_input *in)
{
	const struct cis_records_config rc = {
		.cmd = ac->cmd,
		.path = ac->record,
		.n_path = ac->n_record,
		.force = ac->force,
		.map = in->info->map,
		.cal = in->cal,
		.scan_delay_s = in->info->delay_s,
		.source = ac->source,
		.station = s->station,
		.tells_time = in->tells_time,
		.fnom_hz = in->ec->fnom_hz,
		.rate_hz = in->ec->rate_hz,
		.max_block = in->ec->max_block,
	};

	return cis_records_open(&s->records, &rc);
}

static int open_streams(struct cis_sinks *s, const struct cis_app_config *ac,
			uv_loop_t *loop, const struct cis_sinks_input *in)
{
	s->sc = (struct cis_streams_config){
		.cmd = ac->cmd,
		.loop = loop,
		.map = in->map,
		.ec = in->ec,
		.origin = in->info->origin,
		.rate_hz = in->info->rate_hz,
		.n_cal = ac->n_cal,
		.cal = ac->cal,
		.overwrite = ac->force,
	};
	return cis_streams_open(&s->streams, &s->sc, ac->stream, ac->n_stream);
}

int cis_sinks_open(struct cis_sinks *s, const struct cis_app_config *ac,
		   uv_loop_t *loop, const struct cis_sinks_input *in)
{
	int status;

	cis_station_name(ac->stream[0].station, in->info->origin != CIS_LIVE,
			 s->station);
	status = open_records(s, ac, in);
	if (!status)
		status = open_streams(s, ac, loop, in);
	if (!status)
		status = cis_app_page_open(&s->page, ac->cmd, loop, &ac->web);
	if (!status)
		cis_app_page_tap(&s->page, in->ec);
	return status;
}

void cis_sinks_put(struct cis_sinks *s, const struct cis_report *rep)
{
	for (uint32_t i = 0; i < s->streams.n; i++)
		cis_feed_put(s->streams.feed[i], rep);
	cis_records_put(&s->records, rep);
	cis_app_page_report(&s->page, rep);
}

void cis_sinks_change(struct cis_sinks *s, const struct cis_app_config *fresh)
{
	cis_streams_change(&s->streams, &s->sc, fresh->stream, fresh->n_stream);
}

int cis_sinks_close(struct cis_sinks *s)
{
	cis_app_page_close(&s->page);
	return cis_streams_close(&s->streams);
}

int cis_sinks_commit(struct cis_sinks *s, bool stopped)
{
	return cis_records_commit(&s->records, stopped);
}

void cis_sinks_free(struct cis_sinks *s)
{
	cis_app_page_free(&s->page);
	cis_records_abort(&s->records);
}
