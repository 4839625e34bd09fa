/* decode_words.c - what the codes of C37.118.2 mean; see decode.h. */
#include <stdio.h>

#include "cisoid/utc.h"
#include "decode.h"

const char *cis_decode_type(enum cis_c37_type type)
{
	static const char *const names[] = {"data", "hdr", "cfg1",
					    "cfg2", "cmd", "cfg3"};

	return names[type];
}

/* Table 15. */
const char *cis_decode_command(int command)
{
	static const char *const names[] = {
		NULL,          "data off",   "data on",
		"send header", "send CFG-1", "send CFG-2",
		"send CFG-3",  NULL,         "extended frame"};

	if (command > 0 && command <= 8 && names[command])
		return names[command];
	return command >= 0x100 && command < 0x1000 ? "user's own"
						    : "undefined";
}

/* Table 3. */
const char *cis_decode_quality(uint8_t time_quality)
{
	static const char *const names[] = {
		"locked",        "within 1 ns",
		"within 10 ns",  "within 100 ns",
		"within 1 us",   "within 10 us",
		"within 100 us", "within 1 ms",
		"within 10 ms",  "within 100 ms",
		"within 1 s",    "within 10 s",
		"undefined",     "undefined",
		"undefined",     "clock failure, time not reliable"};

	return names[time_quality & 0xF];
}

/* Table 7. */
const char *cis_decode_unlocked(uint16_t stat)
{
	static const char *const names[] = {"locked or below 10 s",
					    "10 s to 100 s", "100 s to 1000 s",
					    "1000 s and more"};

	return names[stat >> CIS_C37_STAT_UNLOCK_SHIFT & 3];
}

const char *cis_decode_pmu_tq(uint16_t stat)
{
	static const char *const names[] = {
		"not used (2005)", "below 100 ns",          "below 1 us",
		"below 10 us",     "below 100 us",          "below 1 ms",
		"below 10 ms",     "above 10 ms or unknown"};

	return names[stat >> CIS_C37_STAT_TQ_SHIFT & 7];
}

const char *cis_decode_data_error(uint16_t stat)
{
	static const char *const names[] = {"good", "PMU error, no data",
					    "test mode or absent data",
					    "PMU error, do not use"};

	return names[stat >> 14];
}

const char *cis_decode_trigger(uint16_t stat)
{
	static const char *const names[] = {"manual",
					    "magnitude low",
					    "magnitude high",
					    "phase angle difference",
					    "frequency high or low",
					    "df/dt high",
					    "reserved",
					    "digital"};

	return stat & 8 ? "user's own" : names[stat & 7];
}

const char *cis_decode_analog_kind(uint32_t anunit)
{
	static const char *const names[] = {"single point on wave", "rms",
					    "peak"};

	if (anunit >> 24 < 3)
		return names[anunit >> 24];
	return anunit >> 24 >= 64 ? "user's own" : "reserved";
}

/* PHSCALE, table 11. */
const char *cis_decode_component(unsigned component)
{
	static const char *const names[] = {
		"zero sequence", "positive sequence", "negative sequence",
		"reserved",      "phase A",           "phase B",
		"phase C",       "component not told"};

	return names[component & 7];
}

const char *cis_decode_rate(int16_t data_rate, char buf[CIS_DECODE_RATE_SIZE])
{
	if (data_rate < 0)
		snprintf(buf, CIS_DECODE_RATE_SIZE, "1 frame in %d s",
			 -data_rate);
	else
		snprintf(buf, CIS_DECODE_RATE_SIZE, "%d frames/s", data_rate);
	return buf;
}

const char *cis_decode_time(const struct cis_decoded *d, char *buf)
{
	double frac_s = cis_c37_frac_s(d->head.fracsec, d->time_base);
	struct cis_time t = {.tai_ns = cis_c37_tai_s(&d->head) * CIS_NS_PER_S};

	/* Half a microsecond makes the cut of cis_utc_format a rounding. */
	return cis_utc_format(cis_time_add_ns(t, (int64_t)(frac_s * 1e9) + 500),
			      6, buf);
}
