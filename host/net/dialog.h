/*
 * dialog.h - what a client says: bytes in, commands out.
 *
 * No sockets and no clock: it is told the time and may be driven by a script.
 * What it holds for a client is its size, whatever the client sends.
 */
#ifndef HOST_NET_DIALOG_H
#define HOST_NET_DIALOG_H

#include "cisoid/c37.h"
#include "host/net/addr.h"

struct cis_teller;

#define CIS_DIALOG_COMMAND 1024 /* bytes; a longer command is skipped */
#define CIS_DIALOG_GARBAGE 3072 /* bytes without one good frame */

/* Who sends commands, and what was already said about him. */
struct cis_talker {
	char name[CIS_ADDR_SIZE];
	struct cis_teller *teller; /* NULL: nothing is said */
	uint16_t idcode;           /* of the stream; the broadcast counts too */
	/* Whether a command is for us; NULL: as `idcode` says. */
	bool (*admits)(void *arg, uint16_t idcode);
	/* A command for us has come; NULL: nobody wants to know. */
	void (*heard)(void *arg, const uint8_t *frame, size_t len);
	void *arg;
	bool told_crc, told_idcode, told_unknown, told_long;
};

struct cis_dialog {
	struct cis_talker talker;
	uint64_t n_bad; /* frames with a wrong CRC; the caller may clear it */
	uint64_t heard_ms;
	size_t garbage;
	size_t passed; /* of the splitter, when last looked at */
	struct cis_c37_splitter splitter;
	uint8_t buf[CIS_DIALOG_COMMAND];
};

/* The talker's name and teller are the caller's to set. It must stay where it
 * is from then on. */
void cis_dialog_init(struct cis_dialog *d, uint16_t idcode, uint64_t now_ms);

/*
 * Takes bytes from *data (moving it and *len on) up to the end of a frame.
 * Returns its command: 1 to 6, or 8, which nobody obeys yet; 0 for a frame that
 * asks for nothing; -EAGAIN when all bytes are taken; -EPROTO when it does not
 * speak C37.118 and should be hung up on. Whoever said half a command and fell
 * silent for five seconds begins anew.
 */
int cis_dialog_next(struct cis_dialog *d, uint64_t now_ms, const uint8_t **data,
		    size_t *len);

/* The same for one whole frame, without a dialog: a command or 0. *good tells
 * whether its CRC was right. */
int cis_talker_hear(struct cis_talker *t, uint64_t now_ms, const uint8_t *frame,
		    size_t len, bool *good);

/* The frame that answers a command: true if there is one. */
bool cis_dialog_answer(int command, enum cis_c37_type *type);

#endif
