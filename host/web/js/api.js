// Requests to the program that served the page, and to nobody else.

export class Refused extends Error {
	constructor(status, error) {
		super(error.message);
		this.status = status;
		this.code = error.code;
		this.field = error.field;
		this.hint = error.hint;
	}
}

let token = null;

/** The fragment #token=... is kept for this tab and taken off the address. */
export function takeToken() {
	const found = /^#token=([\w-]+)$/.exec(location.hash);

	try {
		if (found)
			sessionStorage.setItem('cisoid.token', found[1]);
		token = sessionStorage.getItem('cisoid.token');
	} catch {
		token = found && found[1];
	}
	if (found)
		history.replaceState(null, '', '#/bench');
}

export function headers(more) {
	return token ? {...more, Authorization: `Bearer ${token}`} : {...more};
}

async function answer(response) {
	const text = await response.text();
	let document = null;

	try {
		document = JSON.parse(text);
	} catch {
		document = null;
	}
	if (response.ok)
		return document;
	throw new Refused(response.status, (document && document.error) ||
		{code: `HTTP-${response.status}`, message: response.statusText});
}

export async function read(path) {
	return answer(await fetch(path, {headers: headers(), cache: 'no-store'}));
}

export async function write(path, body) {
	return answer(await fetch(path, {
		method: 'POST',
		headers: headers({'Content-Type': 'application/json',
			'X-Cisoid': '1'}),
		body: JSON.stringify(body),
	}));
}
