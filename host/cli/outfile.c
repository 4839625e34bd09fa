/* outfile.c - see outfile.h. */
#include "outfile.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cisoid/log.h"

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

static bool in_place(const struct cis_outfile *of)
{
	return !strcmp(of->tmp, of->path);
}

/* Force is for another recording, not for none. */
static bool is_left(const struct cis_outfile *of)
{
	struct stat st;

	if (!of->empty || of->f == stdout || in_place(of) ||
	    stat(of->path, &st) || !st.st_size)
		return false;
	cis_log(CIS_LOG_WARN,
		"%s: left as it was: there is nothing to write in its place",
		of->path);
	return true;
}

int cis_outfile_commit(struct cis_outfile *of, struct cis_diag *diag)
{
	int err = 0;

	if (!of->f)
		return 0;
	if (is_left(of)) {
		cis_outfile_abort(of);
		return 0;
	}
	if (fflush(of->f) || ferror(of->f))
		err = errno ? -errno : -EIO;
	if (of->f != stdout) {
		if (!err && !in_place(of) && fsync(fileno(of->f)))
			err = -errno;
		if (fclose(of->f) && !err)
			err = -errno;
		if (!err && !in_place(of) && rename(of->tmp, of->path))
			err = -errno;
		if (err && !in_place(of))
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
		if (!in_place(of))
			unlink(of->tmp);
	}
	of->f = NULL;
}
