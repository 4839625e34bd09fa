// Shortcuts of single keys; they never fire while someone types.

import {get} from './settings.js';

const PAGES = {b: 'bench', l: 'live', s: 'streamer', f: 'frames', d: 'docs'};
const SECOND_KEY_MS = 1500;

function typing(target) {
	return target.closest('input, select, textarea, [contenteditable]');
}

/** actions: by key, such as {'?': help, go: (page) => ..., o: options}. */
export function listen(actions) {
	let g = -Infinity;

	document.addEventListener('keydown', (event) => {
		if (event.key === 'Enter' && event.ctrlKey) {
			document.dispatchEvent(new Event('apply'));
			return;
		}
		if (event.ctrlKey || event.altKey || event.metaKey ||
		    !get('shortcuts') || typing(event.target) ||
		    document.querySelector('dialog[open]'))
			return;
		const second = event.timeStamp - g < SECOND_KEY_MS;

		g = event.key === 'g' ? event.timeStamp : -Infinity;
		if (second && event.key === 'o')
			actions.options();
		else if (second && PAGES[event.key])
			actions.go(PAGES[event.key]);
		else if (event.key === ' ' && event.target.closest('button, a, summary'))
			return;
		else if (actions[event.key])
			actions[event.key]();
		else
			return;
		event.preventDefault();
	});
}
