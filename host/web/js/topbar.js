// What stands on every page: the program, the origin of the data, its state.

import {alarmButton} from './alarm_list.js';
import {h, say} from './dom.js';
import {scaled} from './format.js';
import {t} from './i18n.js';
import {restamp} from './stamp.js';

const LOOK_MS = 250;

function item(label) {
	const value = h('b', {}, '–');

	return {value, node: h('span', {class: 'status'}, h('span', {class: 'what'},
		label), ' ', value)};
}

export function timeText(time) {
	if (!time || !time.state)
		return '–';
	const off = Number.isFinite(time.offset_s) ?
		` ${scaled(time.offset_s, 's')}` : '';

	return time.state + off;
}

function acquisitionText(acquisition) {
	if (!acquisition || !acquisition.state)
		return '–';
	return Number.isFinite(acquisition.fill_percent) ?
		`${acquisition.state} ${Math.round(acquisition.fill_percent)} %` :
		acquisition.state;
}

function streamerText({streamer}) {
	const word = streamer && streamer.state;

	return word ? t(`streamer.${word}`) : '';
}

export function topbar(store, actions) {
	const name = h('a', {class: 'product', href: '#/bench'}, 'cisoid');
	const station = h('span', {class: 'station'});
	const badge = h('strong', {class: 'badge', title: t('origin')}, '–');
	const time = item(t('top.time'));
	const acquisition = item(t('top.acquisition'));
	const rate = item(t('top.rate'));
	const clients = item(t('top.clients'));
	const streamer = item(t('nav.streamer'));
	const alarms = alarmButton(actions.alarms);
	const node = h('header', {class: 'top'}, name, station, badge,
		h('div', {class: 'statuses'}, time.node, acquisition.node,
			streamer.node, rate.node, clients.node),
		h('div', {class: 'tools'}, alarms.nodes,
			h('button', {type: 'button', onclick: actions.options},
				t('top.options')),
			h('button', {type: 'button', 'aria-label': t('help'),
				onclick: actions.help}, '?')));

	let looked = -Infinity;
	let frozen = null;

	function look() {
		const state = store.state;

		const now = performance.now();

		if (store.frozen === frozen && now - looked < LOOK_MS)
			return;
		frozen = store.frozen;
		looked = now;
		alarms.look();
		if (!state)
			return;
		say(station, state.station || '');
		restamp(store);
		say(time.value, timeText(state.time));
		say(acquisition.value, acquisitionText(state.acquisition));
		acquisition.node.hidden = state.mode === 'simulate';
		say(rate.value, state.rate === undefined || state.rate === null ? '–' :
			t('top.fps', {n: state.rate}));
		say(streamer.value, streamerText(state));
		streamer.node.hidden = !streamer.value.textContent;
		say(clients.value, String((state.clients || []).length));
	}

	return {node, stop: store.watch(look)};
}

/** The banner of a lost connection, and the notes of a slow one. */
export function banner(store) {
	const node = h('div', {class: 'banner', role: 'status'});

	function text() {
		const {link} = store;

		if (!link.up && link.tries)
			return t('link.down', {n: link.tries});
		if (link.polling)
			return t('link.polling');
		return store.skipped ? t('link.skipped', {n: store.skipped}) : '';
	}

	function look() {
		const down = !store.link.up && store.link.tries > 0;
		const age = down && Number.isFinite(store.age()) ?
			` · ${t('link.age', {n: Math.floor(store.age())})}` : '';

		say(node, text());
		// The age is shown and not read out: it changes every second.
		node.dataset.age = age;
		node.hidden = node.textContent === '';
		node.classList.toggle('bad', down);
		document.body.classList.toggle('stale', down);
	}

	return {node, stop: store.watch(look)};
}
