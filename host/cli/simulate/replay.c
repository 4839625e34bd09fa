/* replay.c - see replay.h. */
#include "replay.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cisoid/log.h"
#include "host/cli/endpoints.h"
#include "host/net/capture.h"
#include "host/sim/maker_replay.h"
#include "replay_parts.h"

#define STATION_LEN 16

/* Of frames and what is known of each, in memory. */
#define MAX_BYTES ((size_t)1 << 30)

/* ---- what stands beside it ---- */

static int check_beside(const struct cis_replay_spec *spec, bool frames,
			struct cis_diag *diag)
{
	if (spec->of_signal)
		return cis_fail(diag, -EINVAL,
				"--%s: does not go with --replay: what is sent "
				"is what was recorded",
				spec->of_signal);
	if (frames && spec->of_frames)
		return cis_fail(diag, -EINVAL,
				"--%s: does not go with --replay of frames, "
				"which stay as they were recorded; it does "
				"with that of a CSV",
				spec->of_frames);
	return 0;
}

/* ---- for the readers ---- */

int cis_replay_cannot_keep(const struct cis_replay_reading *rd, int err)
{
	if (err == -EFBIG)
		return cis_fail(rd->diag, -EBADMSG,
				"%.160s: holds more frames than the %zu MiB "
				"that are kept in memory; cut it, with editcap "
				"-A and -B for instance",
				rd->file, MAX_BYTES >> 20);
	return cis_fail(rd->diag, err, "out of memory");
}

/* Whether PMU i has the name of one before it. */
static bool is_taken(const struct cis_c37_config *cfg, uint16_t i,
		     const char *station)
{
	for (uint16_t k = 0; k < i; k++)
		if (!strcmp(cfg->pmu[k].station, station))
			return true;
	return false;
}

/* "SUBSTATION-N-SIM" is there: "SUBSTATION~2-SIM". */
static void number(const struct cis_c37_config *cfg, uint16_t i,
		   const char *was, char out[CIS_STATION_SIZE])
{
	for (unsigned n = 2; is_taken(cfg, i, out); n++) {
		char tail[12];
		int keep;

		snprintf(tail, sizeof(tail), "~%u-SIM", n % 100000);
		keep = STATION_LEN - (int)strlen(tail);
		if ((int)strlen(was) > keep)
			while (keep > 0 &&
			       ((unsigned char)was[keep] & 0xC0) == 0x80)
				keep--;
		snprintf(out, CIS_STATION_SIZE, "%.*s%s", keep, was, tail);
	}
}

/* A name that was twice in the recording stays so. */
void cis_replay_name(struct cis_c37_config *cfg)
{
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		char was[CIS_C37_NAME_SIZE], is[CIS_STATION_SIZE];
		bool twice = is_taken(cfg, i, cfg->pmu[i].station);

		snprintf(was, sizeof(was), "%s", cfg->pmu[i].station);
		cis_station_name(was, true, is);
		if (!twice)
			number(cfg, i, was, is);
		snprintf(cfg->pmu[i].station, sizeof(cfg->pmu[i].station), "%s",
			 is);
	}
}

/* ---- the file ---- */

