// The page: a frame with top bar and navigation, and one of five pages in it,
// chosen by the fragment (#/live).

import {Alarms} from './alarms.js';
import {takeToken, write} from './api.js';
import {confirm, help, note, options} from './dialogs.js';
import {h} from './dom.js';
import {setLanguage, language, languages, t} from './i18n.js';
import {listen} from './keys.js';
import {get} from './settings.js';
import {Store} from './store.js';
import {banner, topbar} from './topbar.js';
import * as bench from './pages/bench.js';
import * as docs from './pages/docs.js';
import * as frames from './pages/frames.js';
import * as live from './pages/live.js';
import * as streamer from './pages/streamer.js';

const pages = {bench, live, streamer, frames, docs};
const store = new Store();
const alarms = new Alarms();
let leave = [];

function named() {
	const found = /^#\/(\w+)/.exec(location.hash);

	return found && pages[found[1]] ? found[1] : 'bench';
}

function chosenLanguage() {
	const wanted = get('language') || navigator.language.slice(0, 2);

	return languages.includes(wanted) ? wanted : 'en';
}

function dress() {
	setLanguage(chosenLanguage());
	document.documentElement.lang = language();
	document.documentElement.dataset.theme = get('theme');
	document.documentElement.dataset.phases = get('phases');
}

function navigation(page) {
	return h('nav', {'aria-label': t('nav')}, h('ul', {},
		Object.keys(pages).map((name) => h('li', {}, h('a',
			{href: `#/${name}`, 'aria-current': name === page && 'page'},
			t(`nav.${name}`))))));
}

function render() {
	const page = named();
	const main = h('main', {id: 'main', tabindex: '-1'});

	leave.forEach((stop) => stop());
	dress();
	document.title = `${t(`nav.${page}`)} – cisoid`;
	const top = topbar(store, {options: showOptions, help, alarms});
	const note = banner(store);

	document.getElementById('app').replaceChildren(
		h('a', {class: 'skip', href: '#main', onclick: (event) => {
			event.preventDefault();
			main.focus();
		}}, t('skip')),
		top.node, note.node,
		h('div', {class: 'body'}, navigation(page), main));
	leave = [top.stop, note.stop, pages[page].mount(main, store)];
}

function showOptions() {
	options(render);
}

function go(page) {
	location.hash = `#/${page}`;
}

async function stopAll() {
	try {
		await write('api/streamer/stop', {});
		note(t('stop.title'), t('stop.done'));
	} catch (error) {
		note(t('stop.title'), `${error.code || ''} ${error.message}`);
	}
}

takeToken();
dress();
render();
store.start();
addEventListener('hashchange', () => {
	render();
	document.getElementById('main').focus({preventScroll: true});
	scrollTo(0, 0);
});
document.addEventListener('help', help);
document.addEventListener('stop-all', () =>
	confirm(t('stop.ask'), t('stop.yes'), stopAll));
store.heed(() => alarms.update(store, Date.now()));
listen({go, options: showOptions});
