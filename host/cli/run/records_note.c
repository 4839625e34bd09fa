/* records_note.c - see records_note.h. */
#include "records_note.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "corrections.h"
#include "host/cli/json_value.h"

static bool is_csv(const char *path)
{
	size_t len = strlen(path);

	return len > 4 && !strcasecmp(path + len - 4, ".csv");
}

/* FILE.csv.json, FILE.hdr, FILE.HDR. */
static void name_of(const char *path, char *name, size_t size)
{
	size_t len = strlen(path);

	if (is_csv(path))
		snprintf(name, size, "%s.json", path);
	else
		snprintf(name, size, "%.*s%s", (int)len - 3, path,
			 path[len - 3] == 'C' ? "HDR" : "hdr");
}

bool cis_records_note_fits(const char *path)
{
	struct stat st;

	return stat(path, &st) || S_ISREG(st.st_mode);
}

static void put_json(FILE *f, const struct cis_records_note *note)
{
	json_t *doc = json_object();

	json_object_set_new(doc, "program",
			    cis_json_text("cisoid " CISOID_VERSION));
	json_object_set_new(doc, "station", cis_json_text(note->station));
	json_object_set_new(doc, "source", cis_json_text(note->source));
	json_object_set_new(doc, "corrected", json_true());
	json_object_set_new(
		doc, "channels",
		cis_corrections_json(note->cal, note->scan_delay_s));
	json_dumpf(doc, f, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	fputc('\n', f);
	json_decref(doc);
}

static void put_text(FILE *f, const struct cis_records_note *note)
{
	fprintf(f,
		"cisoid " CISOID_VERSION "\nStation: %s\nSource: %s\n\n"
		"The samples are as delivered. The phasors of this run were "
		"made from them with\nthese corrections; a correction is "
		"(x + offset) * gain * ratio, and the channel's\ndelay in "
		"addition to that of the scan, which is its skew in the CFG. "
		"See\ncisoid.conf(5), [channel.NAME].\n\n",
		note->station ? note->station : "", note->source);
	cis_corrections_print(f, note->cal, note->scan_delay_s);
}

int cis_records_note_write(struct cis_outfile *of,
			   const struct cis_records_note *note, bool force,
			   struct cis_diag *diag)
{
	char name[4096];
	int err;

	if (strlen(note->path) + 6 > sizeof(name))
		return cis_fail(diag, -ENAMETOOLONG, "%.60s...: name too long",
				note->path);
	name_of(note->path, name, sizeof(name));
	err = cis_outfile_open(of, name, force, diag);
	if (err)
		return err;
	if (is_csv(note->path))
		put_json(of->f, note);
	else
		put_text(of->f, note);
	return 0;
}
