// The form: controls of the table of fields, values out of them, errors beside
// them. A number is rewritten in its canonical form when its field is left.

import {h, say} from '../dom.js';
import {canonical, parseNumber, wrapDegrees} from '../format.js';
import {t} from '../i18n.js';
import {FLAGS, GRID, MODES, PHASES, RATES, sections, untouched} from './fields.js';

const STATION_BYTES = 16;

const labelOf = (value) => (value.match(/^\d|^(pmuct|openpdc|wireshark|strict)/) ?
	value : t(`v.${value}`));

function numeric(attributes) {
	return h('input', {type: 'text', inputmode: 'decimal', autocomplete: 'off',
		spellcheck: 'false', ...attributes});
}

export class Form {
	constructor(changed) {
		this.changed = changed;
		this.controls = new Map();
		this.values = untouched();
		this.summary = h('div', {class: 'errors', tabindex: '-1', role: 'alert'});
		this.summary.hidden = true;
		this.node = h('form', {novalidate: true, class: 'form',
			onsubmit: (e) => e.preventDefault()}, this.summary,
		sections.map((x) => this.section(x)));
		this.set(this.values);
	}

	section(section) {
		const id = `s-${section.name}`;

		return h('details', {class: 'card', open: !section.closed, id},
			h('summary', {}, h('h2', {}, t(`s.${section.name}`))),
			h('div', {class: 'fields'},
				section.fields.map((f) => this.field(f))),
			section.grid && this.grid());
	}

	input(field, id) {
		const change = (value) => this.take(field.key, value);
		const common = {id, 'data-key': field.key,
			'aria-describedby': `${id}-note`};

		if (field.kind === 'select')
			return h('select', {...common,
				onchange: (e) => change(e.target.value)},
			field.options.map((o) => h('option', {value: o}, labelOf(o))));
		if (field.kind === 'rate')
			return h('select', {...common,
				onchange: (e) => change(e.target.value)});
		if (field.kind === 'json')
			return h('textarea', {...common, rows: 5, spellcheck: 'false',
				oninput: (e) => change(e.target.value)});
		if (field.kind === 'number')
			return this.number({...common, placeholder:
				field.placeholder === 'fnom' ? '50' : field.placeholder});
		return h('input', {...common, type: 'text', autocomplete: 'off',
			spellcheck: 'false', placeholder: field.placeholder,
			oninput: (e) => change(e.target.value)});
	}

	number(attributes) {
		const key = attributes['data-key'];

		return numeric({...attributes,
			oninput: (e) => this.take(key, e.target.value),
			onblur: (e) => {
				e.target.value = canonical(e.target.value.trim());
				this.take(key, e.target.value);
			}});
	}

	field(field) {
		const id = `f-${field.key}`;
		const note = h('span', {class: 'note', id: `${id}-note`},
			field.hint && t(`f.${field.key}.hint`));

		if (field.kind === 'radio')
			return this.radio(field, note);
		if (field.kind === 'switch') {
			const box = h('input', {type: 'checkbox', id,
				'data-key': field.key, 'aria-describedby': `${id}-note`,
				onchange: (e) => this.take(field.key, e.target.checked)});

			this.controls.set(field.key, {box, note});
			return h('div', {class: 'field tick'}, h('label', {for: id}, box,
				' ', t(`f.${field.key}`)), note);
		}
		const input = this.input(field, id);
		const node = h('div', {class: `field ${field.kind}`},
			h('label', {for: id}, t(`f.${field.key}`), field.unit &&
				h('span', {class: 'unit'}, ` (${field.unit})`)), input, note);

		this.controls.set(field.key, {input, note, node, field});
		return node;
	}

	radio(field, note) {
		const boxes = field.options.map((o) => h('input', {type: 'radio',
			name: field.key, value: o, id: `f-${field.key}-${o}`,
			'data-key': field.key,
			onchange: () => this.take(field.key, o)}));

		boxes.forEach((b, i) => {
			b.value = field.options[i];
		});
		this.controls.set(field.key, {boxes, note});
		return h('fieldset', {class: 'field'}, h('legend', {},
			t(`f.${field.key}`)), boxes.map((b) => h('label', {}, b,
			` ${b.value} ${field.unit} `)), note);
	}

