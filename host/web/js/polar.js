// The polar diagram: arrows on two rims, a table twin, a voice for the keyboard.

import {h, s, say} from './dom.js';
import {decimalsOf, fixed, wrapDegrees} from './format.js';
import {t} from './i18n.js';
import {stamped} from './stamp.js';
import {RIM, arrow, point, rimOf} from './polar_geometry.js';

const round = (x) => x.toFixed(2);
const path = (points) => points.map(([x, y]) => `${round(x)},${round(y)}`)
	.join(' ');

function grid() {
	const spokes = [];

	for (let degrees = -150; degrees <= 180; degrees += 30) {
		const [x, y] = point(RIM.V, degrees);
		const [tx, ty] = point(RIM.V + 11, degrees);

		spokes.push(s('line', {x1: 0, y1: 0, x2: round(x), y2: round(y)}),
			s('text', {x: round(tx), y: round(ty), class: 'scale'},
				`${fixed(degrees, 0)}°`));
	}
	return s('g', {class: 'grid', 'aria-hidden': 'true'},
		[25, 50, 75].map((r) => s('circle', {r})),
		s('circle', {r: RIM.V, class: 'rim'}),
		s('circle', {r: RIM.I, class: 'rim inner'}), spokes);
}

function phasorNode(channel) {
	const line = s('line', {x1: 0, y1: 0});
	const head = s('polygon', {});
	const label = s('text', {class: 'tip'}, channel.name);
	const dut = s('polygon', {class: 'dut absent'});
	const node = s('g', {class: 'phasor', tabindex: '0', role: 'img',
		'data-phase': channel.phase, 'data-quantity': channel.quantity},
	line, head, dut, label);

	return {node, line, head, dut, label, wide: channel.phase === '+'};
}

function draw(part, radius, degrees, size) {
	const shape = arrow(radius, degrees, size);
	const side = part.wide ? -9 : 7;
	const [lx, ly] = point(Math.max(radius - 4, 8), degrees + side);

	part.node.classList.remove('absent');
	part.line.setAttribute('x2', round(shape.shaft[0]));
	part.line.setAttribute('y2', round(shape.shaft[1]));
	part.head.setAttribute('points', path(shape.head));
	part.label.setAttribute('x', round(lx));
	part.label.setAttribute('y', round(ly));
}

/** The device under test: the outline of a larger arrow. */
function drawDut(part, radius, degrees) {
	const there = Number.isFinite(radius) && Number.isFinite(degrees);

	part.dut.classList.toggle('absent', !there);
	if (!there)
		return;
	const shape = arrow(radius, degrees, part.wide ? 16 : 13);
	const side = point(2, degrees + 90);
	const [tip, left, right] = shape.head;

	part.dut.setAttribute('points', path([tip, left,
		[shape.shaft[0] + side[0], shape.shaft[1] + side[1]],
		side, side.map((x) => -x),
		[shape.shaft[0] - side[0], shape.shaft[1] - side[1]], right]));
}

export function phasorText(channel, phasor) {
	if (!phasor || !Number.isFinite(phasor[0]))
		return `${channel.name} –`;
	return `${channel.name} ${fixed(phasor[0], decimalsOf(channel.nominal))} ` +
		`${channel.unit} ∠ ${fixed(phasor[1], 3)}°`;
}

function table(channels, withDut) {
	const rows = channels.map((c) => {
		const rms = h('td', {}, '–');
		const angle = h('td', {}, '–');
		const dut = h('td', {}, '–');

		return {rms, angle, dut, node: h('tr', {},
			h('th', {scope: 'row'}, c.name), rms, angle,
			withDut && dut)};
	});
	const heads = ['table.channel', 'table.rms', 'table.angle',
		...(withDut ? ['table.dut'] : [])];
	const node = h('div', {class: 'scroll', tabindex: '0', role: 'region',
		'aria-label': t('polar')}, h('table', {},
		h('caption', {}, t('polar')), h('thead', {}, h('tr', {},
			heads.map((k) => h('th', {scope: 'col'}, t(k))))),
		h('tbody', {}, rows.map((r) => r.node))));

	return {node, update: (phasors, dut) => channels.forEach((c, i) => {
		const [rms, deg] = phasors[i] || [];

		say(rows[i].dut, phasorText({...c, name: ''}, dut[i]).trim());
		say(rows[i].rms, Number.isFinite(rms) ?
			`${fixed(rms, decimalsOf(c.nominal))} ${c.unit}` : '–');
		say(rows[i].angle, fixed(deg, 3));
	})};
}

