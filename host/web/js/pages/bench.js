// Bench: the state of things at a glance.

import {h, say} from '../dom.js';
import {fixed, scaled, withUnit} from '../format.js';
import {t} from '../i18n.js';
import {polar} from '../polar.js';
import {calm} from '../settings.js';
import {spark} from '../spark.js';
import {timeText} from '../topbar.js';

const SPARK_S = 60;
const SPARK_MS = 500;

function intro(state) {
	if (state.mode === 'simulate')
		return t('bench.simulate');
	if (state.origin === 'REPLAY')
		return t('bench.replay');
	return state.origin === 'SIMULATED' ? t('bench.demo', {f: state.fnom}) : '';
}

/** Mean magnitude of the phases of a quantity. */
export function meanOf(channels, phasors, quantity) {
	const all = channels.map((c, i) => [c, phasors[i]])
		.filter(([c]) => c.quantity === quantity && 'ABC'.includes(c.phase))
		.map(([, p]) => (p ? p[0] : NaN));

	return all.length ? all.reduce((a, b) => a + b, 0) / all.length : NaN;
}

/** Greatest deviation of a phase voltage from their mean, percent. */
export function unbalanceOf(channels, phasors) {
	const mean = meanOf(channels, phasors, 'V');
	let worst = 0;

	channels.forEach((c, i) => {
		if (c.quantity === 'V' && 'ABC'.includes(c.phase))
			worst = Math.max(worst, Math.abs((phasors[i] || [NaN])[0] - mean));
	});
	return mean > 0 ? 100 * worst / mean : NaN;
}

function tile(key, name, floor) {
	const value = h('p', {class: 'value'}, '–');
	const note = h('p', {class: 'small'});
	const line = name && spark(`${t(key)}: ${t('tile.spark')}`);

	return {name, floor, value, note, line, node: h('section', {class: 'tile'},
		h('h3', {}, t(key)), value, note, line && line.node)};
}

function health() {
	const list = h('dl', {class: 'facts'});
	const cells = new Map();

	function put(key, text) {
		if (!cells.has(key)) {
			const dd = h('dd', {});

			cells.set(key, dd);
			list.append(h('div', {}, h('dt', {}, t(key)), dd));
		}
		say(cells.get(key), text);
	}

	return {node: h('section', {class: 'card'}, h('h2', {}, t('health')), list),
		put};
}

function namesOf(streams) {
	return streams.map((x) => (typeof x === 'string' ? x :
		[x.name || x.address, x.state].filter(Boolean).join(' '))).join(', ') ||
		t('none');
}

function updateHealth(put, store) {
	const {state, report} = store;
	const acquisition = state.acquisition || {};

	put('health.acquisition', acquisition.state || '–');
	if ('overruns' in acquisition)
		put('health.overruns', String(acquisition.overruns));
	if ('missed' in state)
		put('health.missed', String(state.missed));
	put('health.gaps', String(store.gaps.length));
	put('health.skipped', String(store.skipped));
	put('health.streams', namesOf(state.streams || []));
	put('health.clients', String((state.clients || []).length));
	put('health.flags', (report && report.flags) || '–');
}

function updateTiles(tiles, store) {
	const {state, report} = store;
	const phasors = report.phasors || [];
	const volts = meanOf(state.channels, phasors, 'V');
	const amps = meanOf(state.channels, phasors, 'I');

	say(tiles.freq.value, withUnit(report.freq_hz, 4, 'Hz'));
	say(tiles.freq.note, t('tile.nominal', {n: `${state.fnom} Hz`}));
	say(tiles.rocof.value, withUnit(report.rocof_hz_per_s, 3, 'Hz/s'));
	say(tiles.volts.value, withUnit(volts, volts > 1000 ? 1 : 3, 'V'));
	say(tiles.amps.value, withUnit(amps, amps > 1000 ? 1 : 4, 'A'));
	say(tiles.unbalance.value,
		withUnit(unbalanceOf(state.channels, phasors), 2, '%'));
	say(tiles.unbalance.note, t('tile.derived'));
	say(tiles.time.value, `${(report.t || '').slice(11, 19)}Z`);
	tiles.time.value.title = `${report.soc}.${report.fracsec}`;
	say(tiles.time.note, timeText(state.time) + (state.time &&
		Number.isFinite(state.time.unc_s) ?
		` · ${t('tile.unc', {n: scaled(state.time.unc_s, 's')})}` : ''));
}

function updateSparks(tiles, store) {
	const to = store.report.ms / 1000;
	const step = 1 / (store.state.rate || 1);

	for (const one of Object.values(tiles))
		if (one.line)
			one.line.update(store.history.window([one.name], to - SPARK_S,
				to + step / 2), to - SPARK_S, to, step, one.floor);
}

function makeTiles() {
	return {
		freq: tile('tile.freq', 'freq', 0.02),
		rocof: tile('tile.rocof', 'rocof', 0.1),
		volts: tile('tile.volts', 'mag.0', 0.5),
		amps: tile('tile.amps', 'mag.3', 0.05),
		unbalance: tile('tile.unbalance'),
		time: tile('tile.time'),
	};
}

function build(main, store) {
	const {state} = store;
	const tiles = makeTiles();
	const diagram = polar(state.channels || []);
	const well = health();
	const actions = h('p', {class: 'actions'}, [['streamer', 'action.streamer'],
		['live', 'action.live'], ['docs', 'action.docs']].map(([page, key]) =>
		h('a', {class: 'button', href: `#/${page}`}, t(key))));
	const device = (state.acquisition || {}).device ||
		(state.acquisition || {}).devices || state.mode;

	main.replaceChildren(h('h1', {}, t('nav.bench')),
		h('p', {class: 'lead'}, intro(state)),
		h('section', {'aria-label': t('bench.now')},
			h('div', {class: 'tiles'},
				Object.values(tiles).map((x) => x.node))),
		h('div', {class: 'columns'},
			h('section', {class: 'card'}, h('h2', {}, t('polar')),
				diagram.node),
			h('div', {}, well.node, actions)),
		h('p', {class: 'small'}, t('facts', {version: state.version, device})));
	return {tiles, diagram, well};
}

export function mount(main, store) {
	let parts = null;
	let key = null;
	let sparked = -Infinity;

	main.replaceChildren(h('h1', {}, t('nav.bench')),
		h('p', {}, t('bench.waiting')));
	function freeze() {
		store.frozen = !store.frozen;
	}

	function look() {
		if (!store.state || !store.report || store.frozen)
			return;
		if (!parts || key !== store.key) {
			key = store.key;
			parts = build(main, store);
		}
		updateTiles(parts.tiles, store);
		updateHealth(parts.well.put, store);
		parts.diagram.update(store.report.phasors || []);
		if (performance.now() - sparked > (calm() ? 5000 : SPARK_MS)) {
			sparked = performance.now();
			updateSparks(parts.tiles, store);
		}
	}

	const twins = () => parts && parts.diagram.flip();
	const stop = store.watch(look);

	document.addEventListener('freeze', freeze);
	document.addEventListener('twins', twins);
	return () => {
		stop();
		store.frozen = false;
		document.removeEventListener('freeze', freeze);
		document.removeEventListener('twins', twins);
	};
}
