/*
 * library_folder.c - a folder that appears whole; see library.h.
 *
 * One that does not exist is made beside its place. In one that does, which may
 * be another file system, files are made in a folder of their own.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "library.h"

static int fail_errno(const char *path, struct cis_diag *diag)
{
	int err = -errno;

	return cis_fail(diag, err, "%.250s: %s", path, strerror(-err));
}

static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static bool is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	bool empty = d != NULL;

	for (const struct dirent *e; empty && (e = readdir(d));)
		empty = is_dots(e->d_name);
	if (d)
		closedir(d);
	return empty;
}

/* 1: it exists, 0: it does not. */
static int check(const char *dir, bool force, struct cis_diag *diag)
{
	struct stat st;

	if (stat(dir, &st))
		return errno == ENOENT ? 0 : fail_errno(dir, diag);
	if (!S_ISDIR(st.st_mode))
		return cis_fail(diag, -ENOTDIR, "%.250s: is not a folder", dir);
	if (!force && !is_empty(dir))
		return cis_fail(diag, -EEXIST,
				"%.250s: is not empty; --force writes into it",
				dir);
	return 1;
}

int cis_library_folder_new(struct cis_library_folder *f, const char *dir,
			   bool force, struct cis_diag *diag)
{
	size_t len = strlen(dir);
	int exists;

	while (len > 1 && dir[len - 1] == '/')
		len--;
	if (len == 0 || len > CIS_LIBRARY_PATH - 320)
		return cis_fail(diag, -EINVAL,
				"--tests \"%.60s\": name a folder", dir);
	exists = check(dir, force, diag);
	if (exists < 0)
		return exists;
	f->dir = dir;
	f->exists = exists;
	snprintf(f->tmp, sizeof(f->tmp), "%.*s%s.%ld", (int)len, dir,
		 exists ? "/" : "", (long)getpid());
	return mkdir(f->tmp, 0777) ? fail_errno(dir, diag) : 0;
}

static int move(const char *tmp, const char *dir, const char *name,
		struct cis_diag *diag)
{
	char from[CIS_LIBRARY_PATH + 300], to[CIS_LIBRARY_PATH + 300];

	snprintf(from, sizeof(from), "%s/%s", tmp, name);
	snprintf(to, sizeof(to), "%s/%s", dir, name);
	return rename(from, to) ? fail_errno(to, diag) : 0;
}

/* Into a folder that has files: one by one. */
static int move_all(const char *tmp, const char *dir, struct cis_diag *diag)
{
	DIR *d = opendir(tmp);
	int err = d ? 0 : fail_errno(tmp, diag);

	for (const struct dirent *e; !err && (e = readdir(d));)
		if (!is_dots(e->d_name))
			err = move(tmp, dir, e->d_name, diag);
	if (d)
		closedir(d);
	if (!err)
		rmdir(tmp);
	return err;
}

int cis_library_folder_commit(const struct cis_library_folder *f,
			      struct cis_diag *diag)
{
	if (f->exists)
		return move_all(f->tmp, f->dir, diag);
	return rename(f->tmp, f->dir) ? fail_errno(f->dir, diag) : 0;
}

void cis_library_folder_drop(const struct cis_library_folder *f)
{
	DIR *d = opendir(f->tmp);

	for (const struct dirent *e; d && (e = readdir(d));)
		if (!is_dots(e->d_name))
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	rmdir(f->tmp);
}
