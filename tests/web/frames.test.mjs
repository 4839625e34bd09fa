// Frames: fields and bytes against what the program says of its own, the log,
// CSV and captures.

import test from 'node:test';
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {cfg2Frame, commandFrame, dataFrame} from './fake_frames.mjs';
import {byteText} from '../../host/web/js/bytes.js';
import {configurationOf, decode, factsOf} from '../../host/web/js/frame.js';
import {crc} from '../../host/web/js/frame/crc.js';
import {bytesOf} from '../../host/web/js/frame/reader.js';
import {found, visible} from '../../host/web/js/frames/attributes.js';
import {csvOf, pcapOf} from '../../host/web/js/frames/files.js';
import {FrameLog, instantMs, isWrong, matches, measuredRate, notesOf, quantile}
	from '../../host/web/js/frames/log.js';
import {inFolder, run, simulated, skip} from './program.mjs';

const channels = [{name: 'VA', quantity: 'V'}, {name: 'IA', quantity: 'I'}];
const CFG = cfg2Frame(channels);
const T0 = Date.parse('2026-11-21T12:00:00Z');
const dataAt = (ms) => dataFrame({t: new Date(ms).toISOString(),
	phasors: [[120, 90], [5, -30]], freq_hz: 50.25, rocof_hz_per_s: -1});
const frame = (type, hex, ms = T0) => ({t: new Date(ms + 1).toISOString(), type,
	hex, len: hex.length / 2, way: type === 'cmd' ? 'in' : 'out', stream: 'x'});
const noTshark = (() => {
	try {
		execFileSync('tshark', ['--version'], {stdio: 'ignore'});
		return false;
	} catch {
		return 'there is no tshark';
	}
})();

test('the CRC is that of annex B', () => {
	// CRC-CCITT begun with FFFF of "123456789", as in catalogues of CRCs.
	assert.equal(crc(Buffer.from('123456789')), 0x29B1);
});

test('a command frame is read field by field', () => {
	const made = decode('AA41 0012 0001 44853600 000041B1 0002 CE00');

	assert.equal(made.type, 'CMD');
	assert.deepEqual(made.fields.map((f) => f.name), ['SYNC', 'FRAMESIZE',
		'IDCODE', 'SOC', 'FRACSEC', 'CMD', 'CHK']);
	assert.equal(made.fields[5].value, 'data on');
	assert.equal(made.fields[5].clause, '6.6, table 15');
	assert.equal(made.fields[3].value, '1149580800: 2006-06-06T08:00:00Z');
});

test('a frame that is cut off is read as far as it goes', () => {
	assert.equal(decode('AA41 0012 00').error, 'IDCODE is cut off');
	assert.equal(decode('').error, 'SYNC is cut off');
	for (let n = 0; n < CFG.length; n += 2) {
		assert.notEqual(decode(CFG.slice(0, n)).error, '');
		assert.equal(configurationOf(CFG.slice(0, n)), null);
	}
});

test('counts that cannot be true take no memory', () => {
	const bytes = bytesOf(CFG);

	bytes[40] = 0xFF; // PHNMR: 65288 names in 130 bytes
	assert.match(decode(Buffer.from(bytes).toString('hex')).error, /CHNAM/);
});

test('a data frame is read by its configuration', () => {
	const made = decode(dataAt(T0 + 500), CFG);
	const value = (name) => made.fields.find((f) => f.name === name);

	assert.equal(made.error, '');
	assert.equal(value('VA').value, '120 ∠ 90.000003°');
	assert.equal(value('IA').unit, 'A, °');
	assert.deepEqual([value('FREQ').value, value('FREQ').unit], ['50.25', 'Hz']);
	assert.deepEqual([value('FRACSEC').value, value('FRACSEC').unit],
		['0.500000000', 's']);
	assert.equal(made.fields.reduce((n, f) => n + f.len, 0), made.bytes.length);
});

test('without a configuration the data are one field', () => {
	const made = decode(dataAt(T0));

	assert.deepEqual(made.fields.slice(-2).map((f) => [f.name, f.len]),
		[['DATA', 26], ['CHK', 2]]);
});

/** [name, raw digits] of every field that the program's tree has a line for. */
function told(path) {
	return run('decode', '--tree', path).split(/\n(?=\S)/).map((text) =>
		text.split('\n').slice(1).filter((l) => l.trim() && l.length > 27 &&
			!/^ +(PMU \d+|note:|[EWI]-)/.test(l))
			.map((l) => [l.slice(0, 26).trim(), l.slice(27).split(/\s/)[0]]));
}

/** The same of ours: what is below a phasor, the program does not tell. */
function ours(fields) {
	return fields.flatMap((f) => [...(/^PMU \d+$/.test(f.name) ? [] :
		[[f.name, f.raw.slice(0, 32)]]), ...(f.phasor ? [] :
		ours(f.children || []))]);
}

