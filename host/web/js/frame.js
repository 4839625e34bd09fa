// Frames of C37.118.2 to trees: {name, value, at, len, children}. Places are
// bytes from the start, so that a tree lies beside its bytes.

import {fixed} from './format.js';

const TYPES = ['DATA', 'HDR', 'CFG-1', 'CFG-2', 'CMD', 'CFG-3'];
const COMMANDS = {1: 'data off', 2: 'data on', 3: 'send HDR', 4: 'send CFG-1',
	5: 'send CFG-2', 6: 'send CFG-3', 8: 'extended'};
const PHASORS_BIT = 0b1;
const INT = {phasor: 0b10, analog: 0b100, freq: 0b1000};

export function bytesOf(hex) {
	const clean = (hex || '').replace(/\s+/g, '');
	const out = new Uint8Array(clean.length >> 1);

	for (let i = 0; i < out.length; i++)
		out[i] = parseInt(clean.slice(2 * i, 2 * i + 2), 16);
	return out;
}

class Reader {
	constructor(bytes) {
		this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		this.bytes = bytes;
		this.at = 0;
		this.out = [];
	}

	add(name, len, value, children) {
		this.out.push({name, at: this.at - len, len, value, children});
	}

	take(name, len, read, show = (x) => x) {
		if (this.at + len > this.bytes.length)
			throw new RangeError(`${name} is cut off`);
		const raw = read(this.view, this.at);

		this.at += len;
		this.add(name, len, String(show(raw)));
		return raw;
	}

	u16(name, show) {
		return this.take(name, 2, (v, at) => v.getUint16(at), show);
	}

	u32(name, show) {
		return this.take(name, 4, (v, at) => v.getUint32(at), show);
	}

	i16(name, show) {
		return this.take(name, 2, (v, at) => v.getInt16(at), show);
	}

	f32(name, show) {
		return this.take(name, 4, (v, at) => v.getFloat32(at), show);
	}

	text(name, len) {
		return this.take(name, len, (v, at) => new TextDecoder('latin1')
			.decode(this.bytes.subarray(at, at + len)).trimEnd());
	}

	/** Fields read by f become children of one. */
	group(name, f) {
		const outer = this.out;
		const from = this.at;

		this.out = [];
		const result = f();
		const children = this.out;

		this.out = outer;
		this.out.push({name, at: from, len: this.at - from, value: '', children});
		return result;
	}
}

const hex16 = (x) => `0x${x.toString(16).toUpperCase().padStart(4, '0')}`;
const SYNC = (x) => `${hex16(x)}: ${TYPES[(x >> 4) & 7] || '?'}, ` +
	`version ${x & 15}`;
const SOC = (x) => `${x}: ${new Date(x * 1000).toISOString().slice(0, 19)}Z`;

function fracsec(timeBase) {
	return (x) => {
		const count = x & 0xFFFFFF;
		const part = timeBase ? ` = ${fixed(count / timeBase, 6)} s` : '';

		return `${count}${part}, time quality ${hex16(x >>> 24)}`;
	};
}

function head(reader, timeBase) {
	const sync = reader.u16('SYNC', SYNC);

	reader.u16('FRAMESIZE', (x) => `${x} bytes`);
	reader.u16('IDCODE');
	reader.u32('SOC', SOC);
	reader.u32('FRACSEC', fracsec(timeBase));
	return (sync >> 4) & 7;
}

export function formatText(x) {
	return `${hex16(x)}: ${x & PHASORS_BIT ? 'polar' : 'rectangular'}, phasors ` +
		`${x & INT.phasor ? 'float' : 'int16'}, analogs ` +
		`${x & INT.analog ? 'float' : 'int16'}, frequency ` +
		`${x & INT.freq ? 'float' : 'int16'}`;
}

function channelNames(reader, n, kind) {
	return Array.from({length: n}, (x, i) => reader.text(`${kind} ${i + 1}`, 16));
}

function unitsOf(reader, counts) {
	const phunit = Array.from({length: counts.phasors}, (x, i) =>
		reader.u32(`PHUNIT ${i + 1}`, (u) => `${u >>> 24 ? 'current' :
			'voltage'}, ${u & 0xFFFFFF} × 10⁻⁵ per bit`));

	for (let i = 0; i < counts.analogs; i++)
		reader.u32(`ANUNIT ${i + 1}`);
	for (let i = 0; i < counts.digitals; i++)
		reader.u32(`DIGUNIT ${i + 1}`, (x) => hex16(x >>> 16));
	return phunit;
}

