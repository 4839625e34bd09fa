// Rows of harmonics: order, size, angle.

import {h} from '../dom.js';
import {t} from '../i18n.js';
import {idOf, numberInput} from './controls.js';
import {MOST, newHarmonic} from './harmonics.js';

const COLUMNS = ['n', 'pct', 'deg'];

/** form: take, controls, values, focus. */
export function harmonics(form) {
	const body = h('tbody', {});
	const note = h('p', {class: 'note', id: 'harmonics-note'});
	const add = h('button', {type: 'button', onclick: () => {
		change([...form.values.harmonics, newHarmonic()]);
		form.focus(`harmonics.${form.values.harmonics.length - 1}.n`);
	}}, t('h.add'));
	const table = h('table', {class: 'rows'}, h('caption', {}, t('h.title')),
		h('thead', {}, h('tr', {}, [...COLUMNS.map((c) => t(`h.${c}`)),
			t('h.remove')].map((x) => h('th', {scope: 'col'}, x)))), body);
	const node = h('div', {}, h('p', {class: 'small'}, t('h.lead')), table, note,
		h('p', {}, add));

	function change(list) {
		form.take('harmonics', list);
		draw();
	}

	function cell(i, column) {
		const path = `harmonics.${i}.${column}`;
		const input = numberInput({id: idOf(path), 'data-key': path,
			'aria-describedby': 'harmonics-note', 'aria-label':
			`${t(`h.${column}`)} ${i + 1}`}, (value) => form.take('harmonics',
			form.values.harmonics.map((row, k) => (k === i ?
				{...row, [column]: value} : row))));

		input.value = form.values.harmonics[i][column];
		form.controls.set(path, {input, note, hint: ''});
		return h('td', {}, input);
	}

	function draw() {
		const list = form.values.harmonics;

		for (const key of [...form.controls.keys()])
			if (key.startsWith('harmonics.'))
				form.controls.delete(key);
		body.replaceChildren(...list.map((row, i) => h('tr', {},
			COLUMNS.map((c) => cell(i, c)), h('td', {}, h('button',
				{type: 'button', 'aria-label': `${t('h.remove')} ${row.n}`,
					onclick: () => {
						change(list.filter((x, k) => k !== i));
						add.focus();
					}}, '×')))));
		table.hidden = list.length === 0;
		add.hidden = list.length >= MOST;
	}

	return {node, draw};
}
