// What Live can show: panes with their traces, and the data they take.

import {t} from './i18n.js';
import {wrapDegrees} from './format.js';
import {unwrap} from './reduce.js';

const of = (channels, test) => channels.map((c, i) => ({...c, i})).filter(test);

function phasorPane(kind, title, channels, decimals, floor) {
	// Sequence phasors first: phases that coincide with them lie over them.
	const order = [...channels].sort((a, b) => (b.phase === '+') -
		(a.phase === '+'));

	return {title, decimals, floor, kind, traces: order.map((c) =>
		({name: c.name, phase: c.phase, column: `${kind}.${c.i}`}))};
}

const single = (key, column, name, decimals, floor) => ({title: t(key), decimals,
	floor, kind: column, traces: [{name, phase: 'A', column}]});

export function panesOf(preset, channels, on) {
	const chosen = (c) => on.has(c.name);
	const volts = of(channels, (c) => c.quantity === 'V' && chosen(c));
	const amps = of(channels, (c) => c.quantity === 'I' && chosen(c));
	const floor = (c) => Math.max(...c.map((x) => x.nominal || 1)) * 1e-3;

	if (preset === 'freq')
		return [single('live.freq', 'freq', 'f', 4, 0.01),
			single('live.rocof', 'rocof', 'ROCOF', 3, 0.1)];
	if (preset === 'mag')
		return [volts.length && phasorPane('mag', t('live.volts'), volts, 3,
			floor(volts)), amps.length && phasorPane('mag', t('live.amps'),
			amps, 4, floor(amps))].filter(Boolean);
	return [phasorPane('deg', t('live.angle'), of(channels, chosen),
		3, 1)].filter((p) => p.traces.length);
}

/** Columns of a pane: angles relative to the first channel, or unwrapped. */
export function dataOf(pane, history, from, to, {relative, smooth}) {
	const names = pane.traces.map((x) => x.column);

	if (pane.kind !== 'deg')
		return history.window(names, from, to);
	const [time, base, ...columns] = history.window(['deg.0', ...names],
		from, to);
	const shown = relative ? columns.map((c) =>
		c.map((x, i) => wrapDegrees(x - base[i]))) : columns;

	return [time, ...(smooth ? shown.map(unwrap) : shown)];
}
