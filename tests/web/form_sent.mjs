// Somebody fills in the form of the streamer, and tshark sees what was asked: every
// field of it once by mouse and once by keyboard alone, with decimal commas.

import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {Receiver} from './capture.mjs';
import {Program, chord, launch, open, pause, shown, until} from './running.mjs';

// A float has 24 bits; what was typed has fewer digits than that.
const PART = 1e-6;
const DEGREES = PART * 180;
// Of n values of normal noise. Beyond five and a half such bounds there is one
// of 26 million.
const BOUND = 5.5;
const TURN = {a: 0, b: -120, c: 120};

if (spawnSync('tshark', ['--version']).error) {
	console.log('tshark is not installed: skipped');
	process.exit(77);
}

const wrap = (deg) => deg - 360 * Math.round(deg / 360);
const number = (text) => Number(text.replace(',', '.'));

// ---- what is typed: a form's field, text as people of many countries write it ----

const exact = {
	f: '50,02', f_noise_mhz: '0,0', rate: '25',
	va: '118,25', vb: '120.5', vc: '1217,5e-1',
	va_deg: '0,5', vb_deg: '-119,75', vc_deg: '121,125',
	va_noise: '0', vb_noise: '0,00', vc_noise: '0',
	va_deg_noise: '0', vb_deg_noise: '0', vc_deg_noise: '0,0',
	ia: '5,0625', ib: '4,5', ic: '5,5',
	ia_deg: '-30,25', ib_deg: '-150,5', ic_deg: '89,75',
	ia_noise: '0', ib_noise: '0', ic_noise: '0',
	ia_deg_noise: '0', ib_deg_noise: '0', ic_deg_noise: '0',
};
const noisy = {
	...exact, f: '49,98', f_noise_mhz: '5,5', rate: '100',
	va_noise: '0,05', vb_noise: '0,1', vc_noise: '0,01',
	va_deg_noise: '0,02', vb_deg_noise: '0,01', vc_deg_noise: '0,05',
	ia_noise: '0,2', ib_noise: '0,02', ic_noise: '0,4',
	ia_deg_noise: '0,1', ib_deg_noise: '0,2', ic_deg_noise: '0,03',
};
const RATED = 50;

const id = (key) => `#f-${key.replace(/\./g, '-')}`;

// ---- by mouse ----

async function writeByMouse(page, key, text) {
	await page.click(id(key), {clickCount: 3});
	await page.keyboard.type(text);
}

async function fillByMouse(page, values, port) {
	await page.click('#f-fnom-50');
	for (const [key, text] of Object.entries(values))
		if (key === 'rate')
			await page.selectOption(id(key), text);
		else
			await writeByMouse(page, key, text);
	await page.selectOption(id('ends.0.mode'), 'udp');
	await writeByMouse(page, 'ends.0.host', '127.0.0.1');
	await writeByMouse(page, 'ends.0.port', String(port));
	await page.click('h1');
}

// ---- by keyboard alone ----

async function tabTo(page, what) {
	for (let i = 0; i < 400; i++) {
		if (await page.evaluate((s) => document.activeElement.matches(s), what))
			return;
		await page.keyboard.press('Tab');
	}
	throw new Error(`Tab does not reach ${what}`);
}

async function chooseByKeys(page, what, value) {
	await tabTo(page, what);
	await page.keyboard.press('Home');
	for (let i = 0; i < 40 && await page.inputValue(what) !== value; i++)
		await page.keyboard.press('ArrowDown');
	assert.equal(await page.inputValue(what), value);
}

async function writeByKeys(page, key, text) {
	await tabTo(page, id(key));
	await page.keyboard.press('Control+A');
	await page.keyboard.type(text);
}

async function fillByKeys(page, values, port) {
	for (const [key, text] of Object.entries(values))
		if (key === 'rate')
			await chooseByKeys(page, id(key), text);
		else
			await writeByKeys(page, key, text);
	await chooseByKeys(page, id('ends.0.mode'), 'udp');
	await writeByKeys(page, 'ends.0.host', '127.0.0.1');
	await writeByKeys(page, 'ends.0.port', String(port));
	await page.keyboard.press('Tab');
}

// ---- what the fields say afterwards ----

async function rewritten(page, values) {
	for (const [key, text] of Object.entries(values))
		assert.equal(await page.inputValue(id(key)), String(number(text)), key);
}

