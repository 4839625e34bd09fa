// Harmonics of a waveform, by a discrete Fourier sum over whole cycles. What
// the fit leaves is analysed, so that the fundamental does not leak into them.

const HIGHEST = 50;

/** Magnitude (rms) of a tone of so many turns a sample. */
function toneOf(samples, turns) {
	const step = 2 * Math.PI * turns;
	let re = 0;
	let im = 0;

	for (let i = 0; i < samples.length; i++) {
		re += samples[i] * Math.cos(step * i);
		im -= samples[i] * Math.sin(step * i);
	}
	return Math.SQRT2 * Math.hypot(re, im) / samples.length;
}

/** The newest samples of whole cycles; none where there is not one. */
export function wholeCycles(n, fs, f) {
	const cycles = Math.floor(n * f / fs + 1e-6);

	return cycles > 0 ? Math.min(n, Math.round(cycles * fs / f)) : 0;
}

/**
 * {thd_percent, harmonics_percent}: harmonics 2 to 50 against the fundamental;
 * null where there is no whole cycle or no fundamental.
 */
export function thdOf({samples, fit}, fs, f) {
	const n = f > 0 ? wholeCycles(samples.length, fs, f) : 0;
	const whole = samples.slice(samples.length - n);
	const known = fit && fit.length === samples.length;
	const model = known ? fit.slice(fit.length - n) : null;
	const rest = known ? whole.map((x, i) => x - model[i]) : whole;
	const base = n ? toneOf(model || whole, f / fs) : 0;
	const parts = [];

	if (!(base > 0))
		return null;
	for (let k = 2; k <= HIGHEST && k * f < 0.49 * fs; k++)
		parts.push(100 * toneOf(rest, k * f / fs) / base);
	return {thd_percent: Math.hypot(...parts), harmonics_percent: parts};
}

/** The channel with the greatest distortion: {name, thd_percent} or null. */
export function worstThd(document, f) {
	let worst = null;

	for (const c of document.channels) {
		const found = thdOf(c, document.fs_hz, f);

		if (found && Number.isFinite(found.thd_percent) &&
		    (!worst || found.thd_percent > worst.thd_percent))
			worst = {name: c.name, thd_percent: found.thd_percent};
	}
	return worst;
}
