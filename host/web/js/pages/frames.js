// Frames: a log, and the frame chosen from it as bytes beside its tree.

import {bytesView} from '../bytes.js';
import {h} from '../dom.js';
import {decode} from '../frame.js';
import {t} from '../i18n.js';

const ROWS = 30;
const LOOK_MS = 500;
const KINDS = ['', 'DATA', 'CFG', 'HDR', 'CMD'];

function kindOf(frame) {
	return String(frame.type).toUpperCase();
}

export function mount(main, store) {
	const body = h('tbody', {});
	const detail = h('div', {}, h('p', {}, t('fr.choose')));
	const pause = h('button', {type: 'button', 'aria-pressed': 'false',
		onclick: () => freeze()}, t('fr.pause'));
	const kind = h('select', {id: 'fr-kind', onchange: () => draw()},
		KINDS.map((k) => h('option', {value: k}, k || t('fr.all'))));
	let paused = false;
	let seen = NaN;
	let drawn = -Infinity;
	let chosen = null;

	main.replaceChildren(h('h1', {}, t('nav.frames')),
		h('p', {class: 'lead'}, t('fr.lead')),
		h('div', {class: 'row controls'}, h('label', {for: 'fr-kind'},
			t('fr.kind')), kind, pause),
		h('div', {class: 'columns'},
			h('div', {class: 'scroll', tabindex: '0', role: 'region',
				'aria-label': t('fr.log')}, h('table', {class: 'log'},
				h('caption', {}, t('fr.log')),
				h('thead', {}, h('tr', {}, ['fr.time', 'fr.way',
					'fr.kind', 'fr.idcode', 'fr.len']
					.map((k) => h('th', {scope: 'col'}, t(k))))), body)),
			h('section', {class: 'card'}, detail)));

	function show(frame) {
		chosen = frame;
		detail.replaceChildren(h('h2', {}, `${kindOf(frame)}, ` +
			`${frame.len} bytes`), bytesView(decode(frame.hex,
			store.configurations.get(frame.idcode))));
		draw();
	}

	function choose(frame) {
		const time = (frame.t || '').slice(11, 23);

		return h('button', {type: 'button', 'aria-label':
			`${t('fr.show')} ${kindOf(frame)} ${time}`, onclick: () => {
			if (!paused)
				freeze();
			show(frame);
			body.querySelector('[aria-current] button').focus();
		}}, time);
	}

	function row(frame) {
		return h('tr', {'aria-current': frame === chosen && 'true'},
			h('td', {}, choose(frame)),
			h('td', {}, t(`fr.way.${frame.way || 'out'}`)),
			h('td', {}, kindOf(frame)), h('td', {}, frame.idcode),
			h('td', {}, frame.len));
	}

	function draw() {
		const rows = store.frames.filter((f) => kindOf(f).startsWith(kind.value))
			.slice(-ROWS).reverse();

		body.replaceChildren(...(rows.length ? rows.map(row) :
			[h('tr', {}, h('td', {colspan: 5}, t('fr.none')))]));
	}

	function freeze() {
		paused = !paused;
		pause.setAttribute('aria-pressed', String(paused));
		pause.textContent = t(paused ? 'fr.resume' : 'fr.pause');
	}

	function look() {
		const last = store.frames[store.frames.length - 1];
		const busy = body.contains(document.activeElement);

		if (paused || busy || last === seen ||
		    performance.now() - drawn < LOOK_MS)
			return;
		seen = last;
		drawn = performance.now();
		draw();
	}

	const stop = store.watch(look);

	document.addEventListener('freeze', freeze);
	return () => {
		stop();
		document.removeEventListener('freeze', freeze);
	};
}
