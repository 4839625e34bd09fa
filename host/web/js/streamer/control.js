// Start, apply, stop; and what the streamer says of itself.

import {h, say} from '../dom.js';
import {count, fixed, scaled} from '../format.js';
import {t} from '../i18n.js';
import {changeOf} from './change.js';
import {requestOf} from './request.js';
import {valuesOf} from './values.js';

const heads = [['c.address'], ['c.type', 'c.on'], ['c.frames', 'c.bytes'],
	['c.dropped', 'c.bad'], ['c.kick']];
const FACTS = ['c.state', 'c.since', 'c.frames', 'c.asked', 'c.measured', 'c.late',
	'c.lost', 'c.impaired', 'c.ends'];

function region(label, node) {
	return h('div', {class: 'scroll', tabindex: '0', role: 'region',
		'aria-label': label}, node);
}

function clientRow(c, kick) {
	const two = (a, b) => h('td', {}, a, h('br'), b);

	return h('tr', {}, h('th', {scope: 'row'}, c.address, h('br'),
		h('span', {class: 'small'}, c.state || '')),
	two(c.transport, t(c.unasked ? 'c.unasked' : `c.on.${Boolean(c.on)}`)),
		two(count(c.frames), count(c.bytes)),
		two(count(c.dropped), count(c.bad)),
		h('td', {}, !c.unasked && h('button', {type: 'button',
			'aria-label': `${t('c.kick')} ${c.address}`,
			onclick: () => kick(c)}, t('c.kick'))));
}

function clientTable(clients, kick) {
	if (!clients.length)
		return h('p', {}, t('c.noclients'));
	return region(t('c.clients'), h('table', {class: 'clients'},
		h('caption', {}, t('c.clients')), h('thead', {}, h('tr', {},
			heads.map((keys) => h('th', {scope: 'col'},
				keys.map((k) => t(k)).join(', '))))),
		h('tbody', {}, clients.map((c) => clientRow(c, kick)))));
}

function commandTable(commands) {
	const columns = ['c.time', 'c.address', 'c.command', 'f.idcode'];

	return commands.length ? region(t('c.commands'), h('table', {},
		h('caption', {}, t('c.commands')), h('thead', {}, h('tr', {},
			columns.map((k) => h('th', {scope: 'col'}, t(k))))),
		h('tbody', {}, [...commands].reverse().map((c) => h('tr', {},
			h('td', {}, String(c.t).slice(11, 23)), h('td', {}, c.peer),
			h('td', {}, c.word), h('td', {}, c.idcode)))))) : '';
}

export function lateText(late) {
	return late ? `${[late.p50, late.p99, late.max].map((x) =>
		(Number.isFinite(x) ? fixed(1e6 * x, 0) : '–')).join(' / ')} µs` : '–';
}

const pmus = ({request}) => Number(request?.scenario?.count) || 1;

/** Of the first ten seconds ppm would be those of frames that were late. */
function measuredText(streamer) {
	const {frames, rate_asked: asked, rate_measured: rate} = streamer;
	const settled = frames >= 10 * asked * Math.max(1, pmus(streamer));
	const ppm = settled && Number.isFinite(streamer.off_ppm) ?
		` (${fixed(streamer.off_ppm, 1)} ppm)` : '';

	return Number.isFinite(rate) ? `${fixed(rate, settled ? 4 : 1)} /s${ppm}` :
		'–';
}

function lostText(streamer) {
	return ['sent', 'dropped', 'skipped'].map((k) => (Number.isFinite(
		streamer[k]) ? streamer[k] : '–')).join(' / ');
}

function impairedText(impair) {
	return Object.entries(impair || {}).filter(([, n]) => n)
		.map(([name, n]) => `${name} ${n}`).join(', ') || '–';
}

function factsOf(streamer) {
	const asked = Number.isFinite(streamer.rate_asked) ?
		`${fixed(streamer.rate_asked, 4).replace(/\.?0+$/, '')} /s` : '–';

	return {'c.state': t(`c.${streamer.state}`), 'c.since': streamer.since || '–',
		'c.frames': count(streamer.frames), 'c.asked': asked,
		'c.measured': measuredText(streamer),
		'c.late': lateText(streamer.late_s), 'c.lost': lostText(streamer),
		'c.impaired': impairedText(streamer.impair),
		'c.ends': (streamer.endpoints || []).map((e) => (typeof e === 'string' ?
			e : `${e.name} ${e.state || ''}`.trim())).join(', ') || '–'};
}

/** act('start' | 'apply' | 'stop'), kick(client): done when they come back. */
export function control(act, kick) {
	const cells = Object.fromEntries(FACTS.map((k) => [k, h('dd', {}, '–')]));
	const result = h('p', {role: 'status', class: 'result'});
	const reason = h('p', {class: 'small', id: 'c-reason'});
	const change = h('p', {class: 'small'});
	const button = (name) => h('button', {type: 'button', class: name,
		'aria-describedby': 'c-reason', onclick: () => act(name)},
	t(`c.${name}`));
	const buttons = {start: button('start'), apply: button('apply'),
		stop: button('stop')};
	const clients = h('div', {});
	const commands = h('div', {});
	const node = h('section', {class: 'card control'}, h('h2', {}, t('c.title')),
		h('p', {class: 'row'}, Object.values(buttons)), reason, change, result,
		h('dl', {class: 'facts'}, FACTS.map((k) => h('div', {},
			h('dt', {}, t(k)), cells[k]))), clients, commands);
	let shown = '';
	let streamer = {state: 'STOPPED'};
	let asked = null;
	let wanted = null;
	let busy = false;

	function follow() {
		const running = streamer.state !== 'STOPPED';
		const what = running && wanted && asked ? changeOf(asked, wanted) : '';

		buttons.start.disabled = running || busy;
		buttons.stop.disabled = !running || busy;
		buttons.apply.disabled = !running || busy;
		say(reason, t(busy ? 'c.reason.busy' :
			running ? 'c.reason.start' : 'c.reason.stop'));
		say(change, what ? t(`c.change.${what}`) : '');
	}

	function update(next) {
		const focused = clients.contains(document.activeElement);

		streamer = next;
		// As the form would ask for it, so that the two can be compared.
		asked = next.request ? requestOf(valuesOf(next.request)).body : null;
		follow();
		for (const [key, text] of Object.entries(factsOf(next)))
			say(cells[key], text);
		const key = JSON.stringify([next.clients, next.commands]);

		if (key === shown || focused)
			return;
		shown = key;
		clients.replaceChildren(clientTable(next.clients || [], kick));
		commands.replaceChildren(commandTable(next.commands || []));
	}

	return {node, update, running: () => streamer.state !== 'STOPPED',
		want: (body) => {
			wanted = body;
			follow();
		},
		busy: (now) => {
			busy = now;
			follow();
		},
		say: (text, bad) => {
			say(result, text);
			result.classList.toggle('bad', Boolean(bad));
		}};
}
