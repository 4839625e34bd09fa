/*
 * fuzz_talk_server.c - a script of bytes commands a server, over three lines.
 *
 * What must hold, whatever the script says: only whole frames of the server's
 * own IDCODE with a good CRC come back; on a line that has said nothing but whole
 * commands, each that is ours is obeyed and answered once and no other is; after
 * data off no data come; and in the end a newcomer is served.
 */
#include "cisoid/log.h"
#include "cisoid/utc.h"
#include "fuzz.h"
#include "host/net/addr.h"
#include "host/net/feed.h"
#include "talk.h"

#define N_LINE  3
#define MAX_PUT 8  /* reports at a time */
#define FLOOD   70 /* KiB of garbage: more than a server listens to */

/* What a server takes from one client at once (tcp_peer.c: 4096 bytes) and from
 * one host by UDP (hosts.c: 256); what is more has to wait, or is lost. */
#define MAX_BYTES     4000
#define MAX_DATAGRAMS 150

struct peer {
	struct line line;
	bool clean;      /* whole commands only, so far */
	bool ended;      /* it said that it sends no more */
	bool on;         /* data */
	bool behind;     /* it may have lost frames, having read none */
	size_t said;     /* bytes, on a TCP line */
	unsigned unread; /* frames due since it last read */
	unsigned due[CIS_C37_CFG3 + 1], got[CIS_C37_CFG3 + 1]; /* by type */
};

struct world {
	uv_loop_t loop;
	struct cis_feed *feed;
	struct sockaddr_storage to;
	socklen_t to_len;
	bool udp;
	unsigned n_datagram; /* by UDP */
	struct cis_report rep;
	struct peer *now;
	struct peer peer[N_LINE];
};

/* ---- the server ---- */

static struct cis_c37_config *config(void)
{
	static struct cis_chan_map map = {.n_chan = 2};
	const struct cis_c37_stream_opts opts = {.idcode = TALK_IDCODE,
						 .station = "FUZZ-SIM",
						 .format = 0xF,
						 .rate = {50, 1},
						 .fnom_hz = 50,
						 .version = 1};
	struct cis_c37_config *cfg;

	strcpy(map.chan[0].name, "VA");
	strcpy(map.chan[1].name, "VB");
	talk_must(!cis_c37_config_for_map(&map, &opts, &cfg, NULL), "a config");
	return cfg;
}

static void open_server(struct world *w)
{
	struct cis_feed_config fc = {
		.loop = &w->loop, .cfg = config(), .header = "fuzz"};
	struct cis_addr addr;
	struct cis_diag diag;
	char spec[64], name[INET_ADDRSTRLEN];

	snprintf(spec, sizeof(spec), "%s:%s:0", w->udp ? "udp" : "tcp",
		 talk_name(name));
	uv_loop_init(&w->loop);
	talk_must(!cis_feed_new(&fc, &w->feed, &diag), "a feed");
	talk_must(!cis_feed_add(w->feed, CIS_FEED_LISTEN, spec, &diag),
		  "a server");
	talk_must(!cis_addr_parse(cis_feed_endpoint(w->feed, 0), &addr, NULL) &&
			  !cis_addr_resolve(&addr, NULL),
		  "its address");
	w->to = addr.ss[0];
	w->to_len = sizeof(struct sockaddr_in);
	w->rep = (struct cis_report){
		.at = {.tai_s = cis_tai_from_soc(1700000040), .rate = {50, 1}},
		.n_chan = 2,
		.n_phasor = 2,
		.freq_hz = 50};
}

static void close_server(struct world *w)
{
	cis_feed_close(w->feed);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	talk_must(uv_loop_close(&w->loop) == 0, "all handles are closed");
}

/* ---- peers ---- */

static void take(void *arg, const uint8_t *frame, size_t len)
{
	struct peer *p = arg;
	struct cis_c37_head head;

	talk_must(cis_c37_peek(frame, len, &head) == (int)len, "a whole frame");
	talk_must(cis_c37_crc_ok(frame, len), "its CRC is right");
	talk_must(head.idcode == TALK_IDCODE, "its IDCODE is the server's");
	talk_must(head.type != CIS_C37_CMD, "servers command nobody");
	p->got[head.type]++;
}

