// A frame as bytes beside its tree: what is pointed at, or has the focus, on one
// side is marked on the other.

import {h} from './dom.js';
import {t} from './i18n.js';

const SHOWN = 1024;

function tree(fields, mark) {
	return h('ul', {}, fields.map((f) => {
		const line = h('button', {type: 'button', class: 'leaf',
			onmouseenter: () => mark(f), onfocus: () => mark(f),
			onclick: () => mark(f)}, h('b', {}, f.name),
		f.value ? ` ${f.value}` : '');

		return f.children && f.children.length ?
			h('li', {}, h('details', {},
				h('summary', {onmouseenter: () => mark(f),
					onfocus: () => mark(f)}, h('b', {}, f.name),
				f.value ? ` ${f.value}` : ''),
				tree(f.children, mark))) :
			h('li', {}, line);
	}));
}

function innermost(fields, at) {
	const found = fields.find((f) => at >= f.at && at < f.at + f.len);

	if (!found || !found.children)
		return found;
	return innermost(found.children, at) || found;
}

/** frame: what decode() gives. */
export function bytesView(frame) {
	const cells = Array.from(frame.bytes.subarray(0, SHOWN), (b) =>
		h('span', {}, b.toString(16).padStart(2, '0')));
	const told = h('p', {class: 'small', role: 'status'});
	let marked = [];

	function mark(field) {
		marked.forEach((cell) => cell.classList.remove('on'));
		marked = cells.slice(field.at, field.at + field.len);
		marked.forEach((cell) => cell.classList.add('on'));
		told.textContent = t('b.told', {name: field.name, value: field.value,
			from: field.at, to: field.at + field.len - 1});
	}

	const dump = h('div', {class: 'hex', onmouseover: (event) => {
		const field = innermost(frame.fields, cells.indexOf(event.target));

		if (field)
			mark(field);
	}}, cells, frame.bytes.length > SHOWN ? ' …' : '');

	return h('div', {class: 'bytes'}, frame.error &&
		h('p', {class: 'warning'}, frame.error), told,
	h('div', {class: 'bytes-columns'}, dump,
		h('div', {class: 'tree'}, tree(frame.fields, mark))));
}
