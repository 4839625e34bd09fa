// What is drawn on a chart besides its traces: limits, cursors, markers, the
// ribbon of quality under the axis. Whatever is drawn also stands as text.

import {QUALITY} from './quality.js';

const RIBBON = 8;

const KEEP_MS = 1000;

// Styles are asked for in every drawing, and change with the theme at most.
const kept = new Map();

/** A colour of the style sheet by its name, such as --line. */
export function variable(name) {
	const now = performance.now();
	const found = kept.get(name);

	if (found && now - found.at < KEEP_MS)
		return found.value;
	const value = getComputedStyle(document.documentElement)
		.getPropertyValue(name).trim();

	kept.set(name, {value, at: now});
	return value;
}

export const ink = () => variable('--ink');

const px = () => devicePixelRatio;

function label(u, text, x, y, align = 'left') {
	const {ctx} = u;

	ctx.font = `${11 * px()}px system-ui, sans-serif`;
	ctx.textAlign = align;
	ctx.lineWidth = 3 * px();
	ctx.strokeStyle = variable('--paper');
	ctx.strokeText(text, x, y);
	ctx.fillText(text, x, y);
}

/** Columns of a pixel that a dash shows: [on, off, ...] repeated. */
export function dashed(dash, column) {
	const whole = dash.reduce((a, b) => a + b, 0);
	let at = whole ? column % whole : 0;

	return !whole || dash.every((length, i) => {
		const inside = at >= 0 && at < length;

		at -= length;
		return !inside || i % 2 === 0;
	});
}

/**
 * A series of rows in pairs, least and greatest of a pixel: upright bars, each
 * reaching to the one before. Thousands of steep line segments cost far more.
 */
export function drawBand(u, k, colour) {
	const {ctx, bbox} = u;
	const {dash, width, alpha} = u.series[k];
	const [time, column] = [u.data[0], u.data[k]];
	const {x: xs, y: ys} = u.scales;
	const [x0, y0] = [bbox.left, bbox.top + bbox.height];
	const dx = bbox.width / (xs.max - xs.min);
	const dy = bbox.height / (ys.max - ys.min);
	const scale = px();
	const thick = width * scale;
	let before = null;

	ctx.save();
	ctx.beginPath();
	ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
	ctx.clip();
	ctx.globalAlpha = alpha;
	ctx.fillStyle = colour;
	for (let i = 0; i + 1 < time.length; i += 2) {
		if (column[i] === null) {
			before = null;
			continue;
		}
		const x = x0 + (time[i] - xs.min) * dx;
		const high = y0 - (column[i + 1] - ys.min) * dy;
		const low = y0 - (column[i] - ys.min) * dy;
		const top = before ? Math.min(high, before.low) : high;
		const foot = before ? Math.max(low, before.high) : low;

		if (dashed(dash || [], Math.round(x / scale)))
			ctx.fillRect(x, top - thick / 2, Math.max(thick / 2, 1),
				foot - top + thick);
		before = {high, low};
	}
	ctx.restore();
}

export function drawLimits(u, limits) {
	const {ctx, bbox} = u;

	ctx.save();
	for (const {at, text} of limits) {
		const y = u.valToPos(at, 'y', true);

		if (y < bbox.top || y > bbox.top + bbox.height)
			continue;
		ctx.strokeStyle = ctx.fillStyle = variable('--bad');
		ctx.lineWidth = 1.5 * px();
		ctx.setLineDash([8 * px(), 4 * px()]);
		ctx.beginPath();
		ctx.moveTo(bbox.left, y);
		ctx.lineTo(bbox.left + bbox.width, y);
		ctx.stroke();
		ctx.setLineDash([]);
		label(u, text, bbox.left + 6 * px(), y - 4 * px());
	}
	ctx.restore();
}

/** Upright lines: {at, text, dash}. */
export function drawUprights(u, lines) {
	const {ctx, bbox} = u;

	ctx.save();
	for (const [i, {at, text, dash}] of lines.entries()) {
		const x = u.valToPos(at, 'x', true);

		if (!(x >= bbox.left && x <= bbox.left + bbox.width))
			continue;
		ctx.strokeStyle = ctx.fillStyle = ink();
		ctx.lineWidth = 1.5 * px();
		ctx.setLineDash((dash || []).map((n) => n * px()));
		ctx.beginPath();
		ctx.moveTo(x, bbox.top);
		ctx.lineTo(x, bbox.top + bbox.height);
		ctx.stroke();
		ctx.setLineDash([]);
		const left = x > bbox.left + bbox.width / 2;

		label(u, text, x + (left ? -4 : 4) * px(),
			bbox.top + 12 * (1 + i % 4) * px(), left ? 'right' : 'left');
	}
	ctx.restore();
}

/** The letters of a stretch: G gap, T time, S synchronism, ! invalid. */
export function lettersOf({gap, bits}) {
	if (gap)
		return 'G';
	return (bits & QUALITY.UNLOCKED ? 'T' : '') + (bits & QUALITY.UNSYNC ?
		'S' : '') + (bits & QUALITY.INVALID ? '!' : '');
}

function stretch(u, x, width, y, one) {
	const {ctx} = u;
	const letters = lettersOf(one);
	const height = RIBBON * px();

	if (!letters) {
		ctx.fillStyle = variable('--edge');
		ctx.fillRect(x, y + height - 2 * px(), width, 2 * px());
		return;
	}
	if (one.gap) {
		ctx.strokeStyle = variable('--bad');
		ctx.lineWidth = px();
		ctx.strokeRect(x, y, Math.max(width, 2 * px()), height);
	} else {
		ctx.fillStyle = one.bits & QUALITY.INVALID ? variable('--bad') :
			variable('--phase-b');
		ctx.fillRect(x, y, Math.max(width, 2 * px()), height);
	}
	if (width < 24 * px())
		return;
	ctx.fillStyle = ink();
	label(u, letters, x + width / 2, y - 2 * px(), 'center');
}

export function drawRibbon(u, stretches) {
	const {ctx, bbox} = u;
	const y = ctx.canvas.height - (RIBBON + 1) * px();

	ctx.save();
	ctx.beginPath();
	ctx.rect(bbox.left, y - 14 * px(), bbox.width, (RIBBON + 15) * px());
	ctx.clip();
	for (const one of stretches) {
		const from = u.valToPos(one.from, 'x', true);

		stretch(u, from, u.valToPos(one.to, 'x', true) - from, y, one);
	}
	ctx.restore();
}
