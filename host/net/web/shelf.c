/* shelf.c - see shelf.h. */
#include "shelf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int cis_shelf_init(struct cis_shelf *shelf)
{
	memset(shelf, 0, sizeof(*shelf));
	return -pthread_mutex_init(&shelf->lock, NULL);
}

void cis_text_release(void *arg)
{
	struct cis_text *text = arg;

	/* Acquire and release: the last sees what all others did with it. */
	if (text && atomic_fetch_sub_explicit(&text->n_user, 1,
					      memory_order_acq_rel) == 1)
		free(text);
}

void cis_shelf_clear(struct cis_shelf *shelf)
{
	for (unsigned i = 0; i < shelf->n; i++)
		cis_text_release(shelf->place[i].text);
	pthread_mutex_destroy(&shelf->lock);
}

static struct cis_text *text_new(const char *from, size_t len)
{
	struct cis_text *text = malloc(sizeof(*text) + len);

	if (!text)
		return NULL;
	atomic_init(&text->n_user, 1);
	text->len = len;
	memcpy(text->text, from, len);
	return text;
}

/* With the lock held. shelf->n: no such path. */
static unsigned place_of(const struct cis_shelf *shelf, const char *path)
{
	unsigned i = 0;

	while (i < shelf->n && strcmp(shelf->place[i].path, path) != 0)
		i++;
	return i;
}

/* Swaps *text for the one that stood there. */
static int swap(struct cis_shelf *shelf, const char *path,
		struct cis_text **text)
{
	const unsigned i = place_of(shelf, path);
	struct cis_text *old;

	if (i == CIS_SHELF_PLACES)
		return -ENOSPC;
	if (i == shelf->n) {
		memcpy(shelf->place[i].path, path, strlen(path) + 1);
		shelf->n++;
	}
	old = shelf->place[i].text;
	shelf->place[i].text = *text;
	*text = old;
	return 0;
}

int cis_shelf_put(struct cis_shelf *shelf, const char *path, const char *from,
		  size_t len)
{
	struct cis_text *text;
	int err;

	if (strlen(path) >= sizeof(shelf->place[0].path))
		return -ENOSPC;
	text = text_new(from, len);
	if (!text)
		return -ENOMEM;
	pthread_mutex_lock(&shelf->lock);
	err = swap(shelf, path, &text);
	pthread_mutex_unlock(&shelf->lock);
	cis_text_release(text);
	return err;
}

/* With the lock held. */
static struct cis_text *take(struct cis_shelf *shelf, unsigned i)
{
	struct cis_text *text = NULL;

	if (i < shelf->n) {
		text = shelf->place[i].text;
		/* Relaxed: the lock orders it. */
		atomic_fetch_add_explicit(&text->n_user, 1,
					  memory_order_relaxed);
	}
	return text;
}

struct cis_text *cis_shelf_take(struct cis_shelf *shelf, const char *path)
{
	struct cis_text *text;

	pthread_mutex_lock(&shelf->lock);
	text = take(shelf, place_of(shelf, path));
	pthread_mutex_unlock(&shelf->lock);
	return text;
}

unsigned cis_shelf_count(struct cis_shelf *shelf)
{
	unsigned n;

	pthread_mutex_lock(&shelf->lock);
	n = shelf->n;
	pthread_mutex_unlock(&shelf->lock);
	return n;
}

struct cis_text *cis_shelf_nth(struct cis_shelf *shelf, unsigned i)
{
	struct cis_text *text;

	pthread_mutex_lock(&shelf->lock);
	text = take(shelf, i);
	pthread_mutex_unlock(&shelf->lock);
	return text;
}
