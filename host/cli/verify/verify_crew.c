/*
 * verify_crew.c - the workers of a run: each takes the next point until there
 * are none; see verify.h.
 */
#define _GNU_SOURCE /* sched_getaffinity */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "verify.h"

#define MAX_WORKER 256

struct cis_verify_crew {
	struct cis_verify_run *run;
	pthread_mutex_t lock; /* new and free of estimators */
	unsigned n_worker;
	pthread_t worker[MAX_WORKER];
};

unsigned cis_verify_n_worker(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	if (!sched_getaffinity(0, sizeof(set), &set))
		n = CPU_COUNT(&set);
	return n < 1 ? 1 : n > MAX_WORKER ? MAX_WORKER : (unsigned)n;
}

static void give_up(struct cis_verify_run *run, int err)
{
	int none = 0;

	atomic_compare_exchange_strong_explicit(&run->err, &none, err,
						memory_order_relaxed,
						memory_order_relaxed);
	atomic_store_explicit(&run->stop, true, memory_order_relaxed);
}

/* The counter hands out the points; join() publishes what they gave. */
static void *work(void *arg)
{
	struct cis_verify_crew *crew = arg;
	struct cis_verify_run *run = crew->run;
	struct cis_verify_bench *bench = cis_verify_bench_new(run, &crew->lock);
	uint32_t i;
	int err = bench ? 0 : -ENOMEM;

	while (!err &&
	       !atomic_load_explicit(&run->stop, memory_order_relaxed)) {
		i = atomic_fetch_add_explicit(&run->next, 1,
					      memory_order_relaxed);
		if (i >= run->n_point)
			break;
		err = cis_verify_bench_point(bench, i);
		atomic_fetch_add_explicit(&run->n_done, 1,
					  memory_order_relaxed);
	}
	if (err)
		give_up(run, err);
	cis_verify_bench_free(bench);
	return NULL;
}

int cis_verify_crew_start(struct cis_verify_run *run, unsigned n_worker,
			  struct cis_verify_crew **out)
{
	struct cis_verify_crew *crew = calloc(1, sizeof(*crew));
	int err = 0;

	if (!crew)
		return -ENOMEM;
	crew->run = run;
	pthread_mutex_init(&crew->lock, NULL);
	if (n_worker > MAX_WORKER)
		n_worker = MAX_WORKER;
	while (!err && crew->n_worker < n_worker) {
		err = -pthread_create(&crew->worker[crew->n_worker], NULL, work,
				      crew);
		crew->n_worker += !err;
	}
	if (crew->n_worker == 0) {
		cis_verify_crew_join(crew);
		return err ? err : -EINVAL;
	}
	*out = crew; /* fewer than asked for do as well */
	return 0;
}

bool cis_verify_crew_done(const struct cis_verify_crew *crew)
{
	const struct cis_verify_run *run = crew->run;

	return atomic_load_explicit(&run->stop, memory_order_relaxed) ||
	       atomic_load_explicit(&run->n_done, memory_order_relaxed) >=
		       run->n_point;
}

int cis_verify_crew_join(struct cis_verify_crew *crew)
{
	int err;

	for (unsigned i = 0; i < crew->n_worker; i++)
		pthread_join(crew->worker[i], NULL);
	err = atomic_load_explicit(&crew->run->err, memory_order_relaxed);
	pthread_mutex_destroy(&crew->lock);
	free(crew);
	return err;
}
