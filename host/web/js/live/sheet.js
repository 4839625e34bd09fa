// What Live shows as text: CSV. Each row says where it comes from and how good
// it is; a gap is a row.

import {lettersOf} from '../chart_draw.js';

const quoted = (text) => (/[",\r\n]/.test(text) ?
	`"${text.replaceAll('"', '""')}"` : text);

/**
 * heads: a name for each column but the first; data [time, column...]; quality
 * a bit field a row; origin as on the badge, with the watermark.
 */
export function csvOf({heads, data, quality, origin, step}) {
	const [time, ...columns] = data;
	const lines = [['time_utc', ...heads, 'quality', 'origin']
		.map(quoted).join(',')];
	const blank = heads.map(() => '').join(',');

	for (let i = 0; i < time.length; i++) {
		if (i && time[i] - time[i - 1] > 1.5 * step)
			lines.push(`${new Date(Math.round(1000 * (time[i - 1] + step)))
				.toISOString()},${blank},gap,${quoted(origin)}`);
		lines.push([new Date(Math.round(time[i] * 1000)).toISOString(),
			...columns.map((c) => (Number.isFinite(c[i]) ? c[i] : '')),
			lettersOf({bits: quality[i]}), quoted(origin)].join(','));
	}
	return lines.join('\r\n') + '\r\n';
}
