/* dialog.c - see dialog.h. */
#include "dialog.h"

#include <errno.h>

#include "teller.h"

#define STALE_MS 5000

static void tell(struct cis_talker *t, uint64_t now_ms, bool *told,
		 const char *what, unsigned value)
{
	if (t->teller && !*told)
		cis_tell(t->teller, now_ms, CIS_LOG_INFO, "%s peer=%s value=%u",
			 what, t->name, value);
	*told = true;
}

static int known(struct cis_talker *t, uint64_t now_ms, int command)
{
	if (command >= CIS_C37_CMD_DATA_OFF &&
	    command <= CIS_C37_CMD_SEND_CFG3) {
		cis_log(CIS_LOG_DEBUG, "command peer=%s value=%d", t->name,
			command);
		return command;
	}
	tell(t, now_ms, &t->told_unknown,
	     command == CIS_C37_CMD_EXTENDED ? "extended command ignored"
					     : "command not understood",
	     command < 0 ? 0 : (unsigned)command);
	return command == CIS_C37_CMD_EXTENDED ? command : 0;
}

static bool is_ours(const struct cis_talker *t, uint16_t idcode)
{
	if (t->admits)
		return t->admits(t->arg, idcode);
	return idcode == t->idcode || idcode == CIS_C37_BROADCAST;
}

int cis_talker_hear(struct cis_talker *t, uint64_t now_ms, const uint8_t *frame,
		    size_t len, bool *good)
{
	struct cis_c37_head head;

	*good = cis_c37_peek(frame, len, &head) > 0 &&
		cis_c37_crc_ok(frame, len);
	if (!*good) {
		tell(t, now_ms, &t->told_crc,
		     "command with a wrong checksum ignored", (unsigned)len);
		return 0;
	}
	if (head.type != CIS_C37_CMD)
		return 0;
	if (!is_ours(t, head.idcode)) {
		tell(t, now_ms, &t->told_idcode,
		     head.idcode == CIS_C37_BROADCAST
			     ? "broadcast on a port of many PMUs ignored"
			     : "command for another IDCODE ignored",
		     head.idcode);
		return 0;
	}
	if (t->heard)
		t->heard(t->arg, frame, len);
	return known(t, now_ms, cis_c37_command_decode(frame, len));
}

bool cis_dialog_answer(int command, enum cis_c37_type *type)
{
	static const enum cis_c37_type types[] = {
		[CIS_C37_CMD_SEND_HDR] = CIS_C37_HDR,
		[CIS_C37_CMD_SEND_CFG1] = CIS_C37_CFG1,
		[CIS_C37_CMD_SEND_CFG2] = CIS_C37_CFG2,
		[CIS_C37_CMD_SEND_CFG3] = CIS_C37_CFG3,
	};

	if (command < CIS_C37_CMD_SEND_HDR || command > CIS_C37_CMD_SEND_CFG3)
		return false;
	*type = types[command];
	return true;
}

void cis_dialog_init(struct cis_dialog *d, uint16_t idcode, uint64_t now_ms)
{
	*d = (struct cis_dialog){.talker.idcode = idcode, .heard_ms = now_ms};
	cis_c37_splitter_init(&d->splitter, d->buf, sizeof(d->buf));
}

/* Bytes that are no part of a frame too long, which is no garbage. */
static void count_garbage(struct cis_dialog *d, uint64_t now_ms, size_t n_taken)
{
	size_t n_passed;

	if (d->splitter.n_long)
		tell(&d->talker, now_ms, &d->talker.told_long,
		     "frame too long and skipped", CIS_DIALOG_COMMAND);
	n_passed = d->splitter.passed - d->passed;
	d->passed = d->splitter.passed;
	d->garbage += n_taken;
	d->garbage -= n_passed < d->garbage ? n_passed : d->garbage;
}

int cis_dialog_next(struct cis_dialog *d, uint64_t now_ms, const uint8_t **data,
		    size_t *len)
{
	const uint8_t *frame;
	size_t had = *len;
	bool good = false;
	int n, command;

	if (now_ms - d->heard_ms > STALE_MS) {
		cis_c37_splitter_init(&d->splitter, d->buf, sizeof(d->buf));
		d->passed = d->garbage = 0;
	}
	d->heard_ms = now_ms;
	n = cis_c37_splitter_next(&d->splitter, data, len, &frame);
	count_garbage(d, now_ms, had - *len);
	command = n < 0 ? n
			: cis_talker_hear(&d->talker, now_ms, frame, (size_t)n,
					  &good);
	if (good) /* what follows it was already counted */
		d->garbage = d->splitter.fill - d->splitter.done;
	else if (n > 0)
		d->n_bad++;
	return d->garbage > CIS_DIALOG_GARBAGE ? -EPROTO : command;
}