function configuredPmu(reader) {
	const pmu = {station: reader.text('STN', 16)};

	reader.u16('IDCODE');
	pmu.format = reader.u16('FORMAT', formatText);
	pmu.phasors = reader.u16('PHNMR');
	pmu.analogs = reader.u16('ANNMR');
	pmu.digitals = reader.u16('DGNMR');
	pmu.names = reader.group('CHNAM', () => {
		const names = channelNames(reader, pmu.phasors, 'phasor');

		pmu.analogNames = channelNames(reader, pmu.analogs, 'analog');
		channelNames(reader, 16 * pmu.digitals, 'bit');
		return names;
	});
	pmu.phunit = reader.group('units', () => unitsOf(reader, pmu));
	pmu.fnom = reader.u16('FNOM', (x) => (x & 1 ? '50 Hz' : '60 Hz')) & 1 ?
		50 : 60;
	reader.u16('CFGCNT');
	return pmu;
}

function configuration(reader) {
	const timeBase = reader.u32('TIME_BASE') & 0xFFFFFF;
	const n = reader.u16('NUM_PMU');
	const pmus = [];

	for (let i = 0; i < n; i++)
		pmus.push(reader.group(`PMU ${i + 1}`, () => configuredPmu(reader)));
	reader.i16('DATA_RATE', (x) => (x > 0 ? `${x} frames/s` : `${-x} s/frame`));
	return {timeBase, pmus};
}

const degrees = (radians) => radians * 180 / Math.PI;

function polarText(rms, radians) {
	return `${Number(rms.toPrecision(7))} ∠ ${fixed(degrees(radians), 4)}°`;
}

function phasor(reader, pmu, i) {
	const name = pmu.names[i];
	const polar = pmu.format & PHASORS_BIT;
	const float = pmu.format & INT.phasor;
	const scale = float ? 1 : (pmu.phunit[i] & 0xFFFFFF) * 1e-5;
	const from = reader.at;

	reader.group(name, () => {
		const a = float ? reader.f32(polar ? 'magnitude' : 'real') :
			polar ? reader.u16('magnitude') : reader.i16('real');
		const b = float ? reader.f32(polar ? 'angle, rad' : 'imaginary') :
			reader.i16(polar ? 'angle, 10⁻⁴ rad' : 'imaginary');
		const angle = polar ? (float ? b : b * 1e-4) : Math.atan2(b, a);

		pmu.last = polarText(scale * (polar ? a : Math.hypot(a, b)), angle);
	});
	reader.out.find((x) => x.at === from).value = pmu.last;
}

const STAT = ['', 'data error', 'test mode', 'data error, no values'];

function statText(x) {
	const words = [STAT[x >> 14], x & 0x2000 && 'not synchronised',
		x & 0x1000 && 'sorted by arrival', x & 0x0800 && 'trigger',
		x & 0x0400 && 'configuration change', x & 0x0200 && 'modified'];

	return [hex16(x), words.filter(Boolean).join(', ') || 'good'].join(': ');
}

function dataOfPmu(reader, pmu) {
	const float = pmu.format & INT.freq;

	reader.u16('STAT', statText);
	for (let i = 0; i < pmu.phasors; i++)
		phasor(reader, pmu, i);
	if (float) {
		reader.f32('FREQ', (x) => `${Number(x.toPrecision(7))} Hz`);
		reader.f32('DFREQ', (x) => `${Number(x.toPrecision(7))} Hz/s`);
	} else {
		reader.i16('FREQ', (x) => `${x} mHz from ${pmu.fnom} Hz`);
		reader.i16('DFREQ', (x) => `${x / 100} Hz/s`);
	}
	for (let i = 0; i < pmu.analogs; i++)
		if (pmu.format & INT.analog)
			reader.f32(pmu.analogNames[i]);
		else
			reader.i16(pmu.analogNames[i]);
	for (let i = 0; i < pmu.digitals; i++)
		reader.u16(`digital ${i + 1}`, hex16);
}

function body(reader, type, known) {
	if (type === 0 && known)
		known.pmus.forEach((pmu) => (known.pmus.length === 1 ?
			dataOfPmu(reader, pmu) : reader.group(pmu.station,
				() => dataOfPmu(reader, pmu))));
	else if (type === 1)
		reader.text('DATA', reader.bytes.length - reader.at - 2);
	else if (type === 2 || type === 3)
		return configuration(reader);
	else if (type === 4)
		reader.u16('CMD', (x) => `${x}: ${COMMANDS[x] || 'user defined'}`);
	return null;
}

function parse(bytes, known) {
	const reader = new Reader(bytes);
	const document = {bytes, fields: reader.out, error: ''};

	try {
		const type = head(reader, known && known.timeBase);

		document.type = TYPES[type] || '?';
		document.configuration = body(reader, type, known);
		const rest = bytes.length - reader.at - 2;

		if (rest > 0)
			reader.take('DATA', rest, () => `${rest} bytes`);
		reader.u16('CHK', hex16);
	} catch (error) {
		if (!(error instanceof RangeError))
			throw error;
		document.error = error.message;
	}
	return document;
}

/** configurationHex explains data frames; without it their body is one field. */
export function decode(hex, configurationHex) {
	const known = configurationHex ?
		parse(bytesOf(configurationHex), null).configuration : null;

	return parse(bytesOf(hex), known);
}
