// What would be sent: frames byte by byte, sizes, phasors, TVE.

import {bytesView} from '../bytes.js';
import {h, say} from '../dom.js';
import {fixed, scaled} from '../format.js';
import {decode} from '../frame.js';
import {t} from '../i18n.js';
import {polar} from '../polar.js';

function sizes(answer) {
	return [h('p', {}, t('p.bits', {one: scaled(answer.bits_per_s_each, 'bit/s'),
		all: scaled(answer.bits_per_s, 'bit/s')})),
	Number.isFinite(answer.tve_percent) && h('p', {}, t('p.tve',
		{n: `${fixed(answer.tve_percent, 3)} %`}))];
}

function warnings(answer) {
	return (answer.warnings || []).map((w) => h('p', {class: 'warning'},
		String(w.message || w)));
}

/** The same children stay where they are: one of them may have the focus. */
function fill(node, children) {
	if (children.length !== node.children.length ||
	    children.some((child, i) => child !== node.children[i]))
		node.replaceChildren(...children);
}

/** Frames by type: what is open, or marked, stays so while values change. */
function frameList() {
	const node = h('div', {});
	const shown = new Map();

	function add(type, document) {
		const view = bytesView(document);
		const summary = h('summary', {});
		const details = h('details', {class: 'frame', open: type === 'data'},
			summary, view.node);

		shown.set(type, {view, summary, details});
		return shown.get(type);
	}

	function show(frames) {
		const configuration = frames.find((f) => /^cfg-?[23]/i.test(f.type));

		fill(node, frames.map((f) => {
			const type = String(f.type).toLowerCase();
			const document = decode(f.hex, configuration && configuration.hex);
			const known = shown.get(type);
			const one = known || add(type, document);

			if (known)
				one.view.show(document);
			say(one.summary, t('p.frame', {type: f.type, len: f.len}));
			return one.details;
		}));
	}

	return {node, show};
}

export function preview() {
	const list = frameList();
	const words = h('div', {}, h('p', {}, t('p.none')));
	const place = h('div', {});
	const wrong = h('p', {class: 'bad', role: 'status'});
	const node = h('section', {class: 'card'}, h('h2', {}, t('p.title')), wrong,
		words, place, list.node);
	let diagram = null;

	function show(answer, channels) {
		if (answer.phasors) {
			diagram = diagram || polar(channels, {controls: false});
			diagram.update(answer.phasors);
		}
		say(wrong, '');
		words.replaceChildren(...[...warnings(answer), ...sizes(answer)]
			.filter(Boolean));
		fill(place, answer.phasors ? [diagram.node] : []);
		list.show(answer.frames || []);
	}

	return {node, show, say: (text) => say(wrong, text)};
}
