// What the page costs the browser, at 50 reports a second: time to the first
// value, and the share of one core that its main thread takes. Prints JSON.

import {Program, launch, open, pause} from '../web/running.mjs';

const OPENED = 5;
const OVER_MS = 10000;
const SETTLE_MS = 3000;
const PAGES = {bench: '.tile', live: '.plot canvas', frames: '.log button',
	docs: 'main h2'};

async function firstValue(browser, url) {
	const {context, page} = await open(browser);
	const from = performance.now();

	await page.goto(url, {waitUntil: 'commit'});
	await page.waitForFunction(() => / Hz$/.test((document.querySelector(
		'.tile .value > span') || {}).textContent || ''));
	const took = performance.now() - from;

	await context.close();
	return took / 1000;
}

/** Processor seconds of the main thread, by the browser's own account. */
async function worked(session) {
	const {metrics} = await session.send('Performance.getMetrics');

	return metrics.find((m) => m.name === 'TaskDuration').value;
}

async function shareOf(browser, url, name) {
	const {context, page} = await open(browser);
	const session = await context.newCDPSession(page);

	await page.goto(`${url}#/${name}`);
	await page.waitForSelector(PAGES[name]);
	await session.send('Performance.enable', {timeDomain: 'threadTicks'});
	await pause(SETTLE_MS);
	const before = await worked(session);
	const from = performance.now();

	await pause(OVER_MS);
	const share = 1000 * (await worked(session) - before) /
		(performance.now() - from);

	await context.close();
	return share;
}

const program = new Program('run', '--source', 'mock:f=50.1', '--rate', '50',
	'--web', '127.0.0.1:0', '--listen', 'tcp:127.0.0.1:0');
const url = await program.url();
const browser = await launch();
const first = [];
const share = {};

for (let i = 0; i < OPENED; i++)
	first.push(await firstValue(browser, url));
for (const name of Object.keys(PAGES))
	share[name] = await shareOf(browser, url, name);
await browser.close();
await program.end();
console.log(JSON.stringify({first_value_s: first.map((x) => Number(x.toFixed(3))),
	main_thread_percent: Object.fromEntries(Object.entries(share)
		.map(([k, x]) => [k, Number((100 * x).toFixed(1))]))}, null, 1));
