// The error lens: a phasor's tip seen from the reference's. Up is greater in
// magnitude, left is ahead in phase, as if the reference pointed upwards; both
// in percent of the reference, so that TVE is the distance from the centre.

import {niceAbove} from './polar_geometry.js';

/** [x, y] in percent, y growing upwards, of an error of magnitude and phase. */
export function offsetOf({me_percent, pe_deg}) {
	const length = 1 + me_percent / 100;
	const angle = pe_deg * Math.PI / 180;

	// cos(x) - 1 = -2 sin^2(x/2), without losing small angles.
	return [-100 * length * Math.sin(angle),
		me_percent * Math.cos(angle) - 200 * Math.sin(angle / 2) ** 2];
}

/** What the rim stands for: the limit well inside, or the points where near. */
export function lensRim(offsets, limit, near) {
	const far = offsets.reduce((a, [x, y]) => Math.max(a, Math.hypot(x, y)), 0);

	return niceAbove(near ? far * 1.2 : Math.max(far * 1.1, limit * 1.25));
}

/**
 * Ellipse of scatter of points, so many standard deviations: {x, y, a, b,
 * degrees}, a along degrees counter-clockwise from the right; null for few.
 */
export function ellipseOf(points, k = 2) {
	const n = points.length;

	if (n < 3)
		return null;
	const x = points.reduce((sum, p) => sum + p[0], 0) / n;
	const y = points.reduce((sum, p) => sum + p[1], 0) / n;
	const moment = (of) => points.reduce((sum, p) =>
		sum + of(p[0] - x, p[1] - y), 0) / (n - 1);
	const xx = moment((u) => u * u);
	const yy = moment((u, v) => v * v);
	const xy = moment((u, v) => u * v);
	const middle = (xx + yy) / 2;
	const half = Math.hypot((xx - yy) / 2, xy);

	return {x, y, a: k * Math.sqrt(middle + half),
		b: k * Math.sqrt(Math.max(0, middle - half)),
		degrees: 90 / Math.PI * Math.atan2(2 * xy, xx - yy)};
}
