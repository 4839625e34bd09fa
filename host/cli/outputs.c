/* outputs.c - see outputs.h. */
#include "outputs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

void cis_outputs_add(struct cis_outputs *o, const char *path)
{
	if (path && strcmp(path, "-") != 0 && o->n < CIS_MAX_OUTPUT)
		o->path[o->n++] = path;
}

void cis_outputs_input(struct cis_outputs *o, const char *path)
{
	if (path && o->n_input < CIS_MAX_INPUT)
		o->input[o->n_input++] = path;
}

void cis_outputs_add_streams(struct cis_outputs *o, const char *const *spec,
			     uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!strncmp(spec[i], "pcap:", 5))
			cis_outputs_add(o, spec[i] + 5);
}

/* Whether two paths lead to one folder. */
static bool same_folder(const char *a, const char *b)
{
	struct stat sa, sb;

	return !stat(a, &sa) && !stat(b, &sb) && sa.st_dev == sb.st_dev &&
	       sa.st_ino == sb.st_ino;
}

/* Cuts a path behind its last slash; "." when there is none. Returns the name
 * of the file; `folder` has PATH_MAX bytes. */
static const char *split(const char *path, char *folder)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) + 1 : 0;

	strcpy(folder, ".");
	if (len > 0 && len < PATH_MAX) {
		memcpy(folder, path, len);
		folder[len] = '\0';
	}
	return slash ? slash + 1 : path;
}

static bool same_file(const char *a, const char *b)
{
	char a_folder[PATH_MAX], b_folder[PATH_MAX];
	const char *a_name = split(a, a_folder), *b_name = split(b, b_folder);
	struct stat sa, sb;
	bool a_there = !stat(a, &sa), b_there = !stat(b, &sb);

	if (a_there && !S_ISREG(sa.st_mode))
		return false;
	if (a_there && b_there)
		return sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
	return a_there == b_there && !strcmp(a_name, b_name) &&
	       same_folder(a_folder, b_folder);
}

/* FILE.dat of FILE.cfg, as the recorder names it; `path` itself of others. */
static const char *data_of(const char *path, char dat[PATH_MAX])
{
	size_t len = strlen(path);

	if (len < 4 || len >= PATH_MAX ||
	    strcasecmp(path + len - 4, ".cfg") != 0)
		return path;
	memcpy(dat, path, len - 3);
	strcpy(dat + len - 3, path[len - 3] == 'C' ? "DAT" : "dat");
	return dat;
}

/* A file of a name that is to be written, and may not. */
static int refuse_existing(const struct cis_command *cmd, const char *path)
{
	struct stat st;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return 0;
	return cis_cli_fail(cmd, CIS_EXIT_STORAGE,
			    "%s: exists; --force overwrites it", path);
}

static int check_one(const struct cis_outputs *o, uint32_t i,
		     const struct cis_command *cmd,
		     const struct cis_source *src)
{
	const char *path = o->path[i];
	char dat[PATH_MAX];

	for (uint32_t k = 0; k < i; k++)
		if (same_file(path, o->path[k]))
			return cis_cli_fail(cmd, CIS_EXIT_USAGE,
					    "%s: is named twice; each output "
					    "needs a file of its own",
					    path);
	for (uint32_t k = 0; k < o->n_input; k++)
		if (same_file(path, o->input[k]))
			return cis_cli_fail(cmd, CIS_EXIT_USAGE,
					    "%s: is read; write to another "
					    "file",
					    path);
	if (src && (cis_source_reads(src, path) ||
		    cis_source_reads(src, data_of(path, dat))))
		return cis_cli_fail(cmd, CIS_EXIT_STORAGE,
				    "%s: belongs to the recording that is "
				    "read; write to another file",
				    path);
	if (o->keep && refuse_existing(cmd, path))
		return CIS_EXIT_STORAGE;
	return o->keep ? refuse_existing(cmd, data_of(path, dat)) : 0;
}

int cis_outputs_check(const struct cis_outputs *o,
		      const struct cis_command *cmd,
		      const struct cis_source *src)
{
	int status = 0;

	for (uint32_t i = 0; i < o->n && !status; i++)
		status = check_one(o, i, cmd, src);
	return status;
}
