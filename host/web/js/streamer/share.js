// A form as a document: user presets, files, links. None of them has an address
// in it, and none is believed: what is not of the right form is refused.

const MOST_BYTES = 1 << 20;
const MOST_LINK = 1 << 16;
const MOST_DEPTH = 8;

const SCALARS = ['number', 'string', 'boolean'];
const TOP = {c37: 'number', cfg: 'number', cfg_every: 'number',
	time_base: 'number', for: 'string', test_mode: 'boolean',
	duration: 'string', start: 'string'};
const SCENARIO = {title: ['string'], fnom: ['number'],
	rate: ['number', 'string'], count: ['number'], idcode: ['number'],
	seed: ['number', 'string'], station: ['string'], analogs: ['number'],
	digitals: ['number'], format: ['string'], concentrate: ['boolean'],
	send: ['string'], impair: ['string']};

/** path: the member that is not of the right form, where it is one. */
export class Wrong extends Error {
	constructor(path, message = path) {
		super(message);
		this.path = path;
	}
}

const isObject = (x) => x !== null && typeof x === 'object' && !Array.isArray(x);

function want(good, path) {
	if (!good)
		throw new Wrong(path);
}

/** Objects, arrays and scalars; no key that JavaScript takes for its own. */
function checkDepth(value, path, depth) {
	want(depth <= MOST_DEPTH, path);
	if (Array.isArray(value))
		value.forEach((x, i) => checkDepth(x, `${path}[${i}]`, depth + 1));
	else if (isObject(value))
		Object.entries(value).forEach(([key, x]) => {
			want(key !== '__proto__', `${path}.${key}`);
			checkDepth(x, `${path}.${key}`, depth + 1);
		});
	else
		want(SCALARS.includes(typeof value), path);
}

function checkEvents(events) {
	want(Array.isArray(events), 'scenario.events');
	events.forEach((event, i) => {
		want(isObject(event), `scenario.events[${i}]`);
		want(typeof event.type === 'string', `scenario.events[${i}].type`);
		want(event.flags === undefined || (Array.isArray(event.flags) &&
			event.flags.every((x) => typeof x === 'string')),
		`scenario.events[${i}].flags`);
	});
}

function checkScenario(scenario) {
	checkDepth(scenario, 'scenario', 0);
	for (const [key, types] of Object.entries(SCENARIO))
		want(scenario[key] === undefined ||
			types.includes(typeof scenario[key]), `scenario.${key}`);
	if (scenario.signal !== undefined) {
		want(isObject(scenario.signal), 'scenario.signal');
		for (const [key, value] of Object.entries(scenario.signal))
			want(['number', 'string'].includes(typeof value),
				`scenario.signal.${key}`);
	}
	if (scenario.events !== undefined)
		checkEvents(scenario.events);
	for (const key of ['groups', 'spread'])
		want(scenario[key] === undefined || isObject(scenario[key]),
			`scenario.${key}`);
}

/** What of a request is no address: {scenario, cfg_every, ...}. */
export function withoutAddresses(body) {
	const out = {scenario: body.scenario};

	for (const key of Object.keys(TOP))
		if (body[key] !== undefined)
			out[key] = body[key];
	return out;
}

/** A request without addresses, of a request or a scenario; throws Wrong. */
export function checked(document) {
	want(isObject(document), 'JSON');
	const body = 'scenario' in document ? document : {scenario: document};

	want(isObject(body.scenario), 'scenario');
	checkScenario(body.scenario);
	for (const [key, type] of Object.entries(TOP))
		want(body[key] === undefined || typeof body[key] === type, key);
	return withoutAddresses(body);
}

/** The same of the text of a file. */
export function checkedText(text) {
	want(text.length <= MOST_BYTES, 'JSON');
	try {
		return checked(JSON.parse(text));
	} catch (error) {
		throw error instanceof Wrong ? error : new Wrong('', error.message);
	}
}

/** "#/streamer?s=...": UTF-8 in base64url. */
export function fragmentOf(body) {
	const bytes = new TextEncoder().encode(JSON.stringify(
		withoutAddresses(body)));
	const text = btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''));

	return `#/streamer?s=${text.replace(/\+/g, '-').replace(/\//g, '_')
		.replace(/=+$/, '')}`;
}

/** The request in a fragment; null where there is none; throws Wrong. */
export function ofFragment(fragment) {
	const found = /^#\/streamer\?s=(.*)$/.exec(fragment);

	if (!found)
		return null;
	want(found[1].length <= MOST_LINK && /^[\w-]+$/.test(found[1]), 'URL');
	let text = '';

	try {
		const bytes = atob(found[1].replace(/-/g, '+').replace(/_/g, '/'));

		text = new TextDecoder('utf-8', {fatal: true}).decode(
			Uint8Array.from(bytes, (c) => c.charCodeAt(0)));
	} catch {
		throw new Wrong('URL');
	}
	return checkedText(text);
}
