// The list of --impair from the fields of the form, and back.

import {canonical, parseNumber} from '../format.js';

const PLAIN = [['loss', '%'], ['burst', ''], ['dup', '%'], ['reorder', '%'],
	['crc', '%'], ['trunc', '%'], ['length', '%'], ['delay', 'ms'],
	['jitter', 'ms']];

/** A field counts where it is neither empty nor zero. */
const said = (text) => String(text).trim() !== '' && parseNumber(text) !== 0;

export function impairOf(values) {
	const list = PLAIN.filter(([key]) => said(values[key]))
		.map(([key, unit]) => `${key}=${canonical(values[key]).trim()}${unit}`);

	if (said(values.back))
		list.push(`back=${canonical(values.back)}%/` +
			`${canonical(values.back_s || '1')}s`);
	if (said(values.stop_s))
		list.push(`stop=${canonical(values.stop_s)}s/` +
			`${canonical(values.stop_every)}s`);
	return list.join(',');
}

const SECONDS = {s: 1, ms: 1e-3, us: 1e-6, min: 60, '': 1};

function inUnit(text, unit) {
	const found = /^([^a-z%]+)(%|s|ms|us|min)?$/i.exec(text);

	if (!found)
		return text;
	if (unit === 's' || unit === 'ms')
		return String(Number((Number(found[1]) * SECONDS[found[2] || ''] /
			SECONDS[unit]).toPrecision(12)));
	return found[1];
}

export function impairValues(text) {
	const values = {};

	for (const item of String(text || '').split(',').filter(Boolean)) {
		const [key, value = ''] = item.trim().split('=');
		const [first, second] = value.split('/');

		if (key === 'stop') {
			values.stop_s = inUnit(first, 's');
			values.stop_every = inUnit(second, 's');
		} else if (key === 'back') {
			values.back = inUnit(first, '%');
			values.back_s = inUnit(second || '1s', 's');
		} else {
			values[key] = inUnit(first, key === 'delay' ||
				key === 'jitter' ? 'ms' : '%');
		}
	}
	return values;
}

const SHARES = ['loss', 'dup', 'reorder', 'crc', 'trunc', 'length', 'back'];

function perSecond(values) {
	const rate = values.rate || values.fnom;
	const [n, by] = String(rate).split('/').map(parseNumber);

	return by ? n / by : n;
}

/** Frames a minute of all PMUs that each impairment is expected to befall. */
export function perMinute(values) {
	const count = parseNumber(values.count || '1');
	const all = 60 * perSecond(values) * count;
	const found = {};

	for (const key of SHARES)
		if (said(values[key]))
			found[key] = all * parseNumber(values[key]) / 100;
	for (const key of ['delay', 'jitter'])
		if (said(values[key]))
			found[key] = all;
	if (said(values.stop_s))
		found.stop_s = all * parseNumber(values.stop_s) /
			parseNumber(values.stop_every);
	return Object.fromEntries(Object.entries(found)
		.filter(([, n]) => Number.isFinite(n)));
}
