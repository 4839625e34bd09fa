// What Live can show: traces of the reference, of a device under test and of
// its errors, the panes they lie in, and the presets that choose them.

import {wrapDegrees} from './format.js';
import {EDITION, LIMITS} from './judge.js';
import {unwrap} from './reduce.js';

const PRESETS = ['freq', 'mag', 'deg', 'rel', 'errors', 'limits'];

/** Presets there are; those of errors only with a device under test. */
export function presetsOf(hasDut, hasWave) {
	return [...PRESETS.slice(0, hasDut ? 6 : 4), ...(hasWave ? ['wave'] : [])];
}

const trace = (group, pane, name, phase, column, more) => ({
	id: `${group}:${pane}:${name}`, group, pane, name, phase, column, ...more});

function phasorTraces(group, channels) {
	return ['mag', 'deg'].flatMap((kind) => channels.map((c, i) => trace(group,
		kind === 'mag' ? `mag${c.quantity}` : 'deg', c.name, c.phase,
		`${kind}.${i}`, {i, kind})));
}

/** All traces of channels; the device's have the columns of its reference. */
export function tracesOf(channels, hasDut) {
	const single = (group) => [trace(group, 'freq', 'f', 'A', 'freq'),
		trace(group, 'rocof', 'ROCOF', 'A', 'rocof')];
	const errors = ['tve', 'me', 'pe'].flatMap((kind) => channels.map((c, i) =>
		trace('err', kind, `${kind.toUpperCase()} ${c.name}`, c.phase,
			`${kind}.${i}`, {i})));
	const reference = [...single('ref'), ...phasorTraces('ref', channels)];

	return hasDut ? [...reference, ...single('dut'),
		...phasorTraces('dut', channels), ...errors,
		trace('err', 'fe', 'FE', 'A', 'fe'),
		trace('err', 'rfe', 'RFE', 'A', 'rfe')] : reference;
}

const WANTED = {freq: ['freq', 'rocof'], mag: ['magV', 'magI'], deg: ['deg'],
	rel: ['deg'], errors: ['me', 'pe', 'fe', 'rfe'],
	limits: ['tve', 'fe', 'rfe']};

/** The traces that a preset chooses, by id. */
export function presetTraces(preset, traces) {
	const wanted = WANTED[preset] || [];

	return traces.filter((x) => x.group !== 'dut' && wanted.includes(x.pane))
		.map((x) => x.id);
}

/** Panes by what they show: decimals of the axis, least height, sign. */
const KINDS = {
	freq: {decimals: 4, floor: 0.01}, rocof: {decimals: 3, floor: 0.1},
	magV: {decimals: 3}, magI: {decimals: 4}, deg: {decimals: 3, floor: 1},
	tve: {decimals: 4, floor: 0.02}, me: {decimals: 4, floor: 0.02},
	pe: {decimals: 4, floor: 0.02}, fe: {decimals: 5, floor: 0.001},
	rfe: {decimals: 4, floor: 0.02},
};

const both = (x, text) => [{at: x, text: `+${text}`}, {at: -x, text: `−${text}`}];

/** Lines at the limits of a pane, with what they are; none for most. */
export function limitsOf(pane, tve = LIMITS.tve_percent) {
	const {P, M} = LIMITS.rfe_hz_per_s;

	if (pane === 'tve')
		return [{at: tve, text: tve === LIMITS.tve_percent ?
			`${tve} % P, M · ${EDITION}` : `${tve} %`}];
	if (pane === 'fe')
		return both(LIMITS.fe_hz, `${LIMITS.fe_hz} Hz P, M · ${EDITION}`);
	if (pane === 'rfe')
		return [...both(P, `${P} Hz/s P · ${EDITION}`),
			...both(M, `${M} Hz/s M · ${EDITION}`)];
	return [];
}

function floorOf(kind, channels) {
	const q = kind === 'magV' ? 'V' : 'I';

	return KINDS[kind].floor || 1e-3 * Math.max(...channels.filter((c) =>
		c.quantity === q).map((c) => c.nominal || 1));
}

/** Panes of the chosen traces, in the order of KINDS. */
export function panesOf(traces, on, channels) {
	return Object.keys(KINDS).map((kind) => ({kind,
		decimals: KINDS[kind].decimals,
		// Sequence phasors first: what coincides with them lies over them;
		// the wide, pale traces of a device under all others.
		traces: traces.filter((x) => x.pane === kind && on.has(x.id))
			.sort((a, b) => (b.phase === '+') - (a.phase === '+'))
			.sort((a, b) => (b.group === 'dut') - (a.group === 'dut'))}))
		.filter((pane) => pane.traces.length)
		.map((pane) => ({...pane, floor: floorOf(pane.kind, channels)}));
}

/** Columns of history that a trace is made of. */
function sources(one) {
	if (one.group !== 'dut')
		return [one.column];
	if (one.kind === 'mag')
		return [one.column, `me.${one.i}`];
	if (one.kind === 'deg')
		return [one.column, `pe.${one.i}`];
	return [one.column, one.column === 'freq' ? 'fe' : 'rfe'];
}

function valuesOf(one, take, {relative, smooth}) {
	const [base, error] = sources(one).map(take);
	let column = base;

	if (error)
		column = one.kind === 'mag' ? base.map((x, k) =>
			x * (1 + error[k] / 100)) : base.map((x, k) => x + error[k]);
	if (one.kind !== 'deg')
		return column;
	if (relative || error) {
		const zero = relative ? take('deg.0') : null;

		column = column.map((x, k) => wrapDegrees(x - (zero ? zero[k] : 0)));
	}
	return smooth ? unwrap(column) : column;
}

/** Of every pane [times, column...], from one copy of the history. */
export function dataOf(panes, history, from, to, how = {}) {
	const names = [...new Set([...panes.flatMap((p) => p.traces.flatMap(sources)),
		...(how.relative ? ['deg.0'] : [])])];
	const [time, ...columns] = history.window(names, from, to);
	const take = (name) => columns[names.indexOf(name)];

	return panes.map((pane) => [time, ...pane.traces.map((x) =>
		valuesOf(x, take, how))]);
}
