// The frame around the pages: alarms, and that help lists the keys there are.

import test from 'node:test';
import assert from 'node:assert/strict';
import {readFile, readdir} from 'node:fs/promises';
import {Alarms, conditionsOf} from '../../host/web/js/alarms.js';
import {catalogue} from '../../host/web/js/i18n.js';
import {always, listed, local, pages, single} from '../../host/web/js/keymap.js';

const JS = new URL('../../host/web/js/', import.meta.url);

function storeWith(state, more) {
	return {state: {mode: 'run', origin: 'LIVE', time: {state: 'LOCKED'}, acquisition: {
		state: 'RUNNING', overruns: 0}, ...state}, report: {flags: 'ok'},
	link: {up: true, tries: 0}, gaps: [], skipped: 0, ...more};
}

const codes = (alarms) => alarms.list().map((x) => x.code);

test('where all is well there is no alarm', () => {
	const alarms = new Alarms();

	alarms.update(storeWith({}), 0);
	assert.deepEqual(codes(alarms), []);
	assert.equal(conditionsOf({state: null, link: {up: false, tries: 0}}).size, 0);
});

test('an alarm stays until it is gone and was seen', () => {
	const alarms = new Alarms();
	const holdover = storeWith({time: {state: 'HOLDOVER'}});

	alarms.update(holdover, 1000);
	alarms.update(holdover, 2000);
	assert.deepEqual(codes(alarms), ['W-TIME-HOLDOVER']);
	assert.equal(alarms.list()[0].since, 1000);
	alarms.see();
	assert.equal(alarms.list().length, 1, 'seen, and still there');
	alarms.update(storeWith({}), 3000);
	assert.equal(alarms.list().length, 0, 'seen, and gone');
	alarms.update(holdover, 4000);
	alarms.update(storeWith({}), 5000);
	assert.equal(alarms.list()[0].gone, 5000, 'gone, and not seen');
	alarms.update(holdover, 6000);
	assert.equal(alarms.list()[0].gone, null);
	alarms.update(storeWith({}), 7000);
	alarms.see();
	assert.equal(alarms.list().length, 0);
});

test('a front end says why, whatever the samples are', () => {
	const detail = (front, origin = 'LIVE') => conditionsOf(storeWith({origin,
		time: {state: 'UNLOCKED', front_end: front}})).get('W-TIME-UNLOCKED');

	assert.equal(detail({link: true, state: 'ACQUIRE'}), 'Front end: ACQUIRE');
	assert.equal(detail({link: false, state: 'LOCKED'}),
		'Front end: not heard');
	assert.equal(detail({link: true, state: null}, 'SIMULATED'),
		'Front end: –');
	assert.equal(detail(null), '');
	assert.equal(detail(null, 'SIMULATED'), undefined);
});

test('a counter that grows is an alarm, one that stands is none', () => {
	const alarms = new Alarms();
	const with_ = (overruns) => storeWith({acquisition: {state: 'RUNNING',
		overruns}});

	alarms.update(with_(5), 0);
	assert.deepEqual(codes(alarms), []);
	alarms.update(with_(7), 1000);
	alarms.update(with_(8), 2000);
	assert.deepEqual(codes(alarms), ['W-DAQ-OVERRUN']);
	assert.equal(alarms.list()[0].n, 3);
	alarms.see();
	alarms.update(with_(8), 11000);
	assert.equal(alarms.list().length, 1, 'ten seconds are not over');
	alarms.update(with_(8), 12000);
	assert.equal(alarms.list().length, 0);
});

test('a program that began anew counts from zero without an alarm', () => {
	const alarms = new Alarms();

	alarms.update(storeWith({missed: 9}), 0);
	alarms.update(storeWith({missed: 0}), 1);
	assert.deepEqual(codes(alarms), []);
});

test('errors stand before warnings, with their details', () => {
	const alarms = new Alarms();

	alarms.update(storeWith({time: {state: 'UNLOCKED'}, streams: [
		{name: 'tcp:192.0.2.1:4712', state: 'CONNECTING'},
		{name: 'udp:127.0.0.1:4713', state: 'STREAMING'},
		{name: 'tcp:127.0.0.1:4712', state: 'WAITING'}], clients: [
		{address: '192.0.2.2:1', unasked: true, state: 'CONNECTING'},
		{address: '192.0.2.3:1', unasked: false, state: 'CONNECTED'}]}, {report:
		{flags: 'clip+unsync'}, link: {up: false, tries: 2}}), 0);
	assert.equal(codes(alarms)[0], 'E-WEB-LINK');
	const detail = (code) => alarms.list().find((x) => x.code === code).detail;

	assert.equal(detail('W-NET-STREAM'), 'tcp:192.0.2.1:4712 CONNECTING, 192.0.2.2:1 CONNECTING');
	assert.equal(detail('W-EST-FLAGS'), 'clip+unsync');
	for (const code of codes(alarms))
		for (const key of [code, `${code}.why`, `${code}.do`])
			assert.ok(catalogue[`alarm.${key}`], key);
});

test('the time of a simulation is no alarm', () => {
	assert.equal(conditionsOf(storeWith({origin: 'SIMULATED', time: {
		state: 'UNLOCKED'}})).size, 0);
});

test('a simulation has no device to miss', () => {
	const {size} = conditionsOf(storeWith({mode: 'simulate', acquisition: {
		state: 'NO DEVICE'}}));

	assert.equal(size, 0);
});

test('help lists exactly the keys that are heard', () => {
	const shown = listed().map((x) => x.show.join(' '));
	const heard = [...Object.keys(pages).map((k) => `g ${k}`), 'g o',
		...[...single, ...local, ...always].map((x) => x.show.join(' '))];

	assert.deepEqual([...shown].sort(), [...heard].sort());
	assert.equal(new Set(shown).size, shown.length);
	for (const {help} of listed())
		assert.ok(catalogue[help], help);
	for (const {key, show} of single)
		assert.equal(show[0] === 'Space' ? ' ' : show[0], key);
});

test('every shortcut has somebody who listens', async () => {
	const names = await readdir(JS, {recursive: true});
	const text = (await Promise.all(names.filter((x) => x.endsWith('.js') &&
		!x.endsWith('keymap.js')).map((x) => readFile(new URL(x, JS), 'utf8'))))
		.join('\n');

	for (const {event} of [...single, ...always])
		assert.match(text, new RegExp(
			`(addEventListener\\('${event}'|^\\t+'?${event}'?: |, ${event}: )`,
			'm'), event);
});

test('the help of keys names each page that has one', async () => {
	for (const page of Object.values(pages))
		assert.ok(catalogue[`nav.${page}`], page);
});
