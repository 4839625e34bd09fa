// Rows of harmonics: h3 and h3_deg of the signal.

import {shifted} from '../format.js';
import {integerOf, numberOf} from './number.js';

export const KEY = /^h([2-9]|[1-4]\d|50)(_deg)?$/;
export const MOST = 49;

export const newHarmonic = () => ({n: '3', pct: '10', deg: '0'});

export function harmonicSignal(errors, rows) {
	const signal = {};

	rows.forEach((row, i) => {
		const n = integerOf(errors, `harmonics.${i}.n`, row.n, 2, 50);
		const size = numberOf(errors, `harmonics.${i}.pct`, row.pct, 0.01);
		const deg = numberOf(errors, `harmonics.${i}.deg`, row.deg || '0');

		if (n !== undefined && `h${n}` in signal)
			errors.push({field: `harmonics.${i}.n`, key: 'form.twice',
				text: row.n});
		signal[`h${n}`] = size;
		if (deg)
			signal[`h${n}_deg`] = deg;
	});
	return signal;
}

export function harmonicRows(signal) {
	const orders = new Set(Object.keys(signal).map((key) => KEY.exec(key))
		.filter(Boolean).map((found) => Number(found[1])));

	return [...orders].sort((a, b) => a - b).map((n) => ({n: String(n),
		pct: String(shifted(signal[`h${n}`] || 0, 100)),
		deg: String(signal[`h${n}_deg`] || 0)}));
}
