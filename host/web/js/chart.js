// One pane over time on uPlot: gaps, least and greatest per pixel, a least
// height, limits, cursors and markers, a ribbon of quality, a table twin.

import uPlot from '../vendor/uPlot.esm.js';
import {drawBand, drawLimits, drawRibbon, drawUprights, ink, variable}
	from './chart_draw.js';
import {h, say} from './dom.js';
import {fixed, utc} from './format.js';
import {t} from './i18n.js';
import {nearest, rangeOf, stepped} from './range.js';
import {perPixel} from './reduce.js';
import {stamped} from './stamp.js';

const linear = uPlot.paths.linear();
const HEIGHT = 200;
const ROWS = 40;
export const DASHES = {A: [], B: [8, 4], C: [2, 3], N: [8, 3, 2, 3], '+': []};

export function colour(phase) {
	const name = {A: 'a', B: 'b', C: 'c', '+': 'seq'}[phase] || 'n';

	return variable(`--phase-${name}`);
}

/** Seconds of time, or milliseconds of the second where ticks are close. */
function clock(u, times) {
	const close = times.length > 1 && times[1] - times[0] < 0.999;

	return times.map((x) => (close ? `${utc(x * 1000).slice(6, 12)} s` :
		utc(x * 1000).slice(0, 8)));
}

function axes(decimals, ribbon) {
	const common = {stroke: ink, grid: {stroke: () => variable('--line'),
		width: 1}, font: '12px system-ui, sans-serif'};

	return [{...common, space: 70, size: ribbon ? 46 : 30, values: clock},
		{...common, size: 74, values: (u, ticks) => ticks.map((x) =>
			fixed(x, decimals))}];
}

/** A device under test is a wide, pale line under its reference. */
function seriesOf(traces, paths) {
	return [{}, ...traces.map((trace) => ({
		label: trace.name, stroke: () => colour(trace.phase),
		dash: trace.group === 'dut' ? [] : DASHES[trace.phase] || [],
		alpha: trace.group === 'dut' ? 0.4 : 1,
		width: trace.group === 'dut' ? 5 : trace.phase === '+' ? 2.5 : 1.5,
		points: {show: false}, spanGaps: false, paths,
	}))];
}

function twinTable(title, traces, decimals) {
	const body = h('tbody', {});
	const node = h('div', {class: 'scroll', tabindex: '0', role: 'region',
		'aria-label': title}, h('table', {}, h('caption', {}, title),
	h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, t('table.time')),
		traces.map((x) => h('th', {scope: 'col'}, nameOf(x))))), body));

	function row(data, i) {
		const gap = data.slice(1).every((c) => !Number.isFinite(c[i]));

		return h('tr', {}, h('td', {}, utc(data[0][i] * 1000)), gap ?
			h('td', {colspan: traces.length}, t('table.gap')) :
			data.slice(1).map((c) => h('td', {}, fixed(c[i], decimals))));
	}

	function update(raw, step) {
		const rows = [];

		for (let i = raw[0].length - 1; i >= 0 && rows.length < ROWS; i--) {
			rows.push(row(raw, i));
			if (i && raw[0][i] - raw[0][i - 1] > 1.5 * step)
				rows.push(h('tr', {}, h('td', {colspan: traces.length + 1},
					t('table.gap'))));
		}
		body.replaceChildren(...rows);
	}

	return {node, update};
}

function legend(traces) {
	return h('ul', {class: 'legend', 'aria-hidden': 'true'}, traces.map((x) =>
		h('li', {'data-phase': x.phase, 'data-group': x.group}, h('i', {}),
			nameOf(x))));
}

/** The name of a trace, with the word of a device under test. */
export function nameOf(trace) {
	return trace.group === 'dut' ? `${trace.name} ${t('live.dut')}` : trace.name;
}

function uprightsOf(marks) {
	const cursor = (name) => ({at: marks[name], text: name.toUpperCase()});

	return [...['a', 'b'].filter((x) => marks[x] !== null).map(cursor),
		...marks.markers.map((m, i) => ({at: m.at, text: `${i + 1} ${m.text}`,
			dash: [2, 3]})), ...marks.fixed];
}

/** Cursors, markers and zoom, shared by charts of one time axis. */
export function freshMarks(changed = () => {}) {
	return {a: null, b: null, active: 'a', markers: [], fixed: [], zoom: 1,
		locked: false, stretches: [], changed};
}

/**
 * {title, traces: [{name, phase, group}], decimals, floor, limits, marks}:
 * floor is the least height; limits [{at, text}] stay in sight.
 */
