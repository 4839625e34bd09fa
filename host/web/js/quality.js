// How good a report is, as bits that fit a byte.

export const QUALITY = {UNLOCKED: 1, UNSYNC: 2, INVALID: 4, NOTED: 8};

const LOCKED = ['LOCKED', 'FREE-RUN'];

/** The bits of a report; 0 is good. */
export function qualityOf(report) {
	const flags = String(report.flags || 'ok').split(/[+\s]+/);
	const state = report.time_state;
	let bits = 0;

	if (state && !LOCKED.includes(state))
		bits |= QUALITY.UNLOCKED;
	if (flags.includes('unsync'))
		bits |= QUALITY.UNSYNC;
	if (flags.some((x) => x !== 'ok' && x !== 'unsync'))
		bits |= QUALITY.INVALID;
	if (String(report.notes || '').split(/[+\s]+/).some((x) => x && x !== 'sim'))
		bits |= QUALITY.NOTED;
	return bits;
}

/**
 * Stretches of one quality: [{from, to, bits}] and those without reports with
 * gap true; times in s, step between reports.
 */
export function stretches(time, bits, from, to, step) {
	const out = [];
	let open = null;

	const gap = (a, b) => b - a > 0.5 * step && out.push({from: a, to: b,
		bits: 0, gap: true});

	gap(from, time.length ? time[0] : to);
	time.forEach((at, i) => {
		const torn = i && at - time[i - 1] > 1.5 * step;

		if (torn)
			gap(time[i - 1] + step, at);
		if (!open || torn || open.bits !== bits[i]) {
			open = {from: at, to: at + step, bits: bits[i]};
			out.push(open);
		}
		open.to = at + step;
	});
	if (time.length)
		gap(time[time.length - 1] + step, to);
	return out;
}
