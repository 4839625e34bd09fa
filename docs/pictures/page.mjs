// page.mjs - makes page-bench.png and page-streamer.png, what a browser shows of
// the program: CISOID=build/cisoid node docs/pictures/page.mjs [FOLDER].

import {fileURLToPath} from 'node:url';
import {Program, launch, open, pause} from '../../tests/web/running.mjs';
import {Receiver} from '../../tests/web/capture.mjs';

const folder = process.argv[2] || fileURLToPath(new URL('.', import.meta.url));
// A swing of the load: magnitudes by 2 %, and noise 70 dB down.
const SOURCE = 'mock:f=50.02,v=120,i=5,i_deg=-25,am=0.02,am_hz=0.1,snr_db=70';
const SPARK_MS = 30000;

const program = new Program('run', '--source', SOURCE, '--web', '127.0.0.1:0',
	'--listen', 'tcp:127.0.0.1:0');
const url = await program.url();
const receiver = await new Receiver().open();
const browser = await launch();
const {page} = await open(browser, {
	viewport: {width: 1400, height: 960}, deviceScaleFactor: 0.65});

async function shoot(name) {
	await page.screenshot({path: `${folder}/${name}.png`});
}

async function streamer() {
	const fields = {f: '50,02', f_noise_mhz: '1', va: '118,5', va_noise: '0,05',
		vb: '121', vb_noise: '0,05', vc: '119,75', vc_noise: '0,05',
		va_deg_noise: '0,01', vb_deg_noise: '0,01', vc_deg_noise: '0,01'};

	await page.goto(`${url}#/streamer`);
	await page.waitForSelector('#f-f');
	for (const [key, text] of Object.entries(fields))
		await page.fill(`#f-${key}`, text);
	await page.selectOption('#f-rate', '25');
	await page.selectOption('#f-ends-0-mode', 'udp');
	await page.fill('#f-ends-0-port', String(receiver.port));
	await page.click('button.start');
	await pause(8000);
	await shoot('page-streamer');
}

await page.goto(url);
await page.waitForSelector('.tile');
await pause(SPARK_MS);
await shoot('page-bench');
await streamer();
await browser.close();
await program.end();
receiver.socket.close();
