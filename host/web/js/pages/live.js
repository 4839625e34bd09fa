// Live: what happens now, over time.

import {chart} from '../chart.js';
import {h, say} from '../dom.js';
import {decimalsOf, fixed, utc} from '../format.js';
import {t} from '../i18n.js';
import {dataOf, panesOf} from '../panes.js';
import {polar, turned} from '../polar.js';
import {wave} from '../wave.js';

const WINDOWS = [1, 2, 5, 10, 30, 60, 300, 900, 3600];
const SUMMARY_MS = 5000;
const TABLE_MS = 500;

// What stays chosen while the page is away.
const chosen = {window: 10, preset: 'freq', off: new Set(), smooth: false};

const windowText = (n) => (n < 60 ? t('live.seconds', {n}) :
	t('live.minutes', {n: n / 60}));

function numbers(channels) {
	const rows = channels.map((c) => {
		const cells = [0, 1, 2].map(() => h('td', {}, '–'));

		return {cells, node: h('tr', {}, h('th', {scope: 'row'}, c.name),
			cells)};
	});
	const heads = ['table.channel', 'table.rms', 'table.angle', 'live.quality'];
	const node = h('div', {class: 'scroll', tabindex: '0', role: 'region',
		'aria-label': t('live.numbers')}, h('table', {},
		h('caption', {}, t('live.numbers')), h('thead', {}, h('tr', {},
			heads.map((k) => h('th', {scope: 'col'}, t(k))))),
		h('tbody', {}, rows.map((r) => r.node))));

	return {node, update: (phasors, flags) => channels.forEach((c, i) => {
		const [rms, deg] = phasors[i] || [];

		say(rows[i].cells[0], Number.isFinite(rms) ?
			`${fixed(rms, decimalsOf(c.nominal))} ${c.unit}` : '–');
		say(rows[i].cells[1], fixed(deg, 4));
		say(rows[i].cells[2], flags || '–');
	})};
}

function controls(channels, change) {
	const windowBox = h('select', {id: 'l-window', value: chosen.window,
		onchange: (e) => change({window: Number(e.target.value)})},
	WINDOWS.map((n) => h('option', {value: n}, windowText(n))));
	const presets = ['freq', 'mag', 'deg', 'rel', 'wave'];
	const freeze = h('button', {type: 'button', 'aria-pressed': 'false',
		onclick: () => document.dispatchEvent(new Event('freeze'))},
	t('freeze'));
	const node = h('div', {class: 'row controls'},
		h('label', {for: 'l-preset'}, t('live.preset')),
		h('select', {id: 'l-preset', value: chosen.preset,
			onchange: (e) => change({preset: e.target.value})},
		presets.map((p) => h('option', {value: p}, t(`live.preset.${p}`,
			{name: channels.length ? channels[0].name : 'VA'})))),
		h('label', {for: 'l-window'}, t('live.window')), windowBox,
		h('label', {}, h('input', {type: 'checkbox', checked: chosen.smooth,
			onchange: (e) => change({smooth: e.target.checked})}), ' ',
		t('live.unwrap')), freeze,
		h('button', {type: 'button', onclick: () =>
			document.dispatchEvent(new Event('export'))}, t('live.export')));

	return {node, windowBox, freeze};
}

function traceList(channels, change) {
	return h('fieldset', {class: 'traces'}, h('legend', {}, t('live.traces')),
		channels.map((c) => h('label', {'data-phase': c.phase},
			h('input', {type: 'checkbox', checked: !chosen.off.has(c.name),
				onchange: (e) => {
					chosen.off[e.target.checked ? 'delete' : 'add'](
						c.name);
					change({});
				}}), h('i', {'aria-hidden': 'true'}), ' ', c.name)));
}

function csvOf(panes, data) {
	const lines = panes.map((pane, p) => [`time_utc,${pane.traces.map((x) =>
		x.name).join(',')}  # ${pane.title}`,
	...Array.from(data[p][0], (time, i) => [new Date(time * 1000).toISOString(),
		...data[p].slice(1).map((c) => (Number.isFinite(c[i]) ? c[i] : ''))]
		.join(','))].join('\n'));

	return lines.join('\n\n') + '\n';
}

function download(name, text) {
	const url = URL.createObjectURL(new Blob([text], {type: 'text/csv'}));

	h('a', {href: url, download: name}).click();
	setTimeout(() => URL.revokeObjectURL(url), 1000);
}

class Live {
	constructor(main, store) {
		this.main = main;
		this.store = store;
		this.charts = [];
		this.said = -Infinity;
		this.tabled = -Infinity;
		this.twinsOn = false;
	}

