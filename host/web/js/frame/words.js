// What the codes of C37.118.2 mean: its words bit by bit.

export const TYPES = ['data', 'hdr', 'cfg1', 'cfg2', 'cmd', 'cfg3'];

/** Tables and clauses of C37.118.2-2011. */
export const CLAUSE = {common: '6.2.1, table 2', time: '6.2.2, table 3',
	quality: '6.2.2, table 4', data: '6.3, table 6', stat: '6.3, table 7',
	config: '6.4, table 9', config3: '6.4, table 11', name3: '6.4, table 12',
	header: '6.5, table 13', command: '6.6, table 15'};

export const hex16 = (x) => x.toString(16).toUpperCase().padStart(4, '0');

const LONG = ['data', 'header', 'configuration 1', 'configuration 2', 'command',
	'configuration 3'];
const COMMANDS = {1: 'data off', 2: 'data on', 3: 'send header',
	4: 'send CFG-1', 5: 'send CFG-2', 6: 'send CFG-3', 8: 'extended frame'};
const QUALITY = ['locked', 'within 1 ns', 'within 10 ns', 'within 100 ns',
	'within 1 us', 'within 10 us', 'within 100 us', 'within 1 ms',
	'within 10 ms', 'within 100 ms', 'within 1 s', 'within 10 s', 'undefined',
	'undefined', 'undefined', 'clock failure, time not reliable'];
const ERROR = ['good', 'PMU error, no data', 'test mode or absent data',
	'PMU error, do not use'];
const PMU_TQ = ['not used (2005)', 'below 100 ns', 'below 1 us', 'below 10 us',
	'below 100 us', 'below 1 ms', 'below 10 ms', 'above 10 ms or unknown'];
const UNLOCKED = ['locked or below 10 s', '10 s to 100 s', '100 s to 1000 s',
	'1000 s and more'];
const TRIGGER = ['manual', 'magnitude low', 'magnitude high',
	'phase angle difference', 'frequency high or low', 'df/dt high', 'reserved',
	'digital'];
const ANALOG = ['single point on wave', 'rms', 'peak'];
export const COMPONENT = ['zero sequence', 'positive sequence',
	'negative sequence', 'reserved', 'phase A', 'phase B', 'phase C',
	'component not told'];

const part = (name, raw, value, clause) => ({name, raw: raw.toString(16), value,
	unit: '', clause, bits: true});

export function syncText(x) {
	return `${LONG[(x >> 4) & 7] || '?'} frame, version ${x & 15}`;
}

export function commandText(x) {
	return COMMANDS[x] || (x >= 0x100 && x < 0x1000 ? 'user\'s own' :
		'undefined');
}

/** FRACSEC: the count, and the byte before it. */
export function fracsec(timeBase) {
	return (x) => {
		const count = x & 0xFFFFFF;
		const byte = x >>> 24;
		const bit = (n, name, value) => part(name, byte >> n & 1, value,
			CLAUSE.time);

		return {value: timeBase ? (count / timeBase).toFixed(9) : String(count),
			unit: timeBase ? 's' : 'parts', children: [
				bit(6, 'leap second direction', byte & 0x40 ? 'delete' :
					'add'),
				bit(5, 'leap second occurred', byte & 0x20 ? 'yes' : ''),
				bit(4, 'leap second pending', byte & 0x10 ? 'yes' : ''),
				part('time quality', byte & 15, QUALITY[byte & 15],
					CLAUSE.quality)]};
	};
}

/** STAT: words of what is not as it should be. */
export function statText(x) {
	const words = [x >> 14 && ERROR[x >> 14], x & 0x2000 && 'not in sync',
		x & 0x1000 && 'sorted by arrival', x & 0x0800 && 'trigger',
		x & 0x0400 && 'configuration change', x & 0x0200 && 'modified'];

	return words.filter(Boolean).join(', ') || 'good';
}

export function stat(x) {
	const bits = (name, shift, mask, value) => part(name, x >> shift & mask, value,
		CLAUSE.stat);

	return {value: statText(x), children: [
		bits('data error', 14, 3, ERROR[x >> 14]),
		bits('PMU sync', 13, 1, x & 0x2000 ? 'not in sync' : 'in sync'),
		bits('data sorting', 12, 1, x & 0x1000 ? 'by arrival' :
			'by time stamp'),
		bits('trigger', 11, 1, x & 0x0800 ? 'detected' : 'none'),
		bits('configuration change', 10, 1, x & 0x0400 ? 'announced' :
			'none'),
		bits('data modified', 9, 1, x & 0x0200 ? 'yes' : 'no'),
		bits('PMU time quality', 6, 7, PMU_TQ[x >> 6 & 7]),
		bits('unlocked time', 4, 3, UNLOCKED[x >> 4 & 3]),
		bits('trigger reason', 0, 15, !(x & 0x0800) ? '' :
			x & 8 ? 'user\'s own' : TRIGGER[x & 7])]};
}

export function digital(word) {
	return (x) => ({value: hex16(x), children: word.bits.map((name, i) =>
		part(name, x >> i & 1, '', CLAUSE.data))
		.filter((b, i) => b.name || word.mask >> i & 1)});
}

export const FORMAT = {polar: 1, phasor: 2, analog: 4, freq: 8};

export function formatText(x) {
	const kind = (bit) => (x & bit ? 'float' : 'int16');

	return `${x & FORMAT.polar ? 'polar' : 'rectangular'}, phasors ` +
		`${kind(FORMAT.phasor)}, analogs ${kind(FORMAT.analog)}, frequency ` +
		kind(FORMAT.freq);
}

export function analogKind(unit) {
	return ANALOG[unit >>> 24] || (unit >>> 24 >= 64 ? 'user\'s own' : 'reserved');
}
