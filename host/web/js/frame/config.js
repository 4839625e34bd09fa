// Configuration frames 1, 2 and 3: fields, and what explains data frames.

import {CLAUSE, COMPONENT, FORMAT, analogKind, formatText, hex16}
	from './words.js';

const number = (x) => Number(x.toPrecision(9));

function namesOf(reader, pmu, three) {
	const name = (kind) => (three ? reader.nameCounted(`CHNAM ${kind}`) :
		reader.name16(`CHNAM ${kind}`));
	const many = (n, kind) => Array.from({length: n}, () => name(kind));
	const clause = reader.clause;

	if (three)
		reader.clause = CLAUSE.name3;
	pmu.phasor = many(pmu.phasors, 'phasor').map((x) => ({name: x}));
	pmu.analog = many(pmu.analogs, 'analog').map((x) => ({name: x}));
	pmu.digital = Array.from({length: pmu.digitals}, () =>
		({bits: many(16, 'digital'), mask: 0}));
	reader.clause = clause;
}

function phunit(reader, channel, pmu) {
	reader.u32('PHUNIT', (x) => {
		channel.unit = x >>> 24 ? 'A' : 'V';
		channel.scale = pmu.format & FORMAT.phasor ? 1 : (x & 0xFFFFFF) * 1e-5;
		channel.offset = 0;
		return {value: `${channel.name}: ${number((x & 0xFFFFFF) * 1e-5)}`,
			unit: `${channel.unit} per bit`};
	});
}

function phscale(reader, channel) {
	reader.take('PHSCALE', 12, (view, at) => ({flags: view.getUint16(at),
		kind: view.getUint8(at + 2), user: view.getUint8(at + 3),
		scale: view.getFloat32(at + 4), offset: view.getFloat32(at + 8)}),
	(x) => {
		channel.unit = x.kind & 8 ? 'A' : 'V';
		channel.scale = x.scale;
		channel.offset = x.offset;
		const bits = (name, raw, value) => ({name, raw: raw.toString(16), value,
			unit: '', clause: CLAUSE.config3, bits: true});

		return {value: `${channel.name}: x ${number(x.scale)} ` +
			`${channel.unit}, - ${number(x.offset)} rad, ` +
			COMPONENT[x.kind & 7], children: [bits('modified', x.flags,
			x.flags ? 'see table 11' : 'no'), bits('user', x.user, '')]};
	});
}

function anunit(reader, channel) {
	reader.u32('ANUNIT', (x) => {
		channel.kind = analogKind(x);
		channel.scale = 1;
		channel.offset = 0;
		return `${channel.name}: ${channel.kind}, scale ${x & 0xFFFFFF}`;
	});
}

function anscale(reader, channel) {
	reader.take('ANSCALE', 8, (view, at) => [view.getFloat32(at),
		view.getFloat32(at + 4)], ([scale, offset]) => {
		Object.assign(channel, {scale, offset, kind: ''});
		return `${channel.name}: x ${number(scale)} + ${number(offset)}`;
	});
}

function unitsOf(reader, pmu, three) {
	pmu.phasor.forEach((c) => (three ? phscale(reader, c) :
		phunit(reader, c, pmu)));
	pmu.analog.forEach((c) => (three ? anscale(reader, c) : anunit(reader, c)));
	pmu.digital.forEach((word) => reader.u32('DIGUNIT', (x) => {
		word.mask = x & 0xFFFF;
		return `normal ${hex16(x >>> 16)}, valid ${hex16(x & 0xFFFF)}`;
	}));
}

function placeOf(reader, name, unit) {
	reader.f32(name, (x) => (Number.isFinite(x) ? {value: number(x), unit} :
		'not known'));
}

function descriptionOf(reader) {
	placeOf(reader, 'PMU_LAT', 'deg north');
	placeOf(reader, 'PMU_LON', 'deg east');
	placeOf(reader, 'PMU_ELEV', 'm');
	reader.u8('SVC_CLASS', (x) => (x === 0x50 ? 'P' : x === 0x4D ? 'M' :
		'none of P and M'));
	reader.i32('WINDOW', (x) => ({value: x, unit: 'us'}));
	reader.i32('GRP_DLY', (x) => ({value: x, unit: 'us'}));
}

/** Before memory is taken, the frame must hold what it promises. */
function counts(reader, pmu, three) {
	pmu.phasors = reader.u16('PHNMR');
	pmu.analogs = reader.u16('ANNMR');
	pmu.digitals = reader.u16('DGNMR');
	const least = three ? 13 * pmu.phasors + 9 * pmu.analogs +
		20 * pmu.digitals : 20 * (pmu.phasors + pmu.analogs) +
		260 * pmu.digitals;

	if (least > reader.left())
		throw new RangeError('CHNAM');
}

function pmuOf(reader, three) {
	const pmu = {station: three ? reader.nameCounted('STN') :
		reader.name16('STN')};

	pmu.idcode = reader.u16('IDCODE');
	if (three)
		reader.bytesNamed('G_PMU_ID', 16);
	pmu.format = reader.u16('FORMAT', formatText);
	counts(reader, pmu, three);
	namesOf(reader, pmu, three);
	unitsOf(reader, pmu, three);
	if (three)
		descriptionOf(reader);
	pmu.fnom = reader.u16('FNOM', (x) => ({value: x & 1 ? 50 : 60,
		unit: 'Hz'})) & 1 ? 50 : 60;
	pmu.cfgcnt = reader.u16('CFGCNT');
	return pmu;
}

function rateShown(x) {
	return x > 0 ? {value: x, unit: 'frames/s'} :
		{value: `1 frame in ${-x}`, unit: 's'};
}

/** null for one part of several: CFG-3 may be cut. */
export function configuration(reader, three) {
	reader.clause = three ? CLAUSE.config3 : CLAUSE.config;
	if (three && reader.u16('CONT_IDX', (x) => (x === 0 ? 'the only frame' :
		`part ${x}${x === 0xFFFF ? ', the last' : ''}`)) !== 0)
		return null;
	const timeBase = reader.u32('TIME_BASE', (x) => ({value: x & 0xFFFFFF,
		unit: 'per s'})) & 0xFFFFFF;
	const n = reader.u16('NUM_PMU');
	const pmus = [];

	for (let i = 0; i < n; i++)
		pmus.push(reader.group(`PMU ${i + 1}`, (group) => {
			const pmu = pmuOf(reader, three);

			group.value = pmu.station;
			return pmu;
		}));
	const rate = reader.i16('DATA_RATE', rateShown);

	return {timeBase, pmus, fps: rate > 0 ? rate : rate < 0 ? -1 / rate : NaN};
}

/** Bytes of a data frame of it. */
export function dataLength(known) {
	const pmu = (p) => 2 + p.phasors * (p.format & FORMAT.phasor ? 8 : 4) +
		(p.format & FORMAT.freq ? 8 : 4) +
		p.analogs * (p.format & FORMAT.analog ? 4 : 2) + 2 * p.digitals;

	return 16 + known.pmus.reduce((sum, p) => sum + pmu(p), 0);
}
