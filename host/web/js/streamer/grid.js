// The table of phases, and how to make it balanced.

import {h} from '../dom.js';
import {parseNumber, wrapDegrees} from '../format.js';
import {t} from '../i18n.js';
import {numberInput} from './controls.js';
import {GRID, PHASES} from './fields.js';

/** Phases B and C as A, turned by a third. */
export function balanced(values) {
	const next = {...values};
	const turn = values.seq === 'acb' ? 1 : -1;

	for (const {q, suffix} of GRID) {
		const a = values[`${q}a${suffix}`];
		const angle = parseNumber(a);
		const of = (by) => (suffix === '_deg' && Number.isFinite(angle) ?
			String(wrapDegrees(angle + by)) : a);

		next[`${q}b${suffix}`] = of(120 * turn);
		next[`${q}c${suffix}`] = of(-120 * turn);
	}
	return next;
}

export function grid(form) {
	const note = h('p', {class: 'note', id: 'grid-note'});

	function cell(column, p) {
		const key = column.q + p + column.suffix;
		const label = t(`s.${column.q}${column.suffix}`);
		const input = numberInput({id: `f-${key}`, 'data-key': key,
			'aria-describedby': 'grid-note',
			'aria-label': `${p.toUpperCase()}: ${label}`},
		(value) => form.take(key, value));

		form.controls.set(key, {input, note, hint: ''});
		return h('td', {'data-label': label}, input);
	}

	return [h('table', {class: 'grid'}, h('caption', {}, t('s.phases')),
		h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, t('s.phase')),
			GRID.map((c) => h('th', {scope: 'col'},
				t(`s.${c.q}${c.suffix}`))))),
		h('tbody', {}, PHASES.map((p) => h('tr', {},
			h('th', {scope: 'row', 'data-phase': p.toUpperCase()},
				p.toUpperCase()), GRID.map((c) => cell(c, p)))))), note,
	h('p', {class: 'row'}, h('button', {type: 'button', onclick: () => {
		form.set(balanced(form.values));
		form.changed();
	}}, t('s.balance')), h('span', {class: 'small'}, t('s.sequence')))];
}
