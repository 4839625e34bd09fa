/*
 * shelf.h - texts by path, each the newest; taken by one thread while another
 * puts the next.
 */
#ifndef HOST_NET_WEB_SHELF_H
#define HOST_NET_WEB_SHELF_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#define CIS_SHELF_PLACES 32

struct cis_text {
	atomic_uint n_user;
	size_t len;
	char text[];
};

struct cis_shelf {
	pthread_mutex_t lock;
	unsigned n;
	struct {
		char path[64];
		struct cis_text *text;
	} place[CIS_SHELF_PLACES];
};

int cis_shelf_init(struct cis_shelf *shelf);
void cis_shelf_clear(struct cis_shelf *shelf);

/* -ENOSPC: no place left, or a path too long. */
int cis_shelf_put(struct cis_shelf *shelf, const char *path, const char *text,
		  size_t len);

/* The caller's, until released; NULL: none. */
struct cis_text *cis_shelf_take(struct cis_shelf *shelf, const char *path);

unsigned cis_shelf_count(struct cis_shelf *shelf);

/* The i-th path's, in the order in which they were first put; likewise. */
struct cis_text *cis_shelf_nth(struct cis_shelf *shelf, unsigned i);

void cis_text_release(void *text);

#endif
