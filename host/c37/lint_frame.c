/* lint_frame.c - the common part of a frame: SYNC, lengths, CHK. */
#include <stdio.h>

#include "lint_in.h"

static const char *const names[] = {"data",  "header",  "CFG-1",
				    "CFG-2", "command", "CFG-3"};
static const size_t least[] = {18, 16, 24, 24, 18, 24};

/* ---- SYNC ---- */

static bool check_sync(const struct lint_frame *f, const uint8_t *p)
{
	unsigned kind = p[1] >> 4;

	if (p[0] != 0xAA) {
		lint_say(f, LINT_FRM_SYNC, 0, "SYNC",
			 p[1] == 0xAA ? "the frame begins with %02X %02X: are "
					"the bytes of its words swapped?"
				      : "the frame begins with %02X %02X",
			 p[0], p[1]);
		return false;
	}
	if (kind < sizeof(least) / sizeof(least[0]))
		return true;
	lint_say(f, LINT_FRM_TYPE, 1, "SYNC",
		 kind & 8 ? "SYNC is AA%02X: its reserved bit 7 is set"
			  : "SYNC is AA%02X: its type is reserved",
		 p[1]);
	return false;
}

static void check_version(const struct lint_frame *f)
{
	unsigned version = f->head.version;

	if (version == 0)
		lint_say(f, LINT_FRM_VERSION, 1, "SYNC", "the version is 0");
	else if (version > 2)
		lint_say(f, LINT_FRM_VERSION_NEW, 1, "SYNC",
			 "the version is %u", version);
	else if (version == 1 && f->head.type == CIS_C37_CFG3)
		lint_say(f, LINT_FRM_VERSION_CFG3, 1, "SYNC",
			 "a CFG-3 of version 1");
}

/* ---- lengths and CHK ---- */

/* All but headers and CFG-3 are made of words; extended commands may be odd. */
static bool has_words(const struct lint_frame *f)
{
	if (f->head.type == CIS_C37_CMD)
		return f->len <= 20;
	return f->head.type == CIS_C37_DATA || f->head.type == CIS_C37_CFG1 ||
	       f->head.type == CIS_C37_CFG2;
}

static void check_odd(struct lint_frame *f, size_t said, size_t chk_len)
{
	if (!has_words(f) || !(said % 2 || f->len % 2))
		return;
	lint_say(f, LINT_FRM_ODD, 2, "FRAMESIZE",
		 "an odd length: FRAMESIZE is %zu, the frame has %zu bytes",
		 said, f->len);
	/* Its cause may be known already. */
	f->odd = f->len % 2 && chk_len == C37_CHK_LEN;
}

/* What CHK says of a frame of which `len` bytes are here. */
static bool check_chk(struct lint_frame *f, size_t len, size_t said,
		      size_t *chk_len)
{
	struct lint_why why = {.chk_len = C37_CHK_LEN};
	size_t n = said < len ? said : len;

	f->len = n;
	if (said <= len && lint_crc_right(f->p, n)) {
		f->trusted = true;
	} else if (lint_crc_why(f->p, len, said, &why)) {
		f->trusted = true;
		f->len = why.len;
		lint_say(f, why.id,
			 why.id == LINT_FRM_SIZE ? 2 : f->len - why.chk_len,
			 why.id == LINT_FRM_SIZE ? "FRAMESIZE" : "CHK", "%s",
			 why.text);
	} else if (said > len) {
		return false;
	} else {
		lint_say(f, LINT_FRM_CRC, n - 2, "CHK",
			 "CHK is %02X%02X and does not fit the %zu bytes",
			 f->p[n - 2], f->p[n - 1], n);
	}
	*chk_len = why.chk_len;
	return true;
}

static void check_rest(const struct lint_frame *f, size_t len, size_t said)
{
	if (len > f->len && said == f->len)
		lint_say(f, LINT_FRM_TRAIL, f->len, "",
			 "%zu byte%s behind the %zu of FRAMESIZE", len - f->len,
			 len - f->len == 1 ? "" : "s", said);
	if (f->len > CIS_C37_MAX_UDP)
		lint_say(f, LINT_FRM_UDP, 2, "FRAMESIZE", "FRAMESIZE is %zu",
			 f->len);
}

static bool check_length(struct lint_frame *f, size_t len, size_t said)
{
	size_t chk_len = C37_CHK_LEN;

	if (said < least[f->head.type] && !lint_crc_right(f->p, len)) {
		lint_say(f, LINT_FRM_SIZE, 2, "FRAMESIZE",
			 "FRAMESIZE is %zu; a %s frame has at least %zu bytes",
			 said, names[f->head.type], least[f->head.type]);
		return false;
	}
	/* A longer one was cut off, or FRAMESIZE is wrong and CHK shows it. */
	if (!check_chk(f, len, said, &chk_len)) {
		lint_say(f, LINT_FRM_CUT, 2, "FRAMESIZE",
			 "FRAMESIZE is %zu; %zu bytes are here", said, len);
		return false;
	}
	if (said > len && chk_len != C37_CHK_LEN && said != len + 1)
		lint_say(f, LINT_FRM_CUT, 2, "FRAMESIZE",
			 "FRAMESIZE is %zu; %zu bytes are here", said, len);
	check_odd(f, said, chk_len);
	check_rest(f, len, said);
	if (f->len < least[f->head.type])
		return false;
	f->end = f->len - chk_len;
	return f->end >= C37_HEAD_LEN;
}

/* ---- the rest of the head ---- */

static void check_idcode(const struct lint_frame *f)
{
	uint16_t idcode = f->head.idcode;

	if (idcode == 0 ||
	    (idcode == CIS_C37_BROADCAST && f->head.type != CIS_C37_CMD))
		lint_say(f, LINT_FRM_IDCODE, 4, "IDCODE", "IDCODE is %u",
			 idcode);
}

bool lint_open(struct lint_frame *f, const uint8_t *buf, size_t len)
{
	f->p = buf;
	f->len = len;
	f->trusted = f->odd = false;
	if (len >= 2 && !check_sync(f, buf))
		return false;
	if (len < 16) {
		lint_say(f, LINT_FRM_SHORT, 0, "SYNC",
			 "%zu byte%s; the shortest frame has 16", len,
			 len == 1 ? "" : "s");
		return false;
	}
	f->head = (struct cis_c37_head){
		.type = (enum cis_c37_type)(buf[1] >> 4),
		.version = buf[1] & 0x0F,
		.frame_len = cis_be16(buf + 2),
		.idcode = cis_be16(buf + 4),
		.soc = cis_be32(buf + 6),
		.time_quality = buf[10],
		.fracsec = cis_be32(buf + 10) & 0xFFFFFF,
	};
	if (!check_length(f, len, f->head.frame_len))
		return false;
	/* Damaged bytes say nothing about their sender. */
	if (f->trusted) {
		check_version(f);
		check_idcode(f);
	}
	return true;
}
