/* doctor_rate.h - how many frames a second come, as far as their delays tell. */
#ifndef HOST_CLI_LISTEN_DOCTOR_RATE_H
#define HOST_CLI_LISTEN_DOCTOR_RATE_H

#include <stddef.h>

/*
 * Of frames that stand for `stamped_hz` by their time stamps, the rate at which
 * they arrive: delay_s[n] are their arrivals less their stamps, in the order they
 * came in. A delay that grows is a link that is too slow. A network or a computer
 * that pauses now and then delays some frames, and changes nothing: the least
 * delays tell.
 */
double doctor_rate_hz(double stamped_hz, const double *delay_s, size_t n);

#endif
