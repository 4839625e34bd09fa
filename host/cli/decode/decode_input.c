/* decode_input.c - see decode_input.h. */
#include "decode_input.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/net/pickup.h"

#define CHUNK 65536

struct input {
	const char *name;
	const struct cis_decode_taker *to;
	struct cis_pickup pickup;
	size_t len;                      /* bytes so far */
	uint8_t head[CIS_C37_MAX_FRAME]; /* the first of them */
	uint64_t digits;                 /* hexadecimal, so far */
	uint8_t nibble;
};

static void deliver(void *arg, const uint8_t *frame, size_t len, bool crc_ok)
{
	struct input *in = arg;
	struct cis_capture_frame cf = {
		.frame = frame, .len = len, .crc_ok = crc_ok};

	in->to->of.stats->frames++;
	in->to->of.take(in->to->of.arg, &cf);
}

static void deliver_piece(void *arg, const uint8_t *data, size_t len)
{
	struct input *in = arg;
	struct cis_capture_frame cf = {.frame = data, .len = len};

	if (in->to->of.nearly)
		in->to->of.nearly(in->to->of.arg, &cf);
}

static void put_bytes(struct input *in, const uint8_t *buf, size_t len)
{
	const struct cis_pickup_taker to = {deliver, deliver_piece, in};
	size_t room =
		in->len < sizeof(in->head) ? sizeof(in->head) - in->len : 0;

	memcpy(in->head + (sizeof(in->head) - room), buf,
	       len < room ? len : room);
	in->len += len;
	cis_pickup_put(&in->pickup, buf, len, &to);
}

/* ---- hexadecimal ---- */

static bool is_blank(unsigned char c)
{
	return c == ':' || isspace(c);
}

/* Digits and blanks only, and at least one digit; a leading 0x is allowed. */
static bool is_hex(const char *text, size_t len)
{
	size_t n = 0, i = 0;

	if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		i = 2;
	for (; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		n += isxdigit(c) != 0;
		if (!isxdigit(c) && !is_blank(c))
			return false;
	}
	return n > 0;
}

static int put_hex(struct input *in, const char *text, size_t len,
		   struct cis_diag *diag)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		int v = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
		uint8_t byte;

		if (is_blank(c) || (in->digits == 1 && (c | 0x20) == 'x'))
			continue;
		if (!isxdigit(c))
			return cis_fail(diag, -EBADMSG,
					"%s: not a hexadecimal digit after the "
					"first %llu",
					in->name,
					(unsigned long long)in->digits);
		byte = (uint8_t)(in->nibble << 4 | v);
		in->nibble = (uint8_t)v;
		if (in->digits++ % 2)
			put_bytes(in, &byte, 1);
	}
	return 0;
}

/* ---- the end ---- */

static int refuse(const struct input *in, struct cis_diag *diag)
{
	struct cis_c37_head head;
	struct cis_diag say = {""};
	size_t n = in->len < sizeof(in->head) ? in->len : sizeof(in->head);

	if (in->to->refused && in->pickup.first_len > 0)
		in->to->refused(in->to->of.arg, in->pickup.first,
				in->pickup.first_len, &say);
	else if (in->to->refused)
		in->to->refused(in->to->of.arg, in->head, n, &say);
	if (cis_c37_peek(in->head, n, &head) == -EAGAIN && n >= 4)
		return cis_fail(diag, -EBADMSG,
				"%.120s: the frame is cut off: it has %u bytes "
				"by its head, and %zu are here%s",
				in->name,
				(unsigned)in->head[2] << 8 | in->head[3],
				in->len, say.msg);
	if (cis_c37_is_1344(in->head, n))
		return cis_fail(diag, -EBADMSG,
				"%.120s: not C37.118: these are frames of IEEE "
				"1344, the standard before it; set the sender "
				"to IEEE C37.118",
				in->name);
	return cis_fail(diag, -EBADMSG,
			"%.120s: not C37.118: no frame in %zu bytes%s",
			in->name, in->len, say.msg);
}

static int finish(struct input *in, struct cis_diag *diag)
{
	const struct cis_pickup_taker to = {deliver, deliver_piece, in};
	size_t lost;

	if (in->digits % 2)
		return cis_fail(diag, -EBADMSG,
				"%s: an odd number of hexadecimal digits "
				"(%llu)",
				in->name, (unsigned long long)in->digits);
	lost = cis_pickup_finish(&in->pickup, &to);
	if (in->to->of.stats->frames == 0)
		return refuse(in, diag);
	if (lost > 0)
		cis_warn(in->to->of.warn,
			 "%s: %zu of %zu bytes belong to no frame", in->name,
			 lost, in->len);
	return 0;
}

