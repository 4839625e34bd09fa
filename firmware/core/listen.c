/* listen.c - see listen.h. */
#include "firmware/core/front.h"
#include "firmware/core/nmea.h"

void fe_listen_init(struct fe_listen *l)
{
	fe_bytes_init(&l->gps_bytes);
	fe_bytes_init(&l->host_bytes);
	fe_line_init(&l->gps_line);
	fe_line_init(&l->host_line);
}

static void hear_receiver(struct fe_front *f, const char *text)
{
	struct fe_nmea n;

	if (fe_nmea_decode(text, &n) == FE_NMEA_BAD)
		fe_tell_count(&f->tell, FE_EVENT_NMEA_BAD, 1);
	else
		fe_naming_nmea(&f->naming, &(struct fe_naming_heard){
						   &n, f->listen.gps_began_q32,
						   f->now_q32});
}

static void listen_to_receiver(struct fe_front *f)
{
	struct fe_listen *l = &f->listen;
	uint8_t byte;

	while (fe_bytes_take(&l->gps_bytes, &byte)) {
		enum fe_line_result r;

		if (byte == '$')
			l->gps_began_q32 = f->now_q32;
		r = fe_line_push(&l->gps_line, byte);

		if (r == FE_LINE_WHOLE)
			hear_receiver(f, l->gps_line.text);
		else if (r == FE_LINE_BAD)
			fe_tell_count(&f->tell, FE_EVENT_NMEA_BAD, 1);
	}
}

static void listen_to_host(struct fe_front *f)
{
	struct fe_listen *l = &f->listen;
	uint8_t byte;

	while (fe_bytes_take(&l->host_bytes, &byte)) {
		enum fe_line_result r = fe_line_push(&l->host_line, byte);

		if (r == FE_LINE_WHOLE)
			fe_commands_obey(f, l->host_line.text);
		else if (r == FE_LINE_BAD)
			fe_tell_count(&f->tell, FE_EVENT_LINE_BAD, 1);
	}
}

void fe_listen_poll(struct fe_front *f)
{
	listen_to_receiver(f);
	listen_to_host(f);
}