/* Whether it can be read, and read twice. */
static int check_kind(const char *path, struct cis_diag *diag)
{
	struct stat st;

	if (stat(path, &st))
		return cis_fail(diag, errno == ENOENT ? -ENOENT : -EBADMSG,
				"%.200s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return cis_fail(diag, -EISDIR, "%.200s: is a directory", path);
	if (!S_ISREG(st.st_mode))
		return cis_fail(diag, -EBADMSG,
				"%.200s: is not a file that can be read twice; "
				"write it to a file first",
				path);
	return st.st_size ? 0
			  : cis_fail(diag, -EBADMSG, "%.200s: is empty", path);
}

/* Frames begin with AA, which begins no text in UTF-8. */
static int look(const char *path, bool *frames, struct cis_diag *diag)
{
	uint8_t head[4] = {0};
	int err = check_kind(path, diag);
	FILE *f = err ? NULL : fopen(path, "rb");
	size_t n;

	if (!err && !f)
		err = cis_fail(diag, -EBADMSG, "%.200s: %s", path,
			       strerror(errno));
	if (err)
		return err;
	n = fread(head, 1, sizeof(head), f);
	fclose(f);
	*frames = cis_capture_is(head, n) || head[0] == 0xAA;
	return 0;
}

/* A table is text, and not the hexadecimal digits of frames. */
static bool is_table(const char *path)
{
	uint8_t buf[512];
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(buf, 1, sizeof(buf), f) : 0;
	bool hex = true;

	if (f)
		fclose(f);
	for (size_t i = 0; i < n; i++) {
		if (buf[i] < 0x20 && !strchr("\t\r\n", buf[i]))
			return false;
		hex = hex && (isxdigit(buf[i]) || strchr(" :\t\r\nxX", buf[i]));
	}
	return n > 0 && !hex;
}

/* What table 9 has no field for. */
static bool pmu_needs_cfg3(const struct cis_c37_pmu *pmu)
{
	bool is_float = pmu->format & CIS_C37_FMT_PHASOR_FLOAT;

	for (uint16_t i = 0; i < pmu->n_phasor; i++) {
		const struct cis_c37_channel *ch = &pmu->phasor[i];
		double scale = (double)ch->scale;
		double unit = is_float ? 1 : (ch->unit & 0xFFFFFF) * 1e-5;

		if (ch->offset != 0 ||
		    (scale > 0 && fabs(unit - scale) > 1e-7 * scale))
			return true;
	}
	for (uint16_t i = 0; i < pmu->n_analog; i++)
		if (pmu->analog[i].offset != 0 ||
		    (pmu->analog[i].scale != 0 && pmu->analog[i].scale != 1))
			return true;
	return false;
}

static bool needs_cfg3(const struct cis_recording *rec)
{
	for (uint32_t i = 0; i < rec->n_stream; i++)
		for (uint32_t e = 0; e < rec->stream[i].n_edition; e++) {
			const struct cis_c37_config *cfg =
				rec->stream[i].edition[e];

			for (uint16_t k = 0; k < cfg->n_pmu; k++)
				if (pmu_needs_cfg3(&cfg->pmu[k]))
					return true;
		}
	return false;
}

/* The longest time between two frames of one stream, by its configurations. */
static double longest_period_s(const struct cis_recording *rec)
{
	double s = 0;

	for (uint32_t i = 0; i < rec->n_stream; i++)
		for (uint32_t e = 0; e < rec->stream[i].n_edition; e++) {
			int16_t rate = rec->stream[i].edition[e]->data_rate;

			if (rate != 0)
				s = fmax(s,
					 1 / cis_rate_hz(cis_c37_rate(rate)));
		}
	return s;
}

static void tell_turn(const struct cis_replay_reading *rd,
		      const struct cis_maker *maker)
{
	double gap_s = cis_maker_replay_turn_gap_s(maker);

	if (gap_s > 1.5 * longest_period_s(rd->rec))
		cis_warn(rd->warn,
			 "%.160s: loop: %.3f s between the last frame and the "
			 "first of the next turn, which begins on a whole "
			 "number of seconds",
			 rd->file, gap_s);
}

static int make(struct cis_replay_reading *rd,
		const struct cis_replay_spec *spec, struct cis_replay *out)
{
	struct cis_diag why = {""};
	const struct cis_maker_replay_opts mo = {
		.speed = spec->speed,
		.loop = spec->loop,
		.header = "cisoid " CISOID_VERSION
			  "; SIM: REPLAY of recorded data with new time "
			  "stamps, not live",
	};
	int err = cis_recording_finish(rd->rec, rd->warn, &why);

	if (!err && rd->rec->twice)
		cis_warn(rd->warn,
			 "%.160s: left out, frames with the time stamp of "
			 "another one of their stream: %llu",
			 rd->file, (unsigned long long)rd->rec->twice);
	if (!err && rd->rec->crowded)
		cis_warn(rd->warn,
			 "%.160s: left out, frames so far off the grid that "
			 "another one is in their place: %llu",
			 rd->file, (unsigned long long)rd->rec->crowded);
	if (!err)
		err = cis_maker_replay_new(rd->rec, &mo, &out->maker, &why);
	if (!err) {
		out->needs_cfg3 = needs_cfg3(rd->rec);
		if (spec->loop)
			tell_turn(rd, out->maker);
		return 0;
	}
	if (err == -EINVAL)
		return cis_fail(rd->diag, err, "--replay: %s", why.msg);
	return cis_fail(rd->diag, err, "%.120s: %s", rd->file, why.msg);
}

int cis_replay_open(const struct cis_replay_spec *spec,
		    const struct cis_replay_opts *opts, struct cis_replay *out,
		    struct cis_warn_list *warn, struct cis_diag *diag)
{
	struct cis_replay_reading rd = {
		.file = spec->file, .opts = opts, .warn = warn, .diag = diag};
	bool frames = false;
	int err = look(spec->file, &frames, diag);

	if (err)
		return err;
	frames = frames || !is_table(spec->file);
	err = check_beside(spec, frames, diag);
	if (err)
		return err;
	rd.rec = cis_recording_new(MAX_BYTES);
	if (!rd.rec)
		return cis_fail(diag, -ENOMEM, "out of memory");
	err = frames ? cis_replay_read_frames(&rd) : cis_replay_read_csv(&rd);
	if (!err)
		err = make(&rd, spec, out);
	if (err)
		cis_recording_free(rd.rec);
	return err;
}

/* ---- for the engine ---- */

static void choose_config(const struct cis_replay_spec *spec,
			  struct cis_stream_opts *opts)
{
	if (opts->push == CIS_C37_CFG3)
		return;
	if (spec->cfg_said) {
		cis_log(CIS_LOG_WARN,
			"CFG-2 cannot say the recording's scales and angle "
			"offsets: receivers will read other values; --cfg 3 "
			"says them");
		return;
	}
	cis_log(CIS_LOG_INFO,
		"CFG-3 goes out unasked: CFG-2 cannot say the recording's "
		"scales and angle offsets");
	opts->push = CIS_C37_CFG3;
}

int cis_sim_replay(const struct cis_replay_spec *spec,
		   struct cis_sim_config *sim)
{
	const struct cis_command *cmd = sim->endpoints.cmd;
	const struct cis_replay_opts opts = {.stream = sim->opts,
					     .idcode = sim->idcode,
					     .station = sim->station,
					     .test_mode = sim->test_mode};
	struct cis_warn_list warn = {.n = 0};
	struct cis_diag diag = {""};
	struct cis_replay replay = {.maker = NULL};
	int err = cis_replay_open(spec, &opts, &replay, &warn, &diag);

	cis_cli_warn(&warn);
	if (err)
		return cis_cli_fail(cmd, cis_exit_for(err), "%s", diag.msg);
	assert(replay.maker);
	sim->maker = replay.maker;
	if (replay.needs_cfg3)
		choose_config(spec, &sim->opts);
	sim->rate = sim->maker->rate;
	sim->idcode = sim->maker->ops->idcode(sim->maker, 0);
	if (sim->n_shard <= sim->maker->n_stream)
		return CIS_EXIT_OK;
	return cis_cli_fail(cmd, CIS_EXIT_USAGE,
			    "--shard %u/%u: there are %u streams in %.200s",
			    sim->shard, sim->n_shard, sim->maker->n_stream,
			    spec->file);
}
