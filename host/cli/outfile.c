/* outfile.c - see outfile.h. */
#include "outfile.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int cis_outfile_open(struct cis_outfile *of, const char *path, bool force,
		     struct cis_diag *diag)
{
	struct stat st;

	memset(of, 0, sizeof(*of));
	if (!strcmp(path, "-")) {
		of->f = stdout;
		return 0;
	}
	if (strlen(path) >= sizeof(of->path))
		return cis_fail(diag, -ENAMETOOLONG, "%.60s...: name too long",
				path);
	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return cis_fail(diag, -EISDIR, "%s: is a directory", path);
	if (!force && !stat(path, &st) && S_ISREG(st.st_mode))
		return cis_fail(diag, -EEXIST,
				"%s: exists; --force overwrites it", path);
	strcpy(of->path, path);
	/* Devices and pipes are written in place. */
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		strcpy(of->tmp, path);
	else
		snprintf(of->tmp, sizeof(of->tmp), "%s.%ld", path,
			 (long)getpid());
	of->f = fopen(of->tmp, "wb");
	if (!of->f) {
		int err = -errno;

		return cis_fail(diag, err, "%s: %s", path, strerror(-err));
	}
	return 0;
}

int cis_outfile_commit(struct cis_outfile *of, struct cis_diag *diag)
{
	int err = 0;

	if (!of->f)
		return 0;
	if (fflush(of->f) || ferror(of->f))
		err = errno ? -errno : -EIO;
	if (of->f != stdout) {
		if (!err && strcmp(of->tmp, of->path) != 0 &&
		    fsync(fileno(of->f)))
			err = -errno;
		if (fclose(of->f) && !err)
			err = -errno;
		if (!err && strcmp(of->tmp, of->path) != 0 &&
		    rename(of->tmp, of->path))
			err = -errno;
		if (err && strcmp(of->tmp, of->path) != 0)
			unlink(of->tmp);
	}
	of->f = NULL;
	if (err)
		return cis_fail(diag, err, "%s: %s",
				of->path[0] ? of->path : "standard output",
				strerror(-err));
	return 0;
}

void cis_outfile_abort(struct cis_outfile *of)
{
	if (of->f && of->f != stdout) {
		fclose(of->f);
		if (strcmp(of->tmp, of->path) != 0)
			unlink(of->tmp);
	}
	of->f = NULL;
}
