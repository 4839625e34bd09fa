// Start, apply, stop; and what the streamer says of itself.

import {h, say} from '../dom.js';
import {count, fixed, scaled} from '../format.js';
import {t} from '../i18n.js';

const heads = ['c.address', 'c.type', 'c.on', 'c.frames', 'c.bytes', 'c.errors'];

function clientTable(clients) {
	if (!clients.length)
		return h('p', {}, t('c.noclients'));
	return h('div', {class: 'scroll', tabindex: '0', role: 'region',
		'aria-label': t('c.clients')}, h('table', {},
		h('caption', {}, t('c.clients')), h('thead', {}, h('tr', {},
			heads.map((k) => h('th', {scope: 'col'}, t(k))))),
		h('tbody', {}, clients.map((c) => h('tr', {},
			h('th', {scope: 'row'}, c.address), h('td', {}, c.transport),
			h('td', {}, t(`c.on.${Boolean(c.on)}`)),
			h('td', {}, count(c.frames)), h('td', {}, count(c.bytes)),
			h('td', {}, count(c.errors)))))));
}

function lateText(late) {
	return late ? [late.p50, late.p99, late.max].map((x) => scaled(x, 's'))
		.join(' / ') : '–';
}

function measuredText(streamer) {
	const ppm = Number.isFinite(streamer.off_ppm) ?
		` (${fixed(streamer.off_ppm, 1)} ppm)` : '';

	return Number.isFinite(streamer.rate_measured) ?
		`${fixed(streamer.rate_measured, 4)} /s${ppm}` : '–';
}

/** act('start' | 'apply' | 'stop') does it and comes back when it is done. */
export function control(act) {
	const keys = ['c.state', 'c.since', 'c.frames', 'c.asked', 'c.measured',
		'c.late', 'c.ends'];
	const cells = Object.fromEntries(keys.map((k) => [k, h('dd', {}, '–')]));
	const result = h('p', {role: 'status', class: 'result'});
	const reason = h('p', {class: 'small', id: 'c-reason'});
	const button = (name) => h('button', {type: 'button', class: name,
		'aria-describedby': 'c-reason', onclick: () => act(name)},
	t(`c.${name}`));
	const buttons = {start: button('start'), apply: button('apply'),
		stop: button('stop')};
	const clients = h('div', {});
	const commands = h('ul', {class: 'plain'});
	const node = h('section', {class: 'card control'}, h('h2', {}, t('c.title')),
		h('p', {class: 'row'}, Object.values(buttons)), reason, result,
		h('dl', {class: 'facts'}, keys.map((k) => h('div', {},
			h('dt', {}, t(k)), cells[k]))), clients, commands);
	let shown = '';

	function update(streamer) {
		const running = streamer.state !== 'STOPPED';

		buttons.start.disabled = running;
		buttons.stop.disabled = !running;
		buttons.apply.disabled = !running;
		say(reason, t(running ? 'c.reason.start' : 'c.reason.stop'));
		say(cells['c.state'], t(`c.${streamer.state}`));
		say(cells['c.since'], streamer.since || '–');
		say(cells['c.frames'], count(streamer.frames));
		say(cells['c.asked'], streamer.rate_asked ?
			`${streamer.rate_asked} /s` : '–');
		say(cells['c.measured'], measuredText(streamer));
		say(cells['c.late'], lateText(streamer.late_s));
		say(cells['c.ends'], (streamer.endpoints || []).join(', ') || '–');
		const key = JSON.stringify([streamer.clients, streamer.commands]);

		if (key === shown)
			return;
		shown = key;
		clients.replaceChildren(clientTable(streamer.clients || []));
		commands.replaceChildren(...(streamer.commands || []).map((c) =>
			h('li', {}, `${c.t} ${c.address} ${c.command}`)));
	}

	return {node, update, say: (text, bad) => {
		say(result, text);
		result.classList.toggle('bad', Boolean(bad));
	}};
}
