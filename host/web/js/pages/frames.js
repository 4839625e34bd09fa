// Frames: a log with counters, and the frame chosen from it as fields and bytes.

import {read, write} from '../api.js';
import {bytesView} from '../bytes.js';
import {h, say} from '../dom.js';
import {fixed, utc} from '../format.js';
import {decode} from '../frame.js';
import {bytesOf} from '../frame/reader.js';
import {counters} from '../frames/counters.js';
import {csvOf, pcapOf} from '../frames/files.js';
import {FrameLog, SIMULATED, matches, notesOf} from '../frames/log.js';
import {t} from '../i18n.js';
import {download} from '../save.js';

const ROWS = 50;
const LOOK_MS = 500;
const ASK_MS = 5000;
const KINDS = ['', 'data', 'cfg', 'hdr', 'cmd'];
const COLUMNS = ['fr.time', 'fr.late', 'fr.way', 'fr.kind', 'fr.idcode', 'fr.len',
	'fr.crc', 'fr.notes'];

// What was logged stays while another page is looked at.
const log = new FrameLog();
let newest = null;
let unshown = NaN;

const learned = new WeakSet();

/** What has come to the store since the last look. */
function collect(store) {
	const {frames, state} = store;
	const from = newest ? frames.lastIndexOf(newest) : -1;

	if (newest && from < 0 && frames.length)
		log.skip();
	if (state && Number.isFinite(state.unshown)) {
		if (state.unshown > unshown)
			log.skip();
		({unshown} = state);
	}
	for (const frame of store.meanings.values())
		if (!learned.has(frame)) {
			learned.add(frame);
			log.learn(frame.hex, frame.stream);
		}
	frames.slice(from + 1).forEach((frame) => log.add(frame));
	newest = frames[frames.length - 1] || newest;
}

/**
 * Nobody has asked the simulated PMUs for their configuration: it is that of a
 * preview of what runs.
 */
async function askConfiguration() {
	try {
		const {state, request} = await read('api/streamer');

		if (state !== 'RUNNING' || !request)
			return;
		const {frames} = await write('api/streamer/preview', request);

		frames.filter((f) => /^cfg/.test(f.type)).forEach((f) =>
			log.learn(f.hex, SIMULATED));
	} catch {
		// It may come yet.
	}
}

class Frames {
	constructor(store) {
		this.store = store;
		this.filter = {kind: '', idcode: '', wrong: false};
		this.paused = false;
		this.chosen = null;
		this.drawn = -Infinity;
		this.seen = -1;
		this.asked = -Infinity;
		this.body = h('tbody', {});
		this.counters = counters();
		this.pauseButton = h('button', {type: 'button', 'aria-pressed': 'false',
			onclick: () => this.freeze()}, t('fr.pause'));
		this.saveButton = h('button', {type: 'button',
			'aria-describedby': 'fr-reason',
			onclick: () => this.saveConfiguration()}, t('fr.saveconfig'));
		this.reason = h('span', {class: 'small', id: 'fr-reason'});
		this.title = h('h2', {}, t('fr.detail'));
		this.hint = h('p', {}, t('fr.choose'));
		this.view = null;
		this.viewPlace = h('div', {});
		this.search = h('input', {type: 'text', id: 'fr-search',
			autocomplete: 'off', spellcheck: 'false', oninput: () =>
				this.view && this.view.find(this.search.value)});
	}

	controls() {
		const set = (key, value) => {
			this.filter[key] = value;
			this.draw();
		};
		const button = (key, act) => h('button', {type: 'button', onclick: act},
			t(key));

		return h('div', {class: 'row controls'},
			h('label', {for: 'fr-kind'}, t('fr.kind')),
			h('select', {id: 'fr-kind', onchange: (e) =>
				set('kind', e.target.value)}, KINDS.map((k) => h('option',
				{value: k}, k.toUpperCase() || t('fr.all')))),
			h('label', {for: 'fr-id'}, t('fr.idcode')),
			h('input', {type: 'text', id: 'fr-id', inputmode: 'numeric',
				size: 6, autocomplete: 'off', oninput: (e) =>
					set('idcode', e.target.value.trim())}),
			h('label', {}, h('input', {type: 'checkbox', id: 'fr-wrong',
				onchange: (e) => set('wrong', e.target.checked)}), ' ',
			t('fr.wrong')), this.pauseButton,
			button('fr.clear', () => this.clear()), button('fr.csv', () => this.saveTable()),
			button('fr.pcap', () => download('frames.pcap',
				pcapOf(this.shown()), 'application/vnd.tcpdump.pcap')),
			this.saveButton, this.reason);
	}

	build(main) {
		main.replaceChildren(h('h1', {}, t('nav.frames')),
			h('p', {class: 'lead'}, t('fr.lead')), this.controls(),
			h('div', {class: 'columns frames'},
				h('div', {class: 'scroll', tabindex: '0', role: 'region',
					'aria-label': t('fr.log')}, h('table', {class: 'log'},
					h('caption', {}, t('fr.log')),
					h('thead', {}, h('tr', {}, COLUMNS.map((k) =>
						h('th', {scope: 'col'}, t(k))))), this.body)),
				h('section', {class: 'card'}, this.title, this.hint,
					h('p', {class: 'row'}, h('label', {for: 'fr-search'},
						t('fr.search')), this.search), this.viewPlace)),
			this.counters.node);
	}

