// From the fields of the form to the request of the API, and back.

import {parseNumber, shifted, wrapDegrees} from '../format.js';
import {endpointOf, endpointValues} from './endpoint.js';
import {FLAGS, GRID, PHASES, fields, order, untouched} from './fields.js';
import {impairOf, impairValues} from './impair.js';

const SHARED = ['fnom', 'rate', 'count', 'seed', 'idcode', 'station', 'analogs',
	'digitals', 'format', 'concentrate', 'send', 'impair', 'signal', 'events'];
const TURN = {a: 0, b: -120, c: 120};

function numberOf(errors, key, text, factor) {
	const value = parseNumber(text);

	if (!Number.isFinite(value)) {
		errors.push({field: key, key: 'form.number', text});
		return undefined;
	}
	return factor ? shifted(value, factor) : value;
}

function valueOf(errors, field, value) {
	if (field.kind === 'switch')
		return value ? true : undefined;
	const text = String(value).trim();

	if (text === '' || (field.kind === 'select' && text === field.value))
		return undefined;
	if (field.kind === 'rate')
		return text.includes('/') ? text : numberOf(errors, field.key, text);
	if (field.kind === 'number' || field.numeric)
		return numberOf(errors, field.key, text, field.factor);
	return text;
}

function gridSignal(errors, values) {
	const signal = {};

	for (const column of GRID)
		for (const p of PHASES) {
			const key = column.q + p + column.suffix;
			const value = numberOf(errors, key, values[key], column.factor);

			if (value !== 0 || !column.suffix.includes('noise'))
				signal[key] = value;
		}
	return signal;
}

function moreOf(errors, text) {
	if (!text || !text.trim())
		return {};
	try {
		const more = JSON.parse(text);

		if (more && typeof more === 'object' && !Array.isArray(more))
			return more;
		errors.push({field: 'more', key: 'form.object'});
	} catch (error) {
		errors.push({field: 'more', key: 'form.json', text: error.message});
	}
	return {};
}

function formatOf(values) {
	const words = [values.format_numbers, values.format_type].join(',');

	return words === 'polar,float' ? undefined : words;
}

/** {body, errors}: errors are of texts that are no numbers or no JSON. */
export function requestOf(values) {
	const errors = [];
	const more = moreOf(errors, values.more);
	const scenario = {...more};
	const top = {};
	const signal = {...more.signal};

	for (const field of fields) {
		const place = {scenario, signal, top}[field.to];
		const value = place && valueOf(errors, field, values[field.key]);

		if (place && value !== undefined)
			place[field.key] = value;
	}
	scenario.signal = {...signal, ...gridSignal(errors, values)};
	const flags = FLAGS.filter((flag) => values[`flag_${flag}`]);

	if (flags.length)
		scenario.events = [...(more.events || []),
			{type: 'flags', at: 0, flags}];
	scenario.format = formatOf(values);
	scenario.impair = impairOf(values) || undefined;
	for (const key of ['port', ...(values.mode === 'tcp-udp' ? ['data_port'] : [])])
		if (!/^\d+$/.test(String(values[key]).trim()))
			errors.push({field: key, key: 'form.number', text: values[key]});
	errors.sort((a, b) => order.indexOf(a.field) - order.indexOf(b.field));
	return {errors, body: JSON.parse(JSON.stringify(
		{scenario, ...endpointOf(values), ...top}))};
}

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

	return wrapDegrees((signal[`${q}_deg`] || 0) + turn);
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
	Object.keys(event).length === 3;

/** What has no field of its own stands in one, as JSON. */
function restOf(scenario) {
	const rest = Object.fromEntries(Object.entries(scenario).filter(
		([key]) => !SHARED.includes(key)));
	const known = new Set([...fields.filter((x) => x.to === 'signal')
		.map((x) => x.key), 'v', 'i', 'v_deg', 'i_deg', 'mag_noise',
	'deg_noise', ...GRID.flatMap((c) => PHASES.map((p) => c.q + p + c.suffix))]);
	const signal = Object.entries(scenario.signal || {}).filter(
		([key]) => !known.has(key));
	const events = (scenario.events || []).filter((e) => !standsForGood(e));

	if (signal.length)
		rest.signal = Object.fromEntries(signal);
	if (events.length)
		rest.events = events;
	return Object.keys(rest).length ? JSON.stringify(rest, null, 2) : '';
}

function plainValues(body) {
	const values = {};
	const scenario = body.scenario || {};
	const from = {scenario, signal: scenario.signal || {}, top: body};

	for (const field of fields) {
		const value = (from[field.to] || {})[field.key];

		if (value === undefined)
			continue;
		values[field.key] = typeof value === 'boolean' ? value : String(
			field.factor ? shifted(value, 1 / field.factor) : value);
	}
	return values;
}

/** Fields of a request; where it says nothing, those of `before`. */
export function valuesOf(body, before = untouched()) {
	const scenario = body.scenario || {};
	const format = (scenario.format || 'polar,float').split(',');
	const values = {...untouched(), ...plainValues(body),
		...gridValues(scenario.signal || {}), ...impairValues(scenario.impair),
		more: restOf(scenario)};
	const ends = ['mode', 'host', 'port', 'data_port', 'ttl', 'if', 'allow',
		'clients', 'ports_each'];

	values.format_numbers = format.includes('rect') ? 'rect' : 'polar';
	values.format_type = format.includes('int') ? 'int' : 'float';
	for (const event of (scenario.events || []).filter(standsForGood))
		event.flags.forEach((flag) => {
			values[`flag_${flag}`] = true;
		});
	for (const key of ends)
		values[key] = before[key];
	return {...values, ...endpointValues(body)};
}