const said = (page, words) => page.waitForFunction((source) =>
	new RegExp(source).test(document.querySelector('.result').textContent),
words.source);

const state = (page) => page.evaluate(async () =>
	(await (await fetch('api/streamer')).json()));

// ---- what tshark says ----

/** Data frames of a capture, which must be whole, and in a row. */
async function dataOf(receiver, rate) {
	const frames = await receiver.read();
	const data = frames.filter((f) => f.type === 'data');

	assert.ok(frames.every((f) => f.good), 'a wrong CRC');
	assert.ok(frames.some((f) => f.type === 'cfg2'), 'no configuration');
	data.forEach((f, i) => {
		f.t = f.soc + f.fracsec / 1e6;
		assert.equal(f.fracsec * rate % 1e6, 0);
		assert.equal(Math.round((f.t - data[0].t) * rate), i,
			`frame ${i} is missing or doubled`);
	});
	return data;
}

const channel = (key) => key[0].toUpperCase() + key[1].toUpperCase();
const keys = ['va', 'vb', 'vc', 'ia', 'ib', 'ic'];

/** Degrees that a phasor has turned at t since the signal began. */
const turned = (values, seconds) =>
	360 * (number(values.f) - RATED) * seconds;

/** The second in which the signal began: of those just before, the best. */
function beginOf(data, values) {
	const off = (t0) => Math.abs(wrap(data[0].phasors[0].deg -
		number(values.va_deg) - turned(values, data[0].t - t0)));

	return [0, 1, 2].map((n) => Math.floor(data[0].t) - n)
		.sort((a, b) => off(a) - off(b))[0];
}

function positive(values, q) {
	let re = 0, im = 0;

	for (const p of 'abc') {
		const deg = number(values[`${q}${p}_deg`]) - TURN[p];

		re += number(values[q + p]) / 3 * Math.cos(deg * Math.PI / 180);
		im += number(values[q + p]) / 3 * Math.sin(deg * Math.PI / 180);
	}
	return {rms: Math.hypot(re, im), deg: Math.atan2(im, re) * 180 / Math.PI};
}

function wantedOf(values) {
	return [...keys.map((key) => ({name: channel(key), rms: number(values[key]),
		deg: number(values[`${key}_deg`])})),
	{name: 'V+', ...positive(values, 'v')}, {name: 'I+', ...positive(values, 'i')}];
}

function checkExact(data, values, t0) {
	const wanted = wantedOf(values);

	for (const f of data) {
		assert.ok(Math.abs(f.freq - number(values.f)) < PART * RATED, f.freq);
		assert.ok(Math.abs(f.rocof) < PART, f.rocof);
		assert.deepEqual(f.phasors.map((p) => p.name), wanted.map((p) => p.name));
		f.phasors.forEach((p, i) => {
			const {name, rms, deg} = wanted[i];
			const off = wrap(p.deg - deg - turned(values, f.t - t0));

			assert.ok(Math.abs(p.rms - rms) < PART * rms,
				`${name} ${p.rms}, not ${rms}`);
			assert.ok(Math.abs(off) < DEGREES, `${name} ${off} deg off`);
			// What tshark prints has three decimals.
			assert.ok(Math.abs(p.printed.rms - rms) < 6e-4, name);
			assert.ok(Math.abs(wrap(p.printed.deg - p.deg)) < 6e-4, name);
		});
	}
}

/** Mean and deviation of n values, where noise of sigma was asked. */
function checkNoise(name, errors, sigma) {
	const n = errors.length;
	const mean = errors.reduce((a, b) => a + b, 0) / n;
	const got = Math.sqrt(errors.reduce((a, x) => a + (x - mean) ** 2, 0) /
		(n - 1));

	assert.ok(Math.abs(mean) < BOUND * sigma / Math.sqrt(n),
		`${name}: ${mean} off, ${sigma} of noise, ${n} values`);
	assert.ok(Math.abs(got / sigma - 1) < BOUND / Math.sqrt(2 * n),
		`${name}: noise of ${got}, not ${sigma}`);
}

function checkNoisy(data, values) {
	const t0 = beginOf(data, values);

	checkNoise('f', data.map((f) => f.freq - number(values.f)),
		number(values.f_noise_mhz) / 1000);
	keys.forEach((key, i) => {
		const rms = number(values[key]);

		checkNoise(key, data.map((f) => f.phasors[i].rms / rms - 1),
			number(values[`${key}_noise`]) / 100);
		checkNoise(`${key}_deg`, data.map((f) => wrap(f.phasors[i].deg -
			number(values[`${key}_deg`]) - turned(values, f.t - t0))),
		number(values[`${key}_deg_noise`]));
	});
}

