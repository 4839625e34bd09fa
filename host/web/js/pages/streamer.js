// Streamer: say what simulated PMUs send, see it, start it, change it, stop it.

import {Refused, read, write} from '../api.js';
import {h} from '../dom.js';
import {t} from '../i18n.js';
import {control} from '../streamer/control.js';
import {untouched} from '../streamer/fields.js';
import {Form, fieldOf} from '../streamer/form.js';
import {preview} from '../streamer/preview.js';
import {requestOf, valuesOf} from '../streamer/request.js';

const PREVIEW_MS = 300;
const STATE_MS = 1000;
const CHANNELS = ['VA', 'VB', 'VC', 'IA', 'IB', 'IC', 'V+', 'I+'].map((name) => ({
	name, quantity: name[0], phase: name[1], unit: name[0] === 'V' ? 'V' : 'A',
	nominal: 0}));

// What was typed stays while another page is looked at.
let kept = null;

function download(name, text) {
	const url = URL.createObjectURL(new Blob([text],
		{type: 'application/json'}));

	h('a', {href: url, download: name}).click();
	setTimeout(() => URL.revokeObjectURL(url), 1000);
}

class Streamer {
	constructor(main) {
		this.main = main;
		this.form = new Form(() => this.changed());
		this.control = control((name) => this.act(name));
		this.preview = preview();
		if (kept)
			this.form.set(kept);
	}

	async begin() {
		try {
			const state = await read('api/streamer');

			if (!kept && state.request)
				this.form.set(valuesOf(state.request));
			const presets = await read('api/presets');

			if (this.ended)
				return;
			this.build(presets);
			this.control.update(state);
			this.changed();
			this.timer = setTimeout(() => this.poll(), STATE_MS);
		} catch (error) {
			this.main.replaceChildren(h('h1', {}, t('nav.streamer')),
				h('p', {}, t('s.absent', {why: error.message})));
		}
	}

	build(presets) {
		const file = h('input', {type: 'file', accept: '.json',
			class: 'visually-hidden', id: 'p-file',
			onchange: (e) => this.open(e.target.files[0])});
		const select = h('select', {id: 'p-preset'}, presets.map((p) =>
			h('option', {value: p.name}, p.title || p.name)));

		this.main.replaceChildren(h('h1', {}, t('nav.streamer')),
			h('p', {class: 'lead'}, t('s.lead')),
			h('div', {class: 'row controls'},
				h('label', {for: 'p-preset'}, t('s.presets')), select,
				h('button', {type: 'button', onclick: () =>
					this.load(select.value)}, t('s.load')),
				file, h('label', {for: 'p-file', class: 'button'},
					t('s.open')),
				h('button', {type: 'button', onclick: () => download(
					'scenario.json', JSON.stringify(requestOf(
						this.form.values).body.scenario, null, 2))},
				t('s.save')),
				h('button', {type: 'button', onclick: () => {
					this.form.set(untouched());
					this.changed();
				}}, t('s.reset'))),
			h('div', {class: 'columns streamer'}, this.form.node,
				h('div', {class: 'side'}, this.control.node,
					this.preview.node)));
	}

	use(scenario) {
		this.form.clear();
		this.form.set(valuesOf({scenario}, this.form.values));
		this.changed();
	}

	async load(name) {
		try {
			this.use(await read(`api/presets/${encodeURIComponent(name)}`));
		} catch (error) {
			this.control.say(error.message, true);
		}
	}

	async open(file) {
		try {
			this.use(JSON.parse(await file.text()));
		} catch (error) {
			this.control.say(t('form.json', {text: error.message}), true);
		}
	}

	errorsOf(error) {
		return [{field: fieldOf(error.field), message: error.code ?
			`${error.code}: ${error.message}` : error.message}];
	}

	wrong() {
		const {errors, body} = requestOf(this.form.values);

		return {body, errors: errors.map((e) => ({field: e.field,
			message: t(e.key, {text: e.text})}))};
	}

	changed() {
		kept = this.form.values;
		clearTimeout(this.waiting);
		this.waiting = setTimeout(() => this.look(), PREVIEW_MS);
	}

	async look() {
		const {errors, body} = this.wrong();

		if (errors.length) {
			this.form.show(errors, false);
			return;
		}
		try {
			const answer = await write('api/streamer/preview', body);

			this.form.clear();
			this.preview.show(answer, CHANNELS);
		} catch (error) {
			if (error instanceof Refused)
				this.form.show(this.errorsOf(error), false);
		}
	}

	async act(name) {
		const {errors, body} = this.wrong();

		if (name !== 'stop' && errors.length) {
			this.form.show(errors, true);
			return;
		}
		try {
			this.control.update(await write(`api/streamer/${name}`,
				name === 'stop' ? {} : body));
			this.form.clear();
			this.control.say(t(`c.done.${name}`));
		} catch (error) {
			this.control.say(error.message, true);
			if (error instanceof Refused && error.field)
				this.form.show(this.errorsOf(error), true);
		}
	}

	async poll() {
		try {
			if (!document.hidden)
				this.control.update(await read('api/streamer'));
		} catch {
			// The banner says it.
		}
		if (this.timer !== null)
			this.timer = setTimeout(() => this.poll(), STATE_MS);
	}

	end() {
		clearTimeout(this.timer);
		clearTimeout(this.waiting);
		this.timer = null;
		this.ended = true;
	}
}

export function mount(main) {
	const page = new Streamer(main);
	const apply = () => page.act('apply');

	main.replaceChildren(h('h1', {}, t('nav.streamer')));
	page.begin();
	document.addEventListener('apply', apply);
	return () => {
		page.end();
		document.removeEventListener('apply', apply);
	};
}
