/* mcu_why.c - whether the front end is ready, and what it is if it is not. */
#include <errno.h>
#include <inttypes.h>

#include "mcu_talk.h"

#define FEW_BYTES 16 /* a disturbance makes some when it is plugged in */

/* An older one does without what is not asked of it. */
static bool is_set(const struct mcu_question *q)
{
	return q->answer == MCU_ACKED ||
	       (q->answer == MCU_REFUSED && q->command.value == 0 &&
		(q->reason == FE_REASON_KEY || q->reason == FE_REASON_COMMAND));
}

bool mcu_talk_ready(const struct mcu_talk *t)
{
	if (!t->identified || !t->now.st.heard ||
	    t->ask.q[MCU_WANT_ID].answer != MCU_ACKED)
		return false;
	return !t->cfg.rate_hz || (is_set(&t->ask.q[MCU_WANT_RATE]) &&
				   is_set(&t->ask.q[MCU_WANT_DELAY]));
}

int mcu_talk_refused(const struct mcu_talk *t, struct cis_diag *diag)
{
	for (unsigned i = MCU_WANT_RATE; i <= MCU_WANT_DELAY; i++) {
		const struct mcu_question *q = &t->ask.q[i];

		if (q->answer == MCU_REFUSED && !is_set(q) &&
		    q->reason != FE_REASON_STATE)
			return cis_fail(diag, -EINVAL,
					"%s: the front end (%s) refuses %s="
					"%" PRId64 ": %s",
					t->cfg.where, t->now.st.board,
					fe_key_word(q->command.key),
					q->command.value,
					fe_reason_word(q->reason));
	}
	return 0;
}

static int no_line(const struct mcu_talk *t, double waited_s,
		   struct cis_diag *diag)
{
	const struct mcu_came *came = &t->came;

	if (came->n_byte < FEW_BYTES)
		return cis_fail(diag, -ENODEV,
				"%s: silent for %.0f s; is it the front end's "
				"port, and has that power?",
				t->cfg.where, waited_s);
	if (came->n_nmea)
		return cis_fail(diag, -ENODEV,
				"%s: a GPS receiver speaks there (NMEA), no "
				"front end; the receiver is connected to the "
				"front end, and that to this computer",
				t->cfg.where);
	if (came->n_echo)
		return cis_fail(diag, -ENODEV,
				"%s: gives back what is sent; its two lines "
				"are joined, or a modem or shell is there and "
				"no front end",
				t->cfg.where);
	return cis_fail(diag, -ENODEV,
			"%s: %" PRIu64 " bytes came, but no line of a front "
			"end: another device, or not at 115200 baud 8N1",
			t->cfg.where, came->n_byte);
}

int mcu_talk_why(const struct mcu_talk *t, double waited_s,
		 struct cis_diag *diag)
{
	const struct mcu_came *came = &t->came;

	if (came->protocol && came->protocol != FE_PROTOCOL)
		return cis_fail(diag, -EPROTO,
				"%s: the front end speaks version %d of the "
				"link, this program version %d; bring both "
				"to one release",
				t->cfg.where, (int)came->protocol, FE_PROTOCOL);
	if (!t->identified && came->n_report)
		return cis_fail(diag, -ENODEV,
				"%s: the front end is heard, but does not "
				"answer; is the line to its receiving pin "
				"connected?",
				t->cfg.where);
	if (!t->identified)
		return no_line(t, waited_s, diag);
	if (!came->n_report)
		return cis_fail(diag, -ENODEV,
				"%s: the front end (%s %s) answers, but does "
				"not report its time each second; restart it",
				t->cfg.where, t->now.st.board,
				t->now.st.version);
	return cis_fail(diag, -ENODEV,
			"%s: the front end (%s %s) does not answer to its "
			"settings; restart it",
			t->cfg.where, t->now.st.board, t->now.st.version);
}