/** Angles relative to that of a base, where that is asked for. */
export function turned(phasors, relative, base0 = phasors[0]) {
	const base = relative && base0 ? base0[1] : 0;

	return phasors.map((p) => p && [p[0], wrapDegrees(p[1] - base)]);
}

/** onfocus is told the index of the phasor that the keyboard is on. */
export function polar(channels, {controls = true, dut = false,
	onfocus = () => {}, onkey = () => {}} = {}) {
	const parts = channels.map(phasorNode);
	const scales = h('p', {class: 'small'});
	const focused = h('p', {class: 'small focus-text'}, t('polar.hint'));
	const twin = table(channels, dut);
	const drawing = s('svg', {viewBox: '-125 -122 250 244', class: 'polar',
		role: 'group', 'aria-label': t('polar')}, grid(),
	// Sequence phasors first: what they coincide with lies over them.
	[...parts].sort((a, b) => b.wide - a.wide).map((p) => p.node));
	const choose = h('select', {'aria-label': t('polar.reference')},
		h('option', {value: 'utc'}, t('polar.utc')),
		h('option', {value: 'relative'}, t('polar.relative',
			{name: channels.length ? channels[0].name : 'VA'})));
	const toggle = h('button', {type: 'button', 'aria-pressed': 'false',
		onclick: () => flip()}, t('table'));
	const lock = h('input', {type: 'checkbox'});
	const node = h('div', {class: 'polar-box'}, stamped(drawing), twin.node, scales,
		focused, controls && h('p', {class: 'row'}, choose, toggle,
			h('label', {}, lock, ' ', t('polar.lock'))));
	const rims = {};
	const most = 1.18 * RIM.V;
	let last = [];

	twin.node.hidden = true;
	parts.forEach((p, i) => p.node.addEventListener('focus', () => {
		focused.textContent = phasorText(channels[i], last[i]);
		onfocus(i);
	}));
	drawing.addEventListener('keydown', onkey);

	function flip(on = twin.node.hidden) {
		twin.node.hidden = !on;
		drawing.classList.toggle('hidden', on);
		toggle.setAttribute('aria-pressed', String(on));
	}

	function update(phasors, dutPhasors = []) {
		const relative = choose.value === 'relative';
		const others = turned(dutPhasors, relative, phasors[0]);

		last = turned(phasors, relative);
		for (const q of ['V', 'I'])
			rims[q] = lock.checked ? rims[q] : rimOf(
				[...channels, ...channels], [...last, ...others], q,
				rims[q]);

		channels.forEach((c, i) => {
			const scale = RIM[c.quantity] / rims[c.quantity];
			const [rms, deg] = others[i] || [];

			parts[i].node.setAttribute('aria-label',
				phasorText(c, last[i]));
			drawDut(parts[i], Math.min(rms * scale, most), deg);
			if (!last[i] || !Number.isFinite(last[i][0]))
				parts[i].node.classList.add('absent');
			else
				draw(parts[i], Math.min(last[i][0] * scale, most), last[i][1],
					c.phase === '+' ? 11 : 8);
		});
		say(scales, [t('polar.outer', {n: `${rims.V} V`}),
			t('polar.inner', {n: `${rims.I} A`})].join(' · '));
		if (!twin.node.hidden)
			twin.update(last, others);
	}

	return {node, update, flip};
}
