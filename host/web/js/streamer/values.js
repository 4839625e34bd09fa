// From a request of the API, or a scenario, to the fields of the form.

import {shifted, wrapDegrees} from '../format.js';
import {farOf} from './address.js';
import {endsOf} from './endpoint.js';
import {GRID, PHASES, fields, gridKeys, untouched} from './fields.js';
import {KEY, harmonicRows} from './harmonics.js';
import {impairValues} from './impair.js';
import {motionValues, rampOf, stepOf} from './motion.js';

const SHARED = ['fnom', 'rate', 'count', 'seed', 'idcode', 'station', 'analogs',
	'digitals', 'format', 'concentrate', 'send', 'impair', 'signal', 'events',
	'title'];
const TURN = {a: 0, b: -120, c: 120};

/** One cell of the table of phases from the signal of a scenario. */
function cellOf(signal, column, p) {
	const {q, suffix} = column;
	const own = signal[q + p + suffix];

	if (own !== undefined)
		return own;
	if (suffix === '')
		return signal[q];
	if (suffix === '_noise')
		return signal.mag_noise;
	if (suffix === '_deg_noise')
		return signal.deg_noise;
	const turn = signal.seq === 'acb' ? -TURN[p] : TURN[p];

	return wrapDegrees((Number(signal[`${q}_deg`]) || 0) + turn);
}

function gridValues(signal) {
	const values = {};

	for (const column of GRID)
		for (const p of PHASES) {
			const value = cellOf(signal, column, p);

			if (value !== undefined)
				values[column.q + p + column.suffix] = String(
					column.factor ? shifted(value, 1 / column.factor) :
						value);
		}
	return values;
}

const standsForGood = (event) => event.type === 'flags' && event.at === 0 &&
	Object.keys(event).length === 3 && Array.isArray(event.flags);

/** What has no field of its own stands in one, as JSON. */
function restOf(scenario) {
	const rest = Object.fromEntries(Object.entries(scenario).filter(
		([key]) => !SHARED.includes(key)));
	const known = new Set([...fields.filter((x) => x.to === 'signal')
		.map((x) => x.key), 'v', 'i', 'v_deg', 'i_deg', 'mag_noise',
	'deg_noise', ...gridKeys]);
	const signal = Object.entries(scenario.signal || {}).filter(
		([key]) => !known.has(key) && !KEY.test(key));
	const shown = [rampOf(scenario), stepOf(scenario)];
	const events = (scenario.events || []).filter((e) => !standsForGood(e) &&
		!shown.includes(e));

	if (signal.length)
		rest.signal = Object.fromEntries(signal);
	if (events.length)
		rest.events = events;
	return Object.keys(rest).length ? JSON.stringify(rest, null, 2) : '';
}

function plainValues(body, scenario) {
	const values = {};
	const from = {scenario, signal: scenario.signal || {}, top: body};

	for (const field of fields) {
		const value = (from[field.to] || {})[field.key];

		if (value !== undefined)
			values[field.key] = typeof value === 'boolean' ? value : String(
				field.factor ? shifted(value, 1 / field.factor) : value);
	}
	return values;
}

/** Fields of a request; where it names no endpoint, those of `before`. */
export function valuesOf(body, before = untouched()) {
	const scenario = body.scenario || {};
	const format = String(scenario.format || 'polar,float').split(',')
		.map((word) => word.trim());
	const ends = endsOf(body);
	const values = {...untouched(), ...plainValues(body, scenario),
		...gridValues(scenario.signal || {}), ...impairValues(scenario.impair),
		...motionValues(scenario), more: restOf(scenario),
		harmonics: harmonicRows(scenario.signal || {}),
		ends: ends.length ? ends : before.ends};

	values.allow_public = body.allow_public ? farOf(values.ends) : '';
	values.format_numbers = format.includes('rect') ? 'rect' : 'polar';
	values.format_type = format.includes('int') ? 'int' : 'float';
	for (const event of (scenario.events || []).filter(standsForGood))
		event.flags.forEach((flag) => {
			values[`flag_${flag}`] = true;
		});
	return values;
}