	build() {
		const {state} = this.store;
		const channels = state.channels || [];

		this.key = this.store.key;
		this.place = h('div', {class: 'panes'});
		this.diagram = polar(channels, {controls: false});
		this.table = numbers(channels);
		this.traces = traceList(channels, (c) => this.change(c));
		this.summary = h('p', {class: 'visually-hidden', 'aria-live': 'polite'});
		this.controls = controls(channels, (c) => this.change(c));
		this.main.replaceChildren(h('h1', {}, t('nav.live')),
			this.controls.node, h('div', {class: 'columns live'}, h('div', {},
				state.origin === 'SIMULATED' ?
					h('p', {class: 'watermark'}, t('watermark')) : null,
				this.place), h('aside', {}, this.diagram.node,
				this.traces)),
			this.table.node, this.summary);
		this.repane();
	}

	repane() {
		const channels = this.store.state.channels || [];
		const on = new Set(channels.map((c) => c.name)
			.filter((name) => !chosen.off.has(name)));

		this.leavePanes();
		this.traces.hidden = ['freq', 'wave'].includes(chosen.preset);
		if (chosen.preset === 'wave') {
			this.leaveWave = wave(this.place, this.store);
			return;
		}
		this.panes = panesOf(chosen.preset, channels, on);
		this.charts = this.panes.map(chart);
		this.place.replaceChildren(...this.charts.map((c) => c.node));
	}

	leavePanes() {
		this.charts.forEach((c) => c.stop());
		this.charts = [];
		this.panes = [];
		if (this.leaveWave)
			this.leaveWave();
		this.leaveWave = null;
	}

	change(what) {
		const again = !('window' in what || 'smooth' in what);

		Object.assign(chosen, what);
		this.controls.windowBox.value = chosen.window;
		if (again)
			this.repane();
		this.draw();
	}

	by(steps) {
		const at = WINDOWS.indexOf(chosen.window) + steps;

		if (this.controls && WINDOWS[at])
			this.change({window: WINDOWS[at]});
	}

	freeze() {
		this.store.frozen = !this.store.frozen;
		this.at = this.store.report.ms;
		this.controls.freeze.setAttribute('aria-pressed',
			String(this.store.frozen));
		this.controls.freeze.textContent =
			t(this.store.frozen ? 'unfreeze' : 'freeze');
	}

	data() {
		const step = 1 / (this.store.state.rate || 1);
		// Whole steps, so that pixel columns keep their samples.
		const to = (this.store.frozen ? this.at : this.store.report.ms) / 1000;

		return {to, from: to - chosen.window, step,
			columns: this.panes.map((pane) => dataOf(pane,
				this.store.history, to - chosen.window, to + step / 2,
				{relative: chosen.preset === 'rel',
					smooth: chosen.smooth}))};
	}

	draw() {
		const {from, to, step, columns} = this.data();

		this.charts.forEach((c, i) => c.update(columns[i], from, to, step));
	}

	export() {
		if (this.panes.length)
			download('cisoid-live.csv', csvOf(this.panes,
				this.data().columns));
	}

	look() {
		const {state, report} = this.store;
		const now = performance.now();

		if (!state || !report)
			return;
		if (this.key !== this.store.key)
			this.build();
		if (this.store.frozen)
			return;
		this.draw();
		this.diagram.update(turned(report.phasors || [],
			chosen.preset === 'rel'));
		if (now - this.tabled > TABLE_MS) {
			this.tabled = now;
			this.table.update(report.phasors || [], report.flags);
		}
		if (now - this.said > SUMMARY_MS) {
			this.said = now;
			say(this.summary, t('live.summary', {f: fixed(report.freq_hz, 3),
				r: fixed(report.rocof_hz_per_s, 2), time: utc(report.ms)}));
		}
	}

	twins() {
		this.twinsOn = !this.twinsOn;
		this.charts.forEach((c) => c.flip(this.twinsOn));
	}
}

export function mount(main, store) {
	const live = new Live(main, store);
	const handlers = {
		freeze: () => live.panes && live.freeze(),
		shorter: () => live.by(-1), longer: () => live.by(1),
		twins: () => live.twins(), export: () => live.panes && live.export(),
	};

	main.replaceChildren(h('h1', {}, t('nav.live')),
		h('p', {}, t('bench.waiting')));
	const stop = store.watch(() => live.look());

	for (const [name, handler] of Object.entries(handlers))
		document.addEventListener(name, handler);
	return () => {
		stop();
		live.leavePanes();
		store.frozen = false;
		for (const [name, handler] of Object.entries(handlers))
			document.removeEventListener(name, handler);
	};
}
