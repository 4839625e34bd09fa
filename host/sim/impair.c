/*
 * impair.c - see impair.h.
 *
 * Bursts are those of E. N. Gilbert, "Capacity of a burst-noise channel", 1960: a
 * chain of two states, frame by frame, of which the bad one loses everything.
 * Its state at frame n is a function of n all the same: most draws lead to one
 * state whatever the one before was, so looking back for the last of these is
 * enough.
 */
#include "impair.h"

#include <math.h>

#include "cisoid/c37.h"
#include "host/core/be.h"
#include "host/core/draw.h"

/* ---- draws ---- */

enum use { USE_KIND, USE_BURST, USE_JITTER, USE_SPOIL };

/* Streams of numbers that nobody else draws: host/signal/noise.h. */
static uint64_t what(uint16_t idcode, enum use use)
{
	return UINT64_C(2) << 32 | (uint64_t)idcode << 8 | use;
}

static double draw(const struct cis_impair *imp, uint16_t idcode, enum use use,
		   uint64_t n)
{
	return cis_draw_unit(imp->seed, what(idcode, use), n);
}

/* ---- kinds ---- */

/* From good to bad, and from bad to bad. */
static double chance_to_begin(const struct cis_impair *imp)
{
	double loss = imp->share[CIS_FATE_LOST];

	return loss / ((1 - loss) * imp->burst_len);
}

static double chance_to_stay(const struct cis_impair *imp)
{
	return 1 - 1 / imp->burst_len;
}

/* A draw below both chances makes the state bad, one above both good; between
 * them it keeps the state, or turns it where to begin is the likelier. The bound
 * on looking back is met once in exp(40) frames. */
static bool in_burst(const struct cis_impair *imp, uint16_t idcode, uint64_t n)
{
	double begin = chance_to_begin(imp), stay = chance_to_stay(imp);
	unsigned most = 400 + (unsigned)(40 * imp->burst_len);
	bool turned = false;

	for (unsigned i = 0; i < most; i++) {
		double u = draw(imp, idcode, USE_BURST, n - i);

		if (u < fmin(begin, stay))
			return !turned;
		if (u >= fmax(begin, stay))
			return turned;
		turned ^= begin > stay;
	}
	return turned;
}

static enum cis_fate_kind drawn_kind(const struct cis_impair *imp,
				     uint16_t idcode, uint64_t n)
{
	double u = draw(imp, idcode, USE_KIND, n);
	double loss = imp->share[CIS_FATE_LOST];

	if (loss > 0 && imp->burst_len > 0) {
		if (in_burst(imp, idcode, n))
			return CIS_FATE_LOST;
		/* The others' shares are of all frames. */
		u = loss + u * (1 - loss);
	}
	for (unsigned k = CIS_FATE_LOST; k < CIS_N_FATE; k++) {
		if (u < imp->share[k])
			return (enum cis_fate_kind)k;
		u -= imp->share[k];
	}
	return CIS_FATE_SENT;
}

/* t lies on the grid of reports; its rounding must not decide. */
static bool is_stopped(const struct cis_impair *imp,
		       const struct cis_impair_frame *which)
{
	double into_s;

	if (imp->stop_s <= 0)
		return false;
	into_s = fmod(which->t_s + 1e-6 * which->period_s, imp->stop_every_s);
	return into_s >= imp->stop_every_s - imp->stop_s;
}

static enum cis_fate_kind kind_of(const struct cis_impair *imp,
				  const struct cis_impair_frame *which)
{
	if (is_stopped(imp, which))
		return CIS_FATE_STOPPED;
	return drawn_kind(imp, which->idcode, which->n);
}

/* ---- times ---- */

static double lag_s(const struct cis_impair *imp, uint16_t idcode, uint64_t n)
{
	if (imp->jitter_s <= 0)
		return imp->delay_s;
	return imp->delay_s + imp->jitter_s * draw(imp, idcode, USE_JITTER, n);
}

