// Texts and bytes out of the page: files and the clipboard.

import {h} from './dom.js';

const KEPT_MS = 2000;

export function download(name, content, type = 'application/json') {
	const url = URL.createObjectURL(new Blob([content], {type}));

	h('a', {href: url, download: name}).click();
	setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

/** Whether it worked: browsers allow it to pages of https and of loopback. */
export async function copy(text) {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return false;
	}
}
