// The word of an endpoint from the fields of a row of the form, and back.

import {bare, isMulticast} from './address.js';
import {newEnd} from './fields.js';
import {integerOf} from './number.js';

const KINDS = {'tcp-server': ['listen', 'tcp'], 'tcp-client': ['stream', 'tcp'],
	udp: ['stream', 'udp'], 'udp-server': ['listen', 'udp'],
	'tcp-udp': ['listen', 'tcp'], multicast: ['stream', 'udp']};

export const kindOf = (end) => KINDS[end.mode][0];
export const usualPort = (mode) => (KINDS[mode][1] === 'tcp' ? '4712' : '4713');

function hostWord(host) {
	const name = bare(host);

	return name.includes(':') ? `[${name}]` : name;
}

/** "tcp:127.0.0.1:4712"; words of other modes are left out. */
export function wordOf(end) {
	const [kind, scheme] = KINDS[end.mode];
	const words = [`${scheme}:${hostWord(end.host)}:${String(end.port).trim()}`];
	const add = (name, value) => value && String(value).trim() &&
		words.push(`${name}=${String(value).trim()}`);

	if (end.mode === 'tcp-udp')
		words.push(`data=udp:${String(end.data_port).trim()}`);
	if (end.mode === 'multicast') {
		add('ttl', end.ttl);
		add('if', end.if);
	}
	if (kind === 'listen') {
		add('clients', end.clients);
		add('allow', end.allow.trim().replace(/[\s,]+/g, '+'));
	}
	if (end.ports_each)
		words.push('ports=each');
	return words.join(',');
}

/** {stream, listen} as the rows are, and which row each of them is. */
export function endpointsOf(ends) {
	const lists = {stream: [], listen: []};
	const rows = {stream: [], listen: []};

	ends.forEach((end, row) => {
		lists[kindOf(end)].push(wordOf(end));
		rows[kindOf(end)].push(row);
	});
	return {lists, rows};
}

function modeOf(kind, scheme, host, options) {
	if (kind === 'listen')
		return options.data ? 'tcp-udp' :
			scheme === 'tcp' ? 'tcp-server' : 'udp-server';
	if (scheme === 'tcp')
		return 'tcp-client';
	return isMulticast(host) ? 'multicast' : 'udp';
}

/** The row of a word; null where the form has none for it. */
export function endOf(kind, word) {
	const found = /^(tcp|udp):(\[[^\]]+\]|[^:]*):(\d+)((?:,.*)?)$/.exec(word);

	if (!found)
		return null;
	const options = Object.fromEntries(found[4].split(',').filter(Boolean)
		.map((x) => x.split('=')));
	const host = bare(found[2]);
	const end = {...newEnd(), mode: modeOf(kind, found[1], host, options), host,
		port: found[3], ports_each: options.ports === 'each'};

	if (options.data)
		end.data_port = (/(\d+)$/.exec(options.data) || ['', ''])[1];
	for (const key of ['ttl', 'if', 'clients', 'allow'])
		if (options[key] !== undefined)
			end[key] = options[key].replace(/\+/g, ', ');
	return end;
}

/** Rows of a request; none where it names no endpoint. */
export function endsOf(body) {
	return ['listen', 'stream'].flatMap((kind) => (body[kind] || [])
		.map((word) => endOf(kind, word))).filter(Boolean);
}

export function checkEnds(errors, ends) {
	ends.forEach((end, i) => {
		integerOf(errors, `ends.${i}.port`, end.port, 0, 65535);
		if (end.mode === 'tcp-udp')
			integerOf(errors, `ends.${i}.data_port`, end.data_port, 0, 65535);
		if (!bare(end.host) || /[\s,=]/.test(bare(end.host)))
			errors.push({field: `ends.${i}.host`, key: 'form.host',
				text: end.host});
	});
}
