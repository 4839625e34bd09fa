// Alarms: what is wrong, since when, and what was wrong and nobody has seen.
// One stays until it is gone and was seen.

import {t} from './i18n.js';

const RECENT_MS = 10000;
const STREAMS_ILL = ['CONNECTING', 'STALE', 'REFUSED', 'ERROR'];

/** Counters whose growth is an alarm for a while. */
function countersOf({state, gaps, skipped}) {
	const {overruns, lost_scans: lost} = state.acquisition || {};
	const count = (x) => (Number.isFinite(x) ? x : 0);

	return {'W-DAQ-OVERRUN': count(overruns) + count(lost),
		'W-DATA-MISSED': count(state.missed), 'W-DATA-GAP': gaps.length,
		'W-WEB-SKIPPED': skipped};
}

/** Streams and pushes that do not reach their receiver. */
function streamsDown({streams = [], clients = []}) {
	const pushes = clients.filter((x) => x.unasked)
		.map((x) => ({...x, name: x.address}));

	return [...streams, ...pushes].filter((x) => STREAMS_ILL.includes(x.state))
		.map((x) => `${x.name} ${x.state}`);
}

/** What the timing front end says of itself, where there is one. */
function frontEndText({front_end: front}) {
	if (!front)
		return '';
	return t('front') + ' ' + (front.link ? front.state || '–' :
		t('front.silent'));
}

function acquisitionAlarm({state: word}) {
	return {'NO DEVICE': 'E-DAQ-NODEVICE', STOPPED: 'E-DAQ-STOPPED',
		OVERRUN: 'W-DAQ-OVERRUN'}[word];
}

/** What is wrong now: a map of codes to details (texts, or ''). */
export function conditionsOf(store) {
	const {state, report, link} = store;
	const found = new Map();

	if (!link.up && link.tries > 0)
		found.set('E-WEB-LINK', '');
	if (!state)
		return found;
	// What is simulated or recorded has the time that it says, unless a front
	// end says it.
	const of = state.time || {};
	const time = (state.origin === 'LIVE' || of.front_end) && of.state;
	const streams = streamsDown(state);
	const acquisition = state.mode === 'run' &&
		acquisitionAlarm(state.acquisition || {});

	if (time === 'HOLDOVER' || time === 'UNLOCKED')
		found.set(`W-TIME-${time}`, frontEndText(of));
	if (acquisition)
		found.set(acquisition, '');
	if (streams.length)
		found.set('W-NET-STREAM', streams.join(', '));
	if (report && report.flags && report.flags !== 'ok')
		found.set('W-EST-FLAGS', report.flags);
	return found;
}

export class Alarms {
	constructor() {
		this.all = new Map();
		this.counters = null;
	}

	/** Looks at the store; ms is the time now. */
	update(store, ms) {
		const now = conditionsOf(store);

		if (store.state)
			this.count(store, ms, now);
		for (const [code, detail] of now)
			this.raise(code, detail, ms);
		for (const alarm of this.all.values())
			if (!now.has(alarm.code) && alarm.gone === null)
				alarm.gone = ms;
		this.sweep();
	}

	count(store, ms, now) {
		const counters = countersOf(store);

		for (const [code, n] of Object.entries(counters)) {
			const before = this.counters ? this.counters[code] : n;
			const alarm = this.all.get(code);

			if (n > before)
				this.grow(code, n - before, ms);
			if (n > before || (alarm && ms - alarm.last < RECENT_MS))
				now.set(code, '');
		}
		this.counters = counters;
	}

	grow(code, n, ms) {
		this.raise(code, '', ms);
		const alarm = this.all.get(code);

		alarm.n += n;
		alarm.last = ms;
	}

	raise(code, detail, ms) {
		const alarm = this.all.get(code);

		if (!alarm)
			this.all.set(code, {code, detail, since: ms, last: ms, gone: null,
				n: 0, seen: false});
		else if (alarm.gone !== null)
			Object.assign(alarm, {detail, since: ms, gone: null, seen: false});
		else
			alarm.detail = detail;
	}

	/** Somebody has looked at the list. */
	see() {
		for (const alarm of this.all.values())
			alarm.seen = true;
		this.sweep();
	}

	sweep() {
		for (const [code, alarm] of this.all)
			if (alarm.gone !== null && alarm.seen)
				this.all.delete(code);
	}

	/** Errors first, then the newest. */
	list() {
		return [...this.all.values()].sort((a, b) =>
			a.code[0].localeCompare(b.code[0]) || b.since - a.since);
	}
}
