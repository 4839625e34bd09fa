/* replay_files.c - see replay_files.h. */
#include "replay_files.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

static bool has_extension(const char *path, const char *ext)
{
	size_t len = strlen(path);

	return len >= 4 && !strcasecmp(path + len - 4, ext);
}

/* The file beside `path` with the extension in whatever case; `to` has
 * CIS_REPLAY_PATH_SIZE bytes. */
static int find_beside(const char *path, const char *ext, char *to)
{
	const char *slash = strrchr(path, '/');
	size_t dir_len = slash ? (size_t)(slash - path) + 1 : 0;
	const char *base = path + dir_len;
	size_t stem = strlen(base) - 4;
	char dir_name[CIS_REPLAY_PATH_SIZE];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	memcpy(dir_name, path, dir_len);
	strcpy(dir_name + dir_len, ".");
	dir = opendir(dir_name);
	if (!dir)
		return -errno;
	while (!found && (entry = readdir(dir)))
		found = strlen(entry->d_name) == stem + 4 &&
			!memcmp(entry->d_name, base, stem) &&
			!strcasecmp(entry->d_name + stem, ext);
	if (found) {
		memcpy(to, path, dir_len + stem);
		strcpy(to + dir_len + stem, entry->d_name + stem);
	}
	closedir(dir);
	return found ? 0 : -ENOENT;
}

static int open_data(struct cis_replay_files *f, const char *path,
		     struct cis_diag *diag)
{
	char beside[CIS_REPLAY_PATH_SIZE];

	if (!has_extension(path, ".cfg"))
		return cis_fail(diag, -EBADMSG,
				"%s: a COMTRADE file ends with .cfg or .cff",
				path);
	if (find_beside(path, ".dat", beside))
		return cis_fail(diag, -ENOENT,
				"%s: there is no data file beside it "
				"(%.*s.dat): no such file",
				path, (int)strlen(path) - 4, path);
	return cis_mapfile_open(&f->dat, beside, diag);
}

/* A .dat that is named by mistake stands for its .cfg. */
static void mend_path(char *path)
{
	char beside[CIS_REPLAY_PATH_SIZE];

	if (has_extension(path, ".dat") && !find_beside(path, ".cfg", beside))
		strcpy(path, beside);
}

int cis_replay_files_open(struct cis_replay_files *f,
			  char path[CIS_REPLAY_PATH_SIZE],
			  struct cis_diag *diag)
{
	int err;

	mend_path(path);
	err = cis_mapfile_open(&f->cfg, path, diag);
	if (!err && !has_extension(path, ".cff"))
		err = open_data(f, path, diag);
	return err;
}

bool cis_replay_files_have(const struct cis_replay_files *f, const char *path)
{
	return cis_mapfile_is(&f->cfg, path) || cis_mapfile_is(&f->dat, path);
}

void cis_replay_files_close(struct cis_replay_files *f)
{
	cis_mapfile_close(&f->cfg);
	cis_mapfile_close(&f->dat);
}
