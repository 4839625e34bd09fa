/* source.c - the list of drivers, and the way to them. */
#include "driver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct cis_source_ops *const drivers[] = {
#ifdef CISOID_HAVE_COMEDI
	&cis_source_comedi,
#endif
	&cis_source_mock,
	&cis_source_replay,
	NULL,
};

static int no_such_driver(const char *spec, size_t len, struct cis_diag *diag)
{
	char names[64] = "";

	for (size_t i = 0; drivers[i]; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names),
			 "%s%s", i ? " " : "", drivers[i]->name);
	return cis_fail(diag, -EINVAL,
			"no source driver \"%.*s\"; there are: %s", (int)len,
			spec, names);
}

int cis_source_open(const char *spec, struct cis_source **out,
		    struct cis_diag *diag)
{
	size_t len = strcspn(spec, ":");
	const char *opts = spec[len] ? spec + len + 1 : "";

	for (size_t i = 0; drivers[i]; i++) {
		const char *name = drivers[i]->name;

		if (strlen(name) == len && !memcmp(name, spec, len))
			return drivers[i]->open(opts, out, diag);
	}
	return no_such_driver(spec, len, diag);
}

void cis_source_close(struct cis_source *src)
{
	if (src)
		src->ops->close(src);
}

const struct cis_source_info *cis_source_info(const struct cis_source *src)
{
	return &src->info;
}

bool cis_source_is_staggered(const struct cis_source_info *info)
{
	for (uint32_t i = 0; info->delay_s && i < info->map->n_chan; i++)
		if (info->delay_s[i] != 0)
			return true;
	return false;
}

bool cis_source_reads(const struct cis_source *src, const char *path)
{
	return src->ops->reads && src->ops->reads(src, path);
}

int cis_source_start(struct cis_source *src, struct cis_time at,
		     struct cis_diag *diag)
{
	return src->ops->start(src, at, diag);
}

void cis_source_stop(struct cis_source *src)
{
	src->ops->stop(src);
}

const char *cis_source_why(const struct cis_source *src, int err)
{
	return src->why.msg[0] ? src->why.msg : strerror(-err);
}

int cis_source_read(struct cis_source *src, struct cis_block *blk,
		    int timeout_ms)
{
	if (blk->n_chan != src->map.n_chan || blk->n_scan == 0)
		return -EINVAL;
	return src->ops->read(src, blk, timeout_ms);
}
