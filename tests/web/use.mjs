// Uses the page as a person does, against the fake server that it starts and
// stops: the form by keyboard, a decimal comma, an error, the server gone and back.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {createRequire} from 'node:module';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';

const need = createRequire(new URL('../../host/web/package.json', import.meta.url));
const {chromium} = need('playwright-core');
const SERVER = fileURLToPath(new URL('fake_server.mjs', import.meta.url));
const folder = process.argv[2];

async function serve(port) {
	const child = spawn(process.execPath, [SERVER, String(port)]);
	const [line] = await once(child.stdout, 'data');

	return {child, url: String(line).trim()};
}

async function shoot(page, name) {
	if (folder)
		await page.screenshot({path: `${folder}/${name}.png`});
}

async function firstOpen(page, url) {
	const from = Date.now();

	await page.goto(url);
	await page.waitForFunction(() => / Hz$/.test((document.querySelector(
		'.tile .value > span') || {}).textContent || ''));
	console.log(`first data after ${Date.now() - from} ms`);
	assert.ok(Date.now() - from < 2000);
}

async function form(page) {
	await page.keyboard.press('g');
	await page.keyboard.press('s');
	await page.waitForSelector('#f-f');
	await page.focus('#f-f');
	await page.keyboard.type('50,10');
	await page.keyboard.press('Tab');
	assert.equal(await page.inputValue('#f-f'), '50.1');
	await page.fill('#f-f', '99');
	await page.waitForSelector('#f-f[aria-invalid]');
	assert.match(await page.textContent('#f-f-note'), /not between/);
	await page.click('button.start');
	await page.waitForSelector('.errors:not([hidden])');
	assert.equal(await page.evaluate(() => document.activeElement.id), 'f-f');
	await shoot(page, 'form-error');
	await page.fill('#f-f', '50,2');
	await page.focus('button.start');
	await page.keyboard.press('Enter');
	await page.waitForSelector('button.stop:not([disabled])');
	await page.focus('#f-va');
	await page.keyboard.press('Control+A');
	await page.keyboard.type('118,5');
	await page.keyboard.press('Control+Enter');
	await page.waitForFunction(() => /Applied/.test(document.querySelector(
		'.result').textContent));
	await page.click('button.stop');
	await page.waitForSelector('button.stop[disabled]');
}

async function cut(page, server) {
	const port = new URL(server.url).port;

	await page.goto(`${server.url}#/live`);
	await page.waitForTimeout(1500);
	server.child.kill();
	await page.waitForSelector('.banner.bad:not([hidden])');
	await shoot(page, 'live-cut');
	await page.waitForTimeout(3000);
	const again = await serve(port);

	await page.waitForSelector('.banner[hidden]', {state: 'attached'});
	await page.waitForTimeout(700);
	await shoot(page, 'live-back');
	return again;
}

async function keys(page) {
	await page.keyboard.press('?');
	await page.waitForSelector('dialog[open]');
	await page.keyboard.press('Escape');
	await page.focus('#main');
	await page.keyboard.press('t');
	await page.waitForSelector('.chart table');
	await shoot(page, 'live-table');
	await page.keyboard.press('t');
	for (let i = 0; i < 3; i++)
		await page.keyboard.press(']');
	assert.equal(await page.inputValue('#l-window'), '300');
	await page.waitForTimeout(300);
	await page.selectOption('#l-preset', 'wave');
	await page.waitForSelector('.chart');
	await page.waitForTimeout(900);
	await shoot(page, 'live-wave');
	await page.selectOption('#l-preset', 'mag');
	await page.selectOption('#l-window', '60');
	await page.waitForTimeout(500);
	await shoot(page, 'live-gaps');
	await page.keyboard.press('g');
	await page.focus('#main');
	await page.keyboard.press('g');
	await page.keyboard.press('f');
	await page.waitForSelector('.log button');
	await page.focus('.log button');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.hex span');
	await shoot(page, 'frames-bytes');
}

let server = await serve(0);
const browser = await chromium.launch({executablePath: '/usr/bin/chromium',
	args: process.getuid() === 0 ? ['--no-sandbox'] : []});
const page = await browser.newPage({viewport: {width: 1200, height: 850},
	locale: 'en-GB'});
let failure = null;

page.on('pageerror', (error) => {
	failure = error;
});
page.setDefaultTimeout(12000);
try {
	await firstOpen(page, server.url);
	await form(page);
	server = await cut(page, server);
	await keys(page);
	assert.equal(failure, null, failure && failure.stack);
	console.log('ok');
} finally {
	server.child.kill();
	await browser.close();
}
