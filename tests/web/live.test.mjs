// Live's arithmetic: traces and panes, cursors, heights, exports.

import test from 'node:test';
import assert from 'node:assert/strict';
import {History} from '../../host/web/js/history.js';
import {lookMs} from '../../host/web/js/settings.js';
import {dashed} from '../../host/web/js/chart_draw.js';
import {escaped, pathOf, svgOf} from '../../host/web/js/live/drawing.js';
import {secondsOf} from '../../host/web/js/live/ribbon.js';
import {csvOf} from '../../host/web/js/live/sheet.js';
import {meant} from '../../host/web/js/live/tree.js';
import {between, nearest, rangeOf, stepped} from '../../host/web/js/range.js';
import {dataOf, limitsOf, panesOf, presetTraces, presetsOf, tracesOf}
	from '../../host/web/js/traces.js';
import {instantOf, residualOf, timesOf, uprightsOf}
	from '../../host/web/js/wave_times.js';

const channels = [['VA', 'V', 'A', 120], ['V+', 'V', '+', 120],
	['IA', 'I', 'A', 5]].map(([name, quantity, phase, nominal]) =>
	({name, quantity, phase, nominal}));

function near(x, y, by) {
	assert.ok(Math.abs(x - y) <= by, `${x} is not ${y}`);
}

test('errors and limits are to be had only with a device under test', () => {
	assert.deepEqual(presetsOf(false, false), ['freq', 'mag', 'deg', 'rel']);
	assert.deepEqual(presetsOf(true, true).slice(4),
		['errors', 'limits', 'wave']);
	assert.ok(tracesOf(channels, false).every((x) => x.group === 'ref'));
	assert.equal(tracesOf(channels, true).filter((x) => x.group === 'err').length,
		3 * channels.length + 2);
});

test('traces have names of their own', () => {
	const ids = tracesOf(channels, true).map((x) => x.id);

	assert.equal(new Set(ids).size, ids.length);
});

test('a preset has its panes, sequences under phases, devices under all', () => {
	const traces = tracesOf(channels, true);
	const on = new Set([...presetTraces('mag', traces), 'dut:magV:VA']);
	const panes = panesOf(traces, on, channels);

	assert.deepEqual(panes.map((p) => p.kind), ['magV', 'magI']);
	assert.deepEqual(panes[0].traces.map((x) => x.id),
		['dut:magV:VA', 'ref:magV:V+', 'ref:magV:VA']);
	assert.equal(panes[0].floor, 0.12);
	assert.deepEqual(panesOf(traces, new Set(), channels), []);
});

test('the device is the reference and its errors', () => {
	const h = new History(channels, 8);
	const traces = tracesOf(channels, true);
	const on = new Set(['dut:magV:VA', 'dut:deg:VA', 'dut:freq:f']);
	const panes = panesOf(traces, on, channels);

	h.push(1000, {freq_hz: 50, phasors: [[100, 179.9], [0, 0], [5, 0]],
		dut: {phasors: [[101, -179.9]], fe_hz: 0.25}});
	const [freq, mag, deg] = dataOf(panes, h, 0, 9);

	near(freq[1][0], 50.25, 1e-12);
	// The errors are kept with 24 bits.
	near(mag[1][0], 101, 100 * 2 ** -23);
	near(deg[1][0], -179.9, 1e-6);
});

test('relative angles of the device are to the reference, too', () => {
	const h = new History(channels, 8);
	const panes = panesOf(tracesOf(channels, true),
		new Set(['ref:deg:VA', 'dut:deg:IA']), channels);

	h.push(1000, {phasors: [[100, 30], [0, 0], [5, -170]],
		dut: {phasors: [[100, 31], [0, 0], [5, -169.5]]}});
	const [[, dut, reference]] = dataOf(panes, h, 0, 9, {relative: true});

	near(dut[0], 160.5, 1e-5);
	assert.equal(reference[0], 0);
});

test('limits name their class and edition', () => {
	assert.deepEqual(limitsOf('fe').map((x) => x.at), [0.005, -0.005]);
	assert.deepEqual(limitsOf('rfe').map((x) => x.at), [0.4, -0.4, 0.1, -0.1]);
	assert.match(limitsOf('tve')[0].text, /^1 % P, M · IEC\/IEEE 60255-118-1/);
	assert.equal(limitsOf('tve', 3)[0].text, '3 %');
	assert.deepEqual(limitsOf('freq'), []);
});

test('a chart is as high as its data, a least height, its limits', () => {
	const about = (range, wanted) => range.forEach((x, i) =>
		near(x, wanted[i], 1e-12));

	about(rangeOf(0, 2, {floor: 1}), [-0.1, 2.1]);
	about(rangeOf(50, 50, {floor: 0.01}), [49.995, 50.005]);
	about(rangeOf(0, 0.1, {floor: 1, limits: [1]}), [-0.05, 1.05]);
	about(rangeOf(0, 2, {floor: 1, zoom: 2}), [0.45, 1.55]);
	assert.deepEqual(rangeOf(null, null, {floor: 1}), [0, 1]);
});

test('a cursor goes from row to row and stays within them', () => {
	const time = [1, 2, 4];

	assert.equal(nearest(time, 2.9), 1);
	assert.equal(nearest(time, 3.1), 2);
	assert.equal(nearest([], 1), -1);
	assert.equal(stepped(time, null, -1), 2);
	assert.equal(stepped(time, 2, 10), 4);
	assert.equal(stepped(time, 1, -1), 1);
	assert.equal(stepped([], null, 1), null);
});

