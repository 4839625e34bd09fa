// The streamer's form: fields to requests and back, links, files, the command.

import test from 'node:test';
import assert from 'node:assert/strict';
import {readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {farOf, isFar} from '../../host/web/js/streamer/address.js';
import {changeOf} from '../../host/web/js/streamer/change.js';
import {commandOf, commandText, quoted}
	from '../../host/web/js/streamer/command.js';
import {lateText} from '../../host/web/js/streamer/control.js';
import {endOf, endsOf, wordOf} from '../../host/web/js/streamer/endpoint.js';
import {changedMode} from '../../host/web/js/streamer/ends.js';
import {FLAGS, fields, newEnd, untouched}
	from '../../host/web/js/streamer/fields.js';
import {balanced} from '../../host/web/js/streamer/grid.js';
import {impairOf, impairValues, perMinute}
	from '../../host/web/js/streamer/impair.js';
import {fileOf, kept} from '../../host/web/js/streamer/presets.js';
import {fieldOf, requestOf} from '../../host/web/js/streamer/request.js';
import {checked, checkedText, fragmentOf, ofFragment}
	from '../../host/web/js/streamer/share.js';
import {valuesOf} from '../../host/web/js/streamer/values.js';
import {whereOf} from '../../host/web/js/streamer/where.js';
import {inFolder, root, simulated, skip} from './program.mjs';

const PRESETS = join(root, 'host/cli/simulate/presets');
const presets = readdirSync(PRESETS).filter((f) => f.endsWith('.json'))
	.map((f) => [f, JSON.parse(readFileSync(join(PRESETS, f), 'utf8'))]);
const MAN = readFileSync(join(root, 'docs/man/cisoid-simulate.1'), 'utf8')
	.replace(/\\-/g, '-');

const full = () => ({...untouched(), f: '50.1', f_noise_mhz: '1.5', va: '118',
	vb_noise: '0.1', ic_deg: '100', rate: '25', loss: '1', burst: '5',
	flag_sync: true, format_type: 'int', c37: '2005', stop_s: '2',
	stop_every: '60', am: '10', am_hz: '2', count: '3', fnom: '60',
	cfg_every: '10', title: 'x', rocof: '1', rocof_s: '2', f_to: '61',
	ramp_back: true, ramp_every: '30', step_s: '5', step_mag: '10',
	step_deg: '', step_for: '5', step_every: '10',
	harmonics: [{n: '3', pct: '10', deg: '30'}, {n: '5', pct: '2', deg: '0'}],
	ends: [{...newEnd(), clients: '4', allow: '10.0.0.0/8, 127.0.0.1'},
		{...newEnd(), mode: 'tcp-udp', host: '::1', port: '4720'},
		{...newEnd(), mode: 'multicast', host: '239.0.0.1', ttl: '3',
			port: '4713', ports_each: true},
		{...newEnd(), mode: 'tcp-client', host: '8.8.8.8', port: '9'}],
	allow_public: '8.8.8.8'});

test('the form that nobody touched asks for a balanced PMU', () => {
	const {body, errors} = requestOf(untouched());

	assert.deepEqual(errors, []);
	assert.deepEqual(body.listen, ['tcp:127.0.0.1:4712']);
	assert.equal(body.stream, undefined);
	assert.equal(body.scenario.fnom, 50);
	assert.equal(body.scenario.signal.vb_deg, -120);
	assert.equal(body.scenario.signal.ic, 5);
});

test('what was asked for comes back into the same fields', () => {
	const {body, errors} = requestOf(full());

	assert.deepEqual(errors, []);
	assert.deepEqual(valuesOf(body), full());
	assert.equal(body.scenario.signal.vb_noise, 0.001);
	assert.equal(body.scenario.signal.h3, 0.1);
	assert.equal(body.scenario.impair, 'loss=1%,burst=5,stop=2s/60s');
	assert.deepEqual(body.scenario.events, [
		{type: 'ramp', at: 2, rocof: 1, to: 61, back: true, every: 30},
		{type: 'step', at: 5, for: 5, every: 10, mag: 0.1},
		{type: 'flags', at: 0, flags: ['sync']}]);
	assert.equal(body.allow_public, true);
});

test('a tick for one address does not hold for another', () => {
	const values = full();

	values.ends[3].host = '8.8.4.4';
	assert.equal(requestOf(values).body.allow_public, undefined);
});

for (const [file, scenario] of presets)
	test(`${file} is the same request after the form`, () => {
		const once = requestOf(valuesOf({scenario})).body;

		assert.deepEqual(requestOf(valuesOf(once)).body, once);
		assert.deepEqual(requestOf(valuesOf({scenario})).errors, []);
	});

for (const [file, scenario] of presets)
	test(`${file} makes the same frames before and after the form`, {skip}, () => {
		const words = ['--duration', '2s', ...(scenario.count > 100 ?
			['--count', '100'] : []), '--t0', '2026-11-20T11:59:52Z'];
		const made = requestOf(valuesOf({scenario})).body.scenario;

		inFolder((folder) => {
			const path = join(folder, 'form.json');

			writeFileSync(path, JSON.stringify(made));
			assert.deepEqual(simulated('--scenario', path, ...words),
				simulated('--scenario', join(PRESETS, file), ...words));
		});
	});

test('what has no field is kept as JSON', () => {
	const scenario = {title: 'x', signal: {snr_db: 60}, groups: {a: {pmus: 1}},
		events: [{type: 'island', at: 1, hz: 1, for: 2}]};
	const {body} = requestOf(valuesOf({scenario}));

	assert.equal(body.scenario.signal.snr_db, 60);
	assert.deepEqual(body.scenario.groups, scenario.groups);
	assert.deepEqual(body.scenario.events, scenario.events);
});

test('errors have their field, in the order of the page', () => {
	const {errors} = requestOf({...untouched(), loss: 'x', f: '50,1,2',
		more: '[1]', station: 'ñ'.repeat(9), harmonics: [{n: '51', pct: '1',
			deg: '0'}], ends: [newEnd(), {...newEnd(), port: '65536'},
			{...newEnd(), host: 'a b'}]});

	assert.deepEqual(errors.map((e) => e.field), ['f', 'ends.1.port',
		'ends.2.host', 'station', 'harmonics.0.n', 'loss', 'more']);
});

test('an error of the program finds its field', () => {
	const {from} = requestOf({...full(), more: '{"events": [{"type": "x"}]}'});
	const field = (path, text) => fieldOf(path, from, text);

	assert.equal(field('scenario.signal.va'), 'va');
	assert.equal(field('scenario.events[0].type'), 'more');
	assert.equal(field('scenario.events[1].to'), 'rocof');
	assert.equal(field('scenario.events[2].for'), 'step_mag');
	assert.equal(field('scenario.events[3].flags'), 'flag_sync');
	assert.equal(field('scenario.groups.a.pmus'), 'more');
	assert.equal(field('scenario.format'), 'format_numbers');
	assert.equal(field('scenario.impair'), 'loss');
	assert.equal(field('scenario.impair', 'burst=5: nothing is lost'), 'burst');
	assert.equal(field('', 'TIME_BASE 1 is too coarse'), 'time_base');
	assert.equal(field('stream[1]'), 'ends.3.host');
	assert.equal(field('listen[1]', 'the port is in use'), 'ends.1.port');
	assert.equal(field('duration'), 'duration');
	assert.equal(field(undefined), '');
});

test('endpoints have the words of the command line', () => {
	const end = {...newEnd(), mode: 'tcp-udp', host: '::1'};

	assert.equal(wordOf(end), 'tcp:[::1]:4712,data=udp:4713');
	assert.deepEqual(endOf('listen', wordOf(end)), end);
	assert.equal(endOf('stream', 'udp:239.1.2.3:4713').mode, 'multicast');
	assert.equal(endOf('stream', 'pcap:x'), null);
	assert.deepEqual(endsOf({}), []);
});

test('addresses outside are those that a person has to agree to', () => {
	for (const near of ['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1',
		'169.254.1.1', '239.1.2.3', '::1', 'fd00::1', 'fe80::1', '[ff05::1]',
		'localhost', ''])
		assert.equal(isFar(near), false, near);
	for (const far of ['8.8.8.8', '172.32.0.1', '192.169.0.1', '11.0.0.1',
		'2001:db8::1', 'pdc.example', '10.1', '10.1.2.300', '::ffff:8.8.8.8',
		'0x7f.1'])
		assert.equal(isFar(far), true, far);
	assert.equal(farOf([{mode: 'udp', host: '8.8.8.8'},
		{mode: 'tcp-server', host: '9.9.9.9'}]), '8.8.8.8');
});

test('who listens where is told of every mode', () => {
	const of = (mode, more) => whereOf({...newEnd(), mode, ...more}, 3);

	assert.equal(of('tcp-server').here, 'TCP 127.0.0.1:4712');
	assert.equal(of('tcp-client').there, 'TCP 127.0.0.1:4712');
	assert.equal(of('tcp-udp').there, 'UDP 4713');
	assert.equal(of('udp', {ports_each: true}).there, 'UDP 127.0.0.1:4712–4714');
});

test('impairments are read and written, and counted by the minute', () => {
	const values = {...untouched(), delay: '20', back: '0,1', loss: '1',
		count: '2', rate: '1/2', stop_s: '2', stop_every: '60'};

	assert.deepEqual(impairValues(impairOf(values)), {loss: '1', delay: '20',
		back: '0.1', back_s: '1', stop_s: '2', stop_every: '60'});
	// 2 PMUs, one frame in two seconds: 60 frames a minute.
	assert.deepEqual(perMinute(values), {loss: 0.6, back: 0.06, delay: 60,
		stop_s: 2});
});

test('a link holds the form without addresses', () => {
	const {body} = requestOf({...full(), title: 'ñandú ½'});
	const link = fragmentOf(body);
	const found = ofFragment(link);

	assert.match(link, /^#\/streamer\?s=[\w-]+$/);
	assert.deepEqual(found.scenario, body.scenario);
	assert.equal(found.cfg_every, 10);
	for (const word of ['listen', 'stream', 'allow_public'])
		assert.equal(word in found, false);
	assert.equal(atob(link.split('=')[1].replace(/-/g, '+').replace(/_/g, '/'))
		.includes('8.8.8.8'), false);
	assert.equal(ofFragment('#/streamer'), null);
	assert.deepEqual(valuesOf(found, full()).ends, full().ends);
});

test('a document that is not of the right form is refused', () => {
	for (const text of ['', '[]', '1', 'null', '{"scenario": {"signal": []}}',
		'{"signal": {"f": {}}}', '{"events": {}}', '{"events": [1]}',
		'{"events": [{"type": 1}]}', '{"events": [{"type":"flags","flags":1}]}',
		'{"format": 1}', '{"impair": []}', '{"groups": 3}', '{"rate": null}',
		'{"scenario": {}, "duration": 1}', `{"a":${'['.repeat(20)}${']'.repeat(20)}}`,
		'{"__proto__": {"x": 1}}'])
		assert.throws(() => checkedText(text), undefined, text);
	for (const link of ['#/streamer?s=', '#/streamer?s=@', '#/streamer?s=_____w',
		'#/streamer?s=bnVsbA', `#/streamer?s=${'A'.repeat(70000)}`])
		assert.throws(() => ofFragment(link), undefined, link);
	assert.deepEqual(checked({scenario: {}, stream: ['udp:8.8.8.8:1'], x: 1}),
		{scenario: {}});
});

test('what Apply would do is told beforehand', () => {
	const a = requestOf(untouched()).body;
	const change = (more) => changeOf(a, requestOf({...untouched(), ...more}).body);

	assert.equal(change({}), '');
	assert.equal(change({f: '51'}), 'values');
	assert.equal(change({station: 'X'}), 'configuration');
	assert.equal(change({rate: '25'}), 'anew');
	assert.equal(change({ends: [{...newEnd(), port: '5000'}]}), 'anew');
});

test('words of a command are quoted where a shell would take them apart', () => {
	assert.equal(quoted('tcp:127.0.0.1:4712,clients=4'),
		'tcp:127.0.0.1:4712,clients=4');
	assert.equal(quoted('tcp:[::1]:4712'), '\'tcp:[::1]:4712\'');
	assert.equal(quoted('it\'s; $(x)'), '\'it\'\\\'\'s; $(x)\'');
	assert.equal(quoted(''), '\'\'');
	assert.equal(commandText(['cisoid', 'simulate', '--f', '51', '--va', '-1']),
		'cisoid simulate \\\n    --f 51 \\\n    --va -1');
});

/** Every field with some value, one at a time. */
function touched() {
	const value = (field) => (field.kind === 'switch' ? true :
		field.options ? field.options[field.options.length - 1] :
			field.key === 'duration' ? '2s' : field.key === 'start' ? 'now' :
				'1');

	return fields.filter((f) => f.kind !== 'json').map((f) =>
		({...untouched(), [f.key]: value(f)}));
}

test('every option of a command is one of the manual page', () => {
	const options = new Set(touched().flatMap((values) =>
		commandOf(requestOf(values).body).filter((w) => w.startsWith('--'))));
	const signals = MAN.slice(MAN.indexOf('.SH SIGNAL KEYS'));

	assert.ok(options.size > 50);
	for (const option of options)
		assert.ok(MAN.includes(option) || new RegExp(
			`\\b${option.slice(2).replace(/^h\d+/, 'h')}\\b`).test(signals),
		option);
	assert.equal(FLAGS.length, 6);
});

test('the command makes the frames that the form asks for', {skip}, () => {
	const values = {...full(), count: '', ends: [], loss: '', burst: '', stop_s: '',
		ramp_back: false, ramp_every: '', step_for: '', step_every: '',
		flag_sync: false, title: ''};
	const words = commandOf(requestOf(values).body).slice(2);

	assert.equal(words.includes('--scenario'), false);
	inFolder((folder) => {
		const path = join(folder, 'form.json');

		writeFileSync(path, JSON.stringify(requestOf(values).body.scenario));
		assert.deepEqual(simulated(...words, '--duration', '2s'),
			simulated('--scenario', path, '--c37', '2005', '--cfg-every', '10',
				'--duration', '2s'));
	});
});

test('presets of this browser are believed only as far as they are right', () => {
	assert.deepEqual(kept({good: {scenario: {title: 'x'}}, bad: {scenario: 1},
		worse: 'x', addressed: {scenario: {}, stream: ['udp:8.8.8.8:1']}}),
	{good: {scenario: {title: 'x'}}, addressed: {scenario: {}}});
	assert.deepEqual(kept(undefined), {});
	assert.equal(fileOf(' ../a b/ñ: '), '-a-b-ñ-.json');
	assert.equal(fileOf(''), 'preset.json');
});

test('phases B and C follow A, in the sequence that was chosen', () => {
	const values = {...untouched(), va: '118', va_deg: '170', ia_noise: '0.1'};
	const abc = balanced(values);

	assert.deepEqual([abc.vb, abc.vb_deg, abc.vc_deg, abc.ic_noise],
		['118', '50', '-70', '0.1']);
	assert.equal(balanced({...values, seq: 'acb'}).vb_deg, '-70');
});

test('another mode has its usual port, and multicast a group', () => {
	const udp = changedMode(newEnd(), 'udp');

	assert.equal(udp.port, '4713');
	assert.equal(changedMode({...udp, port: '5000'}, 'tcp-server').port, '5000');
	assert.equal(changedMode(udp, 'multicast').host, '239.1.2.3');
	assert.equal(changedMode(changedMode(udp, 'multicast'), 'udp').host,
		'127.0.0.1');
});

test('how late frames were is told in microseconds', () => {
	assert.equal(lateText({p50: 4e-5, p99: 2.5e-4, max: 0.0012}),
		'40 / 250 / 1200 µs');
	assert.equal(lateText({p50: null, p99: null, max: null}), '– / – / – µs');
	assert.equal(lateText(undefined), '–');
});
