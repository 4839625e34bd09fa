// Elements by one call: h('p', {class: 'note'}, 'text', child).

const SVG = 'http://www.w3.org/2000/svg';

function set(node, name, value) {
	if (name.startsWith('on'))
		node.addEventListener(name.slice(2), value);
	else if (name === 'value' || name === 'checked')
		node[name] = value;
	else if (value === true)
		node.setAttribute(name, '');
	else if (value !== false && value != null)
		node.setAttribute(name, value);
}

function fill(node, attributes, children) {
	for (const [name, value] of Object.entries(attributes || {}))
		if (name !== 'value')
			set(node, name, value);
	node.append(...children.flat(3).filter(
		(c) => c !== null && c !== undefined && c !== false));
	// A select takes its value once its options are there.
	if (attributes && 'value' in attributes)
		set(node, 'value', attributes.value);
	return node;
}

export function h(tag, attributes, ...children) {
	return fill(document.createElement(tag), attributes, children);
}

export function s(tag, attributes, ...children) {
	return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Change a text only when it differs: screen readers are told of changes. */
export function say(node, text) {
	if (node.textContent !== text)
		node.textContent = text;
}
