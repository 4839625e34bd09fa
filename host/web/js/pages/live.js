// Live: what happens now, over time.

import {Chart, freshMarks, nameOf} from '../chart.js';
import {ask} from '../dialogs.js';
import {h, say} from '../dom.js';
import {fixed, utc} from '../format.js';
import {t} from '../i18n.js';
import {worstOf} from '../judge.js';
import {WINDOWS, controls} from '../live/controls.js';
import {cursors, markerList} from '../live/cursors.js';
import {exporters} from '../live/export.js';
import {numbers} from '../live/numbers.js';
import {ribbonText} from '../live/ribbon.js';
import {tree} from '../live/tree.js';
import {polar, turned} from '../polar.js';
import {stretches} from '../quality.js';
import {dataOf, limitsOf, panesOf, presetTraces, presetsOf, tracesOf}
	from '../traces.js';
import {wave} from '../wave.js';

const SUMMARY_MS = 5000;
const TABLE_MS = 500;
const DIAGRAM_MS = 200;
// A chart is drawn anew once it has moved as far.
const MOVE_PX = 2;
const LIMITED = ['tve', 'fe', 'rfe'];

// What stays chosen while the page is away.
const chosen = {window: 10, preset: 'freq', on: new Set(), smooth: false};
const marks = freshMarks();

class Live {
	constructor(main, store) {
		this.main = main;
		this.store = store;
		this.charts = [];
		this.panes = [];
		this.said = -Infinity;
		this.tabled = -Infinity;
		this.turned = -Infinity;
		this.drawn = -Infinity;
		this.twinsOn = false;
		marks.changed = () => this.marked();
	}

	build() {
		const {state} = this.store;
		const channels = state.channels || [];
		const change = (c) => this.change(c);

		this.key = this.store.kind();
		this.dut = Boolean(state.dut);
		this.traces = tracesOf(channels, this.dut);
		this.presets = presetsOf(this.dut, state.mode !== 'simulate');
		if (![...this.presets, 'own'].includes(chosen.preset))
			chosen.preset = 'freq';
		if (chosen.preset !== 'own')
			chosen.on = new Set(presetTraces(chosen.preset, this.traces));
		this.place = h('div', {class: 'panes'});
		this.diagram = polar(channels, {controls: false, dut: this.dut});
		this.table = numbers(channels, this.dut);
		this.tree = tree(this.traces, chosen.on, (id, on) => this.pick(id, on));
		this.cursors = cursors();
		this.markers = markerList(marks);
		this.ribbon = h('p', {class: 'small'});
		this.below = h('div', {}, this.ribbon, this.cursors.node,
			this.markers.node);
		this.summary = h('p', {class: 'visually-hidden', 'aria-live': 'polite'});
		this.controls = controls({presets: this.presets, chosen, marks, change,
			first: channels.length ? channels[0].name : 'VA'});
		this.main.replaceChildren(h('h1', {}, t('nav.live')),
			this.controls.node, h('div', {class: 'columns live'},
				h('div', {}, this.place, this.below),
				h('aside', {}, this.diagram.node, this.tree.node)),
			this.table.node, this.summary);
		this.repane();
	}

	repane() {
		this.leavePanes();
		this.controls.preset.value = chosen.preset;
		this.tree.node.hidden = this.below.hidden = chosen.preset === 'wave';
		if (chosen.preset === 'wave') {
			this.wave = wave(this.place, this.store);
			return;
		}
		const {channels, dut} = this.store.state;
		const limit = dut && dut.limit_tve_percent;

		this.panes = panesOf(this.traces, chosen.on, channels || []).map((p) => ({
			...p, title: t(`live.pane.${p.kind}`),
			limits: chosen.preset === 'limits' && LIMITED.includes(p.kind) ?
				limitsOf(p.kind, limit) : []}));
		this.charts = this.panes.map((p) => new Chart({...p, marks,
			ribbon: true}));
		this.place.replaceChildren(...this.charts.map((c) => c.node));
		if (!this.panes.length)
			this.place.append(h('p', {}, t('live.empty')));
		this.markers.update();
	}

	leavePanes() {
		this.charts.forEach((c) => c.stop());
		this.charts = [];
		this.panes = [];
		if (this.wave)
			this.wave.end();
		this.wave = null;
	}

	pick(id, on) {
		chosen.on[on ? 'add' : 'delete'](id);
		this.change({preset: 'own'});
	}

	change(what) {
		if ('preset' in what && what.preset !== 'own')
			chosen.on = new Set(presetTraces(what.preset, this.traces));
		Object.assign(chosen, what);
		this.controls.windowBox.value = chosen.window;
		if ('preset' in what) {
			this.tree.update(chosen.on);
			this.repane();
		}
		this.draw();
	}

	by(steps) {
		const at = WINDOWS.indexOf(chosen.window) + steps;

		if (this.controls && WINDOWS[at])
			this.change({window: WINDOWS[at]});
	}

	/** Cursors, markers or zoom are others now. */
	marked() {
		if (!this.controls)
			return;
		this.controls.showCursor();
		this.controls.lock.checked = marks.locked;
		this.markers.update();
		this.draw();
	}

	zoom(factor) {
		marks.zoom = factor ? Math.min(1000, Math.max(0.05,
			marks.zoom * factor)) : 1;
		marks.locked = false;
		this.marked();
	}

