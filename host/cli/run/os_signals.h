/*
 * os_signals.h - what the system asks of a run: to stop, to read its
 * configuration anew.
 */
#ifndef HOST_CLI_OS_SIGNALS_H
#define HOST_CLI_OS_SIGNALS_H

#include <stdbool.h>
#include <uv.h>

/* The caller sets what is called, on the loop's thread. */
struct cis_os_signals {
	/* SIGINT or SIGTERM, or the terminal is gone. A second SIGINT or SIGTERM
	 * ends the program at once. */
	void (*stop)(void *arg);
	void (*reread)(void *arg); /* SIGHUP; NULL: that ends the program */
	void *arg;
	uv_signal_t on_int, on_term, on_hup;
	bool on_terminal;
};

/* Handles on the loop, which close() closes. */
void cis_os_signals_open(struct cis_os_signals *s, uv_loop_t *loop);
void cis_os_signals_close(struct cis_os_signals *s);

#endif
