// What Apply would do to what runs: nothing, other values, another
// configuration, or a new start.

import {GRID, PHASES} from './fields.js';

const ANEW = ['idcode', 'count', 'rate', 'concentrate', 'fnom', 'send', 'seed'];
const ANEW_TOP = ['stream', 'listen', 'start', 'duration'];
const FRAME = ['station', 'analogs', 'digitals', 'format'];
const FRAME_TOP = ['c37', 'cfg', 'time_base', 'for'];
const SIZES = GRID.filter((c) => c.suffix === '').flatMap((c) =>
	PHASES.map((p) => c.q + p));

const differ = (a, b, keys) => keys.some((key) =>
	JSON.stringify(a[key]) !== JSON.stringify(b[key]));

/** Integers are scaled to the largest magnitude, which CFG-2 tells. */
function scaledAnew(a, b) {
	return /int/.test(b.format || '') && differ(a.signal || {}, b.signal || {},
		SIZES);
}

/** '' (the same), 'anew', 'configuration' or 'values'. */
export function changeOf(running, wanted) {
	const a = running.scenario || {};
	const b = wanted.scenario || {};

	if (differ(a, b, ANEW) || differ(running, wanted, ANEW_TOP))
		return 'anew';
	if (differ(a, b, FRAME) || differ(running, wanted, FRAME_TOP) ||
	    scaledAnew(a, b))
		return 'configuration';
	return JSON.stringify(running) === JSON.stringify(wanted) ? '' : 'values';
}
