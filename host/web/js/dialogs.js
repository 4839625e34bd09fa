// Dialogs: options of this browser, the list of keys, questions.

import {h} from './dom.js';
import {languages, language, t} from './i18n.js';
import {listed} from './keymap.js';
import {get, put} from './settings.js';

const NAMES = {en: 'English', es: 'Español'};

export function dialog(title, ...content) {
	const close = h('button', {type: 'button', onclick: () => box.close()},
		t('close'));
	const box = h('dialog', {'aria-labelledby': 'dialog-title'},
		h('h2', {id: 'dialog-title'}, title), content, close);

	box.addEventListener('close', () => box.remove());
	document.body.append(box);
	box.showModal();
	return box;
}

function choice(label, id, value, options, change) {
	return h('p', {class: 'field'}, h('label', {for: id}, label),
		h('select', {id, value, onchange: (e) => change(e.target.value)},
			options.map(([v, text]) => h('option', {value: v}, text))));
}

/** changed is called after a choice, so that the page shows it at once. */
export function options(changed) {
	const keep = (name) => (value) => {
		put(name, value);
		changed();
	};
	const box = dialog(t('top.options'),
		choice(t('options.language'), 'o-language', language(),
			languages.map((l) => [l, NAMES[l]]), (value) => {
				put('language', value);
				box.close();
				changed();
			}),
		choice(t('options.theme'), 'o-theme', get('theme'),
			['auto', 'light', 'dark'].map((x) => [x, t(`theme.${x}`)]),
			keep('theme')),
		choice(t('options.phases'), 'o-phases', get('phases'),
			['safe', 'iec', 'us'].map((x) => [x, t(`phases.${x}`)]),
			keep('phases')),
		choice(t('options.redraw'), 'o-redraw', String(get('redraw')),
			['1', '2', '5', '10', '20', '30'].map((x) => [x, `${x} Hz`]),
			(value) => put('redraw', Number(value))),
		h('p', {class: 'field'}, h('label', {},
			h('input', {type: 'checkbox', checked: get('shortcuts'),
				onchange: (e) => put('shortcuts', e.target.checked)}),
			' ', t('options.shortcuts'))));
}

/** Asks for a line of text; done gets it unless it is given up or empty. */
export function ask(label, done) {
	const input = h('input', {type: 'text', id: 'ask', maxlength: '80'});
	const box = dialog(label, h('form', {method: 'dialog', onsubmit: () => {
		if (input.value.trim())
			done(input.value.trim());
	}}, h('p', {class: 'field'}, h('label', {for: 'ask'}, label), input),
	h('button', {type: 'submit'}, t('ok'))));

	input.focus();
	return box;
}

/** Asks once; done is called where the answer is yes. */
export function confirm(question, yes, done) {
	const box = dialog(question, h('p', {}, h('button', {type: 'button',
		class: 'start', onclick: () => {
			box.close();
			done();
		}}, yes)));

	return box;
}

export function note(title, text) {
	return dialog(title, h('p', {}, text));
}

export function help() {
	dialog(t('help'), h('dl', {class: 'keys'}, listed().map(({show, help: key}) => [
		h('dt', {}, show.map((x) => [h('kbd', {}, x), ' '])),
		h('dd', {}, t(key))])), get('shortcuts') ? null :
		h('p', {class: 'small'}, t('help.off')));
}
