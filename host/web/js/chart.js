// One pane over time on uPlot: gaps, least and greatest per pixel, a least
// height, a table twin and a cursor for the keyboard.

import uPlot from '../vendor/uPlot.esm.js';
import {h, say} from './dom.js';
import {fixed, utc} from './format.js';
import {t} from './i18n.js';
import {perPixel} from './reduce.js';

const HEIGHT = 190;
const ROWS = 40;
const DASHES = {A: [], B: [8, 4], C: [2, 3], N: [8, 3, 2, 3], '+': []};

export function colour(phase) {
	const name = {A: 'a', B: 'b', C: 'c', '+': 'seq'}[phase] || 'n';

	return getComputedStyle(document.documentElement)
		.getPropertyValue(`--phase-${name}`).trim();
}

const ink = () => getComputedStyle(document.body).color;

function spread(floor) {
	return (u, low, high) => {
		if (low === null)
			return [0, 1];
		const middle = (low + high) / 2;
		const half = Math.max((high - low) * 0.55, floor / 2);

		return [middle - half, middle + half];
	};
}

/** Seconds of time, or milliseconds of the second where ticks are close. */
function clock(u, times) {
	const close = times.length > 1 && times[1] - times[0] < 0.999;

	return times.map((x) => (close ? `${utc(x * 1000).slice(6, 12)} s` :
		utc(x * 1000).slice(0, 8)));
}

function axes(decimals) {
	const common = {stroke: ink, grid: {stroke: () => getComputedStyle(
		document.documentElement).getPropertyValue('--line').trim(),
	width: 1}, font: '12px system-ui, sans-serif'};

	return [{...common, space: 70, size: 30, values: clock},
	{...common, size: 74, values: (u, ticks) => ticks.map((x) =>
		fixed(x, decimals))}];
}

function seriesOf(traces) {
	return [{}, ...traces.map((trace) => ({
		label: trace.name, stroke: () => colour(trace.phase),
		dash: DASHES[trace.phase] || [],
		width: trace.phase === '+' ? 2.5 : 1.5, points: {show: false},
		spanGaps: false,
	}))];
}

function twinTable(title, traces, decimals) {
	const body = h('tbody', {});
	const node = h('div', {class: 'scroll', tabindex: '0', role: 'region',
		'aria-label': title}, h('table', {}, h('caption', {}, title),
	h('thead', {}, h('tr', {}, h('th', {scope: 'col'}, t('table.time')),
		traces.map((x) => h('th', {scope: 'col'}, x.name)))), body));

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
		h('li', {'data-phase': x.phase}, h('i', {}), x.name)));
}

/** {title, traces: [{name, phase}], decimals, floor}: floor is the least height. */
export function chart({title, traces, decimals, floor}) {
	const place = h('div', {class: 'plot', tabindex: '0', role: 'img',
		'aria-label': title, onkeydown: (event) => move(event)});
	const twin = twinTable(title, traces, decimals);
	const per = h('span', {});
	const reading = h('span', {class: 'reading', role: 'status'});
	const toggle = h('button', {type: 'button', 'aria-pressed': 'false',
		onclick: () => flip()}, t('table'));
	const node = h('section', {class: 'chart'}, h('h3', {}, title),
		legend(traces), place, twin.node,
		h('p', {class: 'small row'}, per, reading, toggle));
	let plot = null;
	let raw = null;
	let step = 1;
	let cursor = null;

	twin.node.hidden = true;

	function build(width) {
		plot = new uPlot({width, height: HEIGHT, series: seriesOf(traces),
			axes: axes(decimals), legend: {show: false},
			cursor: {drag: {x: false, y: false}},
			scales: {x: {time: false}, y: {range: spread(floor)}}},
		[[], ...traces.map(() => [])], place);
	}

	function flip(on = twin.node.hidden) {
		twin.node.hidden = !on;
		place.hidden = on;
		toggle.setAttribute('aria-pressed', String(on));
		if (on && raw)
			twin.update(raw, step);
	}

	function move(event) {
		const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];

		if (!by || !raw || !raw[0].length)
			return;
		event.preventDefault();
		const last = raw[0].length - 1;

		cursor = Math.max(0, Math.min(last, (cursor === null ? last : cursor) +
			by * (event.shiftKey ? 10 : 1)));
		say(reading, `${utc(raw[0][cursor] * 1000)} ` + traces.map((x, i) =>
			`${x.name} ${fixed(raw[i + 1][cursor], decimals)}`).join(', '));
		plot.setCursor({left: plot.valToPos(raw[0][cursor], 'x'), top: 10});
	}

	function draw(from, to) {
		const width = Math.floor(place.clientWidth);

		if (width < 20)
			return;
		if (!plot)
			build(width);
		else if (plot.width !== width)
			plot.setSize({width, height: HEIGHT});
		const pixels = Math.max(10, Math.floor(plot.bbox.width /
			devicePixelRatio));
		const shown = perPixel(raw, from, to, pixels, step);

		plot.batch(() => {
			plot.setData(shown.data, false);
			plot.setScale('x', {min: from, max: to});
		});
		say(per, shown.per > 1 ? t('live.per', {n: shown.per}) :
			t('live.every'));
	}

	/** data: times (s) and a column for each trace; step is 1/rate. */
	function update(data, from, to, seconds) {
		raw = data;
		step = seconds;
		if (twin.node.hidden)
			draw(from, to);
		else
			twin.update(raw, step);
	}

	return {node, update, flip, stop: () => plot && plot.destroy()};
}
