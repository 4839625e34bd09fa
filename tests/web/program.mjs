// The program, for tests of what it and the page must agree on; null where it
// has not been built. CISOID names it, else it is looked for in build/.

import {execFileSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const BUILT = fileURLToPath(new URL('../../build/cisoid', import.meta.url));

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const program = process.env.CISOID || (existsSync(BUILT) ? BUILT : null);
export const skip = program ? false : 'cisoid has not been built';

export function run(...words) {
	return execFileSync(program, words, {encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'pipe']});
}

/** use(folder) with an empty folder that is gone afterwards. */
export function inFolder(use) {
	const folder = mkdtempSync(join(tmpdir(), 'cisoid-web-'));

	try {
		return use(folder);
	} finally {
		rmSync(folder, {recursive: true});
	}
}

/** The payload of UDP of every packet of a capture of Ethernet, as hex. */
export function packets(path) {
	const bytes = readFileSync(path);
	const found = [];
	const WRAP = 14 + 20 + 8;

	for (let at = 24; at < bytes.length;) {
		const len = bytes.readUInt32LE(at + 8);

		found.push(bytes.subarray(at + 16 + WRAP, at + 16 + len)
			.toString('hex'));
		at += 16 + len;
	}
	return found;
}

const START = ['--start', '2026-11-20T12:00:00Z', '--pace', 'max', '--quiet'];

/** Frames that simulate makes of these options, as hex. */
export function simulated(...words) {
	return inFolder((folder) => {
		const path = join(folder, 'frames.pcap');

		run('simulate', ...words, ...START, '--stream', `pcap:${path}`);
		return packets(path);
	});
}
