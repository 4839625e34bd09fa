// What Live shows as a drawing: SVG made from the data, in black on white.

import {fixed, utc} from '../format.js';
import {rangeOf} from '../range.js';
import {perPixel} from '../reduce.js';

const WIDTH = 900;
const HEIGHT = 240;
const BOX = {left: 90, right: 20, top: 34, bottom: 36};
const INKS = {A: '#0072b2', B: '#d55e00', C: '#009e73', '+': '#b5589a'};
const DASHES = {B: '8 4', C: '2 3'};

const ENTITIES = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;',
	"'": '&apos;'};

/** Text as it may stand in XML; what XML does not allow is a question mark. */
export function escaped(text) {
	return String(text)
		.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
		.replace(/\p{Cs}/gu, '?').replace(/[&<>"']/g, (c) => ENTITIES[c]);
}

function tag(name, attributes, text) {
	const list = Object.entries(attributes).map(([key, value]) =>
		` ${key}="${escaped(value)}"`).join('');

	return text === undefined ? `<${name}${list}/>` :
		`<${name}${list}>${escaped(text)}</${name}>`;
}

/** Pieces of a line between gaps, as the data of a path. */
export function pathOf(time, column, x, y) {
	let d = '';
	let pen = 'M';

	for (let i = 0; i < time.length; i++) {
		if (column[i] === null || !Number.isFinite(column[i])) {
			pen = 'M';
			continue;
		}
		d += `${pen}${x(time[i]).toFixed(1)} ${y(column[i]).toFixed(1)}`;
		pen = 'L';
	}
	return d;
}

function endsOf(columns) {
	let low = null;
	let high = null;

	for (const column of columns)
		for (const v of column)
			if (v !== null && Number.isFinite(v)) {
				low = low === null ? v : Math.min(low, v);
				high = high === null ? v : Math.max(high, v);
			}
	return [low, high];
}

function axis(pane, {low, high, x, y, from, to}) {
	const out = [];

	for (const v of [low, (low + high) / 2, high])
		out.push(tag('line', {x1: BOX.left, x2: WIDTH - BOX.right, y1: y(v),
			y2: y(v), stroke: '#cccccc'}), tag('text', {x: BOX.left - 6,
			y: y(v) + 4, 'text-anchor': 'end'}, fixed(v, pane.decimals)));
	for (const at of [from, (from + to) / 2, to])
		out.push(tag('text', {x: x(at), y: HEIGHT - 14,
			'text-anchor': at === from ? 'start' : at === to ? 'end' :
				'middle'}, utc(at * 1000)));
	return out;
}

function limits(pane, {low, high, y}) {
	return (pane.limits || []).filter(({at}) => at >= low && at <= high)
		.flatMap(({at, text}) => [tag('line', {x1: BOX.left,
			x2: WIDTH - BOX.right, y1: y(at), y2: y(at), stroke: '#a8200d',
			'stroke-dasharray': '8 4'}), tag('text', {x: BOX.left + 6,
			y: y(at) - 4, fill: '#a8200d'}, text)]);
}

function lines(pane, data, {x, y}) {
	const [time, ...columns] = data;

	return pane.traces.map((one, k) => tag('path', {fill: 'none',
		stroke: INKS[one.phase] || '#666666',
		'stroke-width': one.group === 'dut' ? 4 : 1.5,
		'stroke-opacity': one.group === 'dut' ? 0.4 : 1,
		...(DASHES[one.phase] && {'stroke-dasharray': DASHES[one.phase]}),
		d: pathOf(time, columns[k], x, y)}));
}

function paneOf(pane, raw, {from, to, step}) {
	const {data} = perPixel(raw, from, to, WIDTH - BOX.left - BOX.right, step);
	const [low, high] = rangeOf(...endsOf(data.slice(1)), {floor: pane.floor,
		limits: (pane.limits || []).map((l) => l.at)});
	const frame = {from, to, low, high,
		x: (at) => BOX.left + (at - from) / (to - from) *
			(WIDTH - BOX.left - BOX.right),
		y: (v) => HEIGHT - BOX.bottom - (v - low) / (high - low) *
			(HEIGHT - BOX.top - BOX.bottom)};

	return [tag('text', {x: BOX.left, y: 20, 'font-weight': 'bold'},
		`${pane.title}: ${pane.traces.map((one) => one.label || one.name)
			.join(', ')}`), ...axis(pane, frame), ...limits(pane, frame),
	...lines(pane, data, frame)].join('\n');
}

/** {panes: [{title, ...}], data, from, to, step, origin, watermark}. */
export function svgOf({panes, data, origin, watermark, ...time}) {
	const span = [time.from, time.to].map((at) =>
		new Date(Math.round(1000 * at)).toISOString()).join(' – ');
	const height = panes.length * HEIGHT + 30;
	const middle = `${WIDTH / 2} ${height / 2}`;

	return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" ` +
	`viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
${tag('rect', {width: WIDTH, height, fill: 'white'})}
${tag('text', {x: 10, y: 20, 'font-weight': 'bold'}, `${origin} · ${span}`)}
${panes.map((pane, i) => `<g transform="translate(0 ${30 + i * HEIGHT})">
${paneOf(pane, data[i], time)}
</g>`).join('\n')}
${watermark ? tag('text', {transform: `translate(${middle}) rotate(-24)`,
		'text-anchor': 'middle', 'font-size': 40, 'font-weight': 'bold',
		fill: '#4a5763', 'fill-opacity': 0.25}, watermark) : ''}
</svg>
`;
}
