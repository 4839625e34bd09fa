// What a person chose for this browser; works without storage, too.

const defaults = {language: '', theme: 'auto', shortcuts: true, phases: 'safe',
	redraw: 10};
const memory = {};

export function get(name) {
	try {
		const text = localStorage.getItem(`cisoid.${name}`);

		if (text !== null)
			return JSON.parse(text);
	} catch {
		// No storage: the memory of the page will do.
	}
	return name in memory ? memory[name] : defaults[name];
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

export function calm() {
	return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
