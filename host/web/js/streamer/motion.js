// Ramps and steps that come back or are repeated are events of the scenario;
// those that stay are keys of the signal. The form has the same fields for both.

import {numberOf} from './number.js';
import {shifted} from '../format.js';

const said = (text) => String(text).trim() !== '';
const plain = (object) => Object.fromEntries(Object.entries(object)
	.filter(([, value]) => value !== undefined));

const RAMP = ['rocof', 'rocof_s', 'f_to'];
const STEP = ['step_mag', 'step_deg', 'step_s'];

function optional(errors, values, key, factor) {
	return said(values[key]) ? numberOf(errors, key, values[key], factor) :
		undefined;
}

/** Takes its keys out of the signal; null where the ramp stays. */
export function rampEvent(errors, values, signal) {
	if (!values.ramp_back && !said(values.ramp_every))
		return null;
	const event = plain({type: 'ramp', at: signal.rocof_s || 0,
		rocof: signal.rocof, to: signal.f_to,
		back: values.ramp_back || undefined,
		every: optional(errors, values, 'ramp_every')});

	RAMP.forEach((key) => delete signal[key]);
	return event;
}

export function stepEvent(errors, values, signal) {
	if (!said(values.step_for) && !said(values.step_every))
		return null;
	const event = plain({type: 'step', at: signal.step_s || 0,
		for: optional(errors, values, 'step_for'),
		every: optional(errors, values, 'step_every'),
		mag: signal.step_mag, deg: signal.step_deg});

	STEP.forEach((key) => delete signal[key]);
	return event;
}

function lone(scenario, type, allowed, taken) {
	const events = (scenario.events || []).filter((e) => e.type === type);
	const signal = scenario.signal || {};
	const event = events[0];

	if (events.length !== 1 || taken.some((key) => signal[key] !== undefined) ||
	    !Number.isFinite(event.at) || event.at < 0)
		return null;
	return Object.entries(event).every(([key, value]) => key === 'type' ||
		(allowed[key] && typeof value === allowed[key])) ? event : null;
}

/** The event that the fields of a ramp can hold; null where there is none. */
export function rampOf(scenario) {
	const event = lone(scenario, 'ramp', {at: 'number', rocof: 'number',
		to: 'number', back: 'boolean', every: 'number'}, RAMP);

	return event && (event.back || event.every !== undefined) ? event : null;
}

export function stepOf(scenario) {
	const event = lone(scenario, 'step', {at: 'number', for: 'number',
		every: 'number', mag: 'number', deg: 'number'}, STEP);

	return event && (event.for !== undefined || event.every !== undefined) ?
		event : null;
}

const text = (value) => (value === undefined ? '' : String(value));

export function motionValues(scenario) {
	const ramp = rampOf(scenario);
	const step = stepOf(scenario);
	const values = {};

	if (ramp)
		Object.assign(values, {rocof: text(ramp.rocof),
			rocof_s: text(ramp.at), f_to: text(ramp.to),
			ramp_back: Boolean(ramp.back), ramp_every: text(ramp.every)});
	if (step)
		Object.assign(values, {step_s: text(step.at),
			step_mag: text(step.mag && shifted(step.mag, 100)),
			step_deg: text(step.deg), step_for: text(step.for),
			step_every: text(step.every)});
	return values;
}
