// Which addresses are far away: outside this computer, private networks,
// link-local and multicast. The program decides; this asks beforehand.

function ip4(host) {
	const parts = host.split('.');

	return parts.length === 4 && parts.every((p) => /^\d{1,3}$/.test(p) &&
		Number(p) <= 255) ? parts.map(Number) : null;
}

function near4([a, b]) {
	return a === 127 || a === 10 || (a === 172 && b >= 16 && b <= 31) ||
		(a === 192 && b === 168) || (a === 169 && b === 254) ||
		(a >= 224 && a <= 239);
}

export function bare(host) {
	return String(host).trim().replace(/^\[|\]$/g, '');
}

/** 224.0.0.0/4 and ff00::/8. */
export function isMulticast(host) {
	return /^(22[4-9]|23\d)\./.test(host) || /^ff[0-9a-f]{2}:/i.test(bare(host));
}

/** A name may be anywhere, but for localhost. */
export function isFar(host) {
	const text = bare(host).toLowerCase();
	const four = ip4(text.replace(/^::ffff:/, ''));

	if (text === '' || text === 'localhost')
		return false;
	if (four)
		return !near4(four);
	if (!text.includes(':'))
		return true;
	return !(text === '::1' || /^f[cd][0-9a-f]{2}:/.test(text) ||
		/^fe[89ab][0-9a-f]:/.test(text) || isMulticast(text));
}

const SENDS = ['tcp-client', 'udp', 'multicast'];

/** Addresses that a person has to agree to, each once: "192.0.2.1, pdc". */
export function farOf(ends) {
	const far = ends.filter((e) => SENDS.includes(e.mode) && isFar(e.host))
		.map((e) => bare(e.host));

	return [...new Set(far)].join(', ');
}