/* Behind the next frame that is sent whole and in its place. */
static struct cis_fate reordered(const struct cis_impair *imp,
				 const struct cis_impair_frame *which)
{
	for (unsigned i = 1; i <= CIS_IMPAIR_REACH; i++) {
		struct cis_impair_frame later = *which;
		enum cis_fate_kind kind;

		later.n += i;
		later.t_s += i * which->period_s;
		kind = kind_of(imp, &later);
		if (kind == CIS_FATE_SENT || kind == CIS_FATE_DOUBLED)
			return (struct cis_fate){
				CIS_FATE_REORDERED,
				(i + 0.5) * which->period_s +
					lag_s(imp, later.idcode, later.n)};
	}
	return (struct cis_fate){CIS_FATE_SENT,
				 lag_s(imp, which->idcode, which->n)};
}

struct cis_fate cis_impair_fate(const struct cis_impair *imp,
				const struct cis_impair_frame *which)
{
	enum cis_fate_kind kind = kind_of(imp, which);

	if (kind == CIS_FATE_LOST || kind == CIS_FATE_STOPPED)
		return (struct cis_fate){kind, 0};
	if (kind == CIS_FATE_REORDERED)
		return reordered(imp, which);
	return (struct cis_fate){kind, lag_s(imp, which->idcode, which->n)};
}

double cis_impair_longest_s(const struct cis_impair *imp, double period_s)
{
	double longest_s = imp->delay_s + imp->jitter_s;

	if (imp->share[CIS_FATE_REORDERED] > 0)
		longest_s += (CIS_IMPAIR_REACH + 0.5) * period_s;
	return longest_s;
}

/* ---- bytes ---- */

static void flip_bit(uint8_t *frame, size_t len, uint64_t bits)
{
	uint64_t at = bits % ((len - CIS_C37_HEAD_LEN) * 8);

	frame[CIS_C37_HEAD_LEN + at / 8] ^= (uint8_t)(1u << at % 8);
}

size_t cis_impair_spoil(const struct cis_impair *imp, enum cis_fate_kind kind,
			uint64_t n, uint8_t *frame, size_t len)
{
	uint16_t idcode = cis_be16(frame + CIS_C37_IDCODE_AT);
	uint64_t bits = cis_draw_bits(imp->seed, what(idcode, USE_SPOIL), n);

	switch (kind) {
	case CIS_FATE_BAD_CRC:
		flip_bit(frame, len, bits);
		break;
	case CIS_FATE_TRUNCATED:
		len = CIS_C37_HEAD_LEN + bits % (len - CIS_C37_HEAD_LEN);
		break;
	case CIS_FATE_BAD_LENGTH:
		len -= 2;
		cis_c37_seal(frame, len);
		break;
	case CIS_FATE_BACKWARD:
		cis_put_be32(frame + CIS_C37_SOC_AT,
			     cis_be32(frame + CIS_C37_SOC_AT) - imp->back_s);
		cis_c37_seal(frame, len);
		break;
	default:
		break;
	}
	return len;
}

/* ---- what is asked for ---- */

bool cis_impair_asks(const struct cis_impair *imp, enum cis_fate_kind kind)
{
	if (kind == CIS_FATE_STOPPED)
		return imp->stop_s > 0;
	return kind == CIS_FATE_SENT || imp->share[kind] > 0;
}

bool cis_impair_any(const struct cis_impair *imp)
{
	for (unsigned k = CIS_FATE_LOST; k < CIS_N_FATE; k++)
		if (cis_impair_asks(imp, (enum cis_fate_kind)k))
			return true;
	return imp->delay_s > 0 || imp->jitter_s > 0;
}

const char *cis_fate_name(enum cis_fate_kind kind)
{
	static const char *const names[CIS_N_FATE] = {
		"sent",    "lost",      "stopped",    "doubled", "reordered",
		"bad_crc", "truncated", "bad_length", "backward"};

	return names[kind];
}
