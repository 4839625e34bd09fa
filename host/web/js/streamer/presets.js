// The bar of presets: those of the program, those of this browser, files, links.

import {read} from '../api.js';
import {h, say} from '../dom.js';
import {t} from '../i18n.js';
import {copy, download} from '../save.js';
import {get, put} from '../settings.js';
import {untouched} from './fields.js';
import {requestOf} from './request.js';
import {checked, checkedText, fragmentOf, withoutAddresses} from './share.js';

const OWN = 'own:';
const MOST_NAME = 60;

/** What is stored, less what is not of the right form. */
export function kept(stored) {
	const found = [];

	for (const [name, document] of Object.entries(stored || {}))
		try {
			found.push([name, checked(document)]);
		} catch {
			// Written by another version, or by hand.
		}
	return Object.fromEntries(found);
}

/** A name with a file in it: letters, digits, - and _. */
export function fileOf(name) {
	return `${name.trim().replace(/[^\p{L}\p{N}_-]+/gu, '-') || 'preset'}.json`;
}

function groups(presets, own) {
	const names = [...new Set(presets.map((p) => p.group || ''))];
	const option = (value, text) => h('option', {value}, text);
	const group = (label, options) => options.length &&
		h('optgroup', {label}, options);

	return [...names.map((name) => group(name || t('s.program'),
		presets.filter((p) => (p.group || '') === name)
			.map((p) => option(p.name, p.title || p.name)))),
	group(t('s.own'), Object.keys(own).sort().map((name) =>
		option(OWN + name, name)))].filter(Boolean);
}

export function whyOf(error) {
	return error.path ? t('s.form', {path: error.path}) : error.message;
}

/** page: form, use(document), say(text, bad). */
export function presetBar(page, presets) {
	const select = h('select', {id: 'p-preset', onchange: () => follow()});
	const name = h('input', {type: 'text', id: 'p-name', maxlength: MOST_NAME,
		autocomplete: 'off', 'aria-describedby': 'p-reason'});
	const reason = h('p', {class: 'small', id: 'p-reason'});
	const link = h('input', {type: 'text', id: 'p-link', readonly: true});
	const linkNode = h('p', {class: 'field'},
		h('label', {for: 'p-link'}, t('s.link')), link);
	const button = (key, act) => h('button', {type: 'button', onclick: act},
		t(key));
	const body = () => withoutAddresses(requestOf(page.form.values).body);
	let own = kept(get('presets'));

	function store(next, chosen) {
		own = next;
		put('presets', own);
		fill(chosen ? OWN + chosen : select.value);
	}

	function fill(chosen) {
		select.replaceChildren(...groups(presets, own));
		select.value = chosen;
		if (select.selectedIndex < 0)
			select.selectedIndex = 0;
		follow();
	}

	const chosenOwn = () => (select.value.startsWith(OWN) ?
		select.value.slice(OWN.length) : null);

	async function load() {
		try {
			page.use(chosenOwn() === null ? checked(await read(
				`api/presets/${encodeURIComponent(select.value)}`)) :
				own[chosenOwn()]);
			page.say(t('s.loaded', {name: select.selectedOptions[0]
				.textContent}));
		} catch (error) {
			page.say(t('s.refused', {why: whyOf(error)}), true);
		}
	}

	function named() {
		const text = name.value.trim();

		if (!text) {
			page.say(t('s.noname'), true);
			name.focus();
		}
		return text;
	}

	function save() {
		const text = named();

		if (!text)
			return;
		page.say(t(text in own ? 's.replaced' : 's.saved', {name: text}));
		store({...own, [text]: body()}, text);
	}

	function rename() {
		const text = named();
		const from = chosenOwn();

		if (!text || text === from)
			return;
		if (text in own) {
			page.say(t('s.taken', {name: text}), true);
			return;
		}
		const {[from]: moved, ...rest} = own;

		store({...rest, [text]: moved}, text);
		page.say(t('s.renamed', {from, name: text}));
	}

	function remove() {
		const from = chosenOwn();
		const {[from]: gone, ...rest} = own;

		store(rest);
		page.say(t('s.deleted', {name: from, n: gone ? 1 : 0}));
		select.focus();
	}

	async function open(file) {
		try {
			page.use(checkedText(await file.text()));
			name.value = file.name.replace(/\.json$/i, '').slice(0, MOST_NAME);
			page.say(t('s.loaded', {name: file.name}));
		} catch (error) {
			page.say(t('s.refused', {why: whyOf(error)}), true);
		}
	}

	async function share() {
		link.value = location.href.replace(/#.*$/, '') + fragmentOf(body());
		linkNode.hidden = false;
		if (await copy(link.value)) {
			page.say(t('s.shared'));
			return;
		}
		link.select();
		page.say(t('s.sharedhand'));
	}

	const file = h('input', {type: 'file', accept: '.json,application/json',
		class: 'visually-hidden', id: 'p-file', onchange: () => {
			if (file.files[0])
				open(file.files[0]);
			file.value = '';
		}});
	const tools = {rename: button('s.rename', rename),
		remove: button('s.delete', remove)};

	function follow() {
		const mine = chosenOwn() !== null;

		tools.rename.disabled = !mine;
		tools.remove.disabled = !mine;
		say(reason, mine ? '' : t('s.reason'));
		if (mine)
			name.value = chosenOwn();
	}

	linkNode.hidden = true;
	fill(presets[0] && presets[0].name);
	return h('section', {class: 'presets', 'aria-label': t('s.presets')},
		h('div', {class: 'row controls'},
			h('label', {for: 'p-preset'}, t('s.presets')), select,
			button('s.load', load), button('s.reset', () => {
				page.set(untouched());
				page.say(t('s.wasreset'));
			})),
		h('details', {}, h('summary', {}, t('s.keep')),
			h('div', {class: 'row controls'},
				h('label', {for: 'p-name'}, t('s.name')), name,
				button('s.save', save), tools.rename, tools.remove), reason,
			h('div', {class: 'row controls'},
				button('s.export', () => download(fileOf(name.value),
					`${JSON.stringify(body(), null, 2)}\n`)),
				file, h('label', {for: 'p-file', class: 'button'},
					t('s.import')), button('s.share', share)), linkNode,
			h('p', {class: 'small'}, t('s.noaddresses'))));
}
