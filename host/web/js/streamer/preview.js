// What would be sent: frames byte by byte, sizes, phasors, TVE.

import {bytesView} from '../bytes.js';
import {h, say} from '../dom.js';
import {fixed, scaled} from '../format.js';
import {decode} from '../frame.js';
import {t} from '../i18n.js';
import {polar} from '../polar.js';

function frameTree(frames) {
	const configuration = frames.find((f) => /^cfg-?[23]/i.test(f.type));

	return frames.map((f) => h('details', {class: 'frame',
		open: /^data/i.test(f.type)}, h('summary', {},
		t('p.frame', {type: f.type, len: f.len})), bytesView(decode(f.hex,
		configuration && configuration.hex))));
}

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

export function preview() {
	const body = h('div', {}, h('p', {}, t('p.none')));
	const wrong = h('p', {class: 'bad', role: 'status'});
	const node = h('section', {class: 'card'}, h('h2', {}, t('p.title')), wrong,
		body);

	function show(answer, channels) {
		const diagram = answer.phasors && polar(channels, {controls: false});

		if (diagram)
			diagram.update(answer.phasors);
		say(wrong, '');
		body.replaceChildren(...[...warnings(answer), ...sizes(answer),
			diagram && diagram.node, ...frameTree(answer.frames || [])]
			.filter(Boolean));
	}

	return {node, show, say: (text) => say(wrong, text)};
}
