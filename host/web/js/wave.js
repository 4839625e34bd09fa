// The waveform: samples, the curve fitted to them, the residual times 100.

import {read} from './api.js';
import {chart} from './chart.js';
import {h} from './dom.js';
import {t} from './i18n.js';

const EVERY_MS = 500;

function build(channel) {
	const unit = channel.unit;

	return [chart({title: t('live.wave', {unit}), decimals: 2, floor: 1,
		traces: [{name: t('live.samples'), phase: 'A'},
			{name: t('live.fit'), phase: 'B'}]}),
	chart({title: t('live.residual', {unit}), decimals: 2, floor: 0.1,
		traces: [{name: t('live.residual', {unit}), phase: 'A'}]})];
}

/** Shows GET api/waveform in place until the function it returns is called. */
export function wave(place, store) {
	let charts = null;
	let timer = null;
	let name = null;

	function show(document) {
		const all = document.channels;
		const channel = all.find((c) => c.name === name) || all[0];
		const time = Float64Array.from(channel.samples, (x, i) =>
			document.t0 + i / document.fs_hz);
		const end = time[time.length - 1];

		if (!charts) {
			const pick = h('select', {'aria-label': t('table.channel'),
				onchange: (event) => {
					name = event.target.value;
				}}, all.map((c) => h('option', {value: c.name}, c.name)));

			charts = build(channel);
			place.replaceChildren(h('p', {}, pick),
				...charts.map((c) => c.node));
		}
		charts[0].update([time, channel.samples, channel.fit], time[0], end,
			1 / document.fs_hz);
		charts[1].update([time, channel.samples.map((x, i) =>
			100 * (x - channel.fit[i]))], time[0], end, 1 / document.fs_hz);
	}

	async function turn() {
		try {
			if (!store.frozen)
				show(await read('api/waveform'));
		} catch (error) {
			if (!charts)
				place.replaceChildren(h('p', {}, t('live.nowave', {why:
					store.state && store.state.mode === 'simulate' ?
						t('live.phasors') : error.message})));
		}
		if (timer !== false)
			timer = setTimeout(turn, EVERY_MS);
	}

	turn();
	return () => {
		clearTimeout(timer);
		timer = false;
		(charts || []).forEach((c) => c.stop());
	};
}
