// What Live shows as a picture: its charts on one canvas, with their origin.

import {ink, variable} from '../chart_draw.js';

const HEAD = 26;

function stamp(ctx, text, width, height) {
	ctx.save();
	ctx.translate(width / 2, height / 2);
	ctx.rotate(-24 * Math.PI / 180);
	ctx.textAlign = 'center';
	ctx.font = `bold ${Math.round(width / 24)}px system-ui, sans-serif`;
	ctx.fillStyle = variable('--stamp');
	ctx.fillText(text, 0, 0);
	ctx.restore();
}

/** A blob of the charts, one below the other; null where nothing is drawn. */
export function pictureOf(charts, {origin, watermark}) {
	const drawn = charts.filter((c) => c.plot);
	const scale = devicePixelRatio;
	const sources = drawn.map((c) => c.plot.ctx.canvas);
	const canvas = document.createElement('canvas');
	const ctx = canvas.getContext('2d');
	let y = HEAD * scale;

	if (!drawn.length)
		return Promise.resolve(null);
	canvas.width = Math.max(...sources.map((x) => x.width));
	canvas.height = sources.reduce((sum, x) => sum + x.height + HEAD * scale, y);
	ctx.fillStyle = variable('--paper');
	ctx.fillRect(0, 0, canvas.width, canvas.height);
	ctx.fillStyle = ink();
	ctx.font = `bold ${13 * scale}px system-ui, sans-serif`;
	ctx.fillText(origin, 8 * scale, 18 * scale);
	drawn.forEach((c, i) => {
		ctx.fillText(`${c.title}: ${c.traces.map((x) => x.name).join(', ')}`,
			8 * scale, y + 18 * scale);
		ctx.drawImage(sources[i], 0, y + HEAD * scale);
		y += sources[i].height + HEAD * scale;
	});
	if (watermark)
		stamp(ctx, watermark, canvas.width, canvas.height);
	return new Promise((done) => canvas.toBlob(done, 'image/png'));
}
