/* mapfile.c - see mapfile.h. */
#include "mapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int check(const struct stat *st, const char *path, struct cis_diag *diag)
{
	if (S_ISDIR(st->st_mode))
		return cis_fail(diag, -EISDIR, "%s: is a directory", path);
	if (!S_ISREG(st->st_mode))
		return cis_fail(diag, -EBADMSG, "%s: is not a regular file",
				path);
	if (st->st_size == 0)
		return cis_fail(diag, -EBADMSG, "%s: is empty", path);
	return 0;
}

static int fail_errno(const char *path, int err, struct cis_diag *diag)
{
	return cis_fail(diag, -err, "%s: %s", path,
			err == ENOENT ? "no such file" : strerror(err));
}

int cis_mapfile_open(struct cis_mapfile *mf, const char *path,
		     struct cis_diag *diag)
{
	struct stat st;
	void *bytes;
	/* O_NONBLOCK: a FIFO without a writer must not hold us. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err;

	if (fd < 0)
		return fail_errno(path, errno, diag);
	if (fstat(fd, &st)) {
		err = fail_errno(path, errno, diag);
		goto out;
	}
	err = check(&st, path, diag);
	if (err)
		goto out;
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED) {
		err = fail_errno(path, errno, diag);
		goto out;
	}
	mf->bytes = bytes;
	mf->len = (size_t)st.st_size;
	mf->dev = st.st_dev;
	mf->ino = st.st_ino;
out:
	close(fd);
	return err;
}

bool cis_mapfile_is(const struct cis_mapfile *mf, const char *path)
{
	struct stat st;

	return mf->bytes && !stat(path, &st) && st.st_dev == mf->dev &&
	       st.st_ino == mf->ino;
}

void cis_mapfile_close(struct cis_mapfile *mf)
{
	if (mf->bytes)
		munmap((void *)(uintptr_t)mf->bytes, mf->len);
	mf->bytes = NULL;
	mf->len = 0;
}
