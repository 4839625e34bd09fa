/* os_signals.c - see os_signals.h. */
#include "os_signals.h"

#include <signal.h>
#include <unistd.h>

static void on_stop(uv_signal_t *handle, int signum)
{
	struct cis_os_signals *s = handle->data;

	(void)signum;
	/* The second one finds the default action again. */
	uv_signal_stop(&s->on_int);
	uv_signal_stop(&s->on_term);
	s->stop(s->arg);
}

/* The terminal is gone, or somebody wants the configuration to be read anew. */
static void on_hangup(uv_signal_t *handle, int signum)
{
	struct cis_os_signals *s = handle->data;

	if (s->on_terminal && !isatty(STDERR_FILENO))
		on_stop(handle, signum);
	else
		s->reread(s->arg);
}

void cis_os_signals_open(struct cis_os_signals *s, uv_loop_t *loop)
{
	uv_signal_init(loop, &s->on_int);
	uv_signal_init(loop, &s->on_term);
	uv_signal_init(loop, &s->on_hup);
	s->on_int.data = s;
	s->on_term.data = s;
	s->on_hup.data = s;
	uv_signal_start(&s->on_int, on_stop, SIGINT);
	uv_signal_start(&s->on_term, on_stop, SIGTERM);
	s->on_terminal = isatty(STDERR_FILENO);
	if (s->reread)
		uv_signal_start(&s->on_hup, on_hangup, SIGHUP);
}

void cis_os_signals_close(struct cis_os_signals *s)
{
	uv_close((uv_handle_t *)&s->on_int, NULL);
	uv_close((uv_handle_t *)&s->on_term, NULL);
	uv_close((uv_handle_t *)&s->on_hup, NULL);
}
