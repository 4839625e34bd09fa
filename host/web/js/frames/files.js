// Frames as files: CSV, and a capture that Wireshark opens.

import {bytesOf} from '../frame/reader.js';
import {notesOf} from './log.js';

const HEADER = ['arrival_utc', 'time_utc', 'late_s', 'way', 'type', 'idcode', 'len',
	'crc', 'notes', 'stream', 'peer', 'hex'];

function cell(value) {
	const text = String(value === undefined || value === null ? '' : value);

	return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

function row({frame, facts, late, ...entry}) {
	const time = Number.isFinite(facts.ms) ? new Date(facts.ms).toISOString() : '';

	return [frame.t, time, Number.isFinite(late) ? late.toFixed(6) : '',
		frame.way || 'out', facts.type, facts.idcode, frame.hex.length / 2,
		facts.crc ? 'ok' : 'wrong', notesOf({facts, ...entry}), frame.stream,
		frame.peer, frame.hex];
}

export function csvOf(entries) {
	return [HEADER, ...entries.map(row)].map((cells) =>
		cells.map(cell).join(',')).join('\r\n') + '\r\n';
}

const ETHERNET = 1; // LINKTYPE_ETHERNET
const MOST_UDP = 65507;
const WRAP = {eth: 14, ip: 20, udp: 8, record: 16, file: 24};
const HEAD = WRAP.eth + WRAP.ip + WRAP.udp;
const PORT = {pmu: 4712, pdc: 4713};

/** RFC 791: ones' complement of the ones' complement sum. */
function ipChecksum(view, at) {
	let sum = 0;

	for (let i = 0; i < WRAP.ip; i += 2)
		sum += view.getUint16(at + i);
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return ~sum & 0xFFFF;
}

function wrap(view, at, len, way) {
	const ip = at + WRAP.eth;
	const udp = ip + WRAP.ip;

	view.setUint16(at + 12, 0x0800);
	view.setUint8(ip, 0x45);
	view.setUint16(ip + 2, WRAP.ip + WRAP.udp + len);
	view.setUint8(ip + 8, 64);
	view.setUint8(ip + 9, 17);
	view.setUint32(ip + 12, 0x7F000001);
	view.setUint32(ip + 16, 0x7F000001);
	view.setUint16(ip + 10, ipChecksum(view, ip));
	view.setUint16(udp, way === 'in' ? PORT.pdc : PORT.pmu);
	view.setUint16(udp + 2, way === 'in' ? PORT.pmu : PORT.pdc);
	view.setUint16(udp + 4, WRAP.udp + len);
}

function record(view, at, entry, bytes) {
	const ms = Number.isFinite(entry.arrived) ? entry.arrived : 0;

	view.setUint32(at, Math.floor(ms / 1000), true);
	view.setUint32(at + 4, Math.round(ms % 1000 * 1000), true);
	view.setUint32(at + 8, HEAD + bytes.length, true);
	view.setUint32(at + 12, HEAD + bytes.length, true);
	wrap(view, at + WRAP.record, bytes.length, entry.frame.way);
}

/** Each frame in a UDP packet of loopback, at the time it came or went. */
export function pcapOf(entries) {
	const frames = entries.map((entry) => [entry, bytesOf(entry.frame.hex)])
		.filter(([, bytes]) => bytes.length > 0 && bytes.length <= MOST_UDP);
	const out = new Uint8Array(frames.reduce((n, [, bytes]) =>
		n + WRAP.record + HEAD + bytes.length, WRAP.file));
	const view = new DataView(out.buffer);
	let at = WRAP.file;

	view.setUint32(0, 0xA1B2C3D4, true);
	view.setUint16(4, 2, true);
	view.setUint16(6, 4, true);
	view.setUint32(16, 262144, true);
	view.setUint32(20, ETHERNET, true);
	for (const [entry, bytes] of frames) {
		record(view, at, entry, bytes);
		out.set(bytes, at + WRAP.record + HEAD);
		at += WRAP.record + HEAD + bytes.length;
	}
	return out;
}
