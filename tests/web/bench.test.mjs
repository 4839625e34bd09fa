// Bench's arithmetic: distortion, errors, verdicts, the lens, quality.

import test from 'node:test';
import assert from 'node:assert/strict';
import {fixed, withUncertainty} from '../../host/web/js/format.js';
import {healthOf} from '../../host/web/js/health.js';
import {History} from '../../host/web/js/history.js';
import {errorOf, microseconds, verdictOf, worstOf}
	from '../../host/web/js/judge.js';
import {ellipseOf, lensRim, offsetOf} from '../../host/web/js/lens_geometry.js';
import {qualityOf, stretches} from '../../host/web/js/quality.js';
import {thdOf, wholeCycles, worstThd} from '../../host/web/js/thd.js';
import {meanOf, unbalanceOf} from '../../host/web/js/tiles.js';

const near = (x, y, by) => assert.ok(Math.abs(x - y) <= by, `${x} is not ${y}`);

/** The fundamental and harmonics {order: relative peak} at f, n samples. */
function wave(f, harmonics, n = 1080, fs = 18000) {
	const fit = Array.from({length: n}, (x, i) =>
		170 * Math.cos(2 * Math.PI * f * i / fs + 0.4));
	const samples = fit.map((x, i) => x + Object.entries(harmonics).reduce(
		(sum, [k, a]) => sum + 170 * a *
			Math.cos(2 * Math.PI * k * f * i / fs + Number(k)), 0));

	return {name: 'VA', samples, fit};
}

test('THD is the root of the sum of squares of the harmonics', () => {
	// Whole cycles: orthogonal, so that only rounding remains.
	const {thd_percent, harmonics_percent} = thdOf(
		wave(50, {3: 0.03, 5: 0.04, 50: 0.12}), 18000, 50);

	near(thd_percent, 13, 1e-9);
	near(harmonics_percent[1], 3, 1e-9);
	near(thdOf(wave(50, {51: 0.1}), 18000, 50).thd_percent, 0, 1e-9);
});

test('off the nominal frequency the fundamental is no distortion', () => {
	assert.ok(thdOf(wave(50.37, {}), 18000, 50.37).thd_percent < 1e-9);
	// At most half a sample of a cycle and a half too much or too little.
	near(thdOf(wave(50.37, {3: 0.03}), 18000, 50.37).thd_percent, 3, 0.02);
});

test('without a fit the samples alone are analysed', () => {
	const {samples} = wave(60, {7: 0.02}, 900);

	near(thdOf({samples}, 18000, 60).thd_percent, 2, 1e-9);
	assert.equal(thdOf({samples: []}, 18000, 60), null);
	assert.equal(thdOf({samples: new Array(1080).fill(0)}, 18000, 50), null);
	assert.equal(wholeCycles(100, 18000, 50), 0);
	assert.equal(wholeCycles(1080, 18000, 50), 1080);
});

test('the worst channel is named', () => {
	const channels = [wave(50, {3: 0.01}), {...wave(50, {3: 0.02}), name: 'IB'}];
	const {name, thd_percent} = worstThd({channels, fs_hz: 18000}, 50);

	assert.equal(name, 'IB');
	near(thd_percent, 2, 1e-9);
	assert.equal(worstThd({channels: [], fs_hz: 18000}, 50), null);
});

test('an uncertainty has two digits and the value its place', () => {
	assert.deepEqual(withUncertainty(0.43218, 0.0654, 3, '%'),
		{value: '0.432 %', plus: '0.065 %'});
	assert.deepEqual(withUncertainty(120.2, 13.4, 3, 'V'),
		{value: '120 V', plus: '13 V'});
	assert.deepEqual(withUncertainty(1, 0.0996, 3, 'V'),
		{value: '1.00 V', plus: '0.10 V'});
	for (const u of [NaN, undefined, null, 0, -1, Infinity])
		assert.deepEqual(withUncertainty(1, u, 3, 'V'),
			{value: '1.000 V', plus: null});
});

test('errors are of the device against the reference', () => {
	const {me_percent, pe_deg} = errorOf([120, 179.9], [120.36, -179.9]);

	near(me_percent, 0.3, 1e-12);
	near(pe_deg, 0.2, 1e-12);
	near(microseconds(0.5729578, 60), 26.5258, 1e-4);
	assert.ok(Number.isNaN(errorOf([0, 0], [1, 0]).me_percent));
	assert.ok(Number.isNaN(errorOf([1, 0], null).pe_deg));
	assert.ok(Number.isNaN(errorOf([1, null], [1, 0]).pe_deg));
});

test('a verdict is of the value as it is, not as it is shown', () => {
	assert.equal(verdictOf(1, 1), 'PASS');
	assert.equal(verdictOf(1.0000001, 1), 'FAIL');
	assert.equal(verdictOf(-0.006, 0.005), 'FAIL');
	assert.equal(verdictOf(NaN, 1), 'INDETERMINATE');
	assert.equal(verdictOf(0.1, undefined), 'INDETERMINATE');
	assert.equal(verdictOf(0.1, 1, 'gap+unsync'), 'INVALID');
	assert.equal(worstOf([0.1, null, 0.3, NaN]), 2);
	assert.equal(worstOf([null]), -1);
	assert.equal(worstOf(undefined), -1);
});

