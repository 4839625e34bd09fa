/* udp_dialog.c - see udp_dialog.h. */
#include "udp_dialog.h"

#include "board.h"

static uint64_t now_ms(const struct cis_udp_dialog *d)
{
	return uv_now(d->guests->ep->feed->loop);
}

static void obey(struct cis_udp_dialog *d, struct cis_udp_port *port,
		 const struct sockaddr *from, int command)
{
	struct cis_feed *feed = port->feed ? port->feed : d->named;
	enum cis_c37_type type;
	int len;

	if (command == CIS_C37_CMD_DATA_ON)
		cis_udp_guests_on(port, from, feed);
	else if (command == CIS_C37_CMD_DATA_OFF)
		cis_udp_guests_off(d->guests, from, feed);
	if (!cis_dialog_answer(command, &type))
		return;
	if (type == CIS_C37_CFG2 || type == CIS_C37_CFG3)
		cis_udp_guests_asked(d->guests, from, feed, type);
	len = cis_feed_encode(feed, type);
	if (len > 0 &&
	    !cis_udp_port_send(port, from, feed->room->scratch, (size_t)len))
		cis_feed_note_sent(feed, d->talker.name, (size_t)len);
}

static bool may_speak(struct cis_udp_dialog *d, const struct sockaddr *from,
		      bool known)
{
	struct cis_feed *home = d->guests->ep->feed;

	if (cis_hosts_take(&d->hosts, from, known, now_ms(d))) {
		d->told_flood = false;
		return true;
	}
	home->stats.denied++;
	if (!d->told_flood)
		cis_tell(&home->room->teller, now_ms(d), CIS_LOG_WARN,
			 "too many commands, some are ignored endpoint=%s "
			 "peer=%s",
			 d->guests->ep->name, d->talker.name);
	d->told_flood = true;
	return false;
}

/* On a port of many. */
static bool admits(void *arg, uint16_t idcode)
{
	struct cis_udp_dialog *d = arg;

	d->named = cis_board_called(d->guests->ep->feed, idcode);
	return d->named != NULL;
}

static void heard(void *arg, const uint8_t *frame, size_t len)
{
	const struct cis_udp_dialog *d = arg;
	const struct cis_feed_watch *watch = d->named->watch;

	if (watch && watch->command)
		watch->command(watch->arg, d->talker.name, frame, len);
}

/* A peer may have gone by its last command. */
static void count_bad(struct cis_udp_dialog *d, const struct sockaddr *from,
		      unsigned n)
{
	struct cis_udp_peer *peer =
		n ? cis_udp_peers_find(&d->guests->peers, from) : NULL;

	d->guests->ep->feed->stats.bad += n;
	if (peer)
		peer->bad += n;
}

/* A datagram holds whole frames, nearly always one. */
void cis_udp_dialog_take(struct cis_udp_dialog *d, struct cis_udp_port *port,
			 const struct sockaddr *from, const uint8_t *data,
			 size_t len)
{
	struct cis_udp_peer *peer = cis_udp_peers_find(&d->guests->peers, from);
	bool known = peer != NULL; /* a command may be its last */
	unsigned n_bad = 0;
	struct cis_c37_head head;
	bool good;
	int n = 0;

	if (peer)
		cis_udp_peers_heard(&d->guests->peers, peer, now_ms(d));
	cis_addr_format(from, d->talker.name);
	d->talker.admits = port->feed ? NULL : admits;
	d->talker.idcode = port->feed ? port->feed->idcode : 0;
	d->named = port->feed;
	while (len > 0 && (n = cis_c37_peek(data, len, &head)) > 0) {
		if (!may_speak(d, from, known))
			break;
		obey(d, port, from,
		     cis_talker_hear(&d->talker, now_ms(d), data, (size_t)n,
				     &good));
		n_bad += !good;
		data += n;
		len -= (size_t)n;
	}
	count_bad(d, from, n_bad + (n <= 0));
}

void cis_udp_dialog_init(struct cis_udp_dialog *d,
			 struct cis_udp_guests *guests)
{
	const struct cis_feed *home = guests->ep->feed;

	d->guests = guests;
	d->talker.teller = &home->room->teller;
	d->talker.heard = heard;
	d->talker.arg = d;
	cis_hosts_init(&d->hosts, cis_board_count(home), now_ms(d));
}
