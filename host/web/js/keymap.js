// The keys of the page: what is heard and what help lists are one table. An
// event is dispatched on the document; a page that has a use for it listens.

export const pages = {b: 'bench', l: 'live', s: 'streamer', f: 'frames', d: 'docs'};

/** {key: as of KeyboardEvent, show: as on the key, event, help}. */
export const single = [
	{key: '/', show: ['/'], event: 'find', help: 'help.find'},
	{key: ' ', show: ['Space'], event: 'freeze', help: 'help.freeze'},
	{key: '[', show: ['['], event: 'shorter', help: 'help.shorter'},
	{key: ']', show: [']'], event: 'longer', help: 'help.longer'},
	{key: '+', show: ['+'], event: 'taller', help: 'help.taller'},
	{key: '-', show: ['-'], event: 'flatter', help: 'help.flatter'},
	{key: 'm', show: ['m'], event: 'mark', help: 'help.mark'},
	{key: 't', show: ['t'], event: 'twins', help: 'help.table'},
	{key: 'e', show: ['e'], event: 'export-csv', help: 'help.export'},
	{key: '?', show: ['?'], event: 'help', help: 'help.this'},
];

/** Keys that are heard also while someone types, and without shortcuts. */
export const always = [
	{key: 'Enter', ctrl: true, show: ['Ctrl', 'Enter'], event: 'apply',
		help: 'help.apply'},
	{key: 'X', ctrl: true, shift: true, show: ['Ctrl', 'Shift', 'X'],
		event: 'stop-all', help: 'help.stop'},
];

/** Keys of parts, heard where the focus is. */
export const local = [
	{show: ['←', '→'], help: 'help.cursor'},
	{show: ['Esc'], help: 'help.escape'},
];

/** Everything help lists: [{show, help}]. */
export function listed() {
	return [...Object.keys(pages).concat('o').map((key) => ({
		show: ['g', key], help: `help.go.${key}`})), ...single, ...local,
	...always];
}
