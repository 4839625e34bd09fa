// Controls of single fields: label, input, unit, and a note for hints and errors.
// A number is rewritten in its canonical form when its field is left.

import {h} from '../dom.js';
import {canonical} from '../format.js';
import {catalogue, t} from '../i18n.js';

const labelOf = (value) => (`v.${value}` in catalogue ? t(`v.${value}`) : value);

/** A key in the document: "ends.0.host" is the id f-ends-0-host. */
export const idOf = (key) => `f-${key.replace(/\./g, '-')}`;

function textInput(attributes) {
	return h('input', {type: 'text', autocomplete: 'off', spellcheck: 'false',
		...attributes});
}

export function numberInput(attributes, take) {
	return textInput({...attributes, inputmode: 'decimal',
		oninput: (e) => take(e.target.value),
		onblur: (e) => {
			e.target.value = canonical(e.target.value.trim());
			take(e.target.value);
		}});
}

function select(common, options, take) {
	return h('select', {...common, onchange: (e) => take(e.target.value)},
		options.map((o) => h('option', {value: o}, labelOf(o))));
}

function inputOf(field, common, take) {
	if (field.kind === 'select')
		return select(common, field.options, take);
	if (field.kind === 'rate')
		return select(common, [], take);
	if (field.kind === 'json')
		return h('textarea', {...common, rows: 8, spellcheck: 'false',
			oninput: (e) => take(e.target.value)});
	if (field.kind === 'number')
		return numberInput({...common, placeholder:
			field.placeholder === 'fnom' ? '50' : field.placeholder}, take);
	return textInput({...common, placeholder: field.placeholder,
		oninput: (e) => take(e.target.value)});
}

function tick(field, common, note, take) {
	const box = h('input', {...common, type: 'checkbox',
		onchange: (e) => take(e.target.checked)});
	const node = h('div', {class: 'field tick'}, h('label', {}, box, ' ',
		t(`f.${field.key}`)), note);

	return {box, note, node, field};
}

function radio(field, note, take) {
	const boxes = field.options.map((o) => h('input', {type: 'radio',
		name: field.key, value: o, id: `f-${field.key}-${o}`,
		'data-key': field.key, onchange: () => take(o)}));
	const node = h('fieldset', {class: 'field'}, h('legend', {},
		t(`f.${field.key}`)), boxes.map((b) => h('label', {}, b,
		` ${b.value} ${field.unit} `)), note);

	return {boxes, note, node, field};
}

/** path: the key with its row, where there are rows. */
export function controlOf(field, take, path = field.key) {
	const id = idOf(path);
	const hint = field.hint ? t(`f.${field.key}.hint`) : '';
	const note = h('span', {class: 'note', id: `${id}-note`}, hint);
	const common = {id, 'data-key': path, 'aria-describedby': `${id}-note`};

	if (field.kind === 'radio')
		return {...radio(field, note, take), hint};
	if (field.kind === 'switch')
		return {...tick(field, common, note, take), hint};
	const input = inputOf(field, common, take);
	const node = h('div', {class: `field ${field.kind}`}, h('label', {for: id},
		t(`f.${field.key}`), field.unit &&
		h('span', {class: 'unit'}, ` (${field.unit})`)), input, note);

	return {input, note, node, field, hint};
}

/** Shows a value; the rate's list is made by the form. */
export function show(control, value) {
	if (control.box)
		control.box.checked = Boolean(value);
	else if (control.boxes)
		control.boxes.forEach((b) => {
			b.checked = b.value === value;
		});
	else
		control.input.value = value;
}

export const elementOf = (control) => control.input || control.box ||
	control.boxes[0];
