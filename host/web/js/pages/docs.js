// Documentation: what the numbers mean, how to connect a receiver to what runs
// now, keys, licence.

import {h} from '../dom.js';
import {t} from '../i18n.js';
import {recipesOf, wayOf} from '../connect.js';
import {listed} from '../keymap.js';

const LOOK_MS = 1000;
const MOST = 20;
const SECTIONS = [['d.numbers', 6], ['d.flags', 3], ['d.time', 4],
	['d.badges', 4]];
const COMMANDS = `cisoid simulate --f 50.1 --listen tcp:127.0.0.1:4712
cisoid listen tcp:127.0.0.1:4712 --doctor
cisoid listen tcp:127.0.0.1:4712 --pcap talk.pcap --duration 10s
cisoid decode --tree talk.pcap`;

const code = (text, label) => h('pre', {tabindex: '0', role: 'region',
	'aria-label': label}, h('code', {}, text));

function items(key, n) {
	return h('ul', {}, Array.from({length: n}, (x, i) =>
		h('li', {}, t(`${key}.${i + 1}`))));
}

function endpoint(way, idcode) {
	return h('section', {class: 'card'}, h('h3', {}, h('code', {}, way.name)),
		h('p', {class: 'small'}, t(way.listens ? 'd.listens' : 'd.sends',
			{host: way.host, port: way.port})),
		h('dl', {class: 'recipes'}, recipesOf(way, idcode).map(([who, text]) =>
			[h('dt', {}, who), h('dd', {}, code(text, `${who} ${way.name}`))])));
}

/** The endpoints that are there now. */
function live(store) {
	const node = h('div', {});
	let shown = null;
	let looked = -Infinity;

	function look() {
		const {state} = store;
		const now = performance.now();

		if (!state || now - looked < LOOK_MS)
			return;
		looked = now;
		const any = store.configurations.keys().next().value || 1;
		const ways = (state.streams || []).map((s) => wayOf(s,
			state.clients || [], location.hostname)).filter(Boolean)
			.slice(0, MOST).map((w) => ({...w,
				idcode: store.idcodes.get(w.name) || any}));
		const key = JSON.stringify(ways);

		if (key === shown || node.contains(document.activeElement))
			return;
		shown = key;
		node.replaceChildren(...(ways.length ? ways.map((w) =>
			endpoint(w, w.idcode)) : [h('p', {}, t('d.nothing'))]));
	}

	return {node, look};
}

function keys() {
	return h('dl', {class: 'keys'}, listed().map(({show, help}) => [
		h('dt', {}, show.map((x) => [h('kbd', {}, x), ' '])),
		h('dd', {}, t(help))]));
}

function more() {
	const link = (href, key) => h('li', {}, h('a', {href}, t(key)));

	return h('ul', {}, link('api/state', 'd.state'), link('metrics', 'd.metrics'),
		h('li', {}, t('d.api')), h('li', {}, t('d.man')));
}

export function mount(main, store) {
	const now = live(store);

	main.replaceChildren(h('h1', {}, t('nav.docs')), h('div', {class: 'prose'},
		SECTIONS.map(([key, n]) => [h('h2', {}, t(key)), items(key, n)]),
		h('h2', {}, t('d.pdc')), items('d.pdc', 3), now.node,
		h('h2', {}, t('d.fails')), items('d.fails', 5),
		h('h2', {}, t('d.cli')), code(COMMANDS, t('d.cli')),
		h('h2', {}, t('help')), keys(), h('h2', {}, t('d.more')), more(),
		h('h2', {}, t('d.licence')), h('p', {}, t('d.licence.1')), h('p', {},
			h('a', {href: 'vendor/uPlot.LICENSE.txt'}, t('d.licence.2')))));
	return store.watch(now.look);
}
