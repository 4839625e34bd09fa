/*
 * channels.h - LS7 on all channels of one instant.
 *
 * The first pass of all channels uses one seed and one factored matrix; each
 * channel then iterates on its own until it stands still. A channel without a
 * signal, or whose iteration leads nowhere, takes the common frequency.
 */
#ifndef HOST_ESTIM_CHANNELS_H
#define HOST_ESTIM_CHANNELS_H

#include "method.h"

extern const struct cis_method cis_method_ls7;

#endif