	mark() {
		const at = marks[marks.active] === null ? this.edge() / 1000 :
			marks[marks.active];

		ask(t('live.mark.text'), (text) => {
			marks.markers.push({at, text});
			marks.changed();
		});
	}

	noCursor() {
		marks.a = marks.b = null;
		marks.active = 'a';
		this.marked();
	}

	freeze() {
		this.store.frozen = !this.store.frozen;
		this.at = this.store.report.ms;
		this.controls.freeze.setAttribute('aria-pressed',
			String(this.store.frozen));
		this.controls.freeze.textContent =
			t(this.store.frozen ? 'unfreeze' : 'freeze');
	}

	/** The newest instant that is shown, milliseconds. */
	edge() {
		return this.store.frozen ? this.at : this.store.report.ms;
	}

	data() {
		const {history, state} = this.store;
		const step = 1 / (state.rate || 1);
		const to = this.edge() / 1000;
		const from = to - chosen.window;

		return {to, from, step, columns: dataOf(this.panes, history, from,
			to + step / 2, {relative: chosen.preset === 'rel',
				smooth: chosen.smooth})};
	}

	quality(time, {from, to, step}) {
		const {history} = this.store;

		marks.stretches = stretches(time, history.qualityFrom(from, time.length),
			Math.max(from, history.firstTime()), to, step);
	}

	draw() {
		if (!this.panes.length || !this.store.report)
			return;
		const data = this.data();

		this.quality(data.columns[0][0], data);
		this.charts.forEach((c, i) => c.update(data.columns[i], data.from,
			data.to, data.step));
		this.cursors.update(this.panes, data.columns, marks);
		say(this.ribbon, ribbonText(marks.stretches));
	}

	/** Time in which a chart moves by MOVE_PX, less a little for the timer. */
	moveMs() {
		const width = this.place.clientWidth || 1000;

		return 1000 * chosen.window * MOVE_PX / width - 20;
	}

	export(kind) {
		const charts = this.wave ? this.wave.charts : this.charts;

		if (!charts.length || !charts[0].raw)
			return;
		exporters[kind]({charts, store: this.store,
			panes: charts.map((c) => ({title: c.title, decimals: c.decimals,
				floor: c.floor, limits: c.limits, traces: c.traces.map((x) =>
					({...x, label: nameOf(x)}))})),
			...(this.wave ? this.wave.data() : this.data())});
	}

	tell(now) {
		const {report, state} = this.store;
		const worst = worstOf((report.dut || {}).tve_percent);

		this.said = now;
		say(this.summary, t('live.summary', {f: fixed(report.freq_hz, 3),
			r: fixed(report.rocof_hz_per_s, 2), time: utc(report.ms)}) +
			(worst < 0 ? '' : ` ${t('live.summary.tve', {
				name: state.channels[worst].name,
				tve: fixed(report.dut.tve_percent[worst], 2),
				limit: state.dut ? state.dut.limit_tve_percent : '–'})}`));
	}

	look() {
		const {state, report, frozen} = this.store;
		const now = performance.now();

		if (!state || !report)
			return;
		if (this.key !== this.store.kind())
			this.build();
		if (frozen)
			return;
		if (now - this.drawn > this.moveMs()) {
			this.drawn = now;
			this.draw();
		}
		if (now - this.turned > DIAGRAM_MS) {
			this.turned = now;
			this.turn(report);
		}
		if (now - this.tabled > TABLE_MS) {
			this.tabled = now;
			this.table.update(this.store);
		}
		if (now - this.said > SUMMARY_MS)
			this.tell(now);
	}

	turn({phasors = [], dut}) {
		const relative = chosen.preset === 'rel';

		this.diagram.update(turned(phasors, relative),
			turned((dut || {}).phasors || [], relative, phasors[0]));
	}

	twins() {
		this.twinsOn = !this.twinsOn;
		(this.wave ? this.wave.charts : this.charts)
			.forEach((c) => c.flip(this.twinsOn));
	}
}

function handlersOf(live) {
	const built = (action) => () => live.controls && action();

	return {
		freeze: built(() => live.freeze()),
		shorter: () => live.by(-1), longer: () => live.by(1),
		twins: () => live.twins(),
		taller: built(() => live.zoom(1.5)),
		flatter: built(() => live.zoom(1 / 1.5)),
		resetzoom: built(() => live.zoom(0)),
		nocursor: built(() => live.noCursor()),
		mark: built(() => live.mark()),
		find: built(() => live.tree.search.focus()),
		'export-csv': built(() => live.export('csv')),
		'export-png': built(() => live.export('png')),
		'export-svg': built(() => live.export('svg')),
	};
}

export function mount(main, store) {
	const live = new Live(main, store);
	const handlers = handlersOf(live);

	main.replaceChildren(h('h1', {}, t('nav.live')),
		h('p', {}, t('bench.waiting')));
	const stop = store.watch(() => live.look());

	for (const [name, handler] of Object.entries(handlers))
		document.addEventListener(name, handler);
	return () => {
		stop();
		live.leavePanes();
		marks.changed = () => {};
		store.frozen = false;
		for (const [name, handler] of Object.entries(handlers))
			document.removeEventListener(name, handler);
	};
}
