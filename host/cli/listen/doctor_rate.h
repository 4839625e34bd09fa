/* doctor_rate.h - how many frames a second come, as far as their delays tell. */
#ifndef HOST_CLI_LISTEN_DOCTOR_RATE_H
#define HOST_CLI_LISTEN_DOCTOR_RATE_H

#include <stddef.h>

/*
 * Of frames that stand for `stamped_hz` by their time stamps, the rate at which
 * they arrive: delay_s[n] are their arrivals less their stamps, in the order they
 * came in; they are put into another one. A delay that grows is a link that is too
 * slow. One that is long for a while, less than a quarter of the time, is a network
 * or a computer that paused, and changes nothing.
 */
double doctor_rate_hz(double stamped_hz, double *delay_s, size_t n);

#endif
