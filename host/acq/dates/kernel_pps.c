/* kernel_pps.c - see kernel_pps.h. */
#include "kernel_pps.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/pps.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int cis_kernel_pps_open(struct cis_kernel_pps *pps, const char *dev,
			struct cis_diag *diag)
{
	int caps = 0;

	*pps = (struct cis_kernel_pps){.fd = open(dev, O_RDWR | O_CLOEXEC)};
	if (pps->fd < 0)
		return cis_fail(diag, errno == EACCES ? -EACCES : -ENODEV,
				"%s: %s", dev, strerror(errno));
	if (ioctl(pps->fd, PPS_GETCAP, &caps) || !(caps & PPS_CAPTUREASSERT)) {
		cis_kernel_pps_close(pps);
		return cis_fail(diag, -ENODEV,
				"%s: does not stamp pulses; it must be a "
				"device of the kernel's PPS",
				dev);
	}
	return 0;
}

void cis_kernel_pps_close(struct cis_kernel_pps *pps)
{
	if (pps->fd >= 0)
		close(pps->fd);
	pps->fd = -1;
}

/* Of a stamp's ns; its seconds are whole seconds of UTC. */
static double offset_of(int32_t ns)
{
	return (ns >= 500000000 ? (double)ns - 1e9 : (double)ns) * 1e-9;
}

bool cis_kernel_pps_fetch(struct cis_kernel_pps *pps, double *offset_s)
{
	/* A timeout of 0 returns at once with the last stamp. */
	struct pps_fdata data = {.timeout = {.flags = 0}};

	if (pps->fd < 0 || ioctl(pps->fd, PPS_FETCH, &data))
		return false;
	if (data.info.assert_sequence == 0 ||
	    (pps->seen && data.info.assert_sequence == pps->last_seq))
		return false;
	/* The first may be of long ago. */
	if (!pps->seen) {
		pps->seen = true;
		pps->last_seq = data.info.assert_sequence;
		return false;
	}
	pps->last_seq = data.info.assert_sequence;
	*offset_s = offset_of(data.info.assert_tu.nsec);
	return true;
}
