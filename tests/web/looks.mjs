// axe-core on every page with real data: light and dark, wide and at 320 px, in
// English and Spanish. Nothing is wider than the window, and no text is missing.

import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {Pdc, Program, launch, open, shown, until} from './running.mjs';

const need = createRequire(new URL('../../host/web/package.json', import.meta.url));
const AXE = await readFile(need.resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',
	'best-practice'];
const WIDE = {width: 1366, height: 800};
const NARROW = {width: 320, height: 640};
const LOOKS = [
	{viewport: WIDE, colorScheme: 'light', locale: 'en-GB'},
	{viewport: WIDE, colorScheme: 'dark', locale: 'es-AR'},
	{viewport: NARROW, colorScheme: 'light', locale: 'es-AR'},
	{viewport: NARROW, colorScheme: 'dark', locale: 'en-GB'},
];
const READY = {bench: '.tile .value > span:not(:empty)', live: '.plot canvas',
	streamer: '#f-f', frames: '.log button', docs: 'main h2'};

async function audit(page, label) {
	// A colour on its way to another one is none of the page's.
	await page.waitForFunction(() => document.getAnimations().length === 0);
	const {passes, violations} = await page.evaluate((rules) =>
		globalThis.axe.run(document, {runOnly: rules}), RULES);

	assert.ok(passes.length > 5, `${label}: nothing was looked at`);
	assert.deepEqual(violations.map((v) => `${label}: ${v.id}: ` +
		v.nodes.map((n) => n.target.join(' ')).join(' | ')), []);
}

/** Wider than the window by so many pixels, and by what. */
function tooWide(page) {
	return page.evaluate(() => {
		const {clientWidth, scrollWidth} = document.documentElement;

		return scrollWidth <= clientWidth ? [] :
			[...document.querySelectorAll('main *, header *')]
				.filter((x) => x.getBoundingClientRect().right >
					clientWidth + 1 && !x.closest('.scroll'))
				.slice(0, 5).map((x) => x.outerHTML.slice(0, 120));
	});
}

async function look(browser, url, options) {
	const {context, page, complaints} = await open(browser, options);
	const spanish = options.locale.startsWith('es');

	for (const [name, selector] of Object.entries(READY)) {
		const label = [name, options.viewport.width, options.colorScheme,
			options.locale].join(' ');

		await page.goto(`${url}#/${name}`);
		await shown(page, name);
		await page.waitForSelector(selector);
		await page.waitForSelector(`header .badge:has-text("${spanish ?
			'SIMULADO' : 'SIMULATED'}")`);
		await page.evaluate(AXE);
		await audit(page, label);
		assert.deepEqual(await tooWide(page), [], label);
		assert.equal(await page.getAttribute('html', 'lang'),
			spanish ? 'es' : 'en');
		assert.doesNotMatch(await page.innerText('body'),
			/\b(undefined|NaN|\[object )/, label);
	}
	assert.deepEqual(complaints, []);
	await context.close();
}

const program = new Program('run', '--source', 'mock:f=50.1', '--web',
	'127.0.0.1:0', '--listen', 'tcp:127.0.0.1:0');
const url = await program.url();
const pdc = new Pdc(await program.port());
const browser = await launch();

pdc.command(1, 5);
pdc.command(1, 2);
await until('data frames', () => pdc.frames.length > 10);
for (const options of LOOKS)
	await look(browser, url, options);
pdc.socket.destroy();
await browser.close();
assert.equal(await program.end(), 0);