const KINDS = {
	'floats, polar': [],
	'integers, rectangular': ['--format', 'rect,int'],
	'floats, rectangular': ['--format', 'rect,float'],
	'integers, polar, analogs and digitals': ['--format', 'polar,int',
		'--analogs', '2', '--digitals', '2'],
	'CFG-3': ['--cfg', '3', '--analogs', '1', '--digitals', '1',
		'--station', 'Ñandú SIM'],
	'three in one frame, at 60 Hz': ['--count', '3', '--concentrate', '--fnom',
		'60', '--f', '59.5'],
};

for (const [name, words] of Object.entries(KINDS))
	test(`fields are those that the program finds: ${name}`, {skip}, () => {
		const frames = simulated(...words, '--duration', '1s');
		const configuration = frames.find((f) => factsOf(bytesOf(f)).code !== 0);

		inFolder((folder) => {
			const path = join(folder, 'frames.bin');

			writeFileSync(path, Buffer.from(frames.join(''), 'hex'));
			const theirs = told(path);

			assert.equal(frames.length, theirs.length);
			frames.slice(0, 5).forEach((f, i) => assert.deepEqual(
				ours(decode(f, configuration).fields), theirs[i]));
		});
	});

for (const [name, words] of Object.entries(KINDS))
	test(`values are those that the program reads: ${name}`, {skip}, () => {
		const frames = simulated(...words, '--duration', '1s', '--v_deg', '10',
			'--va', '118');
		const configuration = frames.find((f) => factsOf(bytesOf(f)).code !== 0);
		const all = (fields) => fields.flatMap((f) =>
			(f.children && !f.phasor && f.name.startsWith('PMU') ?
				all(f.children) : [f]));

		inFolder((folder) => {
			const path = join(folder, 'frames.bin');

			writeFileSync(path, Buffer.from(frames.join(''), 'hex'));
			const lines = run('decode', '--json', path).trim().split('\n')
				.map((l) => JSON.parse(l));

			frames.forEach((f, i) => {
				if (lines[i].type !== 'data')
					return;
				const fields = all(decode(f, configuration).fields);
				const phasors = fields.filter((x) => x.phasor);
				const theirs = lines[i].pmus.flatMap((p) => p.phasors);
				const freq = fields.filter((x) => x.name === 'FREQ');

				assert.equal(phasors.length, theirs.length);
				phasors.forEach((p, k) => {
					// Both read the same bytes in doubles.
					assert.ok(Math.abs(p.rms - theirs[k].rms) <
						1e-12 * p.rms + 1e-12);
					assert.ok(Math.abs(p.deg - theirs[k].deg) < 1e-9);
				});
				// Nine digits are shown.
				freq.forEach((x, k) => assert.ok(Math.abs(Number(x.value) -
					lines[i].pmus[k].freq_hz) < 1e-6));
			});
		});
	});

test('what the log shows of a frame is what the frame says', () => {
	const known = configurationOf(CFG);
	const facts = factsOf(bytesOf(dataAt(T0 + 20)), known);

	assert.deepEqual([facts.type, facts.idcode, facts.ms, facts.crc,
		facts.wrongLength, facts.quality], ['data', 1, T0 + 20, true, false,
		'good']);
	assert.equal(known.fps, 50);
	assert.equal(factsOf(bytesOf('AA'), known).type, '?');
});

test('the log counts order, duplicates, gaps and faults', () => {
	const log = new FrameLog();
	const broken = `${dataAt(T0 + 100).slice(0, -4)}0000`;
	const at = (ms) => log.add(frame('data', dataAt(T0 + ms), T0 + ms));

	log.add(frame('cfg2', CFG));
	assert.deepEqual([0, 20, 20, 80, 60].map((ms) => at(ms).order),
		['', '', 'duplicate', 'gap 2', 'late']);
	assert.ok(isWrong(log.add(frame('data', broken))));
	assert.ok(isWrong(log.add(frame('data', dataAt(T0 + 100).slice(0, -8)))));
	log.skip();
	assert.equal(at(1000).order, '');
	assert.deepEqual(log.count, {frames: 9, bytes: log.count.bytes, crc: 2,
		length: 1, late: 1, duplicates: 1, gaps: 2, types: {cfg2: 1, data: 8}});
	assert.ok(Math.abs(log.latency().p50 - 0.001) < 1e-9);
	assert.equal(notesOf(log.entries[4]), 'good, gap 2');
	assert.ok(matches(log.entries[4], {kind: 'data', idcode: '1', wrong: true}));
	assert.ok(!matches(log.entries[0], {kind: 'data', idcode: '', wrong: false}));
});

test('a frame keeps the configuration that was in force when it came', () => {
	const log = new FrameLog();
	const early = log.add(frame('data', dataAt(T0)));
	const other = cfg2Frame([{name: 'VX', quantity: 'V'}, {name: 'IX',
		quantity: 'I'}]);

	assert.equal(log.configurationFor(early), null);
	log.add(frame('cfg2', CFG));
	const one = log.add(frame('data', dataAt(T0 + 20)));

	log.add(frame('cfg2', other));
	assert.equal(log.configurationFor(one).hex, CFG);
	assert.equal(log.configurationFor(early).hex, other);
});