/* A server closes on who is not clean, or has ended. */
static void read_all(struct peer *p)
{
	if (p->line.fd < 0 || line_read(&p->line, take, p))
		return;
	talk_must(!p->clean || p->ended, "a good client is not cut off");
	line_close(&p->line);
}

static void command(uint16_t idcode, unsigned word, uint8_t buf[18])
{
	talk_must(cis_c37_command_encode(1, idcode, (struct cis_split_time){0},
					 (uint16_t)word, buf, 18) == 18,
		  "a command has 18 bytes");
}

static void say(struct world *w, struct peer *p, const uint8_t *bytes,
		size_t len)
{
	line_send(&p->line, bytes, len);
	p->said += len;
	w->n_datagram++;
	if (!w->udp && p->said > MAX_BYTES)
		p->clean = false;
}

/* What the server owes for it. */
static void expect(struct peer *p, unsigned word)
{
	switch (word) {
	case CIS_C37_CMD_DATA_OFF:
		p->on = false;
		break;
	case CIS_C37_CMD_DATA_ON:
		p->on = true;
		break;
	case CIS_C37_CMD_SEND_HDR:
		p->due[CIS_C37_HDR]++;
		break;
	case CIS_C37_CMD_SEND_CFG1:
		p->due[CIS_C37_CFG1]++;
		break;
	case CIS_C37_CMD_SEND_CFG2:
		p->due[CIS_C37_CFG2]++;
		break;
	default:
		break;
	}
}

/* All that was sent has been obeyed once a header, asked for now, is here. */
static void settle(struct world *w, struct peer *p)
{
	uint64_t since_ms = uv_now(&w->loop);
	uint8_t buf[18];

	read_all(p);
	if (!p->clean || p->ended || p->line.fd < 0)
		return;
	command(TALK_IDCODE, CIS_C37_CMD_SEND_HDR, buf);
	expect(p, CIS_C37_CMD_SEND_HDR);
	say(w, p, buf, sizeof(buf));
	while (p->got[CIS_C37_HDR] < p->due[CIS_C37_HDR]) {
		talk_must(talk_patient(&w->loop, since_ms), "a header comes");
		read_all(p);
	}
	p->unread = 0;
	for (int type = CIS_C37_HDR; type <= CIS_C37_CFG2; type++)
		talk_must(p->got[type] == p->due[type], "one answer each");
	talk_must(p->behind || p->got[CIS_C37_DATA] == p->due[CIS_C37_DATA],
		  "all data while on, and none while off");
	if (p->behind)
		p->due[CIS_C37_DATA] = p->got[CIS_C37_DATA];
	p->behind = false;
}

static void dial(struct world *w, struct peer *p)
{
	int fd = talk_socket(w->udp ? SOCK_DGRAM : SOCK_STREAM);
	uint8_t buf[18];

	/* Those before are taken in, or they fill the server's backlog. */
	talk_turn(&w->loop, 1);
	memset(p->due, 0, sizeof(p->due));
	memset(p->got, 0, sizeof(p->got));
	p->clean = true;
	p->ended = p->on = p->behind = false;
	p->unread = 0;
	p->said = 0;
	talk_must(connect(fd, (struct sockaddr *)&w->to, w->to_len) == 0,
		  "a server can be reached");
	line_open(&p->line, fd, w->udp);
	if (!w->udp)
		return;
	/* The port may have been another line's, which had data on. */
	command(TALK_IDCODE, CIS_C37_CMD_DATA_OFF, buf);
	say(w, p, buf, sizeof(buf));
	p->behind = true;
	settle(w, p);
}

/* ---- steps ---- */

/* One command of ours; `word` may be none that there is. CFG-3 and what is not
 * defined may be answered or not. */
static void good_command(struct world *w, struct peer *p, unsigned word)
{
	uint8_t buf[18];

	command(TALK_IDCODE, word, buf);
	if (!p->ended)
		expect(p, word);
	say(w, p, buf, sizeof(buf));
	settle(w, p);
}

/* For another, or with a wrong CRC: not for us. */
static void bad_command(struct world *w, struct peer *p, unsigned arg)
{
	uint8_t buf[18];

	command(arg & 1 ? TALK_IDCODE : TALK_IDCODE + 1, arg >> 1, buf);
	if (arg & 1)
		buf[17] ^= 0x10;
	say(w, p, buf, sizeof(buf));
	settle(w, p);
}

