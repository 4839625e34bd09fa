// Documentation: what the numbers mean and how to connect a PDC.

import {h} from '../dom.js';
import {t} from '../i18n.js';

const SECTIONS = [['d.numbers', 5], ['d.badges', 1], ['d.pdc', 5]];
const COMMANDS = `cisoid simulate --f 50.1 --listen tcp:127.0.0.1:4712
cisoid listen tcp:127.0.0.1:4712
tshark -i lo -d tcp.port==4712,synphasor -Y synphasor`;

export function mount(main) {
	const items = (key, n) => Array.from({length: n}, (x, i) =>
		h('li', {}, t(`${key}.${i + 1}`)));

	main.replaceChildren(h('h1', {}, t('nav.docs')),
		h('div', {class: 'prose'},
			SECTIONS.map(([key, n]) => [h('h2', {}, t(key)),
				h('ul', {}, items(key, n))]),
			h('h2', {}, t('d.cli')),
			h('pre', {tabindex: '0', role: 'region', 'aria-label': t('d.cli')},
				h('code', {}, COMMANDS)),
			h('h2', {}, t('d.more')), h('ul', {},
				h('li', {}, h('a', {href: 'metrics'}, t('d.metrics'))),
				h('li', {}, h('a', {href: 'api/state'}, t('d.state'))),
				h('li', {}, t('d.man')))));
	return () => {};
}
