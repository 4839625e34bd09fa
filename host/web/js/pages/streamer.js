// Streamer: say what simulated PMUs send, see it, start it, change it, stop it.

import {Refused, read, write} from '../api.js';
import {h} from '../dom.js';
import {t} from '../i18n.js';
import {commandBox} from '../streamer/box.js';
import {control} from '../streamer/control.js';
import {Form} from '../streamer/form.js';
import {presetBar, whyOf} from '../streamer/presets.js';
import {preview} from '../streamer/preview.js';
import {fieldOf, requestOf} from '../streamer/request.js';
import {ofFragment} from '../streamer/share.js';
import {valuesOf} from '../streamer/values.js';

const PREVIEW_MS = 300;
const STATE_MS = 1000;
const CHANNELS = ['VA', 'VB', 'VC', 'IA', 'IB', 'IC', 'V+', 'I+'].map((name) => ({
	name, quantity: name[0], phase: name[1], unit: name[0] === 'V' ? 'V' : 'A',
	nominal: 0}));

// What was typed stays while another page is looked at.
let kept = null;

function sentence(error) {
	const text = error.code ? `${error.code}: ${error.message}` : error.message;

	return error.hint && !text.includes(error.hint) ? `${text}; ${error.hint}` :
		text;
}

class Streamer {
	constructor(main) {
		this.main = main;
		this.asked = 0;
		this.looking = this.outdated = false;
		this.form = new Form(() => this.changed());
		this.control = control((name) => this.act(name), (c) => this.kick(c));
		this.preview = preview();
		this.box = commandBox();
		if (kept)
			this.form.set(kept);
	}

	async begin() {
		try {
			const state = await read('api/streamer');
			const presets = await read('api/presets');

			if (this.ended)
				return;
			if (!kept && state.request)
				this.form.set(valuesOf(state.request));
			this.build(presets);
			this.control.update(state);
			this.fromLink();
			this.form.unfold();
			this.changed();
			this.timer = setTimeout(() => this.poll(), STATE_MS);
		} catch (error) {
			if (!this.ended)
				this.main.replaceChildren(h('h1', {}, t('nav.streamer')),
					h('p', {}, t('s.absent', {why: error.message})));
		}
	}

	build(presets) {
		this.main.replaceChildren(h('h1', {}, t('nav.streamer')),
			h('p', {class: 'lead'}, t('s.lead')), presetBar(this, presets),
			h('div', {class: 'columns streamer'},
				h('div', {}, this.form.node, this.box.node),
				h('div', {class: 'side'}, this.control.node,
					this.preview.node)));
	}

	/** A link of somebody else's: its values, and no addresses. */
	fromLink() {
		try {
			const document = ofFragment(location.hash);

			if (!document)
				return;
			this.use(document);
			this.say(t('s.fromlink'));
		} catch (error) {
			this.say(t('s.refused', {why: whyOf(error)}), true);
		}
		history.replaceState(null, '', '#/streamer');
	}

	say(text, bad) {
		this.control.say(text, bad);
	}

	set(values) {
		this.form.clear();
		this.form.set(values);
		this.form.unfold();
		this.changed();
	}

	/** document: a request without addresses; those of the form stay. */
	use(document) {
		const before = this.form.values;

		this.set({...valuesOf(document, before),
			allow_public: before.allow_public});
	}

	wrong() {
		const {errors, ...request} = requestOf(this.form.values);

		return {...request, errors: errors.map((e) => ({field: e.field,
			message: t(e.key, e)}))};
	}

	refused(error, from) {
		const tick = /^stream/.test(error.field || '') &&
			/allow_public/.test(sentence(error));

		return [{field: tick ? 'allow_public' :
			fieldOf(error.field, from, error.message),
		message: sentence(error)}];
	}

	changed() {
		kept = this.form.values;
		clearTimeout(this.waiting);
		this.waiting = setTimeout(() => this.look(), PREVIEW_MS);
	}

	/** One at a time: a browser has few connections, and stop needs one. */
	async look() {
		const {errors, body, from} = this.wrong();
		const mine = ++this.asked;

		this.box.update(body);
		this.control.want(body);
		if (errors.length) {
			this.form.show(errors, false);
			return;
		}
		this.outdated = this.looking;
		if (this.looking)
			return;
		this.looking = true;
		try {
			const answer = await write('api/streamer/preview', body);

			if (mine !== this.asked)
				return;
			this.form.clear();
			this.preview.show(answer, CHANNELS);
		} catch (error) {
			if (mine !== this.asked || !(error instanceof Refused))
				return;
			this.form.show(this.refused(error, from), false);
			this.preview.say(sentence(error));
		} finally {
			this.looking = false;
			if (this.outdated && !this.ended)
				this.look();
		}
	}

	async act(name) {
		const {errors, body, from} = this.wrong();

		// No preview of before takes away what is said now.
		clearTimeout(this.waiting);
		this.asked++;
		this.outdated = false;
		if (name === 'apply' && !this.control.running()) {
			this.say(t('c.reason.stop'), true);
			return;
		}
		if (name !== 'stop' && errors.length) {
			this.say(t(`c.refused.${name}`), true);
			this.form.show(errors, true);
			return;
		}
		this.control.busy(true);
		try {
			const answer = await write(`api/streamer/${name}`,
				name === 'stop' ? {} : body);

			this.control.update(answer);
			this.form.clear();
			this.say(t(answer.restarted ? 'c.done.anew' : `c.done.${name}`));
			this.changed();
		} catch (error) {
			this.say(`${t(`c.refused.${name}`)} ${sentence(error)}`, true);
			if (error instanceof Refused && error.field)
				this.form.show(this.refused(error, from), true);
		}
		this.control.busy(false);
	}

	async kick(client) {
		try {
			await write('api/streamer/kick', {id: client.id});
			this.say(t('c.done.kick', {address: client.address}));
		} catch (error) {
			this.say(sentence(error), true);
		}
	}

	async poll() {
		try {
			if (!document.hidden)
				this.control.update(await read('api/streamer'));
		} catch {
			// The banner says it.
		}
		if (!this.ended)
			this.timer = setTimeout(() => this.poll(), STATE_MS);
	}

	end() {
		clearTimeout(this.timer);
		clearTimeout(this.waiting);
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
