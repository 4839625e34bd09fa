// Reports of the last while, one typed column per quantity, oldest overwritten.
// A device under test is kept as its errors: they are what is looked at, and
// with the reference they give its values back.

import {errorOf} from './judge.js';
import {qualityOf} from './quality.js';

const number = (x) => (typeof x === 'number' ? x : NaN);

export class History {
	constructor(channels, capacity) {
		this.channels = channels;
		this.capacity = capacity;
		this.size = 0;
		this.head = 0;
		this.time = new Float64Array(capacity);
		this.quality = new Uint8Array(capacity);
		this.hasDut = false;
		this.columns = new Map();
		for (const name of ['freq', 'rocof'])
			this.columns.set(name, new Float64Array(capacity));
		channels.forEach((c, i) => {
			this.columns.set(`mag.${i}`, new Float64Array(capacity));
			this.columns.set(`deg.${i}`, new Float64Array(capacity));
		});
	}

	push(ms, report) {
		const at = this.head;

		// What comes again after a reconnection is there already.
		if (this.size && ms <= this.lastTime())
			return false;
		this.time[at] = ms / 1000;
		this.columns.get('freq')[at] = number(report.freq_hz);
		this.columns.get('rocof')[at] = number(report.rocof_hz_per_s);
		this.channels.forEach((c, i) => {
			const phasor = (report.phasors || [])[i] || [];

			this.columns.get(`mag.${i}`)[at] = number(phasor[0]);
			this.columns.get(`deg.${i}`)[at] = number(phasor[1]);
		});
		this.quality[at] = qualityOf(report);
		if (report.dut || this.hasDut)
			this.pushDut(at, report);
		this.head = (at + 1) % this.capacity;
		this.size = Math.min(this.size + 1, this.capacity);
		return true;
	}

	addDut() {
		const blank = () => new Float32Array(this.capacity).fill(NaN);

		this.hasDut = true;
		this.columns.set('fe', blank());
		this.columns.set('rfe', blank());
		this.channels.forEach((c, i) => ['tve', 'me', 'pe'].forEach((kind) =>
			this.columns.set(`${kind}.${i}`, blank())));
	}

	pushDut(at, report) {
		const dut = report.dut || {};

		if (!this.hasDut)
			this.addDut();
		this.columns.get('fe')[at] = number(dut.fe_hz);
		this.columns.get('rfe')[at] = number(dut.rfe_hz_per_s);
		this.channels.forEach((c, i) => {
			const {me_percent, pe_deg} = errorOf((report.phasors || [])[i],
				(dut.phasors || [])[i]);

			this.columns.get(`tve.${i}`)[at] =
				number((dut.tve_percent || [])[i]);
			this.columns.get(`me.${i}`)[at] = me_percent;
			this.columns.get(`pe.${i}`)[at] = pe_deg;
		});
	}

	/** The last n rows of columns, oldest first. */
	last(names, n) {
		const from = Math.max(0, this.size - n);
		const columns = names.map((name) => this.columns.get(name));

		return Array.from({length: this.size - from}, (x, i) =>
			columns.map((c) => c[this.place(from + i)]));
	}

	/** Bits of quality of the same rows as window(). */
	qualityFrom(from, n) {
		return this.part(this.quality, new Uint8Array(n), this.find(from));
	}

	/** Fills out with a column from its first-th row on. */
	part(column, out, first) {
		const from = this.place(first);
		const whole = column.subarray(from, Math.min(from + out.length,
			this.capacity));

		out.set(whole);
		out.set(column.subarray(0, out.length - whole.length), whole.length);
		return out;
	}

	firstTime() {
		return this.size ? this.time[this.place(0)] : NaN;
	}

	lastTime() {
		const at = (this.head + this.capacity - 1) % this.capacity;

		return this.size ? Math.round(this.time[at] * 1000) : NaN;
	}

	/** Index of the first report not before t, counted from the oldest. */
	find(seconds) {
		let low = 0;
		let high = this.size;

		while (low < high) {
			const middle = (low + high) >> 1;

			if (this.time[this.place(middle)] < seconds)
				low = middle + 1;
			else
				high = middle;
		}
		return low;
	}

	place(index) {
		return (this.head - this.size + index + 2 * this.capacity) %
			this.capacity;
	}

	/** Times and columns from one time to another, oldest first. */
	window(names, from, to) {
		const first = this.find(from);
		const n = Math.max(0, this.find(to) - first);
		const copy = (column) => (column ?
			this.part(column, new Float64Array(n), first) :
			new Float64Array(n).fill(NaN));

		return [copy(this.time), ...names.map(
			(name) => copy(this.columns.get(name)))];
	}
}
