// The waveform: samples, the curve fitted to them, the residual times 100; the
// window of the estimate and the instant of its report.

import {read} from './api.js';
import {Chart, freshMarks} from './chart.js';
import {h, say} from './dom.js';
import {scaled, utc} from './format.js';
import {t} from './i18n.js';
import {instantOf, residualOf, timesOf, uprightsOf} from './wave_times.js';

const EVERY_MS = 500;

function build(channel, marks) {
	const {unit} = channel;
	const residual = t('live.residual', {unit});

	return [new Chart({title: t('live.wave', {unit}), decimals: 2, floor: 1,
		marks, traces: [{name: t('live.samples'), phase: 'A'},
			{name: t('live.fit'), phase: 'B'}]}),
	new Chart({title: residual, decimals: 2, floor: 0.1, marks,
		traces: [{name: residual, phase: 'A'}]})];
}

function wordsOf(document) {
	const instant = instantOf(document);
	const lines = uprightsOf(document).length;

	return Number.isFinite(instant) ? t(lines > 1 ? 'live.wave.window' :
		'live.wave.report', {at: utc(instant * 1000),
		window: scaled(document.window_s, 's')}) : '';
}

class Wave {
	constructor(place, store) {
		this.place = place;
		this.store = store;
		this.charts = [];
		this.name = null;
		this.words = h('span', {class: 'small'});
		this.marks = freshMarks(() => this.charts.forEach((c) => c.redraw()));
		this.turn();
	}

	build(all, channel) {
		const pick = h('select', {'aria-label': t('table.channel'),
			onchange: () => {
				this.name = pick.value;
				this.leave();
				this.show(this.document);
			}}, all.map((c) => h('option', {value: c.name}, c.name)));

		pick.value = channel.name;
		this.charts = build(channel, this.marks);
		this.place.replaceChildren(h('p', {class: 'row'}, pick, this.words),
			...this.charts.map((c) => c.node));
	}

	show(document) {
		const all = document.channels;
		const channel = all.find((c) => c.name === this.name) || all[0];
		const step = 1 / document.fs_hz;
		const time = timesOf(document, channel);
		const end = time[time.length - 1];

		this.document = document;
		if (!this.charts.length)
			this.build(all, channel);
		this.marks.fixed = uprightsOf(document);
		say(this.words, wordsOf(document));
		this.charts[0].update([time, channel.samples, channel.fit], time[0],
			end, step);
		this.charts[1].update([time, residualOf(channel)], time[0], end, step);
	}

	/** What is shown, as Live has it. */
	data() {
		const columns = this.charts.map((c) => c.raw);
		const [time] = columns[0];

		return {columns, from: time[0], to: time[time.length - 1],
			step: 1 / this.document.fs_hz,
			quality: new Uint8Array(time.length)};
	}

	async turn() {
		const {store} = this;

		try {
			if (!store.frozen && !document.hidden) {
				const found = await read('api/waveform');

				if (!this.ended && found.channels.length)
					this.show(found);
			}
		} catch (error) {
			if (!this.charts.length)
				this.place.replaceChildren(h('p', {}, t('live.nowave', {why:
					store.state && store.state.mode === 'simulate' ?
						t('live.phasors') : error.message})));
		}
		if (!this.ended)
			this.timer = setTimeout(() => this.turn(), EVERY_MS);
	}

	leave() {
		this.charts.forEach((c) => c.stop());
		this.charts = [];
	}

	end() {
		this.ended = true;
		clearTimeout(this.timer);
		this.leave();
	}
}

/** Shows GET api/waveform in place: charts, data(), end(). */
export function wave(place, store) {
	return new Wave(place, store);
}
