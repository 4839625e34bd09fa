// Frames of C37.118.2 to trees: {name, at, len, raw, value, unit, clause,
// children}. Places are bytes from the start, so that a tree lies beside its
// bytes; children with `bits` are parts of the word above.

import {configuration, dataLength} from './frame/config.js';
import {crcFits} from './frame/crc.js';
import {data} from './frame/data.js';
import {Reader, bytesOf} from './frame/reader.js';
import {CLAUSE, TYPES, commandText, fracsec, hex16, statText, syncText}
	from './frame/words.js';

export {bytesOf} from './frame/reader.js';
export {formatText} from './frame/words.js';

const HEAD = 14;

function head(reader, timeBase) {
	reader.clause = CLAUSE.common;
	const sync = reader.u16('SYNC', syncText);

	reader.u16('FRAMESIZE', (x) => ({value: x, unit: 'bytes'}));
	reader.u16('IDCODE');
	reader.u32('SOC', (x) => ({unit: 's', value: `${x}: ` +
		`${new Date(x * 1000).toISOString().slice(0, 19)}Z`}));
	reader.u32('FRACSEC', fracsec(timeBase));
	return (sync >> 4) & 7;
}

function command(reader) {
	reader.clause = CLAUSE.command;
	reader.u16('CMD', commandText);
	if (reader.left() > 2)
		reader.bytesNamed('EXTFRAME', reader.left() - 2);
}

function body(reader, type, known) {
	if (type === 0 && known)
		data(reader, known);
	else if (type === 1) {
		reader.clause = CLAUSE.header;
		reader.text('DATA', Math.max(0, reader.left() - 2));
	} else if (type === 2 || type === 3 || type === 5)
		return configuration(reader, type === 5);
	else if (type === 4)
		command(reader);
	return null;
}

function tail(reader, bytes) {
	if (reader.left() > 2)
		reader.bytesNamed(reader.clause === CLAUSE.common ? 'DATA' : '?',
			reader.left() - 2);
	reader.clause = CLAUSE.common;
	reader.u16('CHK', (x) => `${hex16(x)} ${crcFits(bytes) ? 'right' : 'WRONG'}`);
}

function parse(bytes, known) {
	const reader = new Reader(bytes);
	const document = {bytes, fields: reader.out, type: '?', error: '',
		configuration: null};

	try {
		const type = head(reader, known && known.timeBase);

		document.type = (TYPES[type] || '?').toUpperCase();
		document.configuration = body(reader, type, known);
		tail(reader, bytes);
	} catch (error) {
		if (!(error instanceof RangeError))
			throw error;
		document.error = `${error.message} is cut off`;
	}
	return document;
}

/** What a configuration frame tells of data frames; null where it is none. */
export function configurationOf(hex) {
	const document = hex ? parse(bytesOf(hex), null) : null;

	return document && !document.error ? document.configuration : null;
}

/** configurationHex explains data frames; without it their body is one field. */
export function decode(hex, configurationHex) {
	return parse(bytesOf(hex), configurationOf(configurationHex));
}

/**
 * What a table of frames shows: type, idcode, ms (of its time stamp), crc (fits),
 * wrongLength, quality (text). known: that of configurationOf().
 */
export function factsOf(bytes, known) {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

	if (bytes.length < HEAD + 2)
		return {type: '?', idcode: NaN, ms: NaN, crc: false, wrongLength: true,
			quality: '', code: -1};
	const code = (view.getUint16(0) >> 4) & 7;
	const fraction = view.getUint32(10) & 0xFFFFFF;
	const timeBase = known ? known.timeBase : 0;

	return {code, type: TYPES[code] || '?', idcode: view.getUint16(4),
		soc: view.getUint32(6), fraction,
		ms: timeBase || fraction === 0 ? 1000 * view.getUint32(6) +
			(fraction ? 1000 * fraction / timeBase : 0) : NaN,
		crc: crcFits(bytes),
		wrongLength: view.getUint16(2) !== bytes.length ||
			(code === 0 && known !== null && dataLength(known) !== bytes.length),
		quality: code === 0 && bytes.length >= HEAD + 4 ?
			statText(view.getUint16(HEAD)) : ''};
}
