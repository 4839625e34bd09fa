// Frames of C37.118.2 for the fake server, written apart from the page's reader.

function crc(bytes) {
	let value = 0xFFFF;

	for (const byte of bytes) {
		value ^= byte << 8;
		for (let i = 0; i < 8; i++)
			value = (value & 0x8000 ? value << 1 ^ 0x1021 : value << 1) & 0xFFFF;
	}
	return value;
}

function frame(sync, ms, body) {
	const out = Buffer.alloc(14 + body.length + 2);

	out.writeUInt16BE(sync, 0);
	out.writeUInt16BE(out.length, 2);
	out.writeUInt16BE(1, 4);
	out.writeUInt32BE(Math.floor(ms / 1000), 6);
	out.writeUInt32BE(Math.round(ms % 1000 * 1000), 10);
	body.copy(out, 14);
	out.writeUInt16BE(crc(out.subarray(0, -2)), out.length - 2);
	return out.toString('hex');
}

function words(...list) {
	const out = Buffer.alloc(2 * list.length);

	list.forEach((x, i) => out.writeUInt16BE(x & 0xFFFF, 2 * i));
	return out;
}

const name = (text) => Buffer.from(text.padEnd(16));

export function commandFrame(command) {
	return frame(0xAA41, Date.now(), words(command));
}

/** Polar, floats; TIME_BASE 1000000; 50 frames a second. */
export function cfg2Frame(channels) {
	const units = Buffer.concat(channels.map((c) =>
		words(c.quantity === 'I' ? 0x0100 : 0, 0)));

	return frame(0xAA31, Date.now(), Buffer.concat([words(15, 0x4240, 1),
		name('CISOID-SIM'), words(1, 0x000F, channels.length, 0, 0),
		...channels.map((c) => name(c.name)), units, words(1, 0, 50)]));
}

export function dataFrame(report) {
	const floats = [...report.phasors.flatMap(([rms, deg]) =>
		[rms, deg * Math.PI / 180]), report.freq_hz, report.rocof_hz_per_s];
	const body = Buffer.alloc(2 + 4 * floats.length);

	floats.forEach((x, i) => body.writeFloatBE(x, 2 + 4 * i));
	return frame(0xAA01, Date.parse(report.t), body);
}
