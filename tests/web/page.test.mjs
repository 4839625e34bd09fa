// The page's pure modules: numbers, events, reduction, geometry, texts.

import test from 'node:test';
import assert from 'node:assert/strict';
import {canonical, fixed, parseNumber, scaled, shifted, wrapDegrees}
	from '../../host/web/js/format.js';
import {History} from '../../host/web/js/history.js';
import {catalogue} from '../../host/web/js/i18n.js';
import {niceAbove, point} from '../../host/web/js/polar_geometry.js';
import {perPixel, unwrap, withGaps} from '../../host/web/js/reduce.js';
import {parser} from '../../host/web/js/sse.js';
import {fields, sections} from '../../host/web/js/streamer/fields.js';

test('a decimal comma is a decimal point', () => {
	assert.equal(parseNumber('0,01'), 0.01);
	assert.equal(canonical('0,010'), '0.01');
	assert.equal(parseNumber('1e-3'), 0.001);
	assert.equal(parseNumber(' -2,5 '), -2.5);
});

test('grouping marks and words are no numbers, and stay as typed', () => {
	for (const text of ['1.000,5', '1,000.5', '1 000', '', 'x', '1e', 'Infinity',
		'0x10'])
		assert.ok(Number.isNaN(parseNumber(text)), text);
	assert.equal(canonical('1.000,5'), '1.000,5');
});

test('numbers have a point, a true minus and no negative zero', () => {
	assert.equal(fixed(-1.25, 1), '\u22121.3');
	assert.equal(fixed(-0.0001, 2), '0.00');
	assert.equal(fixed(NaN, 2), '–');
	assert.equal(scaled(26.5e-6, 's'), '26.5 µs');
	assert.equal(shifted(0.1, 0.01), 0.001);
});

test('angles lie within -180 < x <= 180', () => {
	assert.equal(wrapDegrees(-180), 180);
	assert.equal(wrapDegrees(540), 180);
	assert.equal(wrapDegrees(-190), 170);
});

test('events come whole however their text is cut', () => {
	const text = ': hello\r\nid: 7\nevent: report\ndata: {"a":\ndata: 1}\n\n';

	for (let cut = 0; cut <= text.length; cut++) {
		const seen = [];
		const feed = parser((e) => seen.push(e));

		feed(text.slice(0, cut));
		feed(text.slice(cut));
		assert.deepEqual(seen, [{type: 'report', id: '7',
			data: '{"a":\n1}'}]);
	}
});

test('history keeps the newest and takes nothing twice', () => {
	const h = new History([{name: 'VA'}], 4);

	for (let i = 1; i <= 6; i++)
		h.push(1000 * i, {freq_hz: i, phasors: [[i, 0]]});
	assert.equal(h.push(6000, {freq_hz: 9}), false);
	const [time, freq] = h.window(['freq'], 0, 100);

	assert.deepEqual([...time], [3, 4, 5, 6]);
	assert.deepEqual([...freq], [3, 4, 5, 6]);
});

test('a missing report is a gap', () => {
	const [time, y] = withGaps([[0, 1, 4, 5], [1, 2, 3, NaN]], 1);

	assert.deepEqual(time, [0, 1, 2.5, 4, 5]);
	assert.deepEqual(y, [1, 2, null, 3, null]);
});

test('a pixel column shows its least, its greatest, and its gap', () => {
	const time = Array.from({length: 100}, (x, i) => i).filter((i) => i !== 55);
	const y = time.map((i) => (i === 12 ? 99 : i % 10));
	const {data, per} = perPixel([time, y], 0, 100, 10, 1);

	assert.equal(per, 10);
	assert.deepEqual(data[1].slice(2, 4), [0, 99]);
	assert.deepEqual(data[1].slice(10, 12), [null, null]);
});

test('unwrapped angles have no jumps', () => {
	assert.deepEqual([...unwrap([170, -170, -160, 175])], [170, 190, 200, 175]);
});

test('the diagram has 90 degrees at the top', () => {
	const [x, y] = point(100, 90);

	assert.ok(Math.abs(x) < 1e-12 && y === -100);
	assert.equal(niceAbove(120), 150);
	assert.equal(niceAbove(63508), 75000);
});

test('every field and every text has a name in both languages', () => {
	for (const [key, both] of Object.entries(catalogue))
		assert.ok(both.length === 2 && both[0] && both[1], key);
	for (const field of fields)
		assert.ok(catalogue[`f.${field.key}`], field.key);
	for (const section of sections)
		assert.ok(catalogue[`s.${section.name}`], section.name);
});
