// CRC-CCITT of C37.118.2 (annex B): x^16 + x^12 + x^5 + 1, begun with FFFF.

export function crc(bytes, len = bytes.length) {
	let value = 0xFFFF;

	for (let i = 0; i < len; i++) {
		const quick = (value >> 8) ^ bytes[i];
		const mixed = quick ^ (quick >> 4);

		value = ((value << 8) ^ (mixed << 12) ^ (mixed << 5) ^ mixed) & 0xFFFF;
	}
	return value;
}

/** Whether the last two bytes are the CRC of those before. */
export function crcFits(bytes) {
	const n = bytes.length;

	return n >= 4 && crc(bytes, n - 2) === (bytes[n - 2] << 8 | bytes[n - 1]);
}
