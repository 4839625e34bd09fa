// The word of an endpoint from the fields of the form, and back.

const NUMBERS = {'tcp-server': ['listen', 'tcp'], 'tcp-client': ['stream', 'tcp'],
	udp: ['stream', 'udp'], 'udp-server': ['listen', 'udp'],
	'tcp-udp': ['listen', 'tcp'], multicast: ['stream', 'udp']};

function hostWord(host) {
	const bare = host.trim();

	return bare.includes(':') && !bare.startsWith('[') ? `[${bare}]` : bare;
}

/** {stream: [...]} or {listen: [...]}. */
export function endpointOf(values) {
	const [kind, scheme] = NUMBERS[values.mode];
	const words = [`${scheme}:${hostWord(values.host)}:${values.port.trim()}`];
	const add = (name, value) => value && value.trim() &&
		words.push(`${name}=${value.trim()}`);

	if (values.mode === 'tcp-udp')
		words.push(`data=udp:${values.data_port.trim()}`);
	if (values.mode === 'multicast') {
		add('ttl', values.ttl);
		add('if', values.if);
	}
	if (kind === 'listen') {
		add('clients', values.clients);
		add('allow', values.allow.replace(/[\s,]+/g, '+'));
	}
	if (values.ports_each)
		words.push('ports=each');
	return {[kind]: [words.join(',')]};
}

/** 224.0.0.0/4 and ff00::/8. */
export function isMulticast(host) {
	return /^(22[4-9]|23\d)\./.test(host) || /^ff[0-9a-f]{2}:/i.test(host);
}

function modeOf(kind, scheme, host, options) {
	if (kind === 'listen')
		return options.data ? 'tcp-udp' :
			scheme === 'tcp' ? 'tcp-server' : 'udp-server';
	if (scheme === 'tcp')
		return 'tcp-client';
	return isMulticast(host) ? 'multicast' : 'udp';
}

/** Fields of the first endpoint of a request; null where there is none. */
export function endpointValues(body) {
	const kind = body.listen && body.listen.length ? 'listen' : 'stream';
	const word = (body[kind] || [])[0];
	const found = /^(tcp|udp):(\[[^\]]+\]|[^:]*):(\d+)((?:,.*)?)$/.exec(word || '');

	if (!found)
		return null;
	const options = Object.fromEntries(found[4].split(',').filter(Boolean)
		.map((x) => x.split('=')));
	const host = found[2].replace(/^\[|\]$/g, '');
	const values = {mode: modeOf(kind, found[1], host, options), host,
		port: found[3], ports_each: options.ports === 'each'};

	if (options.data)
		values.data_port = /(\d+)$/.exec(options.data)[1];
	for (const key of ['ttl', 'if', 'clients', 'allow'])
		if (options[key] !== undefined)
			values[key] = options[key].replace(/\+/g, ', ');
	return values;
}
