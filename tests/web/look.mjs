// Screenshots of every page, for a person to look at: node look.mjs URL FOLDER.
// Also says what the browser complained of and what axe-core finds.

import {createRequire} from 'node:module';
import {mkdir, readFile} from 'node:fs/promises';

const need = createRequire(new URL('../../host/web/package.json', import.meta.url));
const {chromium} = need('playwright-core');
const AXE = await readFile(need.resolve('axe-core/axe.min.js'), 'utf8');
const [url, folder, only] = process.argv.slice(2);
const PAGES = ['bench', 'live', 'streamer', 'frames', 'docs'];
const LOOKS = [
	{name: 'wide', viewport: {width: 1366, height: 800}, colorScheme: 'light',
		locale: 'en-GB'},
	{name: 'narrow-dark-es', viewport: {width: 320, height: 800},
		colorScheme: 'dark', locale: 'es-AR'},
	{name: 'wide-dark-es', viewport: {width: 1366, height: 800},
		colorScheme: 'dark', locale: 'es-AR'},
];

async function audit(page, label) {
	await page.evaluate(AXE);
	const result = await page.evaluate(() => globalThis.axe.run(document,
		{runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}));

	if (!result.passes.length)
		throw new Error('axe found nothing to look at');
	for (const v of result.violations)
		console.log(`${label}: ${v.id}: ${v.help}: ` +
			v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | '));
	const over = await page.evaluate(() => document.documentElement.scrollWidth -
		document.documentElement.clientWidth);

	if (over > 0)
		console.log(`${label}: ${over} px wider than the window`);
}

async function look(browser, {name, ...options}) {
	const context = await browser.newContext({...options, bypassCSP: false});
	const page = await context.newPage();

	page.on('console', (m) => ['error', 'warning'].includes(m.type()) &&
		console.log(`${name}: ${m.text()}`));
	page.on('pageerror', (e) => console.log(`${name}: ${e.stack}`));
	await page.goto(url);
	for (const one of PAGES.filter((p) => !only || p === only)) {
		await page.goto(`${url}#/${one}`);
		await page.waitForTimeout(1300);
		await page.screenshot({path: `${folder}/${one}-${name}.png`,
			fullPage: true});
		await audit(page, `${one} ${name}`);
	}
	await context.close();
}

await mkdir(folder, {recursive: true});
const browser = await chromium.launch({executablePath: '/usr/bin/chromium',
	args: process.getuid() === 0 ? ['--no-sandbox'] : []});

for (const one of LOOKS)
	await look(browser, one);
await browser.close();
