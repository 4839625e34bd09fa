// Reports of the last while, one typed column per quantity, oldest overwritten.

export class History {
	constructor(channels, capacity) {
		this.channels = channels;
		this.capacity = capacity;
		this.size = 0;
		this.head = 0;
		this.time = new Float64Array(capacity);
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
		const number = (x) => (typeof x === 'number' ? x : NaN);

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
		this.head = (at + 1) % this.capacity;
		this.size = Math.min(this.size + 1, this.capacity);
		return true;
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
		const copy = (column) => {
			const out = new Float64Array(n);

			for (let i = 0; i < n; i++)
				out[i] = column[this.place(first + i)];
			return out;
		};

		return [copy(this.time), ...names.map(
			(name) => copy(this.columns.get(name)))];
	}
}
