// Data frames, by the configuration that explains them.

import {fixed, wrapDegrees} from '../format.js';
import {CLAUSE, FORMAT, digital, stat} from './words.js';

const NO_VALUE = 'no value';
const INT_NO_VALUE = -32768;
const degrees = (radians) => radians * 180 / Math.PI;
const number = (x) => Number(x.toPrecision(9));

function shown(unit) {
	return (x) => (Number.isFinite(x) ? {value: number(x), unit} : NO_VALUE);
}

function partsOf(reader, pmu) {
	const polar = pmu.format & FORMAT.polar;

	if (pmu.format & FORMAT.phasor)
		return polar ? [reader.f32('magnitude'), reader.f32('angle',
			(x) => ({value: number(x), unit: 'rad'}))] :
			[reader.f32('real'), reader.f32('imaginary')];
	if (polar)
		return [reader.u16('magnitude'), 1e-4 * reader.i16('angle',
			(x) => ({value: x, unit: '1e-4 rad'}))];
	const parts = [reader.i16('real'), reader.i16('imaginary')];

	return parts.map((x) => (x === INT_NO_VALUE ? NaN : x));
}

function phasor(reader, pmu, channel) {
	reader.group(channel.name, (group) => {
		const [a, b] = partsOf(reader, pmu);
		const polar = pmu.format & FORMAT.polar;
		const none = polar && !(pmu.format & FORMAT.phasor) && a === 0x8000;
		const rms = channel.scale * (polar ? a : Math.hypot(a, b));
		const deg = wrapDegrees(degrees((polar ? b : Math.atan2(b, a)) -
			channel.offset));

		group.phasor = true;
		if (none || !Number.isFinite(rms) || !Number.isFinite(deg)) {
			group.value = NO_VALUE;
			return;
		}
		group.value = `${number(rms)} ∠ ${fixed(deg, 6)}°`;
		group.unit = `${channel.unit}, °`;
		group.rms = rms;
		group.deg = deg;
	});
}

function frequency(reader, pmu) {
	if (pmu.format & FORMAT.freq) {
		reader.f32('FREQ', shown('Hz'));
		reader.f32('DFREQ', shown('Hz/s'));
		return;
	}
	reader.i16('FREQ', (x) => (x === INT_NO_VALUE ? NO_VALUE :
		{value: number(pmu.fnom + x / 1000), unit: 'Hz'}));
	reader.i16('DFREQ', (x) => (x === INT_NO_VALUE ? NO_VALUE :
		{value: number(x / 100), unit: 'Hz/s'}));
}

function analog(reader, pmu, channel) {
	const scaled = (x) => shown(channel.kind)(channel.scale * x + channel.offset);

	if (pmu.format & FORMAT.analog)
		reader.f32(channel.name, scaled);
	else
		reader.i16(channel.name, (x) => (x === INT_NO_VALUE ? NO_VALUE :
			scaled(x)));
}

function block(reader, pmu) {
	reader.clause = CLAUSE.data;
	reader.u16('STAT', stat);
	pmu.phasor.forEach((channel) => phasor(reader, pmu, channel));
	frequency(reader, pmu);
	pmu.analog.forEach((channel) => analog(reader, pmu, channel));
	pmu.digital.forEach((word, i) =>
		reader.u16(`DIGITAL ${i + 1}`, digital(word)));
}

export function data(reader, known) {
	reader.clause = CLAUSE.data;
	known.pmus.forEach((pmu, i) => (known.pmus.length === 1 ?
		block(reader, pmu) : reader.group(`PMU ${i + 1}`,
			() => block(reader, pmu), pmu.station)));
}
