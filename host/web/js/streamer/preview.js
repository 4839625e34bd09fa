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

		node.replaceChildren(...frames.map((f) => {
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
	const body = h('div', {}, h('p', {}, t('p.none')));
	const wrong = h('p', {class: 'bad', role: 'status'});
	const node = h('section', {class: 'card'}, h('h2', {}, t('p.title')), wrong,
		body, list.node);

	function show(answer, channels) {
		const diagram = answer.phasors && polar(channels, {controls: false});

		if (diagram)
			diagram.update(answer.phasors);
		say(wrong, '');
		body.replaceChildren(...[...warnings(answer), ...sizes(answer),
			diagram && diagram.node].filter(Boolean));
		list.show(answer.frames || []);
	}

	return {node, show, say: (text) => say(wrong, text)};
}
