// Shortcuts; those of single keys never fire while someone types.

import {always, pages, single} from './keymap.js';
import {get} from './settings.js';

const SECOND_KEY_MS = 1500;
const TYPED = 'input:not([type="checkbox"], [type="radio"], [type="button"]), ' +
	'select, textarea, [contenteditable]';

const tell = (name) => document.dispatchEvent(new Event(name));
const same = (a, b) => a.toLowerCase() === b.toLowerCase();

/** Space does what it does on a button; letters are shortcuts there, too. */
function own(event) {
	return event.target.closest(TYPED) || (event.key === ' ' &&
		event.target.closest('button, a, summary, input'));
}

function everywhere(event) {
	const found = always.find((k) => same(k.key, event.key) && event.ctrlKey &&
		event.shiftKey === Boolean(k.shift) && !event.altKey &&
		!event.metaKey);

	if (found) {
		event.preventDefault();
		tell(found.event);
	}
	return found;
}

/** actions: {go: (page) => ..., options}. */
export function listen(actions) {
	let g = -Infinity;

	function press(event) {
		const second = event.timeStamp - g < SECOND_KEY_MS;
		const found = single.find((k) => k.key === event.key);

		g = event.key === 'g' ? event.timeStamp : -Infinity;
		if (second && event.key === 'o')
			actions.options();
		else if (second && pages[event.key])
			actions.go(pages[event.key]);
		else if (found)
			tell(found.event);
		else
			return;
		event.preventDefault();
	}

	document.addEventListener('keydown', (event) => {
		const busy = document.querySelector('dialog[open]');

		if (event.defaultPrevented || busy || everywhere(event))
			return;
		if (event.key === 'Escape' && !event.target.closest(TYPED))
			tell('nocursor');
		else if (!event.ctrlKey && !event.altKey && !event.metaKey &&
			 get('shortcuts') && !own(event))
			press(event);
	});
}
