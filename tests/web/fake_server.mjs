// The API with a closed-form signal behind it, to look at the page without the
// program: node fake_server.mjs [PORT]. Loopback only; port 0 takes any.

import {createServer} from 'node:http';
import {readFile} from 'node:fs/promises';
import {extname, join, normalize} from 'node:path';
import {fileURLToPath} from 'node:url';
import {cfg2Frame, commandFrame, dataFrame} from './fake_frames.mjs';

const WEB = fileURLToPath(new URL('../../host/web/', import.meta.url));
const VENDOR = join(WEB, 'node_modules/uplot/dist/');
const TYPES = {'.html': 'text/html; charset=utf-8', '.js': 'text/javascript',
	'.css': 'text/css', '.svg': 'image/svg+xml'};
const RATE = Number(process.env.RATE || 50);
const NAMES = ['VA', 'VB', 'VC', 'IA', 'IB', 'IC', 'V+', 'I+'];
const channels = NAMES.map((name) => ({name, quantity: name[0], phase: name[1],
	unit: name[0] === 'V' ? 'V' : 'A', nominal: name[0] === 'V' ? 120 : 5}));
const TURN = {A: 0, B: -120, C: 120, '+': 0};
const CSP = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'";
const SKIP_FROM_S = 20;

const mode = process.env.MODE || 'run';
// DUT=0: there is no device under test; DUT=2: it fails.
const DUT = Number(process.env.DUT || 1);
const timeState = (ms) => (ms / 1000 % 30 < 2 ? 'HOLDOVER' : 'LOCKED');
const state = () => ({program: 'cisoid', version: '0.1.0', mode,
	origin: process.env.ORIGIN || 'SIMULATED', station: 'CISOID-SIM', rate: RATE, fnom: 50, channels,
	time: {state: timeState(Date.now()), unc_s: 1e-6, offset_s: 2.1e-7},
	acquisition: {state: 'RUNNING', overruns: 0, lost_scans: 0, fill_percent: 3,
		device: 'comedi: no /dev/comedi*'},
	missed: 0, readers: 1, display_skipped: 0, unshown: 0,
	streamer: {state: streamer.state}, ...(DUT && mode === 'run' && {dut:
		{name: 'SIM-DUT', simulated: true, limit_tve_percent: 1}}),
	streams: [{name: 'tcp:127.0.0.1:4712', state: 'STREAMING'}],
	clients: [{id: 7, address: '127.0.0.1:50312', transport: 'TCP', on: true,
		unasked: false, state: 'STREAMING', frames: 1234, bytes: 94000,
		dropped: 0, bad: 0, stream: 'tcp:127.0.0.1:4712'}]});
const streamer = {state: 'STOPPED', frames: 0, request: null};

/** Frequency and phase of a swing of 20 mHz around 50.01 Hz. */
function signal(ms) {
	const t = ms / 1000 % 3600;
	const w = 2 * Math.PI * 0.2;
	const turns = 0.01 * t - 0.02 / w * Math.cos(w * t);

	return {f: 50.01 + 0.02 * Math.sin(w * t),
		rocof: 0.02 * w * Math.cos(w * t), degrees: 360 * turns};
}

/** A device 0.3 % too large, with a little noise of its own. */
function dutOf(phasors, ms) {
	const wobble = (k) => Math.sin(ms * 0.0137 + k * 1.7) *
		Math.cos(ms * 0.0051 * (k + 1));
	const error = (DUT === 2 ? 0.012 : 0.003);
	const errors = phasors.map((p, k) => [error + 2e-4 * wobble(k),
		0.02 * wobble(k + 9)]);

	return {phasors: phasors.map(([rms, deg], k) => [rms * (1 + errors[k][0]),
		deg + errors[k][1]]),
	tve_percent: errors.map(([m, d]) => 100 * Math.hypot(
		(1 + m) * Math.cos(d * Math.PI / 180) - 1,
		(1 + m) * Math.sin(d * Math.PI / 180))),
	fe_hz: 4e-4 * wobble(3), rfe_hz_per_s: 0.02 * wobble(5)};
}

function report(ms) {
	const {f, rocof, degrees} = signal(ms);
	const phasors = channels.map((c) => {
		const x = degrees + TURN[c.phase] - (c.quantity === 'I' ? 20 : 0);

		return [c.nominal * (1 + 0.002 * Math.sin(ms / 3000)),
			x - 360 * Math.round(x / 360)];
	});

	return {t: new Date(ms).toISOString(), soc: Math.floor(ms / 1000),
		fracsec: ms % 1000 * 1000, freq_hz: f, rocof_hz_per_s: rocof, phasors,
		flags: ms / 1000 % 30 < 1 ? 'unsync' : 'ok', notes: '',
		resid_ppm: channels.slice(0, 6).map((c, i) => 12.5 + i),
		time_state: timeState(ms), unc_s: 1e-6,
		...(DUT && mode === 'run' && {dut: dutOf(phasors, ms)})};
}

