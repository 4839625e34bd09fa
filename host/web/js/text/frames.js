// Texts of Frames and of the view of bytes.

export const frames = {
	'fr.lead': ['What went out and which commands came in, newest first. Of data frames the log has a sample.',
		'Lo que salió y las órdenes que llegaron, lo más reciente primero. De las tramas de datos hay una muestra.'],
	'fr.log': ['Log', 'Registro'],
	'fr.kind': ['Kind', 'Tipo'],
	'fr.all': ['all', 'todas'],
	'fr.pause': ['Pause', 'Pausa'],
	'fr.resume': ['Resume', 'Seguir'],
	'fr.time': ['Time', 'Hora'],
	'fr.way': ['Way', 'Sentido'],
	'fr.way.in': ['in', 'entra'],
	'fr.way.out': ['out', 'sale'],
	'fr.idcode': ['ID code', 'Código ID'],
	'fr.len': ['Bytes', 'Bytes'],
	'fr.show': ['Show', 'Ver'],
	'fr.none': ['No frame so far.', 'Ninguna trama aún.'],
	'fr.choose': ['Choose a frame to see its bytes.', 'Elija una trama para ver sus bytes.'],
	'fr.paste': ['Frame as hexadecimal digits', 'Trama en dígitos hexadecimales'],
	'b.told': ['{name} {value} (bytes {from} to {to})', '{name} {value} (bytes {from} a {to})'],
};
