// The alarms as a button of the top bar, and as a list: what, since when, why
// it matters, what to do.

import {dialog} from './dialogs.js';
import {h, say} from './dom.js';
import {utc} from './format.js';
import {t} from './i18n.js';

const at = (ms) => `${utc(ms).slice(0, 8)}Z`;

function item(alarm) {
	const {code, detail, since, gone, n} = alarm;

	return h('li', {class: code[0] === 'E' ? 'alarm bad' : 'alarm'},
		h('p', {}, h('b', {}, code), ' ', t(`alarm.${code}`),
			detail && ` – ${detail}`),
		h('p', {class: 'small'}, [t('alarm.since', {at: at(since)}),
			n > 0 && t('alarm.n', {n}), gone !== null &&
			t('alarm.gone', {at: at(gone)})].filter(Boolean).join(' · ')),
		h('p', {class: 'small'}, t(`alarm.${code}.why`)),
		h('p', {}, t(`alarm.${code}.do`)));
}

function showAlarms(alarms) {
	const list = alarms.list();
	const box = dialog(t('alarms'), list.length ? h('ul', {class: 'plain'},
		list.map(item)) : h('p', {}, t('alarms.none')));

	box.addEventListener('close', () => alarms.see());
}

/** The button: how many there are, by word, and whether any is new. */
export function alarmButton(alarms) {
	const text = h('span', {});
	const node = h('button', {type: 'button', class: 'alarms',
		onclick: () => showAlarms(alarms)}, text);
	const news = h('span', {class: 'visually-hidden', role: 'status'});

	function look() {
		const list = alarms.list();
		const fresh = list.filter((x) => !x.seen);

		say(text, t('alarms.n', {n: list.length}));
		node.classList.toggle('bad', list.some((x) => x.code[0] === 'E'));
		node.classList.toggle('warn', list.length > 0);
		say(news, fresh.map((x) => `${x.code} ${t(`alarm.${x.code}`)}`)
			.join('. '));
	}

	return {nodes: [node, news], look};
}