// ---- the tests ----

async function loads(page) {
	await page.selectOption('#p-preset', 'off-nominal');
	await page.click('.presets button');
	await page.waitForFunction(() =>
		document.querySelector('#f-f').value === '52');
}

async function byMouse(page, receiver) {
	const louder = {...exact, va: '130,5'};

	await loads(page);
	await fillByMouse(page, exact, receiver.port);
	await rewritten(page, exact);
	await page.click('button.start');
	await said(page, /Started/);
	await until('frames', () => receiver.data() > 30);
	await writeByMouse(page, 'va', louder.va);
	await page.click('button.apply');
	await said(page, /Applied/);
	const since = Date.now();

	await until('frames of the new signal', () =>
		receiver.data(since) > 30);
	await page.click('button.stop');
	await said(page, /Stopped/);
	const {sent} = await state(page);

	await until('what was sent', () => receiver.data() >= sent);
	await pause(300);
	assert.equal(receiver.data(), sent, 'sent after the stop');
	const data = await dataOf(receiver, number(exact.rate));
	const at = data.findIndex((f) => f.phasors[0].rms > 125);
	const t0 = beginOf(data, exact);

	assert.ok(at > 30 && at < data.length - 30, `changed at ${at}`);
	checkExact(data.slice(0, at), exact, t0);
	checkExact(data.slice(at), louder, t0);
}

async function byKeys(page, receiver) {
	await chord(page, 'g', 's');
	await shown(page, 'streamer');
	await page.waitForSelector('#f-f');
	await chooseByKeys(page, '#p-preset', 'unbalance');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await page.waitForFunction(() =>
		document.querySelector('#f-va').value === '126');
	await fillByKeys(page, noisy, receiver.port);
	await rewritten(page, noisy);
	await tabTo(page, 'button.start');
	await page.keyboard.press('Enter');
	await said(page, /Started/);
	await until('frames', () => receiver.data() > 600);
	await tabTo(page, 'button.stop');
	await page.keyboard.press('Space');
	await said(page, /Stopped/);
	checkNoisy(await dataOf(receiver, number(noisy.rate)), noisy);
}

/** Wrong texts are named at their field, which has the focus, and go nowhere. */
async function refusals(page, receiver) {
	const cases = [['f', '1001'], ['f', '5o'], ['va', ''], ['va', '-1'],
		['vb_noise', 'x'], ['ends.0.port', '70000'], ['ends.0.port', ''],
		['ends.0.host', ''], ['ends.0.host', '256.1.1.1']];

	receiver.forget();
	for (const [key, text] of cases) {
		const good = await page.inputValue(id(key));

		await writeByMouse(page, key, text);
		if (text === '')
			await page.keyboard.press('Delete');
		await page.click('button.start');
		await page.waitForSelector(`${id(key)}[aria-invalid=true]`);
		await page.waitForFunction((selector) =>
			document.activeElement.matches(selector), id(key));
		const note = await page.getAttribute(id(key), 'aria-describedby');

		assert.ok((await page.innerText(`#${note}`)).length > 5, key);
		assert.match(await page.innerText('.errors'), /\w/);
		assert.equal((await state(page)).state, 'STOPPED', `${key}=${text}`);
		await page.fill(id(key), good);
		await page.waitForSelector(`${id(key)}:not([aria-invalid])`);
	}
	assert.equal(receiver.datagrams.length, 0, 'something was sent');
}

const program = new Program('simulate', '--web', '127.0.0.1:0');
const url = await program.url();
const browser = await launch();
const {page, complaints} = await open(browser);
const receivers = [await new Receiver().open(), await new Receiver().open()];

await page.goto(`${url}#/streamer`);
await page.waitForSelector('#f-f');
await byMouse(page, receivers[0]);
await page.reload();
await page.goto(`${url}#/bench`);
await shown(page, 'bench');
await byKeys(page, receivers[1]);
await refusals(page, receivers[1]);
assert.deepEqual(complaints.filter((x) => !/422/.test(x)), []);
await browser.close();
assert.equal(await program.end(), 0);
receivers.forEach((r) => r.socket.close());
