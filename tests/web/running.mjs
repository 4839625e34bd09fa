// The program under test ($CISOID) and a browser that looks at its page. Limits
// of time are for what hangs: far beyond what a busy machine takes.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createRequire} from 'node:module';
import {connect, createServer} from 'node:net';

const need = createRequire(new URL('../../host/web/package.json', import.meta.url));
const {chromium} = need('playwright-core');
const CISOID = process.env.CISOID || 'build/cisoid';
const SKIPPED = 77;

export const WAIT_MS = 60000;

/** A running program; what it says on standard error is kept. */
export class Program {
	constructor(...args) {
		this.args = args;
		this.said = '';
		this.child = spawn(CISOID, args,
			{stdio: ['ignore', 'ignore', 'pipe']});
		this.child.stderr.setEncoding('utf8');
		this.child.stderr.on('data', (text) => {
			this.said += text;
		});
		// Also of what it said last.
		this.ended = once(this.child, 'close');
		this.kill = () => this.child.kill('SIGKILL');
		process.on('exit', this.kill);
	}

	/** The first group of the pattern, once it has been said. */
	async heard(pattern) {
		const until = Date.now() + WAIT_MS;

		for (;;) {
			const found = pattern.exec(this.said);

			if (found)
				return found[1];
			if (/built without the page/.test(this.said)) {
				console.log('the program has no page: skipped');
				process.exit(SKIPPED);
			}
			if (this.child.exitCode !== null || Date.now() > until)
				throw new Error(`no ${pattern} in: ${this.said}`);
			await Promise.race([once(this.child.stderr, 'data'),
				this.ended, pause(1000)]);
		}
	}

	/** The address of the page. */
	url() {
		return this.heard(/page: (http:\S+)\n/);
	}

	async port(scheme = 'tcp') {
		return Number(await this.heard(
			new RegExp(`listening on ${scheme}:\\S*:(\\d+)`)));
	}

	async end(signal = 'SIGINT') {
		this.child.kill(signal);
		await this.ended;
		process.off('exit', this.kill);
		return this.child.exitCode;
	}
}

export function pause(ms) {
	return new Promise((done) => setTimeout(done, ms));
}

export function launch() {
	return chromium.launch({executablePath: '/usr/bin/chromium',
		timeout: WAIT_MS,
		args: process.getuid() === 0 ? ['--no-sandbox'] : []});
}

/** A page of its own profile; `complaints` fills with what goes wrong in it. */
export async function open(browser, options = {}) {
	const context = await browser.newContext({locale: 'en-GB',
		viewport: {width: 1366, height: 800}, ...options});
	const page = await context.newPage();
	const complaints = [];

	page.setDefaultTimeout(WAIT_MS);
	page.on('pageerror', (error) => complaints.push(error.stack));
	page.on('console', (m) => ['error', 'warning'].includes(m.type()) &&
		complaints.push(`${m.text()} ${m.location().url}`));
	return {context, page, complaints};
}

/** Until the page of this name (bench, live...) is the one that is shown. */
export function shown(page, name) {
	return page.waitForFunction((hash) => location.hash === hash &&
		document.querySelector('nav [aria-current]')?.hash === hash,
	`#/${name}`);
}

const CHORD_S = 0.1;

/**
 * Letters that belong together, as from one hand: the page goes by the times
 * that the events have, so the machine may stand still between them.
 */
export async function chord(page, ...letters) {
	const session = await page.context().newCDPSession(page);
	const began = Date.now() / 1000;

	for (const [i, key] of letters.entries())
		for (const type of ['keyDown', 'keyUp'])
			await session.send('Input.dispatchKeyEvent', {type, key,
				code: `Key${key.toUpperCase()}`,
				windowsVirtualKeyCode: key.toUpperCase().charCodeAt(0),
				timestamp: began + i * CHORD_S,
				...(type === 'keyDown' && {text: key})});
	await session.detach();
}

