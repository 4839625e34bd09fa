// The fields of the streamer's form. A key is that of the command line; `to`
// says where in the request it goes; what is empty is left to the program.

const number = (key, to, unit, more) => ({key, to, unit, kind: 'number', ...more});
const choice = (key, to, options, more) => ({key, to, options, kind: 'select',
	value: options[0], ...more});
const text = (key, to, more) => ({key, to, kind: 'text', ...more});
const tick = (key, to) => ({key, to, kind: 'switch', value: false});
const head = (name) => ({kind: 'head', name});

const percent = {unit: '%', factor: 0.01};

export const PHASES = ['a', 'b', 'c'];
export const RATES = {
	50: [1, 2, 5, 10, 25, 50, 100, 200],
	60: [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 240],
};
export const FLAGS = ['sync', 'sorting', 'trigger', 'modified', 'test', 'error'];
const RECEIVERS = ['', 'pmuct', 'openpdc', 'openpdc-udp', 'wireshark',
	'strict'];

/** Columns of the table of phases: suffix of the key, unit, default of a row. */
export const GRID = ['v', 'i'].flatMap((q) => [
	{q, suffix: '', unit: q === 'v' ? 'V' : 'A',
		row: [q === 'v' ? '120' : '5', q === 'v' ? '120' : '5',
			q === 'v' ? '120' : '5']},
	{q, suffix: '_deg', unit: '°', row: ['0', '-120', '120']},
	{q, suffix: '_noise', unit: '%', factor: 0.01, row: ['0', '0', '0']},
	{q, suffix: '_deg_noise', unit: '°', row: ['0', '0', '0']},
]);

export const gridKeys = GRID.flatMap((c) => PHASES.map((p) => c.q + p + c.suffix));

/** The first one is what everybody needs; the others are folded. */
export const sections = [
	{name: 'basic', open: true, grid: true, ends: true, fields: [
		choice('fnom', 'scenario', ['50', '60'], {kind: 'radio', unit: 'Hz',
			numeric: true}),
		number('f', 'signal', 'Hz', {placeholder: 'fnom'}),
		number('f_noise_mhz', 'signal', 'mHz', {placeholder: '0'}),
		{key: 'rate', to: 'scenario', kind: 'rate', value: ''},
	]},
	{name: 'identity', fields: [
		text('station', 'scenario', {placeholder: 'CISOID-SIM'}),
		number('idcode', 'scenario', '', {placeholder: '1'}),
		number('count', 'scenario', '', {placeholder: '1'}),
		tick('concentrate', 'scenario'),
		text('title', 'scenario'),
	]},
	{name: 'noise', fields: [
		choice('noise', 'signal', ['gauss', 'uniform']),
		number('seed', 'scenario', '', {placeholder: '1'}),
		choice('seq', 'signal', ['abc', 'acb']),
	]},
	{name: 'motion', fields: [
		head('ramp'),
		number('rocof', 'signal', 'Hz/s', {placeholder: '0'}),
		number('rocof_s', 'signal', 's', {placeholder: '0'}),
		number('f_to', 'signal', 'Hz'),
		tick('ramp_back', 'ramp'),
		number('ramp_every', 'ramp', 's', {hint: true}),
		head('modulation'),
		number('am', 'signal', '%', {...percent, placeholder: '0'}),
		number('am_hz', 'signal', 'Hz', {placeholder: '0'}),
		number('pm', 'signal', 'rad', {placeholder: '0'}),
		number('pm_hz', 'signal', 'Hz', {placeholder: '0'}),
		head('step'),
		number('step_mag', 'signal', '%', {...percent, placeholder: '0'}),
		number('step_deg', 'signal', '°', {placeholder: '0'}),
		number('step_s', 'signal', 's'),
		number('step_for', 'step', 's', {hint: true}),
		number('step_every', 'step', 's'),
	]},
	{name: 'error', fields: [
		number('err_pct', 'signal', '%', {placeholder: '0'}),
		number('err_deg', 'signal', '°', {placeholder: '0'}),
		number('err_us', 'signal', 'µs', {placeholder: '0', hint: true}),
		head('stat'),
		...FLAGS.map((flag) => tick(`flag_${flag}`, 'flags')),
		tick('test_mode', 'top'),
	]},
	{name: 'distortion', harmonics: true, fields: [
		number('ih', 'signal', '%', percent),
		number('ih_hz', 'signal', 'Hz'),
		number('dc', 'signal', '%', percent),
	]},
	{name: 'reporting', fields: [
		choice('format_numbers', 'format', ['polar', 'rect']),
		choice('format_type', 'format', ['float', 'int']),
		choice('c37', 'top', ['', '2011', '2005'], {numeric: true}),
		choice('cfg', 'top', ['', '2', '3'], {numeric: true}),
		number('cfg_every', 'top', 's', {placeholder: '60', hint: true}),
		number('time_base', 'top', '', {placeholder: '1000000'}),
		number('analogs', 'scenario', '', {placeholder: '0'}),
		number('digitals', 'scenario', '', {placeholder: '0'}),
		choice('for', 'top', RECEIVERS, {hint: true}),
		choice('send', 'scenario', ['spread', 'burst']),
		text('duration', 'top', {hint: true}),
		text('start', 'top', {placeholder: 'now', hint: true}),
	]},
	{name: 'impairments', fields: [
		number('loss', 'impair', '%'), number('burst', 'impair', ''),
		number('dup', 'impair', '%'), number('reorder', 'impair', '%'),
		number('crc', 'impair', '%'), number('trunc', 'impair', '%'),
		number('length', 'impair', '%'), number('back', 'impair', '%'),
		number('back_s', 'impair', 's', {placeholder: '1'}),
		number('delay', 'impair', 'ms'), number('jitter', 'impair', 'ms'),
		number('stop_s', 'impair', 's'), number('stop_every', 'impair', 's'),
	]},
	{name: 'more', fields: [{key: 'more', to: 'more', kind: 'json', hint: true}]},
];

export const fields = sections.flatMap((x) => x.fields)
	.filter((f) => f.kind !== 'head');

/** Keys in the order of the page, less those of rows. */
export const order = sections.flatMap((x) => [
	...x.fields.filter((f) => f.key).map((f) => f.key),
	...(x.grid ? gridKeys : []), ...(x.ends ? ['ends'] : []),
	...(x.harmonics ? ['harmonics'] : [])]);

/** Where a key stands on the page; rows are "ends.0.host". */
export const place = (key) => order.indexOf(String(key).split('.')[0]);

export const MODES = ['tcp-server', 'tcp-client', 'udp', 'udp-server',
	'tcp-udp', 'multicast'];

export function newEnd() {
	return {mode: 'tcp-server', host: '127.0.0.1', port: '4712',
		data_port: '4713', ttl: '', if: '', allow: '', clients: '',
		ports_each: false};
}

/** Values of a form that nobody has touched. */
export function untouched() {
	const values = {ends: [newEnd()], harmonics: [], allow_public: ''};

	for (const field of fields)
		values[field.key] = field.value === undefined ? '' : field.value;
	for (const column of GRID)
		PHASES.forEach((p, row) => {
			values[column.q + p + column.suffix] = column.row[row];
		});
	return values;
}
