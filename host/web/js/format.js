// Numbers as people type and read them. Output has a decimal point whatever
// the locale; input takes a decimal comma as well, and no grouping marks.

const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?$/;

/** The number of a text, or NaN where it is none. */
export function parseNumber(text) {
	const trimmed = String(text).trim().replace(/\u2212/g, '-');

	if (!NUMBER.test(trimmed))
		return NaN;
	return Number(trimmed.replace(',', '.'));
}

/** What a field shows once it is left: "0,010" is "0.01"; else unchanged. */
export function canonical(text) {
	const value = parseNumber(text);

	return Number.isFinite(value) ? String(value) : String(text);
}

/** With so many decimals; an en dash where there is no value. */
export function fixed(value, decimals) {
	if (typeof value !== 'number' || !Number.isFinite(value))
		return '–';
	const text = value.toFixed(decimals);

	return (Number(text) === 0 ? text.replace('-', '') : text)
		.replace('-', '\u2212');
}

function withUnit(value, decimals, unit) {
	const number = fixed(value, decimals);

	return number === '–' ? number : `${number} ${unit}`;
}

const PREFIXES = [[1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, ''],
	[1e-3, 'm'], [1e-6, 'µ'], [1e-9, 'n']];

/** Three to four digits and a prefix: 26.5e-6 s is "26.5 µs". */
export function scaled(value, unit) {
	if (typeof value !== 'number' || !Number.isFinite(value))
		return '–';
	if (value === 0)
		return `0 ${unit}`;
	const [size, prefix] = PREFIXES.find(([p]) => Math.abs(value) >= p) ||
		PREFIXES[PREFIXES.length - 1];

	return `${Number((value / size).toPrecision(4))} ${prefix}${unit}`
		.replace('-', '\u2212');
}

/**
 * A value and its expanded uncertainty: {value, plus}. Two digits of the
 * uncertainty, the value to the same place; "± unknown" is the caller's word.
 */
export function withUncertainty(value, u, decimals, unit) {
	if (!(u > 0) || !Number.isFinite(u) || !Number.isFinite(value))
		return {value: withUnit(value, decimals, unit), plus: null};
	const rounded = Number(u.toPrecision(2));
	const places = Math.max(0, Math.min(20,
		1 - Math.floor(Math.log10(rounded) + 1e-12)));

	return {value: withUnit(value, places, unit),
		plus: `${fixed(rounded, places)} ${unit}`};
}

/** How many decimals a magnitude takes so that it has about seven digits. */
export function decimalsOf(nominal) {
	const digits = Math.floor(Math.log10(Math.abs(nominal) || 1)) + 1;

	return Math.max(0, Math.min(6, 6 - Math.max(1, digits)));
}

/** An angle within -180 < x <= 180. */
export function wrapDegrees(degrees) {
	const turned = ((degrees % 360) + 360) % 360;

	return turned > 180 ? turned - 360 : turned;
}

export function utc(ms) {
	if (!Number.isFinite(ms))
		return '–';
	return new Date(ms).toISOString().slice(11, 23) + 'Z';
}

export function count(n) {
	return Number.isFinite(n) ? String(Math.round(n)) : '–';
}

/** Percent as typed to the fraction a key holds, without a digit of noise. */
export function shifted(value, factor) {
	return Number((value * factor).toPrecision(15));
}
