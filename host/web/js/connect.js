// How receivers reach what is there: of an endpoint, the settings of each.

const ANY = ['0.0.0.0', '[::]', '::', '*'];

/**
 * {scheme, host, port, data, listens} of a stream of /api/state; null where it is
 * none that a receiver can reach. here: the name this page was opened by.
 */
export function wayOf(stream, clients, here) {
	const name = String(stream.name || '');
	const found = /(tcp|udp):(\[[^\]]+\]|[^:,\s]+):(\d+)/.exec(name);

	if (!found)
		return null;
	const [, scheme, host, port] = found;
	const pushed = clients.some((c) => c.unasked &&
		String(c.address).includes(`${host}:${port}`));
	const data = /data=udp:(?:.*:)?(\d+)/.exec(name);

	return {name, scheme, port, data: data ? data[1] : '', listens: !pushed,
		host: ANY.includes(host) ? here : host};
}

function testerOf(way) {
	if (way.data)
		return `Udp ${way.data}, Alternate Command Channel: ` +
			`Tcp ${way.host}:${way.port}`;
	if (way.scheme === 'tcp')
		return way.listens ? `Tcp ${way.host}:${way.port}` :
			`Tcp ${way.port}, Establish Tcp Server`;
	return way.listens ? `Udp, Enable Multicast / Remote Udp ${way.host}:${way.port}` :
		`Udp ${way.port}`;
}

function openpdcOf(way, idcode) {
	const head = `phasorProtocol=IeeeC37_118V1; accessID=${idcode}; `;
	const at = `${way.host}:${way.port}`;

	if (way.data)
		return `${head}transportProtocol=Udp; localport=${way.data}; ` +
			`commandChannel={protocol=Tcp; server=${at}; isListener=false}`;
	if (way.scheme === 'tcp')
		return head + (way.listens ?
			`transportProtocol=Tcp; server=${at}; isListener=false` :
			`transportProtocol=Tcp; port=${way.port}; isListener=true`);
	return head + (way.listens ?
		`transportProtocol=Udp; localport=${way.port}; server=${at}` :
		`transportProtocol=Udp; localport=${way.port}; interface=0.0.0.0`);
}

function tsharkOf(way) {
	const one = (scheme, port) => `-d ${scheme}.port==${port},synphasor`;

	return `tshark -i any -f 'port ${way.port}${way.data ?
		` or port ${way.data}` : ''}' ${one(way.scheme, way.port)}${way.data ?
		` ${one('udp', way.data)}` : ''} -O synphasor`;
}

function listenOf(way, idcode) {
	if (!way.listens && way.scheme === 'tcp')
		return '';
	const data = way.data ? `,data=udp:${way.data}` : '';

	return `cisoid listen ${way.scheme}:${way.host}:${way.port}${data}` +
		(idcode === 1 ? '' : ` --idcode ${idcode}`);
}

/** [[program, setting]]: for people to copy. */
export function recipesOf(way, idcode) {
	return [['PMU Connection Tester', `${testerOf(way)}; Device ID ${idcode}`],
		['openPDC', openpdcOf(way, idcode)],
		['Wireshark, tshark', tsharkOf(way)],
		['cisoid', listenOf(way, idcode)]].filter(([, text]) => text);
}
