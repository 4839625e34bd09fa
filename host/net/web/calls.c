/* calls.c - see calls.h. */
#include "calls.h"

static void jobs_init(struct cis_jobs *jobs)
{
	jobs->first = NULL;
	jobs->last = &jobs->first;
}

int cis_calls_init(struct cis_calls *calls)
{
	jobs_init(&calls->asked);
	jobs_init(&calls->done);
	return -pthread_mutex_init(&calls->lock, NULL);
}

void cis_calls_clear(struct cis_calls *calls)
{
	pthread_mutex_destroy(&calls->lock);
}

static void put(struct cis_calls *calls, struct cis_jobs *jobs,
		struct cis_job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&calls->lock);
	*jobs->last = job;
	jobs->last = &job->next;
	pthread_mutex_unlock(&calls->lock);
}

static struct cis_job *take(struct cis_calls *calls, struct cis_jobs *jobs)
{
	struct cis_job *job;

	pthread_mutex_lock(&calls->lock);
	job = jobs->first;
	if (job) {
		jobs->first = job->next;
		if (!jobs->first)
			jobs->last = &jobs->first;
	}
	pthread_mutex_unlock(&calls->lock);
	return job;
}

void cis_calls_ask(struct cis_calls *calls, struct cis_job *job)
{
	put(calls, &calls->asked, job);
}

struct cis_job *cis_calls_answered(struct cis_calls *calls)
{
	return take(calls, &calls->done);
}

struct cis_job *cis_calls_asked(struct cis_calls *calls)
{
	return take(calls, &calls->asked);
}

void cis_calls_done(struct cis_calls *calls, struct cis_job *job)
{
	put(calls, &calls->done, job);
}
