// Rows of endpoints: mode, address, port, a picture of who listens where, and
// the tick without which nothing goes far away.

import {h, say} from '../dom.js';
import {parseNumber} from '../format.js';
import {t} from '../i18n.js';
import {farOf, isMulticast} from './address.js';
import {controlOf, show} from './controls.js';
import {usualPort} from './endpoint.js';
import {MODES, newEnd} from './fields.js';
import {whereOf} from './where.js';

const LISTENS = ['tcp-server', 'udp-server', 'tcp-udp'];
const MOST = 16;
const GROUP = '239.1.2.3';
const FIELDS = [
	{key: 'mode', kind: 'select', options: MODES},
	{key: 'host', kind: 'text'},
	{key: 'port', kind: 'number'},
	{key: 'data_port', kind: 'number', only: ['tcp-udp']},
	{key: 'ttl', kind: 'number', placeholder: '1', only: ['multicast']},
	{key: 'if', kind: 'text', only: ['multicast'], hint: true},
];
const MORE = [
	{key: 'allow', kind: 'text', only: LISTENS, hint: true},
	{key: 'clients', kind: 'number', only: LISTENS},
	{key: 'ports_each', kind: 'switch'},
];

/** Another mode has another usual port, and multicast an address of its own. */
export function changedMode(end, mode) {
	const next = {...end, mode};

	if (end.port === usualPort(end.mode))
		next.port = usualPort(mode);
	if (mode === 'multicast' && !isMulticast(end.host))
		next.host = GROUP;
	else if (mode !== 'multicast' && isMulticast(end.host))
		next.host = newEnd().host;
	return next;
}

function box(title, listens) {
	return h('div', {class: 'box'}, h('b', {}, title), listens &&
		h('span', {class: 'small'}, t('w.listens', {address: listens})));
}

function drawn(end, count) {
	const {key, values, here, there, arrows} = whereOf(end, count);

	return [box(t('w.here'), here), h('ul', {class: 'arrows'},
		arrows.map(([way, word, scheme]) => h('li', {class: way},
			way === 'in' ? '← ' : '', `${t(word)} (${scheme})`,
			way === 'out' ? ' →' : ''))), box(t('w.there'), there),
	h('figcaption', {}, t(key, values))];
}

/** form: take(values), controls, values. */
export function ends(form) {
	const rows = h('div', {});
	const far = h('input', {type: 'checkbox', id: 'f-allow_public',
		'data-key': 'allow_public', 'aria-describedby': 'f-allow_public-note',
		onchange: () => form.take('allow_public', far.checked ?
			farOf(form.values.ends) : '')});
	const farText = h('span', {});
	const farNote = h('span', {class: 'note', id: 'f-allow_public-note'});
	const farNode = h('div', {class: 'field tick warning'},
		h('label', {}, far, ' ', farText), farNote);
	const add = h('button', {type: 'button', onclick: () => {
		change([...form.values.ends, newEnd()]);
		form.focus(`ends.${form.values.ends.length - 1}.mode`);
	}}, t('e.add'));
	const node = h('div', {class: 'ends'}, rows, farNode, h('p', {}, add));
	let pictures = [];

	form.controls.set('allow_public', {box: far, note: farNote, node: farNode,
		hint: ''});

	function change(list) {
		form.take('ends', list);
		draw();
	}

	function take(i, key, value) {
		if (form.values.ends[i][key] === value)
			return;
		const list = form.values.ends.map((end, k) => (k !== i ? end :
			key === 'mode' ? changedMode(end, value) :
				{...end, [key]: value}));

		form.take('ends', list);
		if (key !== 'mode')
			return;
		draw();
		form.focus(`ends.${i}.mode`);
	}

	function control(i, field) {
		const path = `ends.${i}.${field.key}`;
		const made = controlOf(field, (value) => take(i, field.key, value), path);

		form.controls.set(path, made);
		show(made, form.values.ends[i][field.key]);
		made.node.hidden = Boolean(field.only) &&
			!field.only.includes(form.values.ends[i].mode);
		return made.node;
	}

	function row(end, i) {
		const picture = h('figure', {class: 'way'});
		const list = form.values.ends;

		pictures[i] = picture;
		return h('fieldset', {class: 'end'},
			h('legend', {}, t('e.title', {n: i + 1})),
			h('div', {class: 'fields'}, FIELDS.map((f) => control(i, f))),
			picture, h('details', {open: Boolean(end.allow || end.clients ||
				end.ports_each)}, h('summary', {}, t('e.more')),
			h('div', {class: 'fields'}, MORE.map((f) => control(i, f)))),
			list.length > 1 && h('p', {}, h('button', {type: 'button',
				onclick: () => {
					change(list.filter((x, k) => k !== i));
					add.focus();
				}}, t('e.remove', {n: i + 1}))));
	}

	function draw() {
		for (const key of [...form.controls.keys()])
			if (key.startsWith('ends.'))
				form.controls.delete(key);
		pictures = [];
		rows.replaceChildren(...form.values.ends.map(row));
		add.hidden = form.values.ends.length >= MOST;
		follow();
	}

	function follow() {
		const count = parseNumber(form.values.count || '1');
		const list = form.values.ends;
		const where = farOf(list);

		list.forEach((end, i) => pictures[i] &&
			pictures[i].replaceChildren(...drawn(end, count)));
		farNode.hidden = where === '';
		far.checked = where !== '' && form.values.allow_public === where;
		say(farText, t('f.allow_public', {hosts: where}));
	}

	return {node, draw, follow};
}
