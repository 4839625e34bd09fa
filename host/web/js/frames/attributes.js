// The fields of a frame as rows of a table: below each other, those of a group or
// a word behind a button that opens it.

import {h} from '../dom.js';
import {t} from '../i18n.js';

const MOST_FOUND = 300;
const COLUMNS = ['a.name', 'a.raw', 'a.value', 'a.unit', 'a.clause'];

/** Fields that have a text in their name or value, each with its path. */
export function found(fields, text, path = '') {
	const wanted = text.toLowerCase();

	return fields.flatMap((field) => {
		const here = path ? `${path} › ${field.name}` : field.name;
		const own = `${field.name} ${field.value}`.toLowerCase()
			.includes(wanted) ? [{...field, path: here, title: here}] : [];

		return [...own, ...found(field.children || [], text, here)];
	}).slice(0, MOST_FOUND);
}

/** Fields to show, with level and path, below groups that are open. */
export function visible(fields, open, level = 0, path = '') {
	return fields.flatMap((field, i) => {
		const here = `${path}/${i}:${field.name}`;
		const row = {...field, path: here, title: field.name, level};

		return field.children && field.children.length && open.has(here) ?
			[row, ...visible(field.children, open, level + 1, here)] : [row];
	});
}

function short(raw) {
	return raw.length > 16 ? `${raw.slice(0, 16)}…` : raw;
}

/** mark(field) is called for what is pointed at or has the focus. */
export function attributes(mark) {
	const body = h('tbody', {});
	const node = h('div', {class: 'tree'}, h('table', {},
		h('thead', {}, h('tr', {}, COLUMNS.map((k) => h('th', {scope: 'col',
			class: k.slice(2)}, t(k))))), body));
	const open = new Set();
	let fields = [];
	let search = '';
	let rows = [];

	function toggle(field) {
		if (!open.delete(field.path))
			open.add(field.path);
		draw();
		const again = rows.find((r) => r.field.path === field.path);

		if (again)
			again.node.querySelector('button').focus();
	}

	function row(field) {
		const group = !search && field.children && field.children.length > 0;
		const button = h('button', {type: 'button', class: 'leaf',
			'aria-expanded': group && String(open.has(field.path)),
			onfocus: () => mark(field),
			onclick: () => (group ? toggle(field) : mark(field))},
		group ? (open.has(field.path) ? '▾ ' : '▸ ') : '', field.title);
		const node = h('tr', {onmouseenter: () => mark(field)},
			h('th', {scope: 'row', class: `name level-${Math.min(3,
				field.level || 0)}`}, button),
			h('td', {class: 'raw'}, short(field.raw)),
			h('td', {class: 'value-cell'}, field.value),
			h('td', {class: 'unit'}, field.unit),
			h('td', {class: 'clause'}, field.clause));

		return {field, node};
	}

	function draw() {
		rows = (search ? found(fields, search) : visible(fields, open)).map(row);
		body.replaceChildren(...rows.map((r) => r.node));
		if (!rows.length)
			body.replaceChildren(h('tr', {}, h('td', {colspan: 5},
				t('a.nothing', {text: search}))));
	}

	return {node,
		show: (next) => {
			fields = next;
			draw();
		},
		find: (text) => {
			search = text.trim();
			draw();
		},
		/** The narrowest row that holds a byte gets the mark. */
		markAt: (at, scroll) => {
			const holding = rows.filter(({field}) => at >= field.at &&
				at < field.at + field.len && !field.bits);
			const best = holding.sort((a, b) => a.field.len - b.field.len)[0];

			rows.forEach((r) => r.node.classList.toggle('on', r === best));
			if (best && scroll)
				best.node.scrollIntoView({block: 'nearest'});
			return best && best.field;
		},
		markField: (path) => rows.forEach((r) => r.node.classList.toggle('on',
			r.field.path === path))};
}
