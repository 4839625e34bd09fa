// The origin of the data on everything that is plotted: a badge by word and
// shape, and where it is simulated a diagonal watermark.

import {h, say} from './dom.js';
import {t} from './i18n.js';

function originOf(store) {
	const origin = store.state && store.state.origin;

	return store.frozen && origin ? 'FROZEN' : origin;
}

/** A node with a badge and a watermark over it; restamp() keeps them true. */
export function stamped(node) {
	const {origin} = document.documentElement.dataset;

	return h('div', {class: 'stamped'}, node,
		h('span', {class: 'mini badge', 'aria-hidden': 'true',
			'data-origin': origin}, origin && t(`origin.${origin}`)),
		h('span', {class: 'stamp', 'aria-hidden': 'true'}, t('watermark')));
}

/** Called with each look at the store, for the badges of the whole page. */
export function restamp(store) {
	const origin = originOf(store);

	if (!origin)
		return;
	document.documentElement.dataset.origin = store.state.origin;
	for (const badge of document.querySelectorAll('.badge'))
		if (badge.dataset.origin !== origin) {
			badge.dataset.origin = origin;
			say(badge, t(`origin.${origin}`));
		}
}
