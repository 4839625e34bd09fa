// What the cursors read, and the markers: tables under the charts.

import {h, say} from '../dom.js';
import {fixed, scaled, utc} from '../format.js';
import {t} from '../i18n.js';
import {between} from '../range.js';
import {nameOf} from '../chart.js';

const EVERY_MS = 300;

const at = (seconds) => (seconds === null ? '–' : utc(seconds * 1000));

/** The table of A, B and what is between them; hidden without a cursor. */
export function cursors() {
	const head = h('tr', {});
	const body = h('tbody', {});
	const caption = h('caption', {});
	let drawn = -Infinity;
	const node = h('div', {class: 'scroll', tabindex: '0', role: 'region',
		'aria-label': t('live.cursors'), hidden: true},
	h('table', {}, caption, h('thead', {}, head), body));

	function update(panes, data, {a, b}) {
		const now = performance.now();

		node.hidden = a === null && b === null;
		if (node.hidden || now - drawn < EVERY_MS)
			return;
		drawn = now;
		const found = between(panes, data, a, b);
		const rows = found.rows.map((r) => h('tr', {},
			h('th', {scope: 'row'}, nameOf(r)),
			[r.a, r.b, r.delta].map((x) =>
				h('td', {}, fixed(x, r.decimals)))));

		say(caption, Number.isFinite(found.dt_s) ? t('live.delta',
			{s: scaled(found.dt_s, 's'), hz: scaled(found.hz, 'Hz')}) :
			t('live.cursors'));
		head.replaceChildren(...[t('live.trace'), `A ${at(a)}`, `B ${at(b)}`,
			'Δ = B − A'].map((x) => h('th', {scope: 'col'}, x)));
		body.replaceChildren(...rows);
	}

	return {node, update};
}

/** The list of markers, each with a button that takes it away. */
export function markerList(marks) {
	const list = h('ol', {});
	const node = h('section', {hidden: true, 'aria-label': t('live.markers')},
		h('h2', {class: 'label'}, t('live.markers')), list);

	function update() {
		node.hidden = !marks.markers.length;
		list.replaceChildren(...marks.markers.map((m, i) => h('li', {},
			`${utc(m.at * 1000)} ${m.text} `, h('button', {type: 'button',
				'aria-label': t('live.unmark', {n: i + 1}),
				onclick: () => {
					marks.markers.splice(i, 1);
					marks.changed();
				}}, '×'))));
	}

	return {node, update};
}
