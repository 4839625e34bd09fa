// Somebody types while a preview takes long: one is asked for at a time, the newest
// is looked at in the end, and what starts and stops does not wait for them.

import assert from 'node:assert/strict';
import {Program, launch, open, pause, shown, until} from './running.mjs';

const TYPED = ['50.1', '50.2', '50.3', '50.4'];
const TYPED_EVERY_MS = 450; // beyond what the form waits for more to be typed

const program = new Program('simulate', '--web', '127.0.0.1:0');
const url = await program.url();
const browser = await launch();
const {page, complaints} = await open(browser);
const held = [], asked = [];

/** The program's answers to previews come when they are let go. */
await page.route('**/api/streamer/preview', async (route) => {
	asked.push(route.request().postDataJSON().scenario.signal?.f);
	await new Promise((go) => held.push(go));
	await route.continue();
});

await page.goto(`${url}#/streamer`);
await shown(page, 'streamer');
await until('the first preview', () => asked.length === 1);
for (const text of TYPED) {
	await page.fill('#f-f', text);
	await pause(TYPED_EVERY_MS);
}
assert.equal(asked.length, 1, `asked meanwhile: ${asked}`);

await until('the newest is looked at, and shown', async () => {
	held.splice(0).forEach((go) => go());
	return asked.at(-1) === 50.4 &&
		(await page.innerText('.side')).includes('50.4');
});
assert.deepEqual(complaints, []);

await browser.close();
assert.equal(await program.end(), 0, program.said);
