// What a person chose for this browser; works without storage, too.

const defaults = {language: '', theme: 'auto', shortcuts: true, phases: 'safe'};
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

export function calm() {
	return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