static void half_command(struct world *w, struct peer *p, size_t len)
{
	uint8_t buf[18];

	command(TALK_IDCODE, CIS_C37_CMD_DATA_ON, buf);
	p->clean = p->clean && w->udp && len >= sizeof(buf);
	say(w, p, buf, len < sizeof(buf) ? len : sizeof(buf));
	if (len >= sizeof(buf) && p->clean)
		expect(p, CIS_C37_CMD_DATA_ON);
	settle(w, p);
}

static void flood(struct world *w, struct peer *p, uint8_t byte)
{
	uint8_t buf[1024];

	memset(buf, byte, sizeof(buf));
	p->clean = false;
	for (int i = 0; i < FLOOD && p->line.fd >= 0; i++) {
		say(w, p, buf, sizeof(buf));
		talk_turn(&w->loop, 1);
	}
	talk_turn(&w->loop, TALK_TURNS);
	read_all(p);
}

static void put(struct world *w, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		cis_feed_put(w->feed, &w->rep);
		w->rep.at = cis_instant_next(w->rep.at);
	}
	for (int i = 0; i < N_LINE; i++) {
		struct peer *p = &w->peer[i];

		if (p->on && p->clean) {
			p->due[CIS_C37_DATA] += n;
			p->unread += n;
			/* The feed keeps two seconds for who does not read. */
			p->behind = p->behind || p->unread > 90;
		}
	}
	talk_turn(&w->loop, 1);
}

static void change_line(struct world *w, struct peer *p, unsigned arg)
{
	if (arg < 8) {
		w->now = &w->peer[arg % N_LINE];
	} else if (arg < 16 && p->line.fd >= 0 && !w->udp) {
		shutdown(p->line.fd, SHUT_WR);
		p->ended = true;
		p->clean = false;
	} else if (arg < 24) {
		line_close(&p->line);
	} else {
		talk_turn(&w->loop, TALK_TURNS);
	}
	if (w->now->line.fd < 0)
		dial(w, w->now);
}

static void step(struct world *w, struct script *s)
{
	uint8_t op = script_byte(s);
	unsigned arg = op >> 3;
	struct peer *p = w->now;
	const uint8_t *bytes;
	size_t n;

	switch (op & 7) {
	case 0:
		n = script_bytes(s, arg + 1, &bytes);
		p->clean = false;
		say(w, p, bytes, n);
		talk_turn(&w->loop, TALK_TURNS);
		break;
	case 1:
		good_command(w, p, arg);
		break;
	case 2:
		bad_command(w, p, arg);
		break;
	case 3:
		half_command(w, p, arg);
		break;
	case 4:
		put(w, arg % MAX_PUT + 1);
		break;
	case 5:
		talk_turn(&w->loop, 1);
		read_all(p);
		settle(w, p);
		break;
	case 6:
		change_line(w, p, arg);
		break;
	default:
		if (arg >= 30)
			flood(w, p, script_byte(s));
		break;
	}
}

/* Whatever was said before: who comes now is served. */
static void serve_newcomer(struct world *w)
{
	struct peer *p = &w->peer[0];

	for (int i = 0; i < N_LINE; i++)
		line_close(&w->peer[i].line);
	talk_turn(&w->loop, TALK_TURNS);
	dial(w, p);
	good_command(w, p, CIS_C37_CMD_SEND_CFG2);
	good_command(w, p, CIS_C37_CMD_DATA_ON);
	put(w, 2);
	good_command(w, p, CIS_C37_CMD_DATA_OFF);
	put(w, 2);
	settle(w, p);
	line_close(&p->line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world world;
	struct world *w = &world;
	struct script s = {data, size};

	signal(SIGPIPE, SIG_IGN); /* as the program does */
	cis_log_set_level(CIS_LOG_ERR);
	w->udp = script_byte(&s) & 1;
	open_server(w);
	for (int i = 0; i < N_LINE; i++)
		w->peer[i].line.fd = -1;
	w->n_datagram = 0;
	w->now = &w->peer[0];
	dial(w, w->now);
	while (s.left > 0 && (!w->udp || w->n_datagram < MAX_DATAGRAMS))
		step(w, &s);
	serve_newcomer(w);
	close_server(w);
	return 0;
}
