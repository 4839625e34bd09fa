// What a person chose for this browser; works without storage, too.

const defaults = {language: '', theme: 'auto', shortcuts: true, phases: 'safe',
	redraw: 10};
const memory = {};

function stored(name) {
	try {
		const text = localStorage.getItem(`cisoid.${name}`);

		return text === null ? defaults[name] : JSON.parse(text);
	} catch {
		// No storage: the memory of the page will do.
		return defaults[name];
	}
}

export function get(name) {
	if (!(name in memory))
		memory[name] = stored(name);
	return memory[name];
}

export function put(name, value) {
	memory[name] = value;
	try {
		localStorage.setItem(`cisoid.${name}`, JSON.stringify(value));
	} catch {
		// As above.
	}
}

/** Milliseconds from one look at the data to the next. */
export function lookMs() {
	const hz = Math.min(30, Math.max(1, Number(get('redraw')) || 10));

	return calm() ? 1000 : 1000 / hz;
}

let motion = null;

export function calm() {
	motion = motion || matchMedia('(prefers-reduced-motion: reduce)');
	return motion.matches;
}