	grid() {
		const notes = h('p', {class: 'note', id: 'grid-note'});
		const cell = (column, p) => {
			const key = column.q + p + column.suffix;
			const input = this.number({id: `f-${key}`, 'data-key': key,
				'aria-describedby': 'grid-note', 'aria-label':
				`${p.toUpperCase()}: ${t(`s.${column.q}${column.suffix}`)}`});

			this.controls.set(key, {input, note: notes});
			return h('td', {'data-label': t(`s.${column.q}${column.suffix}`)},
				input);
		};

		return [h('table', {class: 'grid'}, h('caption', {}, t('s.phases')),
			h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, t('s.phase')),
				GRID.map((c) => h('th', {scope: 'col'},
					t(`s.${c.q}${c.suffix}`))))),
			h('tbody', {}, PHASES.map((p) => h('tr', {},
				h('th', {scope: 'row'}, p.toUpperCase()),
				GRID.map((c) => cell(c, p)))))), notes,
		h('p', {class: 'row'}, h('button', {type: 'button',
			onclick: () => this.balance()}, t('s.balance')),
		h('span', {class: 'small'}, t('s.sequence')))];
	}

	balance() {
		const values = {...this.values};
		const turn = values.seq === 'acb' ? 1 : -1;

		for (const {q, suffix} of GRID) {
			const a = values[`${q}a${suffix}`];
			const angle = parseNumber(a);
			const of = (by) => (suffix === '_deg' && Number.isFinite(angle) ?
				String(wrapDegrees(angle + by)) : a);

			values[`${q}b${suffix}`] = of(120 * turn);
			values[`${q}c${suffix}`] = of(-120 * turn);
		}
		this.set(values);
		this.changed();
	}

	take(key, value) {
		if (this.values[key] === value)
			return;
		this.values[key] = value;
		this.follow();
		this.changed();
	}

	rates() {
		const {input} = this.controls.get('rate');
		const wanted = this.values.rate;
		const nominal = this.values.fnom;
		const list = [...RATES[nominal].map(String), '1/2', '1/5', '1/10'];
		const known = list.includes(wanted) || wanted === '';

		if (input.dataset.nominal !== nominal || !known) {
			input.dataset.nominal = nominal;
			input.replaceChildren(h('option', {value: ''},
				`${nominal} (${t('v.')})`),
			...(known ? list : [wanted, ...list]).map((r) =>
				h('option', {value: r}, r)));
		}
		input.value = wanted;
	}

	/** What depends on other fields. */
	follow() {
		const {values} = this;
		const bytes = new TextEncoder().encode(values.station).length;

		this.rates();
		this.controls.get('f').input.placeholder = values.fnom;
		say(this.controls.get('station').note, values.station ?
			t('f.station.left', {n: bytes}) : '');
		this.controls.get('station').node.classList.toggle('wrong',
			bytes > STATION_BYTES);
		for (const {node, field} of this.controls.values())
			if (field && field.only)
				node.hidden = !field.only.includes(values.mode);
	}

	set(values) {
		this.values = {...values};
		for (const [key, control] of this.controls)
			if (control.box)
				control.box.checked = values[key];
			else if (control.boxes)
				control.boxes.forEach((b) => {
					b.checked = b.value === values[key];
				});
			else if (key !== 'rate')
				control.input.value = values[key];
		this.follow();
	}

	clear() {
		this.summary.hidden = true;
		for (const [, control] of this.controls) {
			const input = control.input || control.box;

			if (input && input.getAttribute('aria-invalid')) {
				input.removeAttribute('aria-invalid');
				control.note.textContent = '';
			}
		}
		this.follow();
	}

	/** errors: [{field, message}]; focus moves to the summary's first field. */
	show(errors, focus) {
		this.clear();
		for (const {field, message} of errors) {
			const control = this.controls.get(field);

			if (!control)
				continue;
			control.note.textContent = message;
			(control.input || control.box || control.boxes[0])
				.setAttribute('aria-invalid', 'true');
		}
		if (!focus || !errors.length)
			return;
		this.summary.hidden = false;
		this.summary.replaceChildren(h('p', {}, t('form.errors',
			{n: errors.length})), h('ul', {}, errors.map((e) => h('li', {},
			h('a', {href: '#', onclick: (event) => {
				event.preventDefault();
				this.focus(e.field);
			}}, e.message)))));
		if (!this.focus(errors[0].field))
			this.summary.focus();
	}

	focus(key) {
		const control = this.controls.get(key);

		if (!control)
			return false;
		const input = control.input || control.box || control.boxes[0];

		input.closest('details').open = true;
		input.focus();
		return true;
	}
}

/** The field that an error of the API names: "scenario.signal.va" is va. */
export function fieldOf(path) {
	const last = String(path || '').replace(/\[\d+\].*$/, '').split('.').pop();

	if (last === 'stream' || last === 'listen')
		return 'host';
	if (last === 'events' || last === 'groups' || last === 'spread')
		return 'more';
	if (last === 'format')
		return 'format_numbers';
	if (last === 'impair')
		return 'loss';
	return FLAGS.includes(last) ? `flag_${last}` :
		MODES.includes(last) ? 'mode' : last;
}