function sse(id, event, data) {
	return `id: 1-${Math.round(id)}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function batch(from, to) {
	const step = 1000 / RATE;
	const reports = [];

	for (let ms = Math.ceil(from / step) * step; ms < to; ms += step)
		if (ms / 1000 % 30 < SKIP_FROM_S || ms / 1000 % 30 > SKIP_FROM_S + 1)
			reports.push(report(ms));
	return reports;
}

function frameOf(type, hex, way = 'out') {
	return {t: new Date().toISOString(), type, idcode: 1, len: hex.length / 2,
		hex, way};
}

function events(request, response, once) {
	// HOLD=1 is a proxy that keeps events back.
	if (process.env.HOLD && !once)
		return;
	const given = Number((request.headers['last-event-id'] || '')
		.replace(/^\d+-/, ''));
	let last = given > 0 ? given : Date.now() - 60000;

	response.writeHead(200, {'Content-Type': 'text/event-stream',
		'Cache-Control': 'no-store', 'Content-Security-Policy': CSP});
	response.write(sse(last, 'state', state()));
	response.write(sse(last, 'frame', [frameOf('cmd', commandFrame(5), 'in'),
		frameOf('cfg2', cfg2Frame(channels))]));
	const push = () => {
		const now = Date.now();

		if (Math.floor(now / 1000) !== Math.floor(last / 1000))
			response.write(sse(now, 'state', state()));
		response.write(sse(now, 'report', batch(last, now)));
		response.write(sse(now, 'frame', frameOf('data',
			dataFrame(report(now)))));
		last = now;
	};

	push();
	if (once)
		return response.end();
	const timer = setInterval(push, 100);

	request.on('close', () => clearInterval(timer));
}

function waveform() {
	const fs = 18000;
	const of = (c) => {
		const fit = Array.from({length: 1080}, (x, i) => c.nominal * Math.SQRT2 *
			Math.cos(2 * Math.PI * 50 * i / fs + TURN[c.phase] * Math.PI / 180));

		return {name: c.name, unit: c.unit, fit,
			samples: fit.map((x, i) => x + c.nominal * 0.003 * Math.cos(
				2 * Math.PI * 250 * i / fs) + 0.002 * Math.sin(i))};
	};

	const now = Date.now() / 1000;

	return {t0: now - 0.06, from_s: -0.03, fs_hz: fs, window_s: 0.04,
		report_t: new Date(1000 * (now - 0.03)).toISOString(),
		channels: channels.slice(0, 6).map(of)};
}

function wrongFrequency(body) {
	const f = body.scenario && body.scenario.signal && body.scenario.signal.f;

	return f !== undefined && Math.abs(f - 50) > 20;
}

function streamerCall(path, body) {
	if (wrongFrequency(body))
		return [422, {error: {code: 'E-SIM-110', field: 'scenario.signal.f',
			message: 'f is not between 30 and 70 Hz'}}];
	if ((body.stream || []).includes('udp:8.8.8.8:4713') && !body.allow_public)
		return [422, {error: {code: 'E-CONF', field: 'stream[0]',
			message: '8.8.8.8 is outside this computer and private networks',
			hint: 'tick the box'}}];
	if (path.endsWith('/kick'))
		return [200, {}];
	if (path.endsWith('/preview')) {
		const now = report(Date.now());

		return [200, {frames: [['cfg2', cfg2Frame(channels)],
			['data', dataFrame(now)]].map(([type, hex]) => ({type, hex,
			len: hex.length / 2})), bits_per_s: 40000, bits_per_s_each: 40000,
		phasors: now.phasors, tve_percent: 0.3}];
	}
	streamer.state = path.endsWith('/stop') ? 'STOPPED' : 'RUNNING';
	streamer.since = new Date().toISOString();
	streamer.request = body;
	return [200, streamer];
}

async function call(request, path) {
	const chunks = [];

	for await (const chunk of request)
		chunks.push(chunk);
	if (path === '/api/state')
		return [200, state()];
	if (path === '/api/waveform')
		return mode === 'run' ? [200, waveform()] : [404, {error: {
			code: 'E-RUN', message: 'there are no samples'}}];
	if (path === '/api/presets')
		return [200, [{name: 'noisy', title: 'A noisy PMU in the field',
			group: 'Signals'}, {name: 'pdc-100', title: '100 PMUs',
			group: 'Load'}]];
	if (path === '/api/presets/noisy')
		return [200, {title: 'A noisy PMU in the field', signal: {f: 49.985,
			v: 63508, vb: 63190, i: 412, i_deg: -18, mag_noise: 0.0005}}];
	if (path === '/api/streamer')
		return [200, {...streamer, frames: 1234, rate_asked: 50,
			rate_measured: 50.00002, off_ppm: 0.4, late_s: {p50: 4e-5,
				p99: 2e-4, max: 9e-4}, endpoints: ['tcp:127.0.0.1:4712'],
			sent: 1200, dropped: 0, skipped: 0, impair: {lost: 34},
			clients: state().clients, commands: [{t: new Date().toISOString(),
				peer: '127.0.0.1:50312', word: 'send CFG-2', idcode: 1}]}];
	if (path.startsWith('/api/streamer/'))
		return streamerCall(path, JSON.parse(Buffer.concat(chunks).toString()));
	return [404, {error: {code: 'E-WEB-404', message: 'there is no such path'}}];
}

async function file(path, response) {
	const name = normalize(path === '/' ? '/index.html' : path);
	const from = name.startsWith('/vendor/') ?
		join(VENDOR, name.slice('/vendor/'.length)) : join(WEB, name);

	try {
		const text = await readFile(from);

		response.writeHead(200, {'Content-Type': TYPES[extname(name)] ||
			'text/plain', 'Content-Security-Policy': CSP});
		response.end(text);
	} catch {
		response.writeHead(404).end();
	}
}

async function answer(request, response) {
	const {pathname, searchParams} = new URL(request.url, 'http://localhost');

	if (pathname === '/api/events')
		return events(request, response, searchParams.has('once'));
	if (!pathname.startsWith('/api/'))
		return file(pathname, response);
	const [status, document] = await call(request, pathname);

	response.writeHead(status, {'Content-Type': 'application/json',
		'Content-Security-Policy': CSP});
	return response.end(JSON.stringify(document));
}

const server = createServer(answer);

server.listen(Number(process.argv[2] || 8118), '127.0.0.1', () =>
	console.log(`http://127.0.0.1:${server.address().port}/`));
