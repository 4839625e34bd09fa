// The error lens: the tip of one channel of the device under test, magnified.

import {h, s, say} from './dom.js';
import {fixed} from './format.js';
import {t} from './i18n.js';
import {GLYPHS, errorOf, microseconds, verdictOf} from './judge.js';
import {ellipseOf, lensRim, offsetOf} from './lens_geometry.js';
import {stamped} from './stamp.js';

const CLOUD = 100;
const R = 100;

const round = (x) => x.toFixed(2);

/** Path of all points of the cloud: one node whatever their number. */
function dots(points, scale) {
	return points.map(([x, y]) => `M${round(x * scale)} ${round(-y * scale)}h0`)
		.join('');
}

function background() {
	return s('g', {class: 'grid', 'aria-hidden': 'true'},
		s('circle', {r: R / 2}), s('circle', {r: R, class: 'rim'}),
		s('line', {x1: -R, y1: 0, x2: R, y2: 0}),
		s('line', {x1: 0, y1: -R, x2: 0, y2: R}),
		s('text', {x: 0, y: -R - 7, class: 'scale'}, 'ME +'),
		s('text', {x: 0, y: R + 9, class: 'scale'}, 'ME −'),
		s('text', {x: -R - 3, y: -4, class: 'scale end'}, 'PE +'),
		s('text', {x: R + 3, y: -4, class: 'scale start'}, 'PE −'));
}

function picture() {
	const limit = s('circle', {class: 'limit'});
	const disc = s('circle', {class: 'u'});
	const scatter = s('ellipse', {class: 'scatter'});
	const cloud = s('path', {class: 'cloud'});
	const now = s('circle', {class: 'now', r: 3.5});
	const verdict = s('text', {class: 'verdict', y: -66});
	const rim = s('text', {class: 'scale', y: 78});
	const node = s('svg', {viewBox: '-130 -122 260 244', class: 'lens',
		role: 'img', tabindex: '0'}, background(), disc, limit, scatter,
	cloud, now, s('path', {class: 'reference', d: 'M-5 0h10M0 -5v10'}), verdict,
	rim);

	return {node, limit, disc, scatter, cloud, now, verdict, rim};
}

function place(node, values) {
	for (const [name, value] of Object.entries(values))
		node.setAttribute(name, typeof value === 'number' ? round(value) :
			value);
}

function drawScatter(node, points, scale) {
	const e = ellipseOf(points);

	node.classList.toggle('absent', !e);
	if (e)
		place(node, {cx: 0, cy: 0, rx: e.a * scale, ry: e.b * scale,
			transform: `translate(${round(e.x * scale)} ` +
				`${round(-e.y * scale)}) rotate(${round(-e.degrees)})`});
}

/** What is shown of one channel, as numbers. */
function read(store, i) {
	const {report, state, history} = store;
	const dut = report.dut || {};
	const error = errorOf((report.phasors || [])[i], (dut.phasors || [])[i]);
	const hz = Number.isFinite(report.freq_hz) ? report.freq_hz : state.fnom;
	const limit = state.dut.limit_tve_percent;
	const tve = (dut.tve_percent || [])[i];

	return {error, limit, tve, hz, offset: offsetOf(error),
		verdict: verdictOf(tve, limit, report.flags),
		u: ((report.u || {}).tve_percent || [])[i],
		points: history.hasDut ? history.last([`me.${i}`, `pe.${i}`], CLOUD)
			.filter(([me]) => Number.isFinite(me))
			.map(([me, pe]) => offsetOf({me_percent: me, pe_deg: pe})) : []};
}

function draw(parts, now, near) {
	const here = Number.isFinite(now.offset[0]);
	const rim = lensRim(here ? [...now.points, now.offset] : now.points,
		now.limit, near);
	const scale = R / rim;
	const circle = now.limit * scale;

	parts.limit.classList.toggle('absent', !(circle <= 1.2 * R));
	place(parts.limit, {r: circle || 0});
	place(parts.disc, {r: now.u > 0 ? Math.min(R, now.u * scale) : 0});
	drawScatter(parts.scatter, now.points, scale);
	place(parts.cloud, {d: dots(now.points, scale)});
	parts.now.classList.toggle('absent', !here);
	if (here)
		place(parts.now, {cx: now.offset[0] * scale,
			cy: -now.offset[1] * scale});
	say(parts.verdict, `${GLYPHS[now.verdict]} ${t(`verdict.${now.verdict}`)}`);
	parts.verdict.dataset.verdict = now.verdict;
	say(parts.rim, t('lens.rim', {n: `${rim} %`}));
}

function factsOf(channel, now) {
	const {me_percent, pe_deg} = now.error;

	return [['TVE', `${fixed(now.tve, 4)} % ${Number.isFinite(now.u) ?
		`± ${fixed(now.u, 4)} %` : t('u.unknown')}`],
	[t('lens.limit'), `${now.limit} %`],
	[t('lens.me'), `${fixed(me_percent, 4)} %`],
	[t('lens.pe'), `${fixed(pe_deg, 4)}° = ` +
		`${fixed(microseconds(pe_deg, now.hz), 3)} µs`]];
}

export function lens(channels, store) {
	const parts = picture();
	const cells = [0, 1, 2, 3].map(() => [h('dt', {}), h('dd', {})]);
	const choose = h('select', {id: 'lens-channel', onchange: () => {
		shown = choose.selectedIndex;
		update();
	}}, channels.map((c) => h('option', {value: c.name}, c.name)));
	const zoom = h('button', {type: 'button', 'aria-pressed': 'false',
		onclick: () => {
			near = !near;
			zoom.setAttribute('aria-pressed', String(near));
			update();
		}}, t('lens.near'));
	const note = h('p', {class: 'small'}, t('lens.cloud', {n: CLOUD}));
	const node = h('div', {class: 'lens-box'},
		h('p', {class: 'row'}, h('label', {for: 'lens-channel'},
			t('table.channel')), choose, zoom),
		stamped(parts.node), h('dl', {class: 'facts'},
			cells.map((pair) => h('div', {}, pair))), note);
	let shown = 0;
	let near = false;

	parts.node.addEventListener('keydown', (event) => arrows(event));

	function select(i) {
		shown = (i + channels.length) % channels.length;
		choose.selectedIndex = shown;
		update();
	}

	function arrows(event) {
		const by = {ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1,
			ArrowDown: 1}[event.key];

		if (!by || event.ctrlKey || event.altKey || event.metaKey)
			return;
		event.preventDefault();
		select(shown + by);
	}

	function update() {
		if (!store.report || !store.state.dut)
			return;
		const now = read(store, shown);
		const facts = factsOf(channels[shown], now);

		draw(parts, now, near);
		parts.cloud.dataset.phase = channels[shown].phase;
		cells.forEach(([dt, dd], i) => {
			say(dt, facts[i][0]);
			say(dd, facts[i][1]);
		});
		parts.node.setAttribute('aria-label', t('lens.label', {
			name: channels[shown].name, facts: facts.map((x) =>
				x.join(' ')).join(', '),
			verdict: t(`verdict.${now.verdict}`)}));
	}

	return {node, update, select, arrows};
}
