// Every page by keyboard alone: each control is reached by Tab, seen when it has
// the focus, and left again; shortcuts and dialogs do what help says.

import assert from 'node:assert/strict';
import {Pdc, Program, chord, launch, open, shown, until} from './running.mjs';

// Each from another one: where it is shown already, nothing tells when it is anew.
const PAGES = {l: 'live', s: 'streamer', f: 'frames', d: 'docs', b: 'bench'};
const MOST = 500;

async function go(page, key) {
	await chord(page, 'g', key);
	await shown(page, PAGES[key]);
}

/** What has the focus: what it is, whether it is seen, and seen to have it. */
function focused(page) {
	return page.evaluate(() => {
		const node = document.activeElement;

		if (!node || node === document.body)
			return null;
		const box = node.getBoundingClientRect();
		const near = [node, ...node.children, node.nextElementSibling]
			.filter(Boolean).map((x) => getComputedStyle(x));
		const label = node.matches('input') && node.closest('label');

		globalThis.reached = globalThis.reached || new Set();
		globalThis.reached.add(node);
		return {what: node.outerHTML.slice(0, 160),
			place: [...globalThis.reached].indexOf(node),
			seen: (box.width > 1 && box.height > 1 ||
				Boolean(label || document.querySelector(
					`label[for="${node.id}"]`))) &&
				box.bottom > 0 && box.top < innerHeight,
			// A phasor is drawn thicker.
			ringed: near.some((looks) => looks.outlineStyle !== 'none' &&
				parseFloat(looks.outlineWidth) >= 2 ||
				parseFloat(looks.strokeWidth) > 4)};
	});
}

/** Controls that Tab should have come to. */
function missed(page) {
	return page.evaluate(() => [...document.querySelectorAll(
		'a[href], button, input, select, textarea, summary, [tabindex="0"]')]
		.filter((node) => !node.disabled && node.checkVisibility() &&
			!globalThis.reached.has(node) &&
			!(node.type === 'radio' && [...document.getElementsByName(
				node.name)].some((x) => globalThis.reached.has(x))))
		.map((node) => node.outerHTML.slice(0, 160)));
}

/** Tab from the top of the page to its end. */
async function walk(page, name) {
	let n = 0;

	await page.evaluate(() => {
		globalThis.reached = new Set();
		document.activeElement.blur();
		getSelection().removeAllRanges();
		document.querySelector('.skip').focus();
	});
	for (; n < MOST; n++) {
		const at = await focused(page);

		if (at === null || (n > 0 && at.place === 0))
			break;
		assert.equal(at.place, n, `${name}: again ${at.what}`);
		assert.ok(at.seen, `${name}: out of sight ${at.what}`);
		assert.ok(at.ringed, `${name}: no ring at ${at.what}`);
		await page.keyboard.press('Tab');
	}
	assert.ok(n > 5 && n < MOST, `${name}: ${n} stops`);
	assert.deepEqual(await missed(page), [], name);
	return n;
}

async function skips(page) {
	await page.reload();
	await page.waitForSelector('main h1');
	await page.keyboard.press('Tab');
	assert.ok(await page.evaluate(() =>
		document.activeElement.matches('.skip')), 'the first is the skip link');
	await page.keyboard.press('Enter');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
}

const inDialog = (page) => page.evaluate(() =>
	Boolean(document.activeElement.closest('dialog[open]')));

/** Opened, Tab stays in it or leaves the page; Escape closes it. */
async function dialog(page, opened) {
	await opened;
	await page.waitForSelector('dialog[open]');
	for (let i = 0; i < 30; i++) {
		await page.keyboard.press('Tab');
		assert.ok(await inDialog(page) || await focused(page) === null,
			'focus left the dialog');
	}
	await page.keyboard.press('Escape');
	await page.waitForFunction(() => !document.querySelector('dialog[open]'));
}

async function options(page) {
	const background = () => page.evaluate(() =>
		getComputedStyle(document.body).backgroundColor);
	const before = await background();

	await chord(page, 'g', 'o');
	await page.waitForSelector('dialog[open]');
	for (let i = 0; i < 20 && !await page.evaluate(() =>
		document.activeElement.id === 'o-theme'); i++)
		await page.keyboard.press('Tab');
	await page.keyboard.press('End');
	await until('dark', async () => await background() !== before);
	await page.keyboard.press('Escape');
	await page.waitForFunction(() => !document.querySelector('dialog[open]'));
}

async function live(page) {
	await page.keyboard.press('t');
	await page.waitForFunction(() => [...document.querySelectorAll(
		'.chart table')].some((x) => x.checkVisibility()));
	await page.keyboard.press('t');
	const before = await page.inputValue('#l-window');

	await page.keyboard.press(']');
	assert.ok(Number(await page.inputValue('#l-window')) > Number(before));
	await page.keyboard.press('[');
	assert.equal(await page.inputValue('#l-window'), before);
	await page.keyboard.press('Space');
	await page.waitForSelector('.badge[data-origin=FROZEN]');
	await page.keyboard.press('Space');
	await page.waitForSelector('header .badge[data-origin=SIMULATED]');
}

const program = new Program('run', '--source', 'mock:f=50.1', '--web',
	'127.0.0.1:0', '--listen', 'tcp:127.0.0.1:0');
const url = await program.url();
const pdc = new Pdc(await program.port());
const browser = await launch();
const {page} = await open(browser);

page.on('pageerror', (error) => {
	throw error;
});
pdc.command(1, 2);
await page.goto(url);
await page.waitForSelector('.tile');
await skips(page);
for (const [key, name] of Object.entries(PAGES)) {
	await go(page, key);
	await page.waitForSelector({bench: '.tile', live: '.plot canvas',
		streamer: '.frame[open] .leaf', frames: '.log button', docs: 'main h2'}[name]);
	if (name === 'frames')
		await page.keyboard.press('Space');
	// The preview is there after the form.
	if (name === 'streamer')
		await page.waitForSelector('.leaf:visible');
	console.log(`${name}: ${await walk(page, name)} stops`);
	await page.focus('#main');
	if (name === 'live')
		await live(page);
}
await dialog(page, page.keyboard.press('?'));
await dialog(page, chord(page, 'g', 'o'));
await options(page);
pdc.socket.destroy();
await browser.close();
assert.equal(await program.end(), 0);
