// A waveform of the program: its times, its residual, its report's instant.

import {t} from './i18n.js';

/** The instant of the report, seconds; NaN where it is not told. */
export function instantOf({report_t}) {
	return typeof report_t === 'string' ? Date.parse(report_t) / 1000 :
		Number(report_t ?? NaN);
}

/** Times of the samples of a channel, which may be later than its scans. */
export function timesOf({t0, fs_hz}, {samples, delay_s}) {
	return Float64Array.from(samples, (x, i) =>
		t0 + (delay_s || 0) + i / fs_hz);
}

/** What the fit leaves, times 100; NaN where one of both is missing. */
export function residualOf({samples, fit}) {
	return samples.map((x, i) => (Number.isFinite(x) && Number.isFinite(fit[i]) ?
		100 * (x - fit[i]) : NaN));
}

/** Uprights of the report's instant, and of its window where more is shown. */
export function uprightsOf(document) {
	const {window_s, fs_hz, channels} = document;
	const instant = instantOf(document);
	const shown = channels.length ? channels[0].samples.length / fs_hz : 0;
	const at = (time, key) => ({at: time, text: t(key), dash: [6, 3]});

	if (!Number.isFinite(instant))
		return [];
	return [{at: instant, text: t('live.instant')},
		...(window_s > 0 && window_s < 0.999 * shown ? [
			at(instant - window_s / 2, 'live.from'),
			at(instant + window_s / 2, 'live.to')] : [])];
}