/* ---- files ---- */

static int read_stream(struct input *in, FILE *f, struct cis_diag *diag)
{
	char *buf = malloc(CHUNK);
	bool hex = false;
	int err = 0;
	size_t n;

	if (!buf)
		return cis_fail(diag, -ENOMEM, "out of memory");
	while (!err && (n = fread(buf, 1, CHUNK, f)) > 0) {
		if (in->len == 0 && in->digits == 0)
			hex = is_hex(buf, n);
		if (hex)
			err = put_hex(in, buf, n, diag);
		else
			put_bytes(in, (const uint8_t *)buf, n);
	}
	if (!err && ferror(f))
		err = cis_fail(diag, -EIO, "%s: cannot be read", in->name);
	free(buf);
	return err ? err : finish(in, diag);
}

static int read_capture(struct input *in, FILE *f, struct cis_diag *diag)
{
	const struct cis_capture_stats *stats = in->to->of.stats;
	int err = cis_capture_read(f, in->name, &in->to->of, diag);

	if (err)
		return err;
	if (stats->frames == 0)
		return cis_fail(diag, -EBADMSG,
				"%s: no frame of C37.118 in %llu packets",
				in->name, (unsigned long long)stats->packets);
	return 0;
}

/* Reads a file that can be wound back, and closes it. */
static int read_file(struct input *in, FILE *f, struct cis_diag *diag)
{
	uint8_t magic[4];
	size_t n = fread(magic, 1, sizeof(magic), f);
	int err;

	if (n == 0) {
		fclose(f);
		return cis_fail(diag, -EBADMSG, "%s: is empty", in->name);
	}
	rewind(f);
	if (cis_capture_is(magic, n))
		return read_capture(in, f, diag);
	err = read_stream(in, f, diag);
	fclose(f);
	return err;
}

/* A pipe as a file that can be wound back; NULL with errno. */
static FILE *copy_of(FILE *from)
{
	FILE *to = tmpfile();
	char buf[4096];
	size_t n;

	while (to && (n = fread(buf, 1, sizeof(buf), from)) > 0) {
		if (fwrite(buf, 1, n, to) != n) {
			fclose(to);
			return NULL;
		}
	}
	if (to)
		rewind(to);
	return to;
}

static int read_named(struct input *in, FILE *f, struct cis_diag *diag)
{
	struct stat st = {.st_mode = 0};
	FILE *copy;
	int err;

	if (!fstat(fileno(f), &st) && S_ISDIR(st.st_mode)) {
		fclose(f);
		return cis_fail(diag, -EISDIR, "%s: is a directory", in->name);
	}
	if (S_ISREG(st.st_mode) && f != stdin)
		return read_file(in, f, diag);
	copy = copy_of(f);
	err = errno;
	fclose(f);
	if (!copy)
		return cis_fail(diag, -err, "%s: %s", in->name, strerror(err));
	return read_file(in, copy, diag);
}

/* What is not a file may be the digits themselves. */
static int read_digits(struct input *in, const char *what, int err,
		       struct cis_diag *diag)
{
	if (is_hex(what, strlen(what))) {
		in->name = "the digits given";
		err = put_hex(in, what, strlen(what), diag);
		return err ? err : finish(in, diag);
	}
	if (err == ENOENT && !strpbrk(what, "./"))
		return cis_fail(diag, -EBADMSG,
				"\"%.80s\" is neither a file nor hexadecimal "
				"digits",
				what);
	return cis_fail(diag, err == ENOENT ? -ENOENT : -EBADMSG, "%.200s: %s",
			what, strerror(err));
}

int cis_decode_input(const char *what, const struct cis_decode_taker *to,
		     struct cis_diag *diag)
{
	struct input *in = calloc(1, sizeof(*in));
	FILE *f;
	int err;

	if (!in)
		return cis_fail(diag, -ENOMEM, "out of memory");
	in->name = !strcmp(what, "-") ? "standard input" : what;
	in->to = to;
	memset(to->of.stats, 0, sizeof(*to->of.stats));
	cis_pickup_init(&in->pickup);
	errno = 0;
	f = !strcmp(what, "-") ? stdin : fopen(what, "rb");
	if (f)
		err = read_named(in, f, diag);
	else
		err = read_digits(in, what, errno, diag);
	free(in);
	return err;
}
