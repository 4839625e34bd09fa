/* interrupt.c - see interrupt.h. */
#include "interrupt.h"

#include <signal.h>

static void on_signal(uv_signal_t *handle, int signum)
{
	struct cis_interrupt *in = handle->data;

	(void)signum;
	in->came = true;
	for (unsigned i = 0; i < 2; i++)
		uv_signal_stop(&in->signals[i]);
}

void cis_interrupt_watch(struct cis_interrupt *in)
{
	static const int numbers[2] = {SIGINT, SIGTERM};

	in->came = false;
	uv_loop_init(&in->loop);
	for (unsigned i = 0; i < 2; i++) {
		uv_signal_init(&in->loop, &in->signals[i]);
		in->signals[i].data = in;
		uv_signal_start(&in->signals[i], on_signal, numbers[i]);
	}
}

void cis_interrupt_unwatch(struct cis_interrupt *in)
{
	for (unsigned i = 0; i < 2; i++)
		uv_close((uv_handle_t *)&in->signals[i], NULL);
	uv_run(&in->loop, UV_RUN_DEFAULT);
	uv_loop_close(&in->loop);
}

bool cis_interrupted(struct cis_interrupt *in)
{
	uv_run(&in->loop, UV_RUN_NOWAIT);
	return in->came;
}
