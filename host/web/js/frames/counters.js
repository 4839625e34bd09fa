// What was counted, as tables.

import {h, say} from '../dom.js';
import {fixed} from '../format.js';
import {t} from '../i18n.js';
import {measuredRate} from './log.js';

const FACTS = ['frames', 'bytes', 'types', 'crc', 'length', 'late', 'duplicates',
	'gaps', 'latency'];
const STREAM = ['stream', 'idcode', 'configured', 'measured', 'gaps',
	'duplicates', 'late'];

const rate = (x) => (Number.isFinite(x) ? fixed(x, 2) : '–');
const micro = (x) => (Number.isFinite(x) ? fixed(1e3 * x, 2) : '–');

function factsOf(log) {
	const {count} = log;
	const latency = log.latency();
	const types = Object.entries(count.types).map(([k, n]) => `${k} ${n}`);

	return {frames: count.frames, bytes: count.bytes, crc: count.crc,
		types: types.join(', ') || '–', length: count.length,
		late: count.late, duplicates: count.duplicates, gaps: count.gaps,
		latency: `${[latency.p50, latency.p95, latency.max].map(micro)
			.join(' / ')} ms`};
}

function streamRow(stream) {
	return h('tr', {}, h('th', {scope: 'row'}, stream.name || '–'),
		[stream.idcode, rate(stream.fps), rate(measuredRate(stream)),
			stream.gaps, stream.duplicates, stream.late]
			.map((x) => h('td', {}, x)));
}

export function counters() {
	const cells = Object.fromEntries(FACTS.map((k) => [k, h('dd', {}, '–')]));
	const body = h('tbody', {});
	const node = h('section', {class: 'card'}, h('h2', {}, t('n.title')),
		h('p', {class: 'small'}, t('n.lead')), h('dl', {class: 'facts'},
			FACTS.map((k) => h('div', {}, h('dt', {}, t(`n.${k}`)),
				cells[k]))),
		h('div', {class: 'scroll', tabindex: '0', role: 'region',
			'aria-label': t('n.streams')}, h('table', {},
			h('caption', {}, t('n.streams')), h('thead', {}, h('tr', {},
				STREAM.map((k) => h('th', {scope: 'col'},
					t(`n.${k}`))))), body)));

	return {node, update: (log) => {
		for (const [key, text] of Object.entries(factsOf(log)))
			say(cells[key], String(text));
		body.replaceChildren(...[...log.streams.values()].map(streamRow));
	}};
}
