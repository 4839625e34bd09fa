// Errors of a device under test against the reference, and what they come to.

import {wrapDegrees} from './format.js';

export const EDITION = 'IEC/IEEE 60255-118-1:2018';
export const GLYPHS = {PASS: '✓', FAIL: '✗', INDETERMINATE: '?',
	'NOT RUN': '–', ABORTED: '⏹', INVALID: '!'};

// Steady state of EDITION, table of signal frequency range; both classes have
// the same limits of TVE and FE.
export const LIMITS = {tve_percent: 1, fe_hz: 0.005,
	rfe_hz_per_s: {P: 0.4, M: 0.1}};

const known = (p) => Boolean(p) && Number.isFinite(p[0]) && Number.isFinite(p[1]);

/** {me_percent, pe_deg} of a phasor against its reference; NaN without one. */
export function errorOf(reference, dut) {
	if (!known(reference) || !known(dut) || !(reference[0] > 0))
		return {me_percent: NaN, pe_deg: NaN};
	return {me_percent: 100 * (dut[0] / reference[0] - 1),
		pe_deg: wrapDegrees(dut[1] - reference[1])};
}

/** An angle as the time it takes at a frequency, microseconds. */
export function microseconds(degrees, hz) {
	return degrees / 360 / hz * 1e6;
}

/** Index of the greatest TVE, -1 where none is known. */
export function worstOf(tve) {
	let worst = -1;

	(tve || []).forEach((x, i) => {
		if (Number.isFinite(x) && (worst < 0 || x > tve[worst]))
			worst = i;
	});
	return worst;
}

/** The word of 1.3: a value against its limit by simple acceptance. */
export function verdictOf(value, limit, flags = 'ok') {
	if (flags !== 'ok')
		return 'INVALID';
	if (!Number.isFinite(value) || !Number.isFinite(limit))
		return 'INDETERMINATE';
	return Math.abs(value) <= limit ? 'PASS' : 'FAIL';
}