	clear() {
		log.clear();
		this.frozen = this.paused ? [] : null;
		this.chosen = null;
		this.draw();
	}

	/** All that passes the filter, oldest first. */
	shown() {
		return (this.frozen || log.entries).filter((e) =>
			matches(e, this.filter));
	}

	choose(entry) {
		if (!this.paused)
			this.freeze();
		this.chosen = entry;
		const known = log.configurationFor(entry);
		const document = decode(entry.frame.hex, known && known.hex);

		say(this.title, t('fr.frame', {type: entry.facts.type.toUpperCase(),
			len: entry.frame.hex.length / 2, time: utc(entry.facts.ms)}));
		this.hint.hidden = true;
		if (this.view) {
			this.view.show(document);
		} else {
			this.view = bytesView(document);
			this.viewPlace.replaceChildren(this.view.node);
		}
		this.view.find(this.search.value);
		this.draw();
		this.body.querySelector('[aria-current] button').focus();
	}

	row(entry) {
		const {frame, facts} = entry;
		const time = utc(entry.arrived);
		const late = Number.isFinite(entry.late) ?
			`${fixed(1e3 * entry.late, 2)} ms` : '–';
		const kind = facts.type.toUpperCase();

		return h('tr', {'aria-current': entry === this.chosen && 'true'},
			h('td', {}, h('button', {type: 'button', title: frame.t,
				'aria-label': `${t('fr.show')} ${kind} ${time}`,
				onclick: () => this.choose(entry)}, time)),
			h('td', {}, late), h('td', {title: `${frame.stream || ''} ` +
				`${frame.peer || ''}`}, t(`fr.way.${frame.way === 'in' ?
				'in' : 'out'}`)), h('td', {}, kind),
			h('td', {}, facts.idcode), h('td', {}, frame.hex.length / 2),
			h('td', {class: facts.crc ? '' : 'bad'}, facts.crc ? 'ok' :
				t('fr.badcrc')), h('td', {}, notesOf(entry)));
	}

	draw() {
		const shown = this.shown();
		const last = shown.slice(-ROWS).reverse();

		// The chosen one stays in sight.
		if (this.chosen && shown.includes(this.chosen) &&
		    !last.includes(this.chosen))
			last.push(this.chosen);
		this.body.replaceChildren(...(last.length ?
			last.map((e) => this.row(e)) : [h('tr', {}, h('td',
				{colspan: COLUMNS.length}, t('fr.none')))]));
		this.counters.update(log);
		this.follow();
	}

	/** The configuration of the chosen frame, or of the PMU in the filter. */
	configuration() {
		if (this.chosen)
			return log.configurationFor(this.chosen);
		return [...log.configurations.values()].find((c) =>
			this.filter.idcode === '' ||
			String(c.id) === this.filter.idcode) || null;
	}

	follow() {
		const none = this.configuration() === null;

		this.saveButton.disabled = none;
		say(this.reason, none ? t('fr.noconfig') : '');
	}

	saveTable() {
		download('frames.csv', csvOf(this.shown()), 'text/csv');
	}

	saveConfiguration() {
		const {id, hex} = this.configuration();

		download(`configuration-${id}.bin`, bytesOf(hex),
			'application/octet-stream');
	}

	freeze() {
		this.paused = !this.paused;
		this.frozen = this.paused ? [...log.entries] : null;
		this.pauseButton.setAttribute('aria-pressed', String(this.paused));
		say(this.pauseButton, t(this.paused ? 'fr.resume' : 'fr.pause'));
	}

	/** Once in a while, as long as data frames are not explained. */
	explain(now) {
		const last = log.entries[log.entries.length - 1];
		const {streamer} = this.store.state || {};

		if (!streamer || streamer.state !== 'RUNNING' || !last ||
		    last.facts.code !== 0 ||
		    log.configurationFor(last) || now - this.asked < ASK_MS)
			return;
		this.asked = now;
		askConfiguration();
	}

	look() {
		collect(this.store);
		this.explain(performance.now());
		const busy = this.body.contains(document.activeElement);
		const now = performance.now();

		if (now - this.drawn < LOOK_MS || log.count.frames === this.seen)
			return;
		this.drawn = now;
		this.seen = log.count.frames;
		if (this.paused || busy) {
			this.counters.update(log);
			this.follow();
		} else {
			this.draw();
		}
	}
}

export function mount(main, store) {
	const page = new Frames(store);
	const keys = {freeze: () => page.freeze(), find: () => page.search.focus(),
		'export-csv': () => page.saveTable()};

	page.build(main);
	collect(store);
	page.draw();
	const stop = store.watch(() => page.look());

	for (const [name, act] of Object.entries(keys))
		document.addEventListener(name, act);
	return () => {
		stop();
		for (const [name, act] of Object.entries(keys))
			document.removeEventListener(name, act);
	};
}
