/*
 * fuzz_talk_client.c - a script of bytes plays the PMU that a client talks to.
 *
 * What must hold, whatever the script says: the client sends nothing but whole
 * commands with its own IDCODE, no data on before it has a configuration, and not
 * many more than frames came; it tells data only after their configuration and
 * with its shape; and after it has told that it is closed it tells nothing.
 */
#include "cisoid/log.h"
#include "fuzz.h"
#include "host/net/client.h"
#include "talk.h"

#define N_SHAPE  4
#define MIN_SENT 16 /* commands in any case: asking thrice, on and off */

struct world {
	uv_loop_t loop;
	bool udp, asked; /* asked: the client sends commands */
	uint16_t idcode, first_idcode;
	enum cis_client_cfg wish;
	bool several;
	struct line line;
	int listener; /* TCP; -1 */
	struct cis_client *client;
	enum cis_client_state state;
	const struct cis_c37_config *cfg; /* the client's last */
	unsigned n_came, n_sent;
	uint8_t frame[CIS_C37_MAX_FRAME]; /* the script's last */
	size_t len;
};

/* ---- what the client says and tells ---- */

/* Who was not told an IDCODE tries 1, then that of the first configuration. */
static bool is_pmu(const struct world *w, uint16_t idcode)
{
	if (w->idcode)
		return idcode == w->idcode;
	return idcode == 1 || idcode == w->first_idcode;
}

static void take_command(void *arg, const uint8_t *frame, size_t len)
{
	struct world *w = arg;
	struct cis_c37_head head;
	int word;

	talk_must(cis_c37_peek(frame, len, &head) == (int)len, "a whole frame");
	talk_must(cis_c37_crc_ok(frame, len), "its CRC is right");
	talk_must(head.type == CIS_C37_CMD, "a client sends commands");
	talk_must(is_pmu(w, head.idcode), "to its PMU");
	word = cis_c37_command_decode(frame, len);
	talk_must(word >= CIS_C37_CMD_DATA_OFF && word <= CIS_C37_CMD_SEND_CFG3,
		  "commands that there are");
	talk_must(word != CIS_C37_CMD_DATA_ON || w->cfg,
		  "data are wanted when they can be read");
	w->n_sent++;
}

static void on_frame(void *arg, const uint8_t *frame, size_t len, bool crc_ok,
		     struct cis_time arrival)
{
	struct world *w = arg;

	(void)arrival;
	talk_must(w->state != CIS_CLIENT_CLOSED, "closed is closed");
	talk_must(cis_c37_crc_ok(frame, len) == crc_ok, "CRC told");
	w->n_came++;
}

static void on_config(void *arg, const struct cis_c37_config *cfg)
{
	struct world *w = arg;

	talk_must(w->state != CIS_CLIENT_CLOSED, "closed is closed");
	w->cfg = cfg;
	if (!w->first_idcode)
		w->first_idcode = cfg->idcode;
}

static void on_data(void *arg, const struct cis_c37_config *cfg,
		    const struct cis_c37_data *data)
{
	struct world *w = arg;
	double sum = 0;

	talk_must(w->state == CIS_CLIENT_STREAMING, "data while they stream");
	talk_must(w->cfg != NULL, "their configuration was told before");
	talk_must(data->n_pmu == cfg->n_pmu, "as many PMUs");
	for (uint16_t i = 0; i < data->n_pmu; i++)
		for (uint16_t k = 0; k < cfg->pmu[i].n_phasor; k++)
			sum += creal(data->block[i].phasor_rms[k]);
	(void)sum; /* a sanitizer saw that all are there */
}

static void on_state(void *arg, enum cis_client_state state,
		     const char *message)
{
	struct world *w = arg;

	talk_must(w->state != CIS_CLIENT_CLOSED, "closed is closed");
	talk_must(state != CIS_CLIENT_CLOSED || *message, "it is told why");
	w->state = state;
}

static const struct cis_client_ops ops = {.frame = on_frame,
					  .config = on_config,
					  .data = on_data,
					  .state = on_state};

/* ---- frames of the script ---- */

static struct cis_c37_config *config(unsigned shape, uint16_t idcode)
{
	struct cis_c37_config *cfg;