/** Waits until the condition, asked again and again, holds; its value. */
export async function until(what, condition) {
	const end = Date.now() + WAIT_MS;

	for (;;) {
		const value = await condition();

		if (value)
			return value;
		if (Date.now() > end)
			throw new Error(`not within ${WAIT_MS / 1000} s: ${what}`);
		await pause(50);
	}
}

export const text = async (page, selector) =>
	(await page.locator(selector).allInnerTexts()).join(' ');

/** All reports of a program, by their time in ms, as they come by its events. */
export class Watcher {
	constructor(url) {
		this.url = url;
		this.reports = new Map();
		this.ended = false;
		this.run();
	}

	async run() {
		while (!this.ended) {
			try {
				await this.read();
			} catch {
				await pause(100);
			}
		}
	}

	async read() {
		const {body} = await fetch(`${this.url}api/events`);
		let rest = '';

		for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
			const events = (rest + chunk).split('\n\n');

			rest = events.pop();
			events.forEach((e) => this.take(e));
		}
	}

	take(event) {
		if (!/^event: report$/m.test(event))
			return;
		for (const report of JSON.parse(/^data: (.*)$/m.exec(event)[1]))
			this.reports.set(Date.parse(report.t), report);
	}
}

/** A network between browser and program, which can be cut. */
export class Line {
	async open(to) {
		this.sockets = new Set();
		this.isCut = false;
		this.server = createServer((near) => this.join(near,
			connect(to, '127.0.0.1')));
		this.server.listen(0, '127.0.0.1');
		await once(this.server, 'listening');
		this.url = `http://127.0.0.1:${this.server.address().port}/`;
		return this;
	}

	join(near, far) {
		for (const [a, b] of [[near, far], [far, near]]) {
			this.sockets.add(a);
			// What one end did is heard at the other when the line is whole.
			a.on('error', () => b.destroy());
			a.on('close', () => this.sockets.delete(a) && b.destroy());
			a.pipe(b);
			if (this.isCut)
				a.pause();
		}
	}

	/** Nothing comes through, and nobody is told. */
	cut() {
		this.isCut = true;
		this.sockets.forEach((x) => x.pause());
	}

	mend() {
		this.isCut = false;
		this.sockets.forEach((x) => x.resume());
	}

	close() {
		this.server.close();
		this.sockets.forEach((x) => x.destroy());
	}
}

/** A PDC in miniature: commands by TCP, and whole frames back. */
export class Pdc {
	constructor(port) {
		this.bytes = Buffer.alloc(0);
		this.frames = [];
		this.socket = connect(port, '127.0.0.1');
		this.socket.on('data', (more) => this.take(more));
	}

	take(more) {
		this.bytes = Buffer.concat([this.bytes, more]);
		while (this.bytes.length >= 4 &&
		       this.bytes.length >= this.bytes.readUInt16BE(2)) {
			const size = this.bytes.readUInt16BE(2);

			this.frames.push(this.bytes.subarray(0, size)
				.toString('hex'));
			this.bytes = this.bytes.subarray(size);
		}
	}

	/** 1 data off, 2 on, 4 CFG-1, 5 CFG-2. */
	command(idcode, word) {
		const frame = Buffer.alloc(18);

		frame.writeUInt16BE(0xAA41, 0);
		frame.writeUInt16BE(18, 2);
		frame.writeUInt16BE(idcode, 4);
		frame.writeUInt32BE(Math.floor(Date.now() / 1000), 6);
		frame.writeUInt16BE(word, 14);
		frame.writeUInt16BE(crc(frame.subarray(0, 16)), 16);
		this.socket.write(frame);
		return frame.toString('hex');
	}
}

/** CRC-CCITT of clause 6.2. */
export function crc(bytes) {
	let value = 0xFFFF;

	for (const byte of bytes) {
		value ^= byte << 8;
		for (let i = 0; i < 8; i++)
			value = value & 0x8000 ? value << 1 ^ 0x1021 : value << 1;
		value &= 0xFFFF;
	}
	return value;
}
