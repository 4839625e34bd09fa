// The form: sections of fields, values out of them, errors beside them.

import {h, say} from '../dom.js';
import {t} from '../i18n.js';
import {controlOf, elementOf, show} from './controls.js';
import {ends} from './ends.js';
import {RATES, sections, untouched} from './fields.js';
import {grid} from './grid.js';
import {perMinute} from './impair.js';
import {harmonics} from './rows.js';

const LOW_PORT = 1024;

export class Form {
	constructor(changed) {
		this.changed = changed;
		this.controls = new Map();
		this.wrong = new Set();
		this.marks = new Map();
		this.values = untouched();
		this.summary = h('div', {class: 'errors', tabindex: '-1', role: 'alert'});
		this.summary.hidden = true;
		this.ends = ends(this);
		this.harmonics = harmonics(this);
		this.node = h('form', {novalidate: true, class: 'form',
			onsubmit: (e) => e.preventDefault()}, this.summary,
		sections.map((x) => this.section(x)));
		this.set(this.values);
	}

	section(section) {
		const mark = h('span', {class: 'small'});

		this.marks.set(section.name, mark);
		return h('details', {class: 'card', open: section.open,
			id: `s-${section.name}`}, h('summary', {}, h('h2', {},
			t(`s.${section.name}`)), ' ', mark),
		h('div', {class: 'fields'}, section.fields.map((f) => this.field(f))),
		section.grid && grid(this), section.ends && this.ends.node,
		section.harmonics && this.harmonics.node);
	}

	field(field) {
		if (field.kind === 'head')
			return h('h3', {class: 'head'}, t(`s.${field.name}`));
		const control = controlOf(field, (value) => this.take(field.key, value));

		this.controls.set(field.key, control);
		return control.node;
	}

	take(key, value) {
		if (this.values[key] === value)
			return;
		this.values = {...this.values, [key]: value};
		this.follow();
		this.changed();
	}

	rates() {
		const {input} = this.controls.get('rate');
		const wanted = this.values.rate;
		const nominal = this.values.fnom;
		const list = [...(RATES[nominal] || []).map(String), '1/2', '1/5',
			'1/10'];
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

	note(key, text) {
		const control = this.controls.get(key);

		if (control && !this.wrong.has(key))
			say(control.note, text);
	}

	/** How many fields of a folded section differ from those untouched. */
	countSet() {
		const usual = untouched();

		for (const section of sections.filter((x) => !x.open)) {
			const n = section.fields.filter((f) => f.key &&
				this.values[f.key] !== usual[f.key]).length +
				(section.harmonics ? this.values.harmonics.length : 0);

			say(this.marks.get(section.name), n ? t('s.set', {n}) : '');
		}
	}

	/** What depends on other fields. */
	follow() {
		const {values} = this;
		const bytes = new TextEncoder().encode(values.station).length;
		const minute = perMinute(values);

		this.rates();
		this.controls.get('f').input.placeholder = values.fnom;
		this.note('station', values.station ?
			t('f.station.left', {n: bytes}) : '');
		for (const {key} of sections.find((x) =>
			x.name === 'impairments').fields)
			this.note(key, key in minute ? t('f.impair.minute',
				{n: Number(minute[key].toPrecision(3))}) : '');
		values.ends.forEach((end, i) => this.note(`ends.${i}.port`,
			end.port > 0 && end.port < LOW_PORT ? t('f.port.low') : ''));
		this.ends.follow();
		this.countSet();
	}

	set(values) {
		this.values = {...values};
		for (const [key, control] of this.controls)
			if (key in values && key !== 'rate' && key !== 'allow_public')
				show(control, values[key]);
		this.ends.draw();
		this.harmonics.draw();
		this.follow();
	}

	/** Sections that say something are open. */
	unfold() {
		for (const [name, mark] of this.marks)
			if (mark.textContent)
				this.node.querySelector(`#s-${name}`).open = true;
	}

	clear() {
		this.summary.hidden = true;
		for (const key of this.wrong) {
			const control = this.controls.get(key);

			if (!control)
				continue;
			elementOf(control).removeAttribute('aria-invalid');
			control.note.textContent = control.hint;
		}
		this.wrong.clear();
		this.follow();
	}

	/** errors: [{field, message}]; focus moves to the summary's first field. */
	show(errors, focus) {
		this.clear();
		for (const {field, message} of errors) {
			const control = this.controls.get(field);

			if (!control || this.wrong.has(field))
				continue;
			this.wrong.add(field);
			control.note.textContent = message;
			elementOf(control).setAttribute('aria-invalid', 'true');
		}
		if (focus && errors.length)
			this.summarise(errors);
	}

	summarise(errors) {
		this.summary.hidden = false;
		this.summary.replaceChildren(h('p', {}, t('form.errors',
			{n: errors.length})), h('ul', {}, errors.map((e) => h('li', {},
			this.controls.has(e.field) ? h('a', {href: '#/streamer',
				onclick: (event) => {
					event.preventDefault();
					this.focus(e.field);
				}}, e.message) : e.message))));
		if (!this.focus(errors[0].field))
			this.summary.focus();
	}

	focus(key) {
		const control = this.controls.get(key);

		if (!control)
			return false;
		const input = elementOf(control);

		for (let at = input.closest('details'); at;
			at = at.parentElement.closest('details'))
			at.open = true;
		input.focus();
		return true;
	}
}
