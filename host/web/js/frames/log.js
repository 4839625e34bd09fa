// The log of frames and what is counted in it: kinds, faults, order, rates,
// latency. Of what the program shows, which is a sample where there are many.

import {configurationOf, factsOf} from '../frame.js';
import {bytesOf} from '../frame/reader.js';

const KEPT = 2000;
const LATENCIES = 2000;
const RATE_MS = 5000;
const STREAMS = 50;
const SAME_MS = 0.001;
// Simulated PMUs beside a measurement may have its IDCODE.
export const SIMULATED = 'streamer';

/** Milliseconds of an RFC 3339 time, with all of its digits. */
export function instantMs(text) {
	const found = /^(.{19})(\.\d+)?Z$/.exec(text || '');

	return found ? Date.parse(`${found[1]}Z`) + 1000 * Number(found[2] || 0) :
		NaN;
}

/** The value below which a share of the sorted values lies. */
export function quantile(sorted, share) {
	return sorted.length ? sorted[Math.min(sorted.length - 1,
		Math.floor(share * sorted.length))] : NaN;
}

function newStream(frame, facts) {
	return {name: frame.stream || '', idcode: facts.idcode, last: NaN,
		first: NaN, times: [], fps: NaN, gaps: 0, duplicates: 0, late: 0};
}

export class FrameLog {
	constructor() {
		this.configurations = new Map();
		this.clear();
	}

	clear() {
		this.entries = [];
		this.streams = new Map();
		this.latencies = [];
		this.count = {frames: 0, bytes: 0, crc: 0, length: 0, late: 0,
			duplicates: 0, gaps: 0, types: {}};
		this.broken = false;
	}

	/** Some frames were not shown: what is missing next is no gap. */
	skip() {
		this.broken = true;
	}

	streamOf(frame, facts) {
		const key = `${frame.stream || ''}|${facts.idcode}`;

		if (!this.streams.has(key) && this.streams.size < STREAMS)
			this.streams.set(key, newStream(frame, facts));
		return this.streams.get(key);
	}

	/** Where in the course of its stream a data frame lies. */
	order(stream, facts, known) {
		const fps = known && known.fps > 0 ? known.fps : NaN;
		const step = (facts.ms - stream.last) * fps / 1000;
		const broken = this.broken;

		this.broken = false;
		stream.fps = fps;
		if (Math.abs(facts.ms - stream.last) < SAME_MS) {
			stream.duplicates++;
			this.count.duplicates++;
			return 'duplicate';
		}
		if (facts.ms < stream.last) {
			stream.late++;
			this.count.late++;
			return 'late';
		}
		stream.last = facts.ms;
		const n = Math.round(step) - 1;

		if (!(n > 0) || broken)
			return '';
		stream.gaps += n;
		this.count.gaps += n;
		return `gap ${n}`;
	}

	countPlain(frame, facts, bytes) {
		const {count} = this;

		count.frames++;
		count.bytes += bytes.length;
		count.crc += facts.crc ? 0 : 1;
		count.length += facts.wrongLength ? 1 : 0;
		count.types[facts.type] = (count.types[facts.type] || 0) + 1;
	}

	countData(entry, stream, arrived) {
		stream.times.push(arrived);
		while (stream.times.length && stream.times[0] < arrived - RATE_MS)
			stream.times.shift();
		if (!Number.isFinite(entry.late))
			return;
		this.latencies.push(entry.late);
		if (this.latencies.length > LATENCIES)
			this.latencies.shift();
	}

	add(frame) {
		const bytes = bytesOf(frame.hex);
		const id = bytes.length >= 6 ? bytes[4] << 8 | bytes[5] : NaN;
		const known = this.find(frame.stream, id);
		const facts = factsOf(bytes, known && known.parsed);
		const arrived = instantMs(frame.t);
		const entry = {frame, facts, configuration: known, order: '',
			arrived, late: (arrived - facts.ms) / 1000};

		this.countPlain(frame, facts, bytes);
		if (facts.code === 0 && facts.crc && !facts.wrongLength) {
			const stream = this.streamOf(frame, facts);

			if (stream && Number.isFinite(facts.ms))
				entry.order = this.order(stream, facts,
					known && known.parsed);
			if (stream)
				this.countData(entry, stream, arrived);
		} else if ([2, 3, 5].includes(facts.code) && facts.crc) {
			this.learn(frame.hex, frame.stream);
		}
		this.entries.push(entry);
		if (this.entries.length > KEPT)
			this.entries.splice(0, this.entries.length - KEPT);
		return entry;
	}

	learn(hex, stream) {
		const parsed = configurationOf(hex);
		const id = parsed && parseInt(hex.slice(8, 12), 16);
		const key = `${stream}|${id}`;
		const before = this.configurations.get(key);

		if (parsed && !(before && before.hex === hex))
			this.configurations.set(key, {hex, parsed, id,
				simulated: stream === SIMULATED});
	}

	/** That of the stream, else of another one that sends the same PMU. */
	find(stream, id) {
		return this.configurations.get(`${stream}|${id}`) ||
			[...this.configurations.values()].find((c) => c.id === id &&
				c.simulated === (stream === SIMULATED)) || null;
	}

	/** The one in force when it came, else the first one known since. */
	configurationFor(entry) {
		return entry.configuration ||
			this.find(entry.frame.stream, entry.facts.idcode);
	}

	/** Seconds: p50, p95, max. */
	latency() {
		const sorted = [...this.latencies].sort((a, b) => a - b);

		return {p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95),
			max: sorted.length ? sorted[sorted.length - 1] : NaN};
	}
}

/** Data frames a second of the last five; NaN below two. */
export function measuredRate(stream) {
	const {times} = stream;
	const span = times[times.length - 1] - times[0];

	return times.length > 1 && span > 0 ? 1000 * (times.length - 1) / span : NaN;
}

export function isWrong(entry) {
	return !entry.facts.crc || entry.facts.wrongLength || entry.order !== '';
}

/** filter: {kind: '' or the beginning of a type, idcode: text, wrong: bool}. */
export function matches(entry, filter) {
	return entry.facts.type.startsWith(filter.kind) &&
		(filter.idcode === '' || String(entry.facts.idcode) === filter.idcode) &&
		(!filter.wrong || isWrong(entry));
}

/** What stands in the column of quality. */
export function notesOf(entry) {
	const {facts} = entry;

	return [facts.quality, facts.wrongLength && 'wrong length', entry.order]
		.filter(Boolean).join(', ');
}
