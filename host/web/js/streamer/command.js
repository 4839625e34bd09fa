// The form as a command line of cisoid simulate.

import {untouched} from './fields.js';
import {requestOf} from './request.js';

const OPTIONS = [['fnom', '--fnom'], ['rate', '--rate'], ['count', '--count'],
	['seed', '--seed'], ['idcode', '--idcode'], ['station', '--station'],
	['analogs', '--analogs'], ['digitals', '--digitals'],
	['format', '--format'], ['send', '--send'], ['impair', '--impair']];
const TOP = [['c37', '--c37'], ['cfg', '--cfg'], ['cfg_every', '--cfg-every'],
	['time_base', '--time-base'], ['for', '--for'], ['duration', '--duration'],
	['start', '--start']];
const FILE_ONLY = ['events', 'groups', 'spread'];

/** As a shell takes it, whatever is in it. */
export function quoted(word) {
	return /^[\w@%+=:,./-]+$/.test(word) ? word :
		`'${word.replace(/'/g, "'\\''")}'`;
}

/** Keys of the signal that say what would be so anyway are left out. */
function signalWords(signal) {
	const usual = signal.seq ? {} : requestOf(untouched()).body.scenario.signal;

	return Object.entries(signal).filter(([key, value]) => usual[key] !== value)
		.flatMap(([key, value]) => [`--${key}`, String(value)]);
}

function scenarioWords(scenario) {
	const words = OPTIONS.filter(([key]) => scenario[key] !== undefined &&
		!(key === 'fnom' && scenario.fnom === 50))
		.flatMap(([key, option]) => [option, String(scenario[key])]);

	if (scenario.concentrate)
		words.push('--concentrate');
	return [...words, ...signalWords(scenario.signal || {})];
}

/** Whether the scenario takes a file: options cannot say all of it. */
export function needsFile(body) {
	return FILE_ONLY.some((key) => body.scenario[key] !== undefined);
}

export function endpointWords(body) {
	return ['listen', 'stream'].flatMap((kind) => (body[kind] || [])
		.flatMap((word) => [`--${kind}`, word]));
}

/** Words of the command line, the program's name first. */
export function commandOf(body, file = 'scenario.json') {
	return ['cisoid', 'simulate',
		...(needsFile(body) ? ['--scenario', file] :
			scenarioWords(body.scenario)),
		...TOP.filter(([key]) => body[key] !== undefined)
			.flatMap(([key, option]) => [option, String(body[key])]),
		...(body.test_mode ? ['--test-mode'] : []),
		...endpointWords(body)];
}

/** One option a line. */
export function commandText(words) {
	const lines = [];

	for (const word of words)
		if (word.startsWith('--'))
			lines.push(quoted(word));
		else if (lines.length)
			lines[lines.length - 1] += ` ${quoted(word)}`;
		else
			lines.push(quoted(word));
	return lines.join(' \\\n    ');
}