test('in the lens TVE is the distance from the centre', () => {
	for (const [me_percent, pe_deg] of [[0.3, 0], [0, 0.573], [-2, 3]]) {
		const dut = 1 + me_percent / 100;
		const angle = pe_deg * Math.PI / 180;
		// |X^ - X| / |X|, by the law of cosines.
		const tve = 100 * Math.sqrt(1 + dut * dut - 2 * dut * Math.cos(angle));
		const [x, y] = offsetOf({me_percent, pe_deg});

		near(Math.hypot(x, y), tve, 1e-6);
	}
	const [left] = offsetOf({me_percent: 0, pe_deg: 0.1});

	assert.ok(left < 0, 'ahead is to the left');
	assert.deepEqual(offsetOf({me_percent: 0.5, pe_deg: 0}), [-0, 0.5]);
	assert.equal(lensRim([[0.3, 0]], 1, false), 1.5);
	assert.equal(lensRim([[0.3, 0]], 1, true), 0.5);
	assert.equal(lensRim([[3, 4]], 1, false), 7.5);
});

test('the ellipse of scatter has the spread of its points', () => {
	// Variances 2 along 45 degrees and 0.5 across it.
	const r = Math.SQRT1_2;
	const points = [[r, r], [-r, -r], [-r, r].map((x) => x / 2),
		[r, -r].map((x) => x / 2)].map(([x, y]) => [x * 3 + 1, y * 3 - 2]);
	const e = ellipseOf(points, 1);

	near(e.x, 1, 1e-12);
	near(e.y, -2, 1e-12);
	near(e.degrees, 45, 1e-9);
	near(e.a, Math.sqrt(2 * 9 / 3), 1e-12);
	near(e.b, Math.sqrt(2 * 9 / 4 / 3), 1e-12);
	assert.equal(ellipseOf([[0, 0], [1, 1]]), null);
});

test('quality tells time, synchronism, validity and notes apart', () => {
	assert.equal(qualityOf({flags: 'ok', notes: 'sim', time_state: 'LOCKED'}), 0);
	assert.equal(qualityOf({time_state: 'FREE-RUN'}), 0);
	assert.equal(qualityOf({flags: 'unsync', time_state: 'HOLDOVER'}), 3);
	assert.equal(qualityOf({flags: 'gap+unsync', notes: 'step+sim'}), 14);
});

test('a ribbon has stretches of one quality, and gaps', () => {
	assert.deepEqual(stretches([1, 2, 3, 6], [0, 0, 1, 1], 0, 8, 1), [
		{from: 0, to: 1, bits: 0, gap: true}, {from: 1, to: 3, bits: 0},
		{from: 3, to: 4, bits: 1},
		{from: 4, to: 6, bits: 0, gap: true}, {from: 6, to: 7, bits: 1},
		{from: 7, to: 8, bits: 0, gap: true}]);
	assert.deepEqual(stretches([], [], 0, 8, 1),
		[{from: 0, to: 8, bits: 0, gap: true}]);
});

test('history keeps the errors of a device that came later', () => {
	const h = new History([{name: 'VA'}], 4);

	h.push(1000, {phasors: [[100, 0]], flags: 'unsync'});
	h.push(2000, {phasors: [[100, 0]], dut: {phasors: [[101, 2]],
		tve_percent: [3.6], fe_hz: 0.25, rfe_hz_per_s: null}});
	const [time, tve, me, pe, fe, rfe] = h.window(['tve.0', 'me.0', 'pe.0', 'fe',
		'rfe'], 0, 9);

	assert.equal(time.length, 2);
	assert.ok(Number.isNaN(tve[0]) && Number.isNaN(rfe[1]));
	near(tve[1], 3.6, 1e-6);
	near(me[1], 1, 1e-6);
	assert.deepEqual([pe[1], fe[1]], [2, 0.25]);
	assert.deepEqual(h.last(['pe.0'], 1), [[2]]);
	assert.deepEqual([...h.quality.slice(0, 2)], [2, 0]);
});

test('health leaves out what the program does not count', () => {
	const keys = healthOf({state: {display_skipped: 3}, gaps: [], skipped: 0})
		.map(([key]) => key);

	assert.ok(keys.includes('health.display'));
	assert.ok(!keys.includes('health.overruns'));
});

test('means and unbalance are of the phases alone', () => {
	const channels = [['V', 'A'], ['V', 'B'], ['V', 'C'], ['V', '+']].map(
		([quantity, phase]) => ({quantity, phase}));
	const phasors = [[100, 0], [110, 0], [90, 0], [55, 0]];

	assert.equal(meanOf(channels, phasors, 'V'), 100);
	assert.equal(unbalanceOf(channels, phasors), 10);
	assert.equal(fixed(meanOf(channels, phasors, 'I'), 1), '–');
});
