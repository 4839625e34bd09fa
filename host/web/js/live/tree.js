// The tree of traces: reference, device under test, errors; with a search.

import {h, say} from '../dom.js';
import {t} from '../i18n.js';

const GROUPS = ['ref', 'dut', 'err'];

/** Whether a trace is meant by what was typed: every word is in its name. */
export function meant(text, typed) {
	const words = typed.toLowerCase().split(/\s+/).filter(Boolean);

	return words.every((w) => text.toLowerCase().includes(w));
}

function item(trace, on, change) {
	const box = h('input', {type: 'checkbox', checked: on.has(trace.id),
		onchange: () => change(trace.id, box.checked)});
	const text = trace.kind ? `${trace.name} ${t(`live.kind.${trace.kind}`)}` :
		trace.name;

	return {trace, box, text, node: h('label', {'data-phase': trace.phase,
		'data-group': trace.group}, box, h('i', {'aria-hidden': 'true'}), ' ',
	text)};
}

/** change(id, on) is called for each box; update(on) sets them. */
export function tree(traces, on, change) {
	const items = traces.map((x) => item(x, on, change));
	const found = h('span', {class: 'visually-hidden', role: 'status'});
	const search = h('input', {type: 'search', id: 'l-search',
		oninput: () => seek()});
	const groups = GROUPS.map((group) => {
		const own = items.filter((x) => x.trace.group === group);

		return {own, node: own.length > 0 && h('details', {open: group === 'ref' ||
			own.some((x) => on.has(x.trace.id))},
			h('summary', {}, t(`live.group.${group}`)),
			h('div', {class: 'traces'}, own.map((x) => x.node)))};
	});

	function seek() {
		let n = 0;

		for (const {own, node} of groups.filter((g) => g.node)) {
			const shown = own.filter((x) => meant(`${x.text} ` +
				t(`live.group.${x.trace.group}`), search.value));

			own.forEach((x) => {
				x.node.hidden = !shown.includes(x);
			});
			node.hidden = !shown.length;
			node.open = node.open || (search.value !== '' && shown.length > 0);
			n += shown.length;
		}
		say(found, t('live.found', {n}));
	}

	return {node: h('section', {class: 'card tree', 'aria-label':
		t('live.traces')}, h('p', {class: 'field'}, h('label',
		{for: 'l-search'}, t('live.search')), search, found),
	groups.map((g) => g.node || null)),
	search, update: (chosen) => {
		items.forEach((x) => {
			x.box.checked = chosen.has(x.trace.id);
		});
		for (const {own, node} of groups)
			if (own.some((x) => x.box.checked))
				node.open = true;
	}};
}
