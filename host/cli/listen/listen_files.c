/* listen_files.c - see listen_files.h. */
#include "listen_files.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"

/* Standard output is somebody's already, or nobody reads it. */
static bool is_spoken_for(const struct cis_listen_config *lc)
{
	return lc->csv || lc->json || (lc->stats && !strcmp(lc->stats, "-"));
}

static void give_up(struct cis_listen_files *files)
{
	cis_listen_out_abort(&files->out);
	if (files->pcap)
		cis_pcap_abort(files->pcap);
	if (files->stats.f)
		cis_outfile_abort(&files->stats);
}

int cis_listen_files_open(struct cis_listen_files *files,
			  const struct cis_listen_config *lc)
{
	struct cis_diag diag = {""};
	bool people = !is_spoken_for(lc), terminal = isatty(STDOUT_FILENO);
	const struct cis_listen_out_config oc = {.csv = lc->csv,
						 .json = lc->json,
						 .lines = people && !terminal,
						 .force = lc->force};
	int err;

	files->lc = lc;
	files->table = people && terminal;
	err = cis_listen_out_open(&files->out, &oc, &diag);
	if (!err && lc->pcap)
		err = cis_pcap_open(lc->pcap, lc->force, &files->pcap, &diag);
	if (!err && lc->stats)
		err = cis_outfile_open(&files->stats, lc->stats, lc->force,
				       &diag);
	if (!err)
		return 0;
	give_up(files);
	return cis_cli_fail(&cis_cmd_listen, cis_exit_for_output(err), "%s",
			    diag.msg);
}

static int write_stats(struct cis_listen_files *files,
		       const struct cis_listen_sum *sum, struct cis_diag *diag)
{
	if (cis_listen_sum_json(sum, files->stats.f)) {
		cis_outfile_abort(&files->stats);
		return cis_fail(diag, -EIO, "%s: cannot write",
				files->lc->stats);
	}
	return cis_outfile_commit(&files->stats, diag);
}

int cis_listen_files_close(struct cis_listen_files *files,
			   const struct cis_listen_sum *sum,
			   struct cis_diag *diag)
{
	int err;

	if (!sum) {
		give_up(files);
		return 0;
	}
	err = cis_listen_out_commit(&files->out, diag);
	if (files->pcap && !err)
		err = cis_pcap_close(files->pcap, diag);
	if (files->stats.f && !err)
		err = write_stats(files, sum, diag);
	return err;
}

int cis_listen_files_capture(struct cis_listen_files *files,
			     struct cis_time arrival, const uint8_t *frame,
			     size_t len)
{
	int64_t tai_s = cis_time_floor_s(arrival);
	int64_t ns = arrival.tai_ns - tai_s * CIS_NS_PER_S;
	int err;

	if (!files->pcap)
		return 0;
	err = cis_pcap_put(files->pcap, cis_utc_from_tai(tai_s).soc,
			   (uint32_t)(ns / 1000), frame, len);
	if (err != -EMSGSIZE)
		return err;
	cis_log(CIS_LOG_WARN, "frame too long for a capture bytes=%zu", len);
	return 0;
}

void cis_listen_files_free(struct cis_listen_files *files)
{
	cis_listen_out_free(&files->out);
}