test('two cursors read their rows and what is between', () => {
	const panes = [{kind: 'freq', decimals: 3, traces: [{name: 'f'}]}];
	const data = [[[0, 1, 2], [50, 51, 53]]];
	const found = between(panes, data, 1.1, 2);

	near(found.dt_s, 0.9, 1e-12);
	near(found.hz, 1 / 0.9, 1e-12);
	assert.deepEqual([found.rows[0].a, found.rows[0].b, found.rows[0].delta],
		[51, 53, 2]);
	assert.ok(Number.isNaN(between(panes, data, 1, null).rows[0].delta));
	assert.ok(Number.isNaN(between(panes, data, 9, 1).rows[0].a));
	assert.ok(Number.isNaN(between(panes, data, 1, 1).hz));
});

test('CSV has a head, gaps as rows, quality and origin in each', () => {
	const text = csvOf({heads: ['f, "Hz"'], step: 1, origin: 'SIMULATED, NOT',
		data: [[1, 2, 4], [50, NaN, 51]], quality: [0, 2, 5]});

	assert.deepEqual(text.split('\r\n'), ['time_utc,"f, ""Hz""",quality,origin',
		'1970-01-01T00:00:01.000Z,50,,"SIMULATED, NOT"',
		'1970-01-01T00:00:02.000Z,,S,"SIMULATED, NOT"',
		'1970-01-01T00:00:03.000Z,,gap,"SIMULATED, NOT"',
		'1970-01-01T00:00:04.000Z,51,T!,"SIMULATED, NOT"', '']);
});

test('SVG has names as text, never as markup', () => {
	assert.equal(escaped('<a b="c">\'&\u0000\ud800'),
		'&lt;a b=&quot;c&quot;&gt;&apos;&amp;??');
	const evil = '</text><script>alert(1)</script>';
	const text = svgOf({panes: [{title: evil, decimals: 1, floor: 1, limits: [
		{at: 50, text: evil}], traces: [{name: evil, phase: evil}]}],
	data: [[[0, 1], [50, 51]]], from: 0, to: 1, step: 1, origin: evil,
	watermark: evil});

	assert.ok(!text.includes('<script'));
	assert.equal(text.match(/&lt;script&gt;/g).length, 5);
	assert.match(text, /^<\?xml .*\n<svg .*viewBox="0 0 900 270"/);
});

test('a drawn line has a piece on each side of a gap', () => {
	const same = (x) => x;

	assert.equal(pathOf([0, 1, 2, 3], [5, 6, null, 7], same, same),
		'M0.0 5.0L1.0 6.0M3.0 7.0');
	assert.equal(pathOf([0], [NaN], same, same), '');
});

test('the ribbon adds up its stretches', () => {
	assert.deepEqual(secondsOf([{from: 0, to: 2, bits: 3},
		{from: 2, to: 3, bits: 0, gap: true}, {from: 3, to: 4, bits: 4},
		{from: 4, to: 9, bits: 0}]), {gap: 1, time: 2, sync: 2, invalid: 1});
});

test('a search finds every word in any order', () => {
	assert.ok(meant('TVE VA Errors', 'va tve'));
	assert.ok(meant('TVE VA', ''));
	assert.ok(!meant('TVE VA', 'vb'));
});

test('the page is drawn ten times a second unless told', () => {
	const motion = {matches: false};

	globalThis.matchMedia = () => motion;
	assert.equal(lookMs(), 100);
	motion.matches = true;
	assert.equal(lookMs(), 1000);
	delete globalThis.matchMedia;
});

test('a dash has its pixels on and off', () => {
	const shown = (dash) => Array.from({length: 8}, (x, i) =>
		(dashed(dash, i) ? '-' : ' ')).join('');

	assert.equal(shown([]), '--------');
	assert.equal(shown([2, 3]), '--   -- ');
	assert.equal(shown([3, 1, 1, 1]), '--- - --');
});

test('a window that goes round the end of the columns is whole', () => {
	const h = new History([{name: 'VA'}], 4);

	for (let i = 1; i <= 6; i++)
		h.push(1000 * i, {freq_hz: i, phasors: [[i, 0]], flags: i > 5 ?
			'gap' : 'ok'});
	assert.deepEqual([...h.window(['freq'], 3.5, 9)[1]], [4, 5, 6]);
	assert.deepEqual([...h.qualityFrom(3.5, 3)], [0, 0, 4]);
	assert.equal(h.firstTime(), 3);
});

test('a waveform has its report in the middle of its window', () => {
	const channel = {samples: [1, 2, null, 4], fit: [1, 1, 1, null],
		delay_s: 0.25};
	const document = {t0: 10, fs_hz: 2, window_s: 1,
		report_t: '1970-01-01T00:00:11.000000Z', channels: [channel]};

	assert.deepEqual([...timesOf(document, channel)], [10.25, 10.75, 11.25,
		11.75]);
	assert.deepEqual(residualOf(channel), [0, 100, NaN, NaN]);
	assert.deepEqual(uprightsOf(document).map((x) => x.at), [11, 10.5, 11.5]);
	assert.deepEqual(uprightsOf({...document, window_s: 2}).map((x) => x.at),
		[11], 'a window that is all that is shown has no lines');
	assert.equal(instantOf({report_t: 11}), 11);
	assert.ok(Number.isNaN(instantOf({})));
	assert.deepEqual(uprightsOf({channels: []}), []);
});
