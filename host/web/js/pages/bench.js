// Bench: the state of things at a glance.

import {read} from '../api.js';
import {h} from '../dom.js';
import {health} from '../health.js';
import {t} from '../i18n.js';
import {lens} from '../lens.js';
import {polar} from '../polar.js';
import {calm} from '../settings.js';
import {worstThd} from '../thd.js';
import {makeTiles, updateSparks, updateTiles} from '../tiles.js';

const SPARK_MS = 500;
// Numbers that change more often than this are not read.
const NUMBERS_MS = 250;
const THD_MS = 2000;
const ACTIONS = ['streamer', 'live', 'docs'];

function intro(state) {
	if (state.mode === 'simulate')
		return t('bench.simulate');
	if (state.origin === 'REPLAY')
		return t('bench.replay');
	return state.origin === 'SIMULATED' ? t('bench.demo', {f: state.fnom}) : '';
}

function actions() {
	return h('section', {class: 'actions', 'aria-label': t('actions')},
		ACTIONS.map((page) => h('a', {class: 'button', href: `#/${page}`},
			h('b', {}, t(`action.${page}`)),
			h('span', {class: 'small'}, t(`action.${page}.why`)))));
}

function dutCard(dut, one) {
	return h('section', {class: 'card'}, h('h2', {}, t('lens'), ' ',
		h('span', {class: 'small'}, [dut.name,
			dut.simulated && t('lens.simulated')].filter(Boolean)
			.join(' – '))), one.node);
}

class Bench {
	constructor(main, store) {
		this.main = main;
		this.store = store;
		this.thd = null;
		this.sparked = -Infinity;
		this.told = -Infinity;
		this.asked = -Infinity;
	}

	build() {
		const {state} = this.store;
		const channels = state.channels || [];
		const device = (state.acquisition || {}).device || state.mode;

		this.told = -Infinity;
		this.key = this.store.kind();
		this.dut = Boolean(state.dut);
		this.tiles = makeTiles(channels);
		this.lens = this.dut && lens(channels, this.store);
		this.diagram = polar(channels, {dut: this.dut,
			onfocus: (i) => this.lens && this.lens.select(i),
			onkey: (event) => this.lens && this.lens.arrows(event)});
		this.well = health();
		this.pause = h('button', {type: 'button', onclick: () => this.freeze()},
			t('freeze'));
		this.main.replaceChildren(h('h1', {}, t('nav.bench')),
			h('p', {class: 'lead'}, intro(state)),
			h('section', {'aria-label': t('bench.now'), class: 'tiles'},
				Object.values(this.tiles).map((x) => x.node)),
			actions(), h('div', {class: 'columns'},
				h('div', {}, h('section', {class: 'card'},
					h('h2', {}, t('polar')), this.diagram.node),
				this.lens && this.well.node),
				h('div', {}, this.lens ? dutCard(state.dut, this.lens) :
					this.well.node, h('p', {}, this.pause))),
			h('p', {class: 'small'}, t('facts',
				{version: state.version, device})));
	}

	async askWave() {
		const {state, report} = this.store;

		this.asked = performance.now();
		if (state.mode === 'simulate')
			return;
		try {
			this.thd = worstThd(await read('api/waveform'), report.freq_hz ||
				state.fnom);
		} catch {
			this.thd = null;
		}
	}

	freeze() {
		this.store.frozen = !this.store.frozen;
		if (!this.pause)
			return;
		this.pause.setAttribute('aria-pressed', String(this.store.frozen));
		this.pause.textContent = t(this.store.frozen ? 'unfreeze' : 'freeze');
	}

	look() {
		const {state, report, frozen} = this.store;
		const now = performance.now();

		if (!state || !report || frozen)
			return;
		if (this.key !== this.store.kind())
			this.build();
		if (now - this.asked > THD_MS)
			this.askWave();
		this.diagram.update(report.phasors || [],
			(report.dut || {}).phasors || []);
		if (now - this.told > NUMBERS_MS) {
			this.told = now;
			updateTiles(this.tiles, this.store, this.thd);
			this.well.update(this.store);
			if (this.lens)
				this.lens.update();
		}
		if (now - this.sparked > (calm() ? 5000 : SPARK_MS)) {
			this.sparked = now;
			updateSparks(this.tiles, this.store);
		}
	}
}

export function mount(main, store) {
	const bench = new Bench(main, store);
	const handlers = {freeze: () => bench.freeze(),
		twins: () => bench.diagram && bench.diagram.flip()};

	main.replaceChildren(h('h1', {}, t('nav.bench')),
		h('p', {}, t('bench.waiting')));
	const stop = store.watch(() => bench.look());

	for (const [name, handler] of Object.entries(handlers))
		document.addEventListener(name, handler);
	return () => {
		stop();
		store.frozen = false;
		for (const [name, handler] of Object.entries(handlers))
			document.removeEventListener(name, handler);
	};
}
