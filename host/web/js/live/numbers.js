// The numbers under the charts: each channel, and the errors of a device.

import {h, say} from '../dom.js';
import {decimalsOf, fixed} from '../format.js';
import {t} from '../i18n.js';
import {GLYPHS, errorOf, microseconds, verdictOf} from '../judge.js';

const PLAIN = ['table.channel', 'live.reference', 'live.quality'];
const WITH_DUT = ['table.channel', 'live.reference', 'table.dut', 'live.me',
	'live.pe', 'live.pe.us', 'live.tve', 'live.limit', 'live.verdict',
	'live.quality'];

function phasorText(channel, phasor) {
	const [rms, deg] = phasor || [];

	return Number.isFinite(rms) ? `${fixed(rms, decimalsOf(channel.nominal))} ` +
		`${channel.unit} ∠ ${fixed(deg, 4)}°` : '–';
}

/** Texts of a row, in the order of the heads. */
function rowOf(channel, i, {report, state}) {
	const phasor = (report.phasors || [])[i];
	const {flags = '–', dut} = report;

	if (!state.dut)
		return [phasorText(channel, phasor), flags];
	const error = errorOf(phasor, ((dut || {}).phasors || [])[i]);
	const tve = ((dut || {}).tve_percent || [])[i];
	const limit = state.dut.limit_tve_percent;
	const verdict = verdictOf(tve, limit, flags);
	const hz = Number.isFinite(report.freq_hz) ? report.freq_hz : state.fnom;

	return [phasorText(channel, phasor),
		phasorText(channel, ((dut || {}).phasors || [])[i]),
		fixed(error.me_percent, 4), fixed(error.pe_deg, 4),
		fixed(microseconds(error.pe_deg, hz), 3), fixed(tve, 4),
		fixed(limit, 2), `${GLYPHS[verdict]} ${t(`verdict.${verdict}`)}`, flags];
}

export function numbers(channels, hasDut) {
	const heads = hasDut ? WITH_DUT : PLAIN;
	const rows = channels.map((c) => {
		const cells = heads.slice(1).map(() => h('td', {}, '–'));

		return {cells, node: h('tr', {}, h('th', {scope: 'row'}, c.name),
			cells)};
	});
	const node = h('div', {class: 'scroll', tabindex: '0', role: 'region',
		'aria-label': t('live.numbers')}, h('table', {},
		h('caption', {}, t('live.numbers')), h('thead', {}, h('tr', {},
			heads.map((k) => h('th', {scope: 'col'}, t(k))))),
		h('tbody', {}, rows.map((r) => r.node))));

	return {node, update: (store) => channels.forEach((c, i) =>
		rowOf(c, i, store).forEach((text, k) => say(rows[i].cells[k], text)))};
}
