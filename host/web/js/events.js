// The stream of events: one long answer; where nothing of it comes through (a
// proxy that keeps it back), a short answer every second instead.

import {headers} from './api.js';
import {parser} from './sse.js';

const SILENT_MS = 5000;
const POLL_MS = 1000;
// So often the long answer is tried again: the cause may have been a cut.
const POLLS = 60;
const BACKOFF_MS = [500, 1000, 2000, 4000, 8000];

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

export class Events {
	constructor(onEvent, onLink) {
		this.onEvent = onEvent;
		this.onLink = onLink;
		this.lastId = null;
		this.failures = 0;
		this.polling = false;
		this.stopped = false;
	}

	start() {
		this.stopped = false;
		this.loop();
	}

	stop() {
		this.stopped = true;
		if (this.abort)
			this.abort.abort();
	}

	async loop() {
		while (!this.stopped) {
			try {
				await (this.polling ? this.poll() : this.stream());
			} catch {
				this.lost();
				await wait(BACKOFF_MS[Math.min(this.failures,
					BACKOFF_MS.length) - 1]);
			}
		}
	}

	lost() {
		this.failures++;
		this.onLink({up: false, tries: this.failures});
	}

	open(path) {
		const last = this.lastId === null ? {} :
			{'Last-Event-ID': this.lastId};

		this.abort = new AbortController();
		return fetch(path, {headers: headers(last), cache: 'no-store',
			signal: this.abort.signal});
	}

	take(event) {
		if (event.id !== null)
			this.lastId = event.id;
		if (this.failures || this.told !== this.polling)
			this.onLink({up: true, polling: this.polling});
		this.told = this.polling;
		this.failures = 0;
		this.onEvent(event.type, JSON.parse(event.data));
	}

	async stream() {
		let bytes = 0;
		const timer = () => setTimeout(() => {
			this.polling = bytes === 0;
			this.abort.abort();
		}, SILENT_MS);
		let silence = timer();

		try {
			const response = await this.open('api/events');

			if (!response.ok)
				throw new Error(String(response.status));
			const reader = response.body
				.pipeThrough(new TextDecoderStream()).getReader();
			const feed = parser((event) => this.take(event));

			for (;;) {
				const {done, value} = await reader.read();

				if (done)
					throw new Error('end of events');
				bytes += value.length;
				clearTimeout(silence);
				silence = timer();
				feed(value);
			}
		} catch (error) {
			if (!this.polling)
				throw error;
		} finally {
			clearTimeout(silence);
		}
	}

	async poll() {
		const silence = setTimeout(() => this.abort.abort(), SILENT_MS);

		try {
			const response = await this.open('api/events?once=1');

			if (!response.ok)
				throw new Error(String(response.status));
			parser((event) => this.take(event))(await response.text());
		} catch (error) {
			this.polling = false;
			throw error;
		} finally {
			clearTimeout(silence);
		}
		this.polls = (this.polls || 0) + 1;
		this.polling = this.polls % POLLS !== 0;
		await wait(POLL_MS);
	}
}
