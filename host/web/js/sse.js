// Text of server-sent events to events, piece by piece as it arrives.

export function parser(emit) {
	let rest = '';
	let event = {type: 'message', data: [], id: null};

	function field(line) {
		const colon = line.indexOf(':');
		const name = colon < 0 ? line : line.slice(0, colon);
		const value = colon < 0 ? '' : line.slice(colon + 1)
			.replace(/^ /, '');

		if (name === 'data')
			event.data.push(value);
		else if (name === 'event')
			event.type = value;
		else if (name === 'id')
			event.id = value;
	}

	function finish() {
		if (event.data.length)
			emit({type: event.type, id: event.id,
				data: event.data.join('\n')});
		event = {type: 'message', data: [], id: null};
	}

	return (text) => {
		// A lone CR at the end may be the first half of CR LF.
		const whole = rest + text;
		const lines = whole.split(/\r\n|\n|\r(?!$)/);

		rest = lines.pop();
		for (const line of lines)
			if (line === '')
				finish();
			else if (line[0] !== ':')
				field(line);
	};
}
