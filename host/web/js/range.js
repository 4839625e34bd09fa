// The height of a chart: what there is, not magnified without end, as near as
// someone wants it, or as it was.

/** [low, high] of the ends of the data; null low is no data. */
export function rangeOf(low, high, {floor, limits = [], zoom = 1}) {
	const values = [...(low === null || low === undefined ? [] : [low, high]),
		...limits];

	if (!values.length)
		return [0, 1];
	const least = Math.min(...values);
	const greatest = Math.max(...values);
	const middle = (least + greatest) / 2;
	const half = Math.max((greatest - least) * 0.55, floor / 2) / zoom;

	return [middle - half, middle + half];
}

/** Index of the row nearest to a time, -1 without rows. */
export function nearest(time, at) {
	let low = 0;
	let high = time.length - 1;

	while (low < high) {
		const middle = (low + high) >> 1;

		if (time[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && at - time[low - 1] < time[low] - at ? low - 1 : high;
}

/** The time so many rows on, from the newest where there is no cursor. */
export function stepped(time, at, by) {
	if (!time.length)
		return null;
	const from = at === null ? time.length - 1 : nearest(time, at);

	return time[Math.max(0, Math.min(time.length - 1, from + by))];
}

/**
 * What two cursors read: {a, b, dt_s, hz, rows: [{name, a, b, delta}]}, values
 * of the rows nearest to them; NaN outside the data, and where one is not set.
 */
export function between(panes, data, a, b) {
	const inside = (time, at) => at !== null && time.length > 0 &&
		at >= time[0] && at <= time[time.length - 1];
	const rows = panes.flatMap((pane, p) => pane.traces.map((x, k) => {
		const [time, ...columns] = data[p];
		const at = (where) => (inside(time, where) ?
			columns[k][nearest(time, where)] : NaN);

		return {name: x.name, group: x.group, pane: pane.kind,
			decimals: pane.decimals, a: at(a), b: at(b),
			delta: at(b) - at(a)};
	}));
	const dt = a === null || b === null ? NaN : b - a;

	return {dt_s: dt, hz: dt ? 1 / Math.abs(dt) : NaN, rows};
}
