// A receiver of UDP that keeps what comes as a capture, and tshark's reading of it.

import {execFile} from 'node:child_process';
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';

const RAW_IP = 101;
const SNAP = 65536;
const run = promisify(execFile);

/** A port of this computer, and every datagram that came to it. */
export class Receiver {
	constructor() {
		this.datagrams = [];
	}

	async open() {
		this.socket = createSocket({type: 'udp4', recvBufferSize: 1 << 20});
		this.socket.on('message', (bytes) => this.datagrams.push(bytes));
		this.socket.bind(0, '127.0.0.1');
		await once(this.socket, 'listening');
		this.port = this.socket.address().port;
		return this;
	}

	/** How many data frames have come of the seconds after this time in ms. */
	data(since = 0) {
		return this.datagrams.filter((d) => (d[1] >> 4 & 7) === 0 &&
			1000 * d.readUInt32BE(6) >= since).length;
	}

	forget() {
		this.datagrams = [];
	}

	/** What tshark makes of all that came. */
	async read() {
		const folder = mkdtempSync(join(tmpdir(), 'cisoid-web-'));
		const path = join(folder, 'frames.pcap');

		try {
			writeFileSync(path, pcap(this.datagrams, this.port));
			return await tshark(path, `udp.port==${this.port}`);
		} finally {
			rmSync(folder, {recursive: true});
		}
	}
}

function pcap(datagrams, port) {
	const head = Buffer.alloc(24);

	head.writeUInt32LE(0xA1B2C3D4, 0);
	head.writeUInt16LE(2, 4);
	head.writeUInt16LE(4, 6);
	head.writeUInt32LE(SNAP, 16);
	head.writeUInt32LE(RAW_IP, 20);
	return Buffer.concat([head, ...datagrams.flatMap((d) => packet(d, port))]);
}

/** A record of pcap, IPv4 and UDP before the bytes. */
function packet(bytes, port) {
	const record = Buffer.alloc(16);
	const ip = Buffer.from('450000000000000040110000' + '7f0000017f000001', 'hex');
	const udp = Buffer.alloc(8);

	ip.writeUInt16BE(28 + bytes.length, 2);
	udp.writeUInt16BE(port === 4712 ? 4713 : 4712, 0);
	udp.writeUInt16BE(port, 2);
	udp.writeUInt16BE(8 + bytes.length, 4);
	record.writeUInt32LE(28 + bytes.length, 8);
	record.writeUInt32LE(28 + bytes.length, 12);
	return [record, ip, udp, bytes];
}

async function tshark(path, port) {
	const {stdout} = await run('tshark', ['-r', path, '-Y', 'synphasor', '-T',
		'pdml', '-d', `${port},synphasor`],
	{maxBuffer: 1 << 28, env: {...process.env, LC_ALL: 'C.UTF-8'}});

	if (/_ws\.malformed/.test(stdout))
		throw new Error('tshark finds malformed frames');
	return stdout.split('<proto name="synphasor"').slice(1).map(frameOf);
}

const TYPES = ['data', 'hdr', 'cfg1', 'cfg2', 'cmd', 'cfg3'];

/** What stands at an instant: values by their bytes, and as tshark prints them. */
function frameOf(xml) {
	const all = (name) => [...xml.matchAll(
		new RegExp(`<field name="synphasor\\.${name}"([^>]*)>`, 'g'))]
		.map(([, attributes]) => attributes);
	const number = (name) => parseInt(value(all(name)[0]), 16);
	const type = TYPES[number('frtype')];
	const frame = {type, idcode: number('idcode_stream_source'),
		soc: number('soc'), fracsec: number('fracsec_raw'),
		good: /show="1"/.test(all('checksum\\.status')[0])};

	if (type !== 'data')
		return frame;
	return {...frame, phasors: all('phasor').map(phasorOf),
		freq: real(all('actual_frequency_value')[0]),
		rocof: real(all('rate_change_frequency')[0])};
}

const value = (attributes) => / value="([0-9a-f]*)"/.exec(attributes)[1];

const real = (attributes) =>
	Buffer.from(value(attributes), 'hex').readFloatBE(0);

/** Floats in polar form: rms and degrees. */
function phasorOf(attributes) {
	const bytes = Buffer.from(value(attributes), 'hex');
	const [, rms, deg] = /(-?[\d.]+)[VA] ∠ *(-?[\d.]+)°/.exec(attributes);

	return {name: / show="([^"]*)"/.exec(attributes)[1].trim(),
		rms: bytes.readFloatBE(0), deg: bytes.readFloatBE(4) * 180 / Math.PI,
		printed: {rms: Number(rms), deg: Number(deg)}};
}
