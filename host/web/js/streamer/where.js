// Who listens where, who connects, what flows: of an endpoint, for a picture and
// a sentence.

import {bare} from './address.js';
import {kindOf} from './endpoint.js';

const HERE = {'tcp-server': ['TCP'], 'udp-server': ['UDP'], 'tcp-udp': ['TCP']};
const ARROWS = {
	'tcp-server': [['in', 'w.ask', 'TCP'], ['out', 'w.data', 'TCP']],
	'tcp-client': [['out', 'w.connect', 'TCP'], ['out', 'w.data', 'TCP']],
	udp: [['out', 'w.data', 'UDP']],
	'udp-server': [['in', 'w.ask', 'UDP'], ['out', 'w.data', 'UDP']],
	'tcp-udp': [['in', 'w.ask', 'TCP'], ['out', 'w.data', 'UDP']],
	multicast: [['out', 'w.data', 'UDP']],
};

function portsOf(end, count) {
	const port = String(end.port).trim();

	return end.ports_each && count > 1 && /^\d+$/.test(port) ?
		`${port}–${Number(port) + count - 1}` : port;
}

/** {here, there}: what each side listens on, or ''; sentence and arrows. */
export function whereOf(end, count = 1) {
	const host = bare(end.host) || '–';
	const address = `${host.includes(':') ? `[${host}]` : host}:` +
		portsOf(end, count);
	const local = kindOf(end) === 'listen';
	const scheme = (HERE[end.mode] || [end.mode === 'tcp-client' ? 'TCP' :
		'UDP'])[0];
	const there = end.mode === 'tcp-udp' ? `UDP ${end.data_port}` :
		local ? '' : `${scheme} ${address}`;

	return {key: `w.${end.mode}`, values: {address, data: end.data_port},
		here: local ? `${scheme} ${address}` : '', there,
		arrows: ARROWS[end.mode]};
}
