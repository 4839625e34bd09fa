// What the page knows: the state of the program, reports, gaps, frames. Pages
// look at it as often as was chosen (once a second, where motion is not wanted).

import {read} from './api.js';
import {Events} from './events.js';
import {History} from './history.js';
import {lookMs} from './settings.js';

const FRAMES = 500;
const GAPS = 200;
const ROWS = 216000;
// Reports that much older are of a program that was started anew.
const BACK_MS = 120000;

export class Store {
	constructor() {
		this.state = null;
		this.history = null;
		this.report = null;
		this.gaps = [];
		this.frames = [];
		this.configurations = new Map();
		// The newest of each kind and stream: what its data frames mean.
		this.meanings = new Map();
		this.idcodes = new Map();
		this.skipped = 0;
		this.link = {up: false, tries: 0};
		this.heardAt = NaN;
		this.frozen = false;
		this.watchers = new Set();
		this.heeders = new Set();
		this.changes = 0;
	}

	start() {
		this.events = new Events((type, data) => this.take(type, data),
			(link) => this.setLink(link));
		this.events.start();
		this.refresh();
		this.timer = setTimeout(() => this.tick(), 0);
	}

	async refresh() {
		try {
			this.setState(await read('api/state'));
		} catch {
			// The events say when the program is back.
		}
	}

	setLink(link) {
		const back = link.up && !this.link.up;

		this.link = link;
		this.heeders.forEach((heeder) => heeder());
		if (back)
			this.refresh();
	}

	setState(state) {
		const key = JSON.stringify((state.channels || []).map((c) => c.name));

		if (!this.history || this.key !== key) {
			this.key = key;
			this.history = new History(state.channels || [], ROWS);
		}
		this.state = state;
		this.changes++;
		this.heeders.forEach((heeder) => heeder());
	}

	take(type, data) {
		this.heardAt = performance.now();
		this.changes++;
		if (type === 'state')
			this.setState(data);
		else if (type === 'report')
			(Array.isArray(data) ? data : [data]).forEach(
				(r) => this.takeReport(r));
		else if (type === 'frame')
			(Array.isArray(data) ? data : [data]).forEach(
				(f) => this.takeFrame(f));
		else if (type === 'gap')
			this.gaps = [...this.gaps.slice(1 - GAPS), data];
		else if (type === 'skipped')
			this.skipped += data.n;
	}

	takeReport(report) {
		const ms = Date.parse(report.t);

		if (!this.history)
			return;
		// A leap second (23:59:60) is shown, and has no place on a time axis.
		if (!Number.isFinite(ms)) {
			this.report = {...report, ms: this.report ? this.report.ms : 0};
			return;
		}
		if (ms < this.history.lastTime() - BACK_MS)
			this.history = new History(this.history.channels, ROWS);
		if (this.history.push(ms, report))
			this.report = {...report, ms};
	}

	takeFrame(frame) {
		if (frame.way !== 'in')
			this.idcodes.set(frame.stream, frame.idcode);
		if (/^cfg/i.test(frame.type)) {
			this.configurations.set(frame.idcode, frame.hex);
			this.meanings.set(`${frame.type} ${frame.idcode} ` +
				`${frame.stream}`, frame);
		}
		if (frame.unsent)
			return;
		this.frames.push(frame);
		if (this.frames.length > FRAMES)
			this.frames.splice(0, this.frames.length - FRAMES);
	}

	/** What a page is built for: when it differs, it is built anew. */
	kind() {
		const {mode, origin, dut} = this.state;

		return [this.key, mode, origin, Boolean(dut)].join(' ');
	}

	/** Seconds since the program was heard last. */
	age() {
		return (performance.now() - this.heardAt) / 1000;
	}

	/** heeder is told of each state and each change of the link, seen or not. */
	heed(heeder) {
		this.heeders.add(heeder);
	}

	watch(look) {
		this.watchers.add(look);
		look(this);
		return () => this.watchers.delete(look);
	}

	tick() {
		if (!document.hidden)
			for (const look of this.watchers)
				look(this);
		this.timer = setTimeout(() => this.tick(), lookMs());
	}
}
