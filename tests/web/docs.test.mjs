// How receivers reach what is there.

import test from 'node:test';
import assert from 'node:assert/strict';
import {recipesOf, wayOf} from '../../host/web/js/connect.js';

const of = (name, clients = []) => wayOf({name}, clients, 'bench.example');
const text = (name, who, idcode = 7) => Object.fromEntries(recipesOf(of(name),
	idcode))[who];

test('an endpoint is a way to the program', () => {
	assert.deepEqual(of('tcp:127.0.0.1:4712'), {name: 'tcp:127.0.0.1:4712',
		scheme: 'tcp', host: '127.0.0.1', port: '4712', data: '',
		listens: true});
	assert.equal(of('tcp:0.0.0.0:4712').host, 'bench.example');
	assert.equal(of('tcp:[::1]:4712,data=udp:4713').data, '4713');
	assert.equal(of('udp:192.0.2.9:4713', [{unasked: true,
		address: '192.0.2.9:4713'}]).listens, false);
	assert.equal(of('pcap:x.pcap'), null);
});

test('receivers are told the settings of that endpoint', () => {
	assert.equal(text('tcp:192.0.2.7:4720', 'openPDC'),
		'phasorProtocol=IeeeC37_118V1; accessID=7; transportProtocol=Tcp; ' +
		'server=192.0.2.7:4720; isListener=false');
	assert.match(text('tcp:192.0.2.7:4720,data=udp:4713', 'openPDC'),
		/localport=4713; commandChannel={protocol=Tcp; server=192.0.2.7:4720/);
	assert.equal(text('tcp:127.0.0.1:4712', 'cisoid', 1),
		'cisoid listen tcp:127.0.0.1:4712');
	assert.match(text('udp:192.0.2.7:4713', 'Wireshark, tshark'),
		/-d udp.port==4713,synphasor/);
	assert.match(text('tcp:192.0.2.7:4720', 'PMU Connection Tester'),
		/192\.0\.2\.7:4720; Device ID 7/);
});
