// A minute of one quantity as a line without axes; gaps are gaps.

import {s} from './dom.js';
import {perPixel} from './reduce.js';

const WIDTH = 120;
const HEIGHT = 28;

export function spark(label) {
	const line = s('path', {});
	const node = s('svg', {class: 'spark', role: 'img', 'aria-label': label,
		viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none'}, line);

	function update(data, from, to, step, floor) {
		const [x, y] = perPixel(data, from, to, WIDTH, step).data;
		const known = y.filter((v) => v !== null);

		if (!known.length)
			return;
		const low = Math.min(...known);
		const high = Math.max(...known);
		const height = Math.max(high - low, floor);
		const middle = (low + high) / 2;
		let d = '';
		let pen = 'M';

		for (let i = 0; i < x.length; i++) {
			if (y[i] === null) {
				pen = 'M';
				continue;
			}
			const px = (x[i] - from) / (to - from) * WIDTH;
			const py = HEIGHT / 2 - (y[i] - middle) / height * (HEIGHT - 4);

			d += `${pen}${px.toFixed(1)} ${py.toFixed(1)}`;
			pen = 'L';
		}
		line.setAttribute('d', d);
	}

	return {node, update};
}
