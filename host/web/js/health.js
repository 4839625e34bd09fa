// Health: what was lost, and where.

import {h, say} from './dom.js';
import {t} from './i18n.js';

function namesOf(streams) {
	return streams.map((x) => (typeof x === 'string' ? x :
		[x.name || x.address, x.state].filter(Boolean).join(' '))).join(', ') ||
		t('none');
}

/** [key, text] of each line; counters the program does not have are left out. */
export function healthOf({state, report, gaps, skipped}) {
	const acquisition = state.acquisition || {};
	const counters = [['health.overruns', acquisition.overruns],
		['health.lost', acquisition.lost_scans],
		['health.missed', state.missed], ['health.gaps', gaps.length],
		['health.skipped', skipped],
		['health.display', state.display_skipped],
		['health.unshown', state.unshown], ['health.readers', state.readers]];

	return [['health.acquisition', acquisition.state || '–'],
		...counters.filter(([, n]) => Number.isFinite(n))
			.map(([key, n]) => [key, String(n)]),
		['health.streams', namesOf(state.streams || [])],
		['health.clients', String((state.clients || []).length)],
		['health.flags', (report && report.flags) || '–']];
}

export function health() {
	const list = h('dl', {class: 'facts'});
	const cells = new Map();

	function put([key, text]) {
		if (!cells.has(key)) {
			const dd = h('dd', {});

			cells.set(key, dd);
			list.append(h('div', {}, h('dt', {}, t(key)), dd));
		}
		say(cells.get(key), text);
	}

	return {node: h('section', {class: 'card'}, h('h2', {}, t('health')), list),
		update: (store) => healthOf(store).forEach(put)};
}
