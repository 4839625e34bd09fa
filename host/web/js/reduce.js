// Series to what a chart can show: gaps stay gaps, and where there are more
// samples than pixels each pixel column shows its least and its greatest.

/** Rows without values where time stamps are further apart than a step. */
export function withGaps(data, step) {
	const [time, ...columns] = data;
	const out = data.map(() => []);

	for (let i = 0; i < time.length; i++) {
		if (i && time[i] - time[i - 1] > 1.5 * step) {
			out[0].push((time[i] + time[i - 1]) / 2);
			columns.forEach((c, k) => out[k + 1].push(null));
		}
		out[0].push(time[i]);
		columns.forEach((c, k) => out[k + 1].push(
			Number.isFinite(c[i]) ? c[i] : null));
	}
	return out;
}

function extremes(column, from, to) {
	let low = Infinity;
	let high = -Infinity;

	for (let i = from; i < to; i++) {
		const x = column[i];

		// A gap stays visible even when a column has samples besides.
		if (!Number.isFinite(x))
			return [null, null];
		low = Math.min(low, x);
		high = Math.max(high, x);
	}
	return low > high ? [null, null] : [low, high];
}

/** {data, per}: at most two rows a pixel; per is samples per pixel, or 1. */
export function perPixel(data, from, to, pixels, step) {
	const [time, ...columns] = data;

	if (time.length <= 2 * pixels)
		return {data: withGaps(data, step), per: 1};
	const out = data.map(() => []);
	const width = (to - from) / pixels;
	let first = 0;

	for (let p = 0; p < pixels; p++) {
		const end = from + (p + 1) * width;
		let last = first;
		let torn = false;

		while (last < time.length && time[last] < end) {
			torn = torn || (last > 0 &&
				time[last] - time[last - 1] > 1.5 * step);
			last++;
		}
		const rows = columns.map((c) => (torn || last === first ?
			[null, null] : extremes(c, first, last)));

		out[0].push(end - 0.75 * width, end - 0.25 * width);
		rows.forEach((row, k) => out[k + 1].push(...row));
		first = last;
	}
	return {data: out, per: Math.round(time.length / pixels)};
}

/** Angles without jumps of whole turns, from the first one on. */
export function unwrap(column) {
	const out = new Float64Array(column.length);
	let turns = 0;
	let before = NaN;

	for (let i = 0; i < column.length; i++) {
		if (column[i] - before > 180)
			turns--;
		else if (before - column[i] > 180)
			turns++;
		if (Number.isFinite(column[i]))
			before = column[i];
		out[i] = column[i] + 360 * turns;
	}
	return out;
}
