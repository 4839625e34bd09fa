/* listen_cfg.c - see listen_cfg.h. */
#include "listen_cfg.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/cli/cli.h"
#include "host/cli/decode/decode_input.h"

struct giver {
	struct cis_client *client;
	struct cis_decode_book *book;
	bool cfg1; /* is what to look for */
	unsigned n_cfg, n_cfg1, n_given;
	struct cis_diag why; /* the last that was not taken */
};

/* The conversation in the file is the one that follows. */
static void note(struct cis_decode_book *book,
		 const struct cis_capture_frame *f)
{
	const struct cis_capture_frame raw = {
		.frame = f->frame, .len = f->len, .crc_ok = f->crc_ok};
	struct cis_decoded d;

	cis_decode_frame(book, &raw, &d);
}

static void take(void *arg, const struct cis_capture_frame *f)
{
	struct giver *g = arg;
	struct cis_c37_head head;
	int err;

	if (cis_c37_peek(f->frame, f->len, &head) <= 0)
		return;
	if (!f->crc_ok && !cis_c37_is_fragment(f->frame, f->len))
		return;
	g->n_cfg += head.type == CIS_C37_CFG2 || head.type == CIS_C37_CFG3;
	g->n_cfg1 += head.type == CIS_C37_CFG1;
	if (g->cfg1 ? head.type != CIS_C37_CFG1
		    : head.type != CIS_C37_CFG2 && head.type != CIS_C37_CFG3)
		return;
	err = cis_client_give_config(g->client, f->frame, f->len, &g->why);
	g->n_given += !err;
	if (g->book && (!err || err == -EAGAIN))
		note(g->book, f);
}

static int read_all(struct giver *g, const char *what, struct cis_diag *diag)
{
	struct cis_warn_list warn = {.n = 0};
	struct cis_capture_stats stats;
	const struct cis_decode_taker to = {
		.of = {.take = take, .arg = g, .stats = &stats, .warn = &warn}};
	int err = cis_decode_input(what, &to, diag);

	cis_cli_warn(&warn);
	return err;
}

int cis_listen_give_configs(struct cis_client *client,
			    struct cis_decode_book *book, const char *what,
			    struct cis_diag *diag)
{
	struct giver g = {.client = client, .book = book};
	int err;

	if (!strcmp(what, "-"))
		return cis_fail(diag, -EINVAL,
				"--cfg-file: a file, or the digits of a frame");
	err = read_all(&g, what, diag);
	if (!err && !g.n_cfg && g.n_cfg1) {
		g.cfg1 = true;
		err = read_all(&g, what, diag);
	}
	if (err || g.n_given)
		return err;
	if (!g.n_cfg && !g.n_cfg1)
		return cis_fail(diag, -EBADMSG,
				"%.200s: no configuration frame in it", what);
	return cis_fail(diag, -EBADMSG, "%.200s: %.250s", what, g.why.msg);
}