	talk_must(!cis_c37_config_new(shape == 3 ? 2 : 1, &cfg), "a config");
	cfg->idcode = idcode;
	cfg->version = shape & 1 ? 2 : 1;
	cfg->time_base = 1000000;
	cfg->data_rate = 50;
	for (uint16_t i = 0; i < cfg->n_pmu; i++) {
		struct cis_c37_pmu *pmu = &cfg->pmu[i];

		talk_must(!cis_c37_pmu_size(pmu, (uint16_t)(1 + shape),
					    shape > 1, shape == 3),
			  "room for a PMU");
		snprintf(pmu->station, sizeof(pmu->station), "PMU %u", i);
		pmu->idcode = (uint16_t)(idcode + i);
		pmu->format = shape & 1 ? 0xF : 0;
		pmu->phasor[0].unit = 1000;
	}
	return cfg;
}

static size_t data_frame(const struct cis_c37_config *cfg, unsigned arg,
			 struct world *w)
{
	struct cis_c37_data *data;
	int len;

	talk_must(!cis_c37_data_new(cfg, &data), "room for data");
	data->head = (struct cis_c37_head){.type = CIS_C37_DATA,
					   .version = cfg->version,
					   .idcode = cfg->idcode,
					   .soc = 1700000040 + arg};
	for (uint16_t i = 0; i < data->n_pmu; i++)
		data->block[i].stat = arg & 1 ? CIS_C37_STAT_CFG_CHANGE : 0;
	len = cis_c37_data_encode(cfg, data, w->frame, sizeof(w->frame));
	cis_c37_data_free(data);
	return len > 0 ? (size_t)len : 0;
}

/* Bits of arg: shape (2), another IDCODE, and one more. */
static void make(struct world *w, unsigned kind, unsigned arg)
{
	static const enum cis_c37_type types[] = {CIS_C37_CFG1, CIS_C37_CFG2,
						  CIS_C37_CFG3};
	struct cis_split_time at = {.tai_s = 1700000077};
	uint16_t idcode = arg & 4 ? TALK_IDCODE + 1 : TALK_IDCODE;
	struct cis_c37_config *cfg = config(arg % N_SHAPE, idcode);
	int len = 0;

	if (kind < 3)
		len = cis_c37_config_encode(cfg, types[kind], at, 0, w->frame,
					    sizeof(w->frame));
	else if (kind == 3)
		len = (int)data_frame(cfg, arg >> 3, w);
	else
		len = cis_c37_header_encode(cfg, at, 0, "fuzz", w->frame,
					    sizeof(w->frame));
	w->len = len > 0 ? (size_t)len : 0;
	cis_c37_config_free(cfg);
}

/* A CFG-3 in fragments, in either convention; the last bytes may be wanting. */
static void send_fragments(struct world *w, struct script *s, unsigned arg)
{
	struct cis_c37_config *cfg = config(arg % N_SHAPE, TALK_IDCODE);
	const struct cis_c37_series how = {
		.at = {.tai_s = 1700000077},
		.max_len = (uint16_t)(64 + script_byte(s)),
		.one_chk = arg & 4};
	int len = cis_c37_config_encode_series(cfg, &how, w->frame,
					       sizeof(w->frame));
	size_t cut = arg & 8 ? script_byte(s) : 0, n = 0;

	cis_c37_config_free(cfg);
	for (size_t at = 0; len > 0 && at + cut < (size_t)len; at += n) {
		n = (size_t)(w->frame[at + 2] << 8 | w->frame[at + 3]);
		line_send(&w->line, w->frame + at, n);
	}
}

/* One byte else; sealed anew or not. */
static void spoil(struct world *w, struct script *s, bool seal)
{
	size_t at = script_byte(s);
	uint8_t mask = script_byte(s);

	if (w->len == 0)
		return;
	w->frame[at % w->len] ^= mask;
	if (seal)
		talk_seal(w->frame, w->len);
}

/* ---- the two ends ---- */

static unsigned port_of(int fd)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);

	talk_must(!getsockname(fd, (struct sockaddr *)&in, &len), "a name");
	return ntohs(in.sin_port);
}

static void new_client(struct world *w, const char *scheme, unsigned port)
{
	char spec[64], name[INET_ADDRSTRLEN];
	const struct cis_client_config cc = {.loop = &w->loop,
					     .spec = spec,
					     .idcode = w->idcode,
					     .timeout_ms = TALK_WAIT_MS,
					     .cfg = w->wish,
					     .all_streams = w->several,
					     .ops = &ops,
					     .arg = w};
	struct cis_diag diag;

	snprintf(spec, sizeof(spec), "%s:%s:%u", scheme, talk_name(name), port);
	talk_must(!cis_client_new(&cc, &w->client, &diag), "a client");
}

