// The page's pure modules: numbers, events, reduction, geometry, the request.

import test from 'node:test';
import assert from 'node:assert/strict';
import {canonical, fixed, parseNumber, scaled, shifted, wrapDegrees}
	from '../../host/web/js/format.js';
import {cfg2Frame, dataFrame} from './fake_frames.mjs';
import {decode} from '../../host/web/js/frame.js';
import {History} from '../../host/web/js/history.js';
import {catalogue} from '../../host/web/js/i18n.js';
import {niceAbove, point} from '../../host/web/js/polar_geometry.js';
import {perPixel, unwrap, withGaps} from '../../host/web/js/reduce.js';
import {parser} from '../../host/web/js/sse.js';
import {endpointOf, endpointValues} from '../../host/web/js/streamer/endpoint.js';
import {fields, sections, untouched} from '../../host/web/js/streamer/fields.js';
import {impairOf, impairValues} from '../../host/web/js/streamer/impair.js';
import {requestOf, valuesOf} from '../../host/web/js/streamer/request.js';

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

test('the form that nobody touched asks for a balanced PMU', () => {
	const {body, errors} = requestOf(untouched());

	assert.deepEqual(errors, []);
	assert.deepEqual(body.listen, ['tcp:127.0.0.1:4712']);
	assert.equal(body.scenario.fnom, 50);
	assert.equal(body.scenario.signal.vb_deg, -120);
	assert.equal(body.scenario.signal.ic, 5);
});

test('what was asked for comes back into the same fields', () => {
	const values = {...untouched(), f: '50.1', f_noise_mhz: '1.5', va: '118',
		vb_noise: '0.1', ic_deg: '100', rate: '25', loss: '1', burst: '5',
		flag_sync: true, format_type: 'int', mode: 'multicast',
		host: '239.0.0.1', ttl: '3', port: '4713', c37: '2005',
		stop_s: '2', stop_every: '60', am: '10', am_hz: '2', count: '3',
		fnom: '60', ports_each: true, cfg_every: '10'};

	const {body, errors} = requestOf(values);

	assert.deepEqual(errors, []);
	assert.deepEqual(valuesOf(body), values);
	assert.equal(body.scenario.signal.vb_noise, 0.001);
	assert.equal(body.scenario.impair, 'loss=1%,burst=5,stop=2s/60s');
});

test('what has no field is kept as JSON', () => {
	const scenario = {title: 'x', signal: {h3: 0.1}, groups: {a: {pmus: 1}},
		events: [{type: 'island', at: 1, hz: 1, for: 2}]};
	const {body} = requestOf(valuesOf({scenario}));

	assert.equal(body.scenario.signal.h3, 0.1);
	assert.deepEqual(body.scenario.groups, scenario.groups);
	assert.deepEqual(body.scenario.events, scenario.events);
});

test('a text that is no number is told with its field', () => {
	const {errors} = requestOf({...untouched(), f: '50,1,2', more: '[1]'});

	assert.deepEqual(errors.map((e) => e.field), ['f', 'more']);
});

test('endpoints have the words of the command line', () => {
	const v = {...untouched(), mode: 'tcp-udp', host: '::1'};

	assert.deepEqual(endpointOf(v), {listen: ['tcp:[::1]:4712,data=udp:4713']});
	assert.equal(endpointValues({stream: ['udp:239.1.2.3:4713']}).mode,
		'multicast');
	assert.equal(endpointValues({}), null);
	assert.deepEqual(impairValues(impairOf({...v, delay: '20', back: '0,1'})),
		{delay: '20', back: '0.1', back_s: '1'});
});

test('every field and every text has a name in both languages', () => {
	for (const [key, both] of Object.entries(catalogue))
		assert.ok(both.length === 2 && both[0] && both[1], key);
	for (const field of fields)
		assert.ok(catalogue[`f.${field.key}`], field.key);
	for (const section of sections)
		assert.ok(catalogue[`s.${section.name}`], section.name);
});

test('a command frame is read field by field', () => {
	const frame = decode('AA41 0012 0001 44853600 000041B1 0002 0000');

	assert.equal(frame.type, 'CMD');
	assert.deepEqual(frame.fields.map((f) => f.name), ['SYNC', 'FRAMESIZE',
		'IDCODE', 'SOC', 'FRACSEC', 'CMD', 'CHK']);
	assert.equal(frame.fields[5].value, '2: data on');
});

test('a frame that is cut off is read as far as it goes', () => {
	assert.equal(decode('AA41 0012 00').error, 'IDCODE is cut off');
	assert.equal(decode('').error, 'SYNC is cut off');
});

test('a data frame is read by its configuration', () => {
	const channels = [{name: 'VA', quantity: 'V'}, {name: 'IA', quantity: 'I'}];
	const hex = dataFrame({t: '2026-11-21T12:00:00.500Z', phasors: [[120, 90],
		[5, -30]], freq_hz: 50.25, rocof_hz_per_s: -1});
	const frame = decode(hex, cfg2Frame(channels));
	const value = (name) => frame.fields.find((f) => f.name === name).value;

	assert.equal(frame.error, '');
	assert.equal(value('VA'), '120 ∠ 90.0000°');
	assert.equal(value('IA'), '5 ∠ \u221230.0000°');
	assert.equal(value('FREQ'), '50.25 Hz');
	assert.match(value('FRACSEC'), /500000 = 0.500000 s/);
	assert.equal(frame.fields.reduce((n, f) => n + f.len, 0),
		frame.bytes.length);
});
