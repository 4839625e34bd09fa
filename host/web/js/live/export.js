// What is shown, taken away: CSV, SVG, PNG, each with the origin of its data.

import {h} from '../dom.js';
import {t} from '../i18n.js';
import {nameOf} from '../chart.js';
import {svgOf} from './drawing.js';
import {pictureOf} from './picture.js';
import {csvOf} from './sheet.js';

function download(name, blob) {
	const url = URL.createObjectURL(blob);

	h('a', {href: url, download: name}).click();
	setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** The badge, and where it is simulated the words of the watermark. */
function marksOf({state}) {
	const watermark = state.origin === 'SIMULATED' ? t('watermark') : '';

	return {origin: [t(`origin.${state.origin}`), state.station,
		`cisoid ${state.version}`].filter(Boolean).join(' · '), watermark};
}

function fileOf(kind, {to}) {
	const at = new Date(to * 1000).toISOString().replace(/[:.]/g, '');

	return `cisoid-${at}.${kind}`;
}

function csv(what) {
	const {panes, columns, store, from, step} = what;
	const {origin, watermark} = marksOf(store);
	const [time] = columns[0];
	const quality = what.quality ||
		store.history.qualityFrom(from, time.length);
	const text = csvOf({step, quality, origin: watermark || origin,
		heads: panes.flatMap((p) => p.traces.map((x) => `${nameOf(x)} – ` +
			p.title)),
		data: [time, ...columns.flatMap((c) => c.slice(1))]});

	download(fileOf('csv', what), new Blob([text], {type: 'text/csv'}));
}

function svg(what) {
	const {panes, columns, store, from, to, step} = what;

	download(fileOf('svg', what), new Blob([svgOf({panes, data: columns, from,
		to, step, ...marksOf(store)})], {type: 'image/svg+xml'}));
}

async function png(what) {
	const blob = await pictureOf(what.charts, marksOf(what.store));

	if (blob)
		download(fileOf('png', what), blob);
}

export const exporters = {csv, svg, png};
