// Reads a frame from front to back and writes down each field: name, place, raw
// digits, value, unit, clause; parts of a word and members of a group below it.

function hexOf(bytes, at = 0, len = bytes.length) {
	let out = '';

	for (let i = at; i < at + len; i++)
		out += bytes[i].toString(16).padStart(2, '0');
	return out;
}

export function bytesOf(hex) {
	const clean = String(hex || '').replace(/\s+/g, '');
	const out = new Uint8Array(clean.length >> 1);

	for (let i = 0; i < out.length; i++)
		out[i] = parseInt(clean.slice(2 * i, 2 * i + 2), 16);
	return out;
}

export class Reader {
	constructor(bytes) {
		this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		this.bytes = bytes;
		this.at = 0;
		this.out = [];
		this.clause = '';
	}

	left() {
		return this.bytes.length - this.at;
	}

	/** show(raw): a text, or {value, unit, children}. */
	take(name, len, read, show = (x) => x) {
		if (this.at + len > this.bytes.length)
			throw new RangeError(name);
		const at = this.at;
		const found = read(this.view, at);
		const shown = show(found);
		const more = typeof shown === 'object' ? shown : {value: shown};

		this.at += len;
		this.out.push({name, at, len, raw: hexOf(this.bytes, at, len), unit: '',
			clause: this.clause, ...more, value: String(more.value)});
		return found;
	}

	u8(name, show) {
		return this.take(name, 1, (v, at) => v.getUint8(at), show);
	}

	u16(name, show) {
		return this.take(name, 2, (v, at) => v.getUint16(at), show);
	}

	u32(name, show) {
		return this.take(name, 4, (v, at) => v.getUint32(at), show);
	}

	i16(name, show) {
		return this.take(name, 2, (v, at) => v.getInt16(at), show);
	}

	i32(name, show) {
		return this.take(name, 4, (v, at) => v.getInt32(at), show);
	}

	f32(name, show) {
		return this.take(name, 4, (v, at) => v.getFloat32(at), show);
	}

	bytesNamed(name, len) {
		return this.take(name, len, () => null, () => '');
	}

	/** 16 bytes, padded with blanks. */
	name16(name) {
		return this.take(name, 16, (v, at) => new TextDecoder('latin1')
			.decode(this.bytes.subarray(at, at + 16)).trimEnd());
	}

	/** A byte with the length, and UTF-8. */
	nameCounted(name) {
		const len = this.left() > 0 ? 1 + this.bytes[this.at] : 1;

		return this.take(name, len, (v, at) => new TextDecoder()
			.decode(this.bytes.subarray(at + 1, at + len)));
	}

	text(name, len) {
		return this.take(name, len, (v, at) => new TextDecoder()
			.decode(this.bytes.subarray(at, at + len)));
	}

	/** Fields read by f become children of one. */
	group(name, f, value = '') {
		const outer = this.out;
		const at = this.at;
		const group = {name, at, len: 0, raw: '', value, unit: '',
			clause: this.clause, children: []};

		outer.push(group);
		this.out = group.children;
		try {
			return f(group);
		} finally {
			this.out = outer;
			group.len = this.at - at;
			group.raw = group.raw || hexOf(this.bytes, at,
				Math.min(group.len, 16));
		}
	}
}
