// The page of `cisoid run` as someone sees it who has just installed it: every
// page has something to show, all of it comes from the program, and little of it.

import assert from 'node:assert/strict';
import {Pdc, Program, launch, open, shown, text, until} from './running.mjs';

const MOST_BYTES = 300 * 1024;
// A frequency that is no nominal one, and magnitudes that swing by 10 %.
const SOURCE = 'mock:f=50.1,am=0.1,am_hz=0.5';

const number = (words) => Number((/[-\d.]+/.exec(words) || ['NaN'])[0]);

const tile = (page, name) => page.locator('.tile', {has: page.locator('h2, h3',
	{hasText: name})}).locator('.value > span').first().innerText();

/**
 * Every byte of the answers, heads included, as they came over the network; less
 * those that come again and again for as long as the page is open.
 */
async function weigh(page) {
	const session = await page.context().newCDPSession(page);
	const again = new Set();
	const sizes = [];

	await session.send('Network.enable');
	session.on('Network.requestWillBeSent', ({requestId, request}) =>
		request.url.endsWith('/api/waveform') && again.add(requestId));
	session.on('Network.loadingFinished', (e) => again.has(e.requestId) ||
		sizes.push(e.encodedDataLength));
	return sizes;
}

/** Different values, until there are enough. */
async function differing(what, read, enough) {
	const seen = new Set();

	await until(`${what} moves`, async () => {
		seen.add(await read());
		return enough([...seen]);
	});
	return [...seen];
}

async function bench(page) {
	await page.waitForSelector('.tile');
	await page.waitForSelector('header .badge:has-text("SIMULATED")');
	await page.waitForSelector('header.top:has-text("CISOID-SIM")');
	await differing('time', () => tile(page, /time/i), (seen) =>
		seen.length >= 4);
	// The swing is no frequency: 0.1 mHz is the last digit shown.
	assert.ok(Math.abs(number(await tile(page, /frequency/i)) - 50.1) < 0.002);
	const volts = await differing('magnitude', async () =>
		number(await tile(page, /voltage/i)), (seen) => seen.length >= 10 &&
		Math.max(...seen) - Math.min(...seen) > 120 * 0.02);

	for (const x of volts)
		assert.ok(x > 120 * 0.89 && x < 120 * 1.11, `${x} V`);
	assert.ok(await page.locator('svg').count() > 0, 'no diagram');
}

/** Something is drawn: not all pixels of the canvas are the same. */
function drawn(page) {
	return page.evaluate(() => [...document.querySelectorAll('.plot canvas')]
		.map((canvas) => new Set(new Uint32Array(canvas.getContext('2d')
			.getImageData(0, 0, canvas.width, canvas.height).data.buffer))
			.size));
}

async function live(page) {
	await page.waitForSelector('.plot canvas');
	await until('curves are drawn', async () => (await drawn(page))
		.every((colours) => colours > 3));
	assert.match(await text(page, '.chart .badge'), /SIMULATED/);
	await page.keyboard.press('t');
	const row = page.locator('.chart tbody tr').first();

	await until('a table of values', async () => Math.abs(number((await row
		.innerText()).split('\t')[1]) - 50.1) < 0.002);
	await page.keyboard.press('t');
}

/** What the page shows of a frame is what a receiver got. */
async function frames(page, port) {
	const pdc = new Pdc(port);
	const on = pdc.command(1, 2);

	pdc.command(1, 5);
	await until('data frames', () => pdc.frames.length > 20);
	// Who chooses a frame has the log as it is then: with some of each kind.
	for (const kind of ['DATA', 'CFG', 'CMD']) {
		await page.selectOption('#fr-kind', kind);
		await page.waitForSelector(`.log td:text-matches("^${kind}")`);
	}
	await page.locator('.log button', {hasText: ':'}).last().click();
	assert.equal(await bytes(page), on);
	await page.selectOption('#fr-kind', 'DATA');
	await page.locator('.log button').first().click();
	const hex = await bytes(page);

	await until('the frame shown', () => pdc.frames.includes(hex));
	assert.match(await text(page, 'main'), /FREQ/);
	pdc.socket.destroy();
}

async function bytes(page) {
	return (await text(page, '.hex')).replace(/[^0-9a-f]/gi, '').toLowerCase();
}

async function docs(page) {
	assert.ok(await page.locator('main h2').count() >= 3);
	assert.ok((await text(page, 'main')).length > 1000);
}

async function walk(page, port) {
	await bench(page);
	await page.click('nav a[href="#/live"]');
	await shown(page, 'live');
	await live(page);
	await page.click('nav a[href="#/frames"]');
	await shown(page, 'frames');
	await frames(page, port);
	await page.click('nav a[href="#/docs"]');
	await shown(page, 'docs');
	await docs(page);
}

const program = new Program('run', '--source', SOURCE, '--web', '127.0.0.1:0',
	'--listen', 'tcp:127.0.0.1:0');
const url = await program.url();
const browser = await launch();
const {page, complaints} = await open(browser);
const asked = [];

page.on('request', (request) => asked.push(request.url()));
const sizes = await weigh(page);

await page.goto(url);
await page.waitForSelector('.tile');
const weight = sizes.reduce((a, b) => a + b, 0);

console.log(`first load: ${sizes.length} answers, ${weight} bytes`);
assert.ok(sizes.length > 10 && weight < MOST_BYTES, `${weight} bytes`);
await walk(page, await program.port());
for (const one of asked)
	assert.ok(one.startsWith(url) || one.startsWith('blob:'), one);
assert.deepEqual(complaints, []);
await browser.close();
assert.equal(await program.end(), 0);
