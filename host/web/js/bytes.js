// A frame as bytes beside its fields: what is pointed at, or has the focus, on one
// side is marked on the other.

import {h, say} from './dom.js';
import {attributes} from './frames/attributes.js';
import {t} from './i18n.js';
import {get, put} from './settings.js';

const SHOWN = 2048;
const ROW = 16;
const STEPS = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -ROW, ArrowDown: ROW};
const HOW = ['hex', 'dec', 'ascii'];

/** One byte as text. */
export function byteText(byte, how) {
	if (how === 'dec')
		return String(byte).padStart(3, '\u2007');
	if (how === 'ascii')
		return byte > 32 && byte < 127 ? String.fromCharCode(byte) : '·';
	return byte.toString(16).padStart(2, '0');
}

/** {node, show(frame), find(text)}: frame is what decode() gives. */
export function bytesView(first) {
	const told = h('p', {class: 'small told', role: 'status'});
	const wrong = h('p', {class: 'warning'});
	const tree = attributes((field) => mark(field));
	const dump = h('div', {class: 'hex', tabindex: '0', role: 'group',
		'aria-label': t('b.bytes'), onmouseover: (e) => point(e.target),
		onclick: (e) => point(e.target), onkeydown: (e) => step(e)});
	const how = h('select', {'aria-label': t('b.how'), value: get('bytes') || 'hex',
		onchange: () => {
			put('bytes', how.value);
			draw();
		}}, HOW.map((k) => h('option', {value: k}, t(`b.${k}`))));
	const node = h('div', {class: 'bytes'}, wrong,
		h('div', {class: 'bytes-columns'}, h('div', {}, h('p', {class: 'row'},
			how), dump), tree.node), told);
	let frame = first;
	let cells = [];
	let at = 0;

	function paint(from, len) {
		cells.forEach((cell, i) => cell.classList.toggle('on', i >= from &&
			i < from + len));
	}

	function tell(field) {
		say(told, t('b.told', {name: field.name, value: field.value,
			unit: field.unit, from: field.at, to: field.at + field.len - 1}));
	}

	function mark(field) {
		at = field.at;
		paint(field.at, field.len);
		tree.markField(field.path);
		tell(field);
	}

	function markByte(i, scroll) {
		const field = tree.markAt(i, scroll);

		at = i;
		if (!field)
			return;
		paint(field.at, field.len);
		tell(field);
	}

	function point(target) {
		const i = cells.indexOf(target);

		if (i >= 0)
			markByte(i);
	}

	function step(event) {
		const by = STEPS[event.key];

		if (!by)
			return;
		event.preventDefault();
		markByte(Math.max(0, Math.min(cells.length - 1, at + by)), true);
	}

	function draw() {
		cells = Array.from(frame.bytes.subarray(0, SHOWN), (b) =>
			h('span', {}, byteText(b, how.value)));
		dump.replaceChildren(...cells, frame.bytes.length > SHOWN ?
			t('b.cut', {n: SHOWN}) : '');
	}

	function show(next) {
		frame = next;
		say(wrong, frame.error);
		wrong.hidden = !frame.error;
		draw();
		tree.show(frame.fields);
		say(told, '');
	}

	show(frame);
	return {node, show, find: (text) => tree.find(text)};
}
