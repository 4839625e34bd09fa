// Where phasors lie on a disc of radius 100, 0 degrees to the right,
// counter-clockwise positive; y grows downwards as on a screen.

export const RIM = {V: 100, I: 62};

/** 1, 2 or 5 times a power of ten that is not below x. */
export function niceAbove(x) {
	if (!(x > 0) || !Number.isFinite(x))
		return 1;
	const power = 10 ** Math.floor(Math.log10(x));
	const step = [1, 1.5, 2, 3, 5, 7.5, 10].find((n) => n * power >= x * (1 - 1e-9));

	return Number(((step || 10) * power).toPrecision(3));
}

export function point(radius, degrees) {
	const angle = degrees * Math.PI / 180;

	return [radius * Math.cos(angle), -radius * Math.sin(angle)];
}

/**
 * What the rim of a quantity stands for: it holds the greatest; the one before
 * stays as long as it is not far too large.
 */
export function rimOf(channels, phasors, quantity, before) {
	let greatest = 0;

	channels.forEach((c, i) => {
		if (c.quantity !== quantity)
			return;
		const rms = phasors[i] && Number.isFinite(phasors[i][0]) ?
			phasors[i][0] : 0;

		greatest = Math.max(greatest, rms, c.nominal || 0);
	});
	if (before >= greatest && before <= 3 * greatest)
		return before;
	return niceAbove(1.05 * greatest);
}

/** Shaft and head of an arrow from the centre to a tip. */
export function arrow(radius, degrees, size) {
	const tip = point(radius, degrees);
	const neck = Math.max(0, radius - size);
	const corner = (side) => {
		const [x, y] = point(neck, degrees);
		const [dx, dy] = point(size * 0.45 * side, degrees + 90);

		return [x + dx, y + dy];
	};

	return {tip, shaft: point(neck, degrees), head: [tip, corner(1), corner(-1)]};
}