test('simulated PMUs and a measurement with one IDCODE are told apart', () => {
	const log = new FrameLog();
	const data = {...frame('data', dataAt(T0)), stream: 'streamer'};

	log.add({...frame('cfg2', CFG), stream: 'tcp:127.0.0.1:4712'});
	assert.equal(log.configurationFor(log.add(data)), null);
	log.learn(CFG, 'streamer');
	assert.equal(log.configurationFor(log.add(data)).hex, CFG);
	assert.ok(log.configurationFor(log.add(frame('data', dataAt(T0)))));
});

test('times of frames keep their microseconds', () => {
	assert.ok(Math.abs(instantMs('2026-11-21T12:00:00.500068Z') - T0 - 500.068) <
		1e-3);
	assert.equal(instantMs('2026-11-21T12:00:00Z'), T0);
	assert.ok(Number.isNaN(instantMs(undefined)));
});

test('rates and quantiles are those of the frames', () => {
	const log = new FrameLog();

	log.add(frame('cfg2', CFG));
	for (let ms = 0; ms < 10000; ms += 20)
		log.add(frame('data', dataAt(T0 + ms), T0 + ms));
	const [stream] = log.streams.values();

	assert.equal(stream.fps, 50);
	assert.ok(Math.abs(measuredRate(stream) - 50) < 1e-9);
	assert.equal(log.count.gaps, 0);
	assert.equal(quantile([1, 2, 3, 4], 0.5), 3);
	assert.ok(Number.isNaN(quantile([], 0.5)));
});

test('fields are found by their names and values, wherever they are', () => {
	const made = decode(CFG);

	assert.deepEqual(found(made.fields, 'chnam phasor').slice(0, 2)
		.map((f) => f.value), ['VA', 'IA']);
	assert.deepEqual(found(made.fields, 'ia').map((f) => f.title)[0],
		'PMU 1 › CHNAM phasor');
	assert.deepEqual(visible(made.fields, new Set()).length,
		made.fields.length);
	assert.ok(visible(made.fields, new Set(['/4:FRACSEC'])).length >
		made.fields.length);
});

test('bytes are shown in three ways', () => {
	assert.deepEqual(['hex', 'dec', 'ascii'].map((how) => byteText(0x41, how)),
		['41', '\u200765', 'A']);
	assert.equal(byteText(0, 'ascii'), '·');
});

test('CSV has a header, and quotes what needs it', () => {
	const log = new FrameLog();

	log.add({...frame('cmd', commandFrame(5)), peer: 'a,"b"'});
	const [header, row] = csvOf(log.entries).split('\r\n');

	assert.equal(header.split(',')[5], 'idcode');
	assert.match(row, /,in,cmd,1,18,ok,,x,"a,""b""",aa41/);
	assert.equal(csvOf([]).split('\r\n').length, 2);
});

test('a capture is read by tshark as it was sent', {skip: noTshark}, () => {
	const log = new FrameLog();

	log.add(frame('cmd', commandFrame(5)));
	log.add(frame('cfg2', CFG));
	log.add(frame('data', dataAt(T0 + 20), T0 + 20));
	inFolder((folder) => {
		const path = join(folder, 'frames.pcap');

		writeFileSync(path, pcapOf(log.entries));
		const lines = execFileSync('tshark', ['-r', path, '-o',
			'ip.check_checksum:TRUE', '-T', 'fields', '-e', 'frame.time_epoch',
			'-e', 'synphasor.frtype', '-e', 'synphasor.idcode_stream_source',
			'-e', 'ip.checksum.status', '-e', 'synphasor.checksum.status'],
		{encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}).trim()
			.split('\n').map((l) => l.split('\t'));

		assert.deepEqual(lines.map((l) => Number(l[1])), [4, 3, 0]);
		assert.deepEqual(lines.map((l) => l.slice(2)),
			Array(3).fill(['1', '1', '1']));
		assert.ok(Math.abs(Number(lines[2][0]) - (T0 + 21) / 1000) < 1e-6);
	});
});

test('what tshark reads of our capture is what we read', {skip: skip || noTshark},
	() => {
		const log = new FrameLog();

		simulated('--f', '50.1', '--va', '118', '--duration', '1s')
			.forEach((hex) => log.add({...frame('', hex), way: 'out'}));
		inFolder((folder) => {
			const path = join(folder, 'frames.pcap');

			writeFileSync(path, pcapOf(log.entries));
			const text = run('decode', '--json', path).trim().split('\n');

			assert.equal(text.length, log.entries.length);
			assert.ok(text.every((l) => JSON.parse(l).crc_ok));
			const bin = join(folder, 'configuration-1.bin');

			writeFileSync(bin, bytesOf(log.find('x', 1).hex));
			assert.equal(JSON.parse(run('decode', '--json', bin)).type, 'cfg2');
		});
	});
