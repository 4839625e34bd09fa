// The form as a command line, and what only a command line can do.

import {h, say} from '../dom.js';
import {t} from '../i18n.js';
import {copy, download} from '../save.js';
import {commandOf, commandText, endpointWords, needsFile} from './command.js';

function shown(id, label) {
	const code = h('code', {id});

	return {code, node: h('pre', {tabindex: '0', role: 'region',
		'aria-label': t(label)}, code)};
}

export function commandBox() {
	const line = shown('k-line', 'k.title');
	const replay = shown('k-replay', 'k.recording');
	const told = h('span', {role: 'status', class: 'small'});
	let body = null;

	const file = h('p', {}, t('k.file'), ' ', h('button', {type: 'button',
		onclick: () => download('scenario.json',
			`${JSON.stringify(body.scenario, null, 2)}\n`)}, t('k.save')));
	const take = h('button', {type: 'button', onclick: async () => {
		const done = await copy(line.code.textContent);

		if (!done)
			getSelection().selectAllChildren(line.code);
		say(told, t(done ? 'k.copied' : 'k.byhand'));
	}}, t('k.copy'));
	const node = h('details', {class: 'card'}, h('summary', {},
		h('h2', {}, t('k.title'))), h('p', {class: 'small'}, t('k.lead')),
	line.node, file, h('p', {class: 'row'}, take, told),
	h('p', {class: 'small'}, t('k.replay')), replay.node,
	h('p', {class: 'small'}, t('k.pcap')));

	function update(request) {
		body = request;
		say(line.code, commandText(commandOf(body)));
		say(replay.code, commandText(['cisoid', 'simulate', '--replay',
			'recording.pcap', ...endpointWords(body)]));
		file.hidden = !needsFile(body);
		say(told, '');
	}

	return {node, update};
}
