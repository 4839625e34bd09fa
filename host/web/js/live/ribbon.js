// The ribbon of quality in words.

import {scaled} from '../format.js';
import {t} from '../i18n.js';
import {QUALITY} from '../quality.js';

const KINDS = [['gap', (x) => x.gap], ['time', (x) => x.bits & QUALITY.UNLOCKED],
	['sync', (x) => x.bits & QUALITY.UNSYNC],
	['invalid', (x) => x.bits & QUALITY.INVALID]];

/** Seconds of each kind: {gap, time, sync, invalid}. */
export function secondsOf(stretches) {
	return Object.fromEntries(KINDS.map(([kind, is]) => [kind, stretches
		.filter(is).reduce((sum, x) => sum + x.to - x.from, 0)]));
}

export function ribbonText(stretches) {
	const seconds = secondsOf(stretches);
	const found = KINDS.map(([kind]) => kind).filter((k) => seconds[k] > 0);

	return `${t('live.ribbon')}: ${found.length ? found.map((k) =>
		t(`live.ribbon.${k}`, {s: scaled(seconds[k], 's')})).join(', ') :
		t('live.ribbon.good')}`;
}