static void connect_tcp(struct world *w)
{
	uint64_t since_ms = uv_now(&w->loop);
	int fd;

	w->listener = talk_socket(SOCK_STREAM);
	talk_must(!listen(w->listener, 1), "a listener");
	fcntl(w->listener, F_SETFL, O_NONBLOCK);
	new_client(w, "tcp", port_of(w->listener));
	while ((fd = accept(w->listener, NULL, NULL)) < 0)
		talk_must(talk_patient(&w->loop, since_ms), "it connects");
	line_open(&w->line, fd, false);
}

/* The port is taken: the client commands whoever has it. Else it waits there. */
static void connect_udp(struct world *w)
{
	int fd = talk_socket(SOCK_DGRAM);
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_addr = talk_address()};

	line_open(&w->line, fd, true);
	if (w->asked) {
		new_client(w, "udp", port_of(fd));
		return;
	}
	new_client(w, "udp", 0);
	to.sin_port = htons((uint16_t)atoi(
		strrchr(cis_client_endpoint(w->client), ':') + 1));
	talk_must(!connect(fd, (struct sockaddr *)&to, sizeof(to)),
		  "it can be reached");
}

/* Where commands come from is where frames go. */
static void answer_to(struct world *w)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	uint64_t since_ms = uv_now(&w->loop);
	uint8_t byte;

	while (recvfrom(w->line.fd, &byte, 1, MSG_PEEK,
			(struct sockaddr *)&from, &len) < 0)
		talk_must(talk_patient(&w->loop, since_ms), "it asks");
	talk_must(!connect(w->line.fd, (struct sockaddr *)&from, len),
		  "it can be answered");
}

static void listen_to_client(struct world *w)
{
	if (w->line.fd >= 0 && !line_read(&w->line, take_command, w))
		line_close(&w->line);
	talk_must(w->n_sent <= MIN_SENT + 2 * w->n_came,
		  "a client does not flood its PMU");
}

/* ---- steps ---- */

static void step(struct world *w, struct script *s)
{
	uint8_t op = script_byte(s);
	unsigned kind = op & 7, arg = op >> 3;
	const uint8_t *bytes;
	size_t n;

	if (kind < 5) {
		make(w, kind, arg);
		line_send(&w->line, w->frame, w->len);
	} else if (kind == 5) {
		n = script_bytes(s, arg + 1, &bytes);
		line_send(&w->line, bytes, n);
	} else if (kind == 6) {
		make(w, arg % 5, script_byte(s));
		spoil(w, s, arg & 8);
		n = arg & 16 ? script_byte(s) : w->len;
		line_send(&w->line, w->frame, n < w->len ? n : w->len);
	} else if (arg == 31) {
		line_close(&w->line);
	} else {
		send_fragments(w, s, arg);
	}
	talk_turn(&w->loop, arg & 1 ? TALK_TURNS : 1);
	listen_to_client(w);
}

static void end(struct world *w)
{
	talk_turn(&w->loop, TALK_TURNS);
	listen_to_client(w);
	cis_client_close(w->client);
	w->state = CIS_CLIENT_CLOSED;
	uv_run(&w->loop, UV_RUN_DEFAULT);
	talk_must(uv_loop_close(&w->loop) == 0, "all handles are closed");
	line_close(&w->line);
	if (w->listener >= 0)
		close(w->listener);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world world;
	struct world *w = &world;
	struct script s = {data, size};
	uint8_t how = script_byte(&s);

	signal(SIGPIPE, SIG_IGN); /* as the program does */
	cis_log_set_level(CIS_LOG_ERR);
	w->udp = how & 1;
	w->asked = !w->udp || how & 2;
	w->idcode = how & 4 ? TALK_IDCODE : 0;
	w->several = how & 8 && !w->idcode;
	w->wish = how & 16   ? CIS_CLIENT_CFG_2
		  : how & 32 ? CIS_CLIENT_CFG_3
			     : CIS_CLIENT_CFG_ANY;
	w->listener = -1;
	w->state = CIS_CLIENT_CONNECTING;
	w->cfg = NULL;
	w->first_idcode = 0;
	w->n_came = w->n_sent = 0;
	w->len = 0;
	uv_loop_init(&w->loop);
	if (w->udp)
		connect_udp(w);
	else
		connect_tcp(w);
	if (w->udp && w->asked)
		answer_to(w);
	while (s.left > 0)
		step(w, &s);
	end(w);
	return 0;
}
