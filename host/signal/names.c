/* names.c - every signal key, for options and for "did you mean". */
#include <stddef.h>

#include "cisoid/signal.h"

static const char *const names[] = {
	/* clang-format off */
	"fnom", "f", "rocof", "rocof_s", "f_to", "v", "i", "v_deg", "i_deg",
	"seq", "va", "vb", "vc", "ia", "ib", "ic", "va_deg", "vb_deg",
	"vc_deg", "ia_deg", "ib_deg", "ic_deg", "am", "am_hz", "pm", "pm_hz",
	"step_mag", "step_deg", "step_s",
	"h2", "h3", "h4", "h5", "h6", "h7", "h8", "h9", "h10", "h11", "h12",
	"h13", "h14", "h15", "h16", "h17", "h18", "h19", "h20", "h21", "h22",
	"h23", "h24", "h25", "h26", "h27", "h28", "h29", "h30", "h31", "h32",
	"h33", "h34", "h35", "h36", "h37", "h38", "h39", "h40", "h41", "h42",
	"h43", "h44", "h45", "h46", "h47", "h48", "h49", "h50",
	"h2_deg", "h3_deg", "h4_deg", "h5_deg", "h6_deg", "h7_deg", "h8_deg",
	"h9_deg", "h10_deg", "h11_deg", "h12_deg", "h13_deg", "h14_deg",
	"h15_deg", "h16_deg", "h17_deg", "h18_deg", "h19_deg", "h20_deg",
	"h21_deg", "h22_deg", "h23_deg", "h24_deg", "h25_deg", "h26_deg",
	"h27_deg", "h28_deg", "h29_deg", "h30_deg", "h31_deg", "h32_deg",
	"h33_deg", "h34_deg", "h35_deg", "h36_deg", "h37_deg", "h38_deg",
	"h39_deg", "h40_deg", "h41_deg", "h42_deg", "h43_deg", "h44_deg",
	"h45_deg", "h46_deg", "h47_deg", "h48_deg", "h49_deg", "h50_deg",
	"ih_hz", "ih", "dc", "snr_db", "bits", "range_v", "range_a",
	"mag_noise", "deg_noise", "f_noise_mhz", "va_noise", "vb_noise",
	"vc_noise", "ia_noise", "ib_noise", "ic_noise", "va_deg_noise",
	"vb_deg_noise", "vc_deg_noise", "ia_deg_noise", "ib_deg_noise",
	"ic_deg_noise", "noise", "err_pct", "err_deg", "err_us", "gain_va",
	"gain_vb", "gain_vc", "gain_ia", "gain_ib", "gain_ic", "delay_ns_va",
	"delay_ns_vb", "delay_ns_vc", "delay_ns_ia", "delay_ns_ib",
	"delay_ns_ic", "clock_ppm", "skew_ns", "declared", "seed",
	NULL,
	/* clang-format on */
};

const char *const *cis_signal_keys(void)
{
	return names;
}
