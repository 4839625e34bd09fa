// The page while the network is cut, the program stands still, the program is
// killed and started anew: it says so, goes on by itself, and shows nothing that
// the program has not sent.

import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {Line, Program, Watcher, launch, open, pause, until} from './running.mjs';

const RATE = 10;
const STEP_MS = 1000 / RATE;
const CUT_MS = 10000;
const NONE_MS = 3000;
const OPTIONS = ['run', '--source', 'mock:am=0.2,am_hz=0.13', '--rate', String(RATE),
	'--listen', 'tcp:127.0.0.1:0', '--web'];

/** Rows of Live's CSV: {ms, volts}, or {ms, gap: true}. */
async function rows(page) {
	await page.focus('#main');
	const [file] = await Promise.all([page.waitForEvent('download'),
		page.keyboard.press('e')]);
	const [head, ...lines] = (await readFile(await file.path(), 'utf8')).trim()
		.split('\r\n').map((line) => line.split(','));
	const at = head.findIndex((x) => /^VA /.test(x));
	const quality = head.indexOf('quality');

	return lines.map((x) => ({ms: Date.parse(x[0]), gap: x[quality] === 'gap',
		volts: Number(x[at])}));
}

/** Nothing is there that was not sent, and what is missing is told. */
async function honest(page, watcher) {
	const all = await rows(page);
	const newest = all[all.length - 1].ms;

	await until('all reports', () => watcher.reports.has(newest));
	all.forEach((row, i) => {
		const report = watcher.reports.get(row.ms);
		const before = all[i - 1];

		if (row.gap) {
			assert.ok(all[i + 1].ms - before.ms > 1.5 * STEP_MS);
			return;
		}
		assert.ok(report, `${new Date(row.ms).toISOString()} was never sent`);
		assert.equal(row.volts, report.phasors[0][0]);
		assert.ok(!before || before.gap || row.ms - before.ms < 1.5 * STEP_MS,
			`a gap before ${row.ms} is not told`);
	});
	return all;
}

const bad = (page) => page.waitForSelector('.banner.bad:not([hidden])');
const good = (page) => page.waitForFunction(() =>
	!document.querySelector('.banner').classList.contains('bad') &&
	!document.body.classList.contains('stale'));

/** Curves go on behind the time of now. A browser stops at fifty downloads. */
async function goesOn(page, watcher) {
	const now = Date.now();

	await until('new reports', async () => {
		const all = await honest(page, watcher);

		await pause(1000);
		return all[all.length - 1].ms > now;
	});
}

const opacity = (page) => page.evaluate(() =>
	Number(getComputedStyle(document.querySelector('.plot')).opacity));

async function cutNetwork(page, watcher, line) {
	line.cut();
	await bad(page);
	await pause(CUT_MS);
	assert.ok(await opacity(page) < 0.8, 'old values look like new ones');
	line.mend();
	await good(page);
	assert.equal(await opacity(page), 1);
	await goesOn(page, watcher);
}

async function standStill(page, watcher, program) {
	program.child.kill('SIGSTOP');
	await bad(page);
	await pause(CUT_MS);
	program.child.kill('SIGCONT');
	await good(page);
	await goesOn(page, watcher);
}

async function killed(page, watcher, program) {
	const port = new URL(await program.url()).port;
	await honest(page, watcher);
	await program.end('SIGKILL');
	const from = Date.now();

	await bad(page);
	await pause(NONE_MS);
	assert.ok(await opacity(page) < 0.8, 'old values look like new ones');
	const to = Date.now();
	const again = new Program(...OPTIONS, `127.0.0.1:${port}`);

	await again.url();
	await good(page);
	await goesOn(page, watcher);
	const between = (await rows(page)).filter((x) => !x.gap &&
		x.ms > from && x.ms < to);

	assert.deepEqual(between, [], 'values of when there was no program');
	return again;
}

const program = new Program(...OPTIONS, '127.0.0.1:0');
const url = await program.url();
const line = await new Line().open(new URL(url).port);
const watcher = new Watcher(url);
const browser = await launch();
const {page} = await open(browser);

page.on('pageerror', (error) => {
	throw error;
});
await page.goto(`${line.url}#/live`);
await page.waitForSelector('.plot canvas');
await page.selectOption('#l-preset', 'mag');
await page.selectOption('#l-window', '300');
await until('reports', () => watcher.reports.size > 20);
await cutNetwork(page, watcher, line);
await standStill(page, watcher, program);
const again = await killed(page, watcher, program);

watcher.ended = true;
line.close();
await browser.close();
assert.equal(await again.end(), 0);
