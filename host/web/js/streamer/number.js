// Numbers of fields, and what is said of a text that is none.

import {parseNumber, shifted} from '../format.js';

/** undefined, and an error of that field, where the text is no number. */
export function numberOf(errors, key, text, factor) {
	const value = parseNumber(text);

	if (!Number.isFinite(value)) {
		errors.push({field: key, key: 'form.number', text});
		return undefined;
	}
	return factor ? shifted(value, factor) : value;
}

export function integerOf(errors, key, text, least, most) {
	const value = /^\d+$/.test(String(text).trim()) ? Number(text) : NaN;

	if (value >= least && value <= most)
		return value;
	errors.push({field: key, key: 'form.integer', text, least, most});
	return undefined;
}
