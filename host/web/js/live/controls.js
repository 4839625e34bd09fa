// The controls over the charts of Live.

import {h} from '../dom.js';
import {t} from '../i18n.js';

export const WINDOWS = [1, 2, 5, 10, 30, 60, 300, 900, 3600];

const windowText = (n) => (n < 60 ? t('live.seconds', {n}) :
	t('live.minutes', {n: n / 60}));
const tell = (name) => document.dispatchEvent(new Event(name));

function button(key, action, more) {
	return h('button', {type: 'button', onclick: action, ...more}, t(key));
}

function presetBox({presets, chosen, first, change}) {
	return h('select', {id: 'l-preset', value: chosen.preset,
		onchange: (e) => change({preset: e.target.value})},
	[...presets, 'own'].map((p) => h('option', {value: p,
		hidden: p === 'own'}, t(`live.preset.${p}`, {name: first}))));
}

function windowBoxOf({chosen, change}) {
	return h('select', {id: 'l-window', value: chosen.window,
		onchange: (e) => change({window: Number(e.target.value)})},
	WINDOWS.map((n) => h('option', {value: n}, windowText(n))));
}

function upright({marks, chosen, change}) {
	const lock = h('input', {type: 'checkbox', checked: marks.locked,
		onchange: () => {
			marks.locked = lock.checked;
			marks.changed();
		}});

	return {lock, nodes: [
		button('live.taller', () => tell('taller'),
			{'aria-label': t('live.taller.long')}),
		button('live.flatter', () => tell('flatter'),
			{'aria-label': t('live.flatter.long')}),
		button('live.reset', () => tell('resetzoom')),
		h('label', {}, lock, ' ', t('live.lock')),
		h('label', {}, h('input', {type: 'checkbox', checked: chosen.smooth,
			onchange: (e) => change({smooth: e.target.checked})}), ' ',
		t('live.unwrap'))]};
}

function cursorKeys(marks) {
	const both = ['a', 'b'].map((name) => button(`live.cursor.${name}`, () => {
		marks.active = name;
		show();
	}));

	function show() {
		both.forEach((node, i) => node.setAttribute('aria-pressed',
			String(marks.active === 'ab'[i])));
	}

	show();
	return {show, nodes: [...both, button('live.nocursor',
		() => tell('nocursor')), button('live.mark', () => tell('mark'))]};
}

/** what: {presets, chosen, first, marks, change}. */
export function controls(what) {
	const windowBox = windowBoxOf(what);
	const preset = presetBox(what);
	const freeze = button('freeze', () => tell('freeze'),
		{'aria-pressed': 'false'});
	const heights = upright(what);
	const keys = cursorKeys(what.marks);
	const node = h('div', {}, h('div', {class: 'row controls'},
		h('label', {for: 'l-preset'}, t('live.preset')), preset,
		h('label', {for: 'l-window'}, t('live.window')), windowBox, freeze,
		['csv', 'png', 'svg'].map((x) => button(`live.export.${x}`,
			() => tell(`export-${x}`)))),
	h('details', {class: 'controls'}, h('summary', {}, t('live.more')),
		h('div', {class: 'row'}, heights.nodes),
		h('div', {class: 'row'}, keys.nodes, h('span', {class: 'small'},
			t('live.cursor.how')))));

	return {node, windowBox, preset, freeze, lock: heights.lock,
		showCursor: keys.show};
}
