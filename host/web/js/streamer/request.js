// From the fields of the form to the request of the API.

import {farOf} from './address.js';
import {checkEnds, endpointsOf} from './endpoint.js';
import {FLAGS, GRID, PHASES, fields, place} from './fields.js';
import {harmonicSignal} from './harmonics.js';
import {impairOf} from './impair.js';
import {rampEvent, stepEvent} from './motion.js';
import {numberOf} from './number.js';

const STATION_BYTES = 16;

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

/** Events, and for each of them the field that it comes from. */
function eventsOf(errors, values, signal, more) {
	const events = Array.isArray(more.events) ? [...more.events] : [];
	const from = events.map(() => 'more');
	const flags = FLAGS.filter((flag) => values[`flag_${flag}`]);
	const add = (event, field) => {
		if (event) {
			events.push(event);
			from.push(field);
		}
	};

	add(rampEvent(errors, values, signal), 'rocof');
	add(stepEvent(errors, values, signal), 'step_mag');
	add(flags.length ? {type: 'flags', at: 0, flags} : null, `flag_${flags[0]}`);
	return {events, from};
}

function plain(errors, values, places) {
	for (const field of fields) {
		const where = places[field.to];
		const value = where && valueOf(errors, field, values[field.key]);

		if (where && value !== undefined)
			where[field.key] = value;
	}
}

function checkNumbers(errors, values) {
	for (const field of fields.filter((f) => f.to === 'impair'))
		if (String(values[field.key]).trim() !== '')
			numberOf(errors, field.key, values[field.key]);
	if (new TextEncoder().encode(values.station).length > STATION_BYTES)
		errors.push({field: 'station', key: 'form.station'});
}

function sorted(errors) {
	return errors.sort((a, b) => place(a.field) - place(b.field));
}

/**
 * {body, errors, from}: errors are of texts that are no numbers or no JSON;
 * `from` is what fieldOf() takes to find the field of an error of the API.
 */
export function requestOf(values) {
	const errors = [];
	const more = moreOf(errors, values.more);
	const scenario = {...more};
	const top = {};
	const signal = {...more.signal};

	plain(errors, values, {scenario, signal, top});
	Object.assign(signal, gridSignal(errors, values),
		harmonicSignal(errors, values.harmonics));
	const {events, from} = eventsOf(errors, values, signal, more);
	const {lists, rows} = endpointsOf(values.ends);
	const far = farOf(values.ends);

	checkNumbers(errors, values);
	checkEnds(errors, values.ends);
	scenario.signal = signal;
	scenario.events = events.length ? events : undefined;
	scenario.format = formatOf(values);
	scenario.impair = impairOf(values) || undefined;
	if (far && values.allow_public === far)
		top.allow_public = true;
	for (const kind of ['stream', 'listen'])
		if (lists[kind].length)
			top[kind] = lists[kind];
	return {errors: sorted(errors), from: {events: from, rows},
		body: JSON.parse(JSON.stringify({scenario, ...top}))};
}

const JSON_FIELDS = ['events', 'groups', 'spread'];
const KNOWN = {format: 'format_numbers', impair: 'loss',
	allow_public: 'allow_public'};

function rowField(last, rows, index, word) {
	const row = rows[last] && rows[last][index];

	if (row === undefined)
		return 'ends.0.host';
	return `ends.${row}.${/port/.test(word || '') ? 'port' : 'host'}`;
}

/** The sentence begins with the name: "burst=5: ...", "TIME_BASE 1 ...". */
function named(last, message) {
	const word = message.toLowerCase().split(/[\s=:]/)[0];
	const key = {stop: 'stop_s'}[word] || word;
	const field = fields.find((f) => f.key === key);

	return field && (last === '' || (last === 'impair' && field.to === 'impair')) ?
		key : '';
}

/** The field that an error names: "scenario.signal.va" is va. */
export function fieldOf(path, from, message) {
	const words = String(path || '').split('.');
	const found = /^(\w+)\[(\d+)\]/.exec(words[0] === 'scenario' ? words[1] || '' :
		words[0]);
	const last = words[words.length - 1].replace(/\[\d+\]$/, '');

	if (found && found[1] === 'events')
		return from.events[Number(found[2])] || 'more';
	if (found && from.rows[found[1]])
		return rowField(found[1], from.rows, Number(found[2]), message);
	if (last === 'stream' || last === 'listen')
		return rowField(last, from.rows, 0, message);
	if (JSON_FIELDS.includes(last) || words.some((w) => JSON_FIELDS.includes(w)))
		return 'more';
	if (/^h\d+(_deg)?$/.test(last))
		return 'harmonics.0.n';
	return named(last, message || '') || KNOWN[last] || last;
}
