// The language of the page. Every text stands once, English beside Spanish.

import {shell} from './text/shell.js';
import {bench} from './text/bench.js';
import {streamer} from './text/streamer.js';
import {frames} from './text/frames.js';
import {docs} from './text/docs.js';

export const catalogue = {...shell, ...bench, ...streamer, ...frames, ...docs};
export const languages = ['en', 'es'];

let column = 0;

export function setLanguage(language) {
	column = Math.max(0, languages.indexOf(language));
}

export function language() {
	return languages[column];
}

/** The text of a key; {name} is taken from values. */
export function t(key, values) {
	const both = catalogue[key];

	if (!both)
		return key;
	return both[column].replace(/\{(\w+)\}/g,
		(all, name) => (values && name in values ? values[name] : all));
}
