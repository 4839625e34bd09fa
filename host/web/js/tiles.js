// The tiles of Bench: a value, its uncertainty, a minute of it, what to hold it
// against. What a report does not have has no tile.

import {h, say} from './dom.js';
import {scaled, withUncertainty} from './format.js';
import {t} from './i18n.js';
import {EDITION, GLYPHS, verdictOf, worstOf} from './judge.js';
import {spark} from './spark.js';
import {timeText} from './topbar.js';

const SPARK_S = 60;

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

function tile(key, columns, floor) {
	const value = h('span', {}, '–');
	const plus = h('span', {class: 'plus'});
	const note = h('p', {class: 'small'});
	const verdict = h('p', {class: 'verdict', hidden: true});
	const line = columns && spark(`${t(key)}: ${t('tile.spark')}`);
	const node = h('section', {class: 'tile'}, h('h2', {class: 'label'}, t(key)),
		h('p', {class: 'value'}, value, ' ', plus), verdict, note,
		line && line.node);

	function put(x, u, decimals, unit) {
		const both = withUncertainty(x, u, decimals, unit);

		say(value, both.value);
		say(plus, both.plus ? `± ${both.plus} (k = 2)` : t('u.unknown'));
	}

	function judged(word) {
		verdict.hidden = false;
		verdict.dataset.verdict = word;
		say(verdict, `${GLYPHS[word]} ${t(`verdict.${word}`)}`);
	}

	return {node, value, plus, note, line, columns, floor, put, judged};
}

export function makeTiles(channels) {
	const first = (q) => channels.findIndex((c) => c.quantity === q);

	return {
		freq: tile('tile.freq', ['freq'], 0.02),
		tve: tile('tile.tve', channels.map((c, i) => `tve.${i}`), 0.1),
		time: tile('tile.time'),
		rocof: tile('tile.rocof', ['rocof'], 0.1),
		volts: tile('tile.volts', [`mag.${first('V')}`], 0.5),
		amps: tile('tile.amps', [`mag.${first('I')}`], 0.05),
		unbalance: tile('tile.unbalance'),
		thd: tile('tile.thd'),
		resid: tile('tile.resid'),
	};
}

function tveTile(one, {state, report}) {
	const dut = report.dut || {};
	const at = worstOf(dut.tve_percent);
	const limit = state.dut && state.dut.limit_tve_percent;

	one.node.hidden = !state.dut;
	if (!state.dut)
		return;
	const tve = at < 0 ? NaN : dut.tve_percent[at];
	const name = at < 0 ? '–' : state.channels[at].name;

	one.put(tve, ((report.u || {}).tve_percent || [])[at], 3, '%');
	one.judged(verdictOf(tve, limit, report.flags));
	say(one.note, t('tile.worst', {name, n: limit, edition: EDITION}));
}

function residTile(one, {state, report}) {
	const at = worstOf(report.resid_ppm);

	one.node.hidden = at < 0;
	if (at < 0)
		return;
	say(one.value, `${Number(report.resid_ppm[at].toPrecision(3))} ppm`);
	say(one.note, t('tile.resid.note', {name: state.channels[at].name}));
}

function timeTile(one, {state, report}) {
	const {unc_s} = state.time || {};

	say(one.value, `${(report.t || '').slice(11, 19)}Z`);
	one.value.title = `${report.soc}.${report.fracsec}`;
	say(one.plus, unc_s > 0 ? `± ${scaled(unc_s, 's')}` : t('u.unknown'));
	say(one.note, timeText(state.time));
}

/** thd is what worstThd() found, or null. */
export function updateTiles(tiles, store, thd) {
	const {state, report} = store;
	const channels = state.channels || [];
	const phasors = report.phasors || [];
	const u = report.u || {};
	const volts = meanOf(channels, phasors, 'V');
	const amps = meanOf(channels, phasors, 'I');

	tiles.freq.put(report.freq_hz, u.freq_hz, 4, 'Hz');
	say(tiles.freq.note, t('tile.nominal', {n: `${state.fnom} Hz`}));
	tiles.rocof.put(report.rocof_hz_per_s, u.rocof_hz_per_s, 3, 'Hz/s');
	tiles.volts.put(volts, u.volts, volts > 1000 ? 1 : 3, 'V');
	tiles.amps.put(amps, u.amps, amps > 1000 ? 1 : 4, 'A');
	tiles.unbalance.put(unbalanceOf(channels, phasors), NaN, 2, '%');
	say(tiles.unbalance.note, t('tile.derived'));
	tveTile(tiles.tve, store);
	residTile(tiles.resid, store);
	timeTile(tiles.time, store);
	tiles.thd.node.hidden = !thd;
	if (!thd)
		return;
	tiles.thd.put(thd.thd_percent, NaN, 3, '%');
	say(tiles.thd.note, t('tile.thd.note', {name: thd.name}));
}

/** Of several columns the greatest of each row. */
function greatest([time, ...columns]) {
	return [time, columns.length === 1 ? columns[0] : time.map((x, i) =>
		columns.reduce((a, c) => (c[i] > a || Number.isNaN(a) ? c[i] : a),
			NaN))];
}

export function updateSparks(tiles, store) {
	const to = store.report.ms / 1000;
	const step = 1 / (store.state.rate || 1);

	for (const one of Object.values(tiles))
		if (one.line && !one.node.hidden)
			one.line.update(greatest(store.history.window(one.columns,
				to - SPARK_S, to + step / 2)), to - SPARK_S, to, step,
			one.floor);
}
