// The polar diagram: arrows on two rims, a table twin, a voice for the keyboard.

import {h, s, say} from './dom.js';
import {decimalsOf, fixed, wrapDegrees} from './format.js';
import {t} from './i18n.js';
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
	const node = s('g', {class: 'phasor', tabindex: '0', role: 'img',
		'data-phase': channel.phase, 'data-quantity': channel.quantity},
	line, head, label);

	return {node, line, head, label, wide: channel.phase === '+'};
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

export function phasorText(channel, phasor) {
	if (!phasor || !Number.isFinite(phasor[0]))
		return `${channel.name} –`;
	return `${channel.name} ${fixed(phasor[0], decimalsOf(channel.nominal))} ` +
		`${channel.unit} ∠ ${fixed(phasor[1], 3)}°`;
}

function table(channels) {
	const rows = channels.map((c) => {
		const rms = h('td', {}, '–');
		const angle = h('td', {}, '–');

		return {rms, angle, node: h('tr', {},
			h('th', {scope: 'row'}, c.name), rms, angle)};
	});
	const node = h('table', {}, h('caption', {}, t('polar')),
		h('thead', {}, h('tr', {}, ['table.channel', 'table.rms',
			'table.angle'].map((k) => h('th', {scope: 'col'}, t(k))))),
		h('tbody', {}, rows.map((r) => r.node)));

	return {node, update: (phasors) => channels.forEach((c, i) => {
		const [rms, deg] = phasors[i] || [];

		say(rows[i].rms, Number.isFinite(rms) ?
			`${fixed(rms, decimalsOf(c.nominal))} ${c.unit}` : '–');
		say(rows[i].angle, fixed(deg, 3));
	})};
}

/** Angles relative to the first channel, where that is asked for. */
export function turned(phasors, relative) {
	const base = relative && phasors[0] ? phasors[0][1] : 0;

	return phasors.map((p) => p && [p[0], wrapDegrees(p[1] - base)]);
}

export function polar(channels, {controls = true} = {}) {
	const parts = channels.map(phasorNode);
	const scales = h('p', {class: 'small'});
	const focused = h('p', {class: 'small focus-text'}, t('polar.hint'));
	const twin = table(channels);
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
	const node = h('div', {class: 'polar-box'}, drawing, twin.node, scales,
		focused, controls && h('p', {class: 'row'}, choose, toggle));
	const rims = {};
	let last = [];

	twin.node.hidden = true;
	parts.forEach((p, i) => p.node.addEventListener('focus', () => {
		focused.textContent = phasorText(channels[i], last[i]);
	}));

	function flip(on = twin.node.hidden) {
		twin.node.hidden = !on;
		drawing.classList.toggle('hidden', on);
		toggle.setAttribute('aria-pressed', String(on));
	}

	function update(phasors) {
		last = turned(phasors, choose.value === 'relative');
		for (const q of ['V', 'I'])
			rims[q] = rimOf(channels, last, q, rims[q]);

		channels.forEach((c, i) => {
			parts[i].node.setAttribute('aria-label',
				phasorText(c, last[i]));
			if (!last[i] || !Number.isFinite(last[i][0]))
				parts[i].node.classList.add('absent');
			else
				draw(parts[i], RIM[c.quantity] * last[i][0] /
					rims[c.quantity], last[i][1],
				c.phase === '+' ? 11 : 8);
		});
		say(scales, [t('polar.outer', {n: `${rims.V} V`}),
			t('polar.inner', {n: `${rims.I} A`})].join(' · '));
		if (!twin.node.hidden)
			twin.update(last);
	}

	return {node, update, flip};
}