export class Chart {
	constructor({title, traces, decimals, floor, limits = [], ribbon = false,
		marks = freshMarks(() => this.redraw())}) {
		Object.assign(this, {title, traces, decimals, floor, limits, ribbon,
			marks, plot: null, raw: null, step: 1, held: null});
		this.place = h('div', {class: 'plot', tabindex: '0', role: 'img',
			'aria-label': title, onkeydown: (event) => this.key(event),
			onclick: (event) => this.click(event)});
		this.twin = twinTable(title, traces, decimals);
		this.twin.node.hidden = true;
		this.per = h('span', {});
		this.reading = h('span', {class: 'reading', role: 'status'});
		this.toggle = h('button', {type: 'button', 'aria-pressed': 'false',
			onclick: () => this.flip()}, t('table'));
		this.node = h('section', {class: 'chart'}, h('h2', {class: 'label'}, title),
			legend(traces), limits.length > 0 && h('p', {class: 'small'},
				t('live.limits', {list: limits.map((x) => x.text)
					.join('; ')})),
			stamped(this.place), this.twin.node,
			h('p', {class: 'small row'}, this.per, this.reading,
				this.toggle));
	}

	range(low, high) {
		if (!this.marks.locked)
			this.held = null;
		const range = this.held || rangeOf(low, high, {floor: this.floor,
			limits: this.limits.map((x) => x.at), zoom: this.marks.zoom});

		if (this.marks.locked)
			this.held = range;
		this.flat = low !== null && (high - low) * 1.1 < this.floor &&
			!this.limits.length && !this.marks.locked;
		return range;
	}

	/** Lines through all samples, or where they are dense a band for each pixel. */
	path(u, k, from, to) {
		if (!this.dense)
			return linear(u, k, from, to);
		drawBand(u, k, colour(this.traces[k - 1].phase));
		return null;
	}

	decorate() {
		drawLimits(this.plot, this.limits);
		drawUprights(this.plot, uprightsOf(this.marks));
		if (this.ribbon)
			drawRibbon(this.plot, this.marks.stretches);
	}

	build(width) {
		this.plot = new uPlot({width, height: HEIGHT,
			series: seriesOf(this.traces, (u, k, from, to) =>
				this.path(u, k, from, to)),
			axes: axes(this.decimals, this.ribbon), legend: {show: false},
			cursor: {drag: {x: false, y: false}, points: {show: false}},
			scales: {x: {time: false}, y: {range: (u, low, high) =>
				this.range(low, high)}},
			hooks: {draw: [() => this.decorate()]}},
		[[], ...this.traces.map(() => [])], this.place);
	}

	flip(on = this.twin.node.hidden) {
		this.twin.node.hidden = !on;
		this.place.parentNode.hidden = on;
		this.toggle.setAttribute('aria-pressed', String(on));
		if (on && this.raw)
			this.twin.update(this.raw, this.step);
	}

	set(at) {
		this.marks[this.marks.active] = at;
		this.marks.changed();
		this.say();
	}

	say() {
		const at = this.marks[this.marks.active];
		const i = at === null ? -1 : nearest(this.raw[0], at);

		say(this.reading, i < 0 ? '' : `${this.marks.active.toUpperCase()} ` +
			`${utc(this.raw[0][i] * 1000)} ` + this.traces.map((x, k) =>
			`${nameOf(x)} ${fixed(this.raw[k + 1][i], this.decimals)}`)
			.join(', '));
	}

	key(event) {
		const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];

		if (!by || !this.raw || !this.raw[0].length)
			return;
		event.preventDefault();
		this.set(stepped(this.raw[0], this.marks[this.marks.active],
			by * (event.shiftKey ? 10 : 1)));
	}

	click(event) {
		if (!this.plot || !this.raw || !this.raw[0].length)
			return;
		const left = event.clientX - this.plot.over.getBoundingClientRect().left;
		const [time] = this.raw;

		if (event.shiftKey)
			this.marks.active = this.marks.active === 'a' ? 'b' : 'a';
		this.set(time[nearest(time, this.plot.posToVal(left, 'x'))]);
	}

	redraw() {
		if (this.plot)
			this.plot.redraw(false);
	}

	draw(from, to) {
		const width = Math.floor(this.place.clientWidth);

		if (width < 20)
			return;
		if (!this.plot)
			this.build(width);
		else if (this.plot.width !== width)
			this.plot.setSize({width, height: HEIGHT});
		const pixels = Math.max(10, Math.floor(this.plot.bbox.width /
			devicePixelRatio));
		const shown = perPixel(this.raw, from, to, pixels, this.step);

		this.dense = shown.per > 1;
		this.plot.batch(() => {
			this.plot.setData(shown.data, false);
			this.plot.setScale('x', {min: from, max: to});
		});
		say(this.per, this.words(shown.per));
	}

	/** What is drawn is not what a quick look takes it for: in words. */
	words(per) {
		const {locked, zoom} = this.marks;

		return [per > 1 ? t('live.per', {n: per}) : t('live.every'),
			this.flat && t('live.floor', {n: this.floor}),
			zoom !== 1 && t('live.zoom', {n: zoom.toPrecision(3)}),
			locked && t('live.locked')].filter(Boolean).join(' · ');
	}

	/** data: times (s) and a column for each trace; step is 1/rate. */
	update(data, from, to, step) {
		this.raw = data;
		this.step = step;
		if (this.twin.node.hidden)
			this.draw(from, to);
		else
			this.twin.update(data, step);
	}

	stop() {
		if (this.plot)
			this.plot.destroy();
	}
}
