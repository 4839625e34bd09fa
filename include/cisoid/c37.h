/*
 * c37.h - IEEE C37.118.2-2005 and -2011 frames: encode, decode, split a stream.
 *
 * Pure. Encoders write into the caller's buffer and return the length, or
 * -EMSGSIZE. Decoders check every byte before use and return bytes consumed,
 * -EAGAIN (more bytes needed) or -EBADMSG (not a frame of C37.118). The CRC is
 * checked by cis_c37_crc_ok() alone: a receiver may want to show what a broken
 * frame says.
 */
#ifndef CISOID_C37_H
#define CISOID_C37_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cisoid/diag.h"
#include "cisoid/report.h"
#include "cisoid/time.h"

#define CIS_C37_MAX_FRAME     65535
#define CIS_C37_MAX_UDP       65507
#define CIS_C37_PORT_TCP      4712
#define CIS_C37_PORT_UDP      4713
#define CIS_C37_BROADCAST     0xFFFF
#define CIS_C37_MAX_TIME_BASE 0xFFFFFF

/* SYNC bits 6-4, clause 6.2, table 2. */
enum cis_c37_type {
	CIS_C37_DATA,
	CIS_C37_HDR,
	CIS_C37_CFG1,
	CIS_C37_CFG2,
	CIS_C37_CMD,
	CIS_C37_CFG3,
};

/* Message time quality, FRACSEC bits 31-24, clause 6.2.2, table 3. */
#define CIS_C37_TQ_MASK       0x0Fu /* the quality itself */
#define CIS_C37_LEAP_PENDING  0x10u
#define CIS_C37_LEAP_OCCURRED 0x20u
#define CIS_C37_LEAP_DELETE   0x40u /* direction: 0 inserts a second */
#define CIS_C37_LEAP_MASK     0x70u

/* The common part of every frame, clause 6.2. */
struct cis_c37_head {
	enum cis_c37_type type;
	uint8_t version; /* SYNC bits 3-0: 1 = 2005, 2 = 2011 */
	uint16_t frame_len;
	uint16_t idcode;
	uint32_t soc;
	uint32_t fracsec;     /* 24 bits, in 1/TIME_BASE s */
	uint8_t time_quality; /* FRACSEC bits 31-24 */
};

/* Where its fields stand in a frame, and where what follows it does. */
#define CIS_C37_FRAMESIZE_AT 2
#define CIS_C37_IDCODE_AT    4
#define CIS_C37_SOC_AT       6
#define CIS_C37_FRACSEC_AT   10 /* its first byte is the time quality */
#define CIS_C37_HEAD_LEN     14

/* CMD, clause 6.6, table 15. */
enum cis_c37_command {
	CIS_C37_CMD_DATA_OFF = 1,
	CIS_C37_CMD_DATA_ON,
	CIS_C37_CMD_SEND_HDR,
	CIS_C37_CMD_SEND_CFG1,
	CIS_C37_CMD_SEND_CFG2,
	CIS_C37_CMD_SEND_CFG3,
	CIS_C37_CMD_EXTENDED = 8,
};

/* FORMAT word, table 9. */
#define CIS_C37_FMT_POLAR        (1u << 0)
#define CIS_C37_FMT_PHASOR_FLOAT (1u << 1)
#define CIS_C37_FMT_ANALOG_FLOAT (1u << 2)
#define CIS_C37_FMT_FREQ_FLOAT   (1u << 3)

/* STAT word, table 7. */
#define CIS_C37_STAT_ERROR_MASK   0xC000u /* 0 good, 1 error, 2 test, 3 error */
#define CIS_C37_STAT_TEST         0x8000u
#define CIS_C37_STAT_INVALID      0x4000u /* PMU error, no information on data */
#define CIS_C37_STAT_UNSYNC       0x2000u
#define CIS_C37_STAT_SORT_ARRIVAL 0x1000u
#define CIS_C37_STAT_TRIGGER      0x0800u
#define CIS_C37_STAT_CFG_CHANGE   0x0400u
#define CIS_C37_STAT_MODIFIED     0x0200u
#define CIS_C37_STAT_REASON_MASK  0x000Fu
#define CIS_C37_STAT_REASON_STEP  0x0008u /* ours, of the user's own 8 to 15 */
#define CIS_C37_STAT_TQ_SHIFT     6       /* PMU_TQ, bits 8-6 */
#define CIS_C37_STAT_UNLOCK_SHIFT 4       /* unlocked time, bits 5-4 */

/* Bytes of a name of CFG-3 (255), and a NUL. */
#define CIS_C37_NAME_SIZE 256

/* PHSCALE, bits 2-0 of its third byte, table 11. */
enum cis_c37_component {
	CIS_C37_ZERO_SEQ,
	CIS_C37_POSITIVE_SEQ,
	CIS_C37_NEGATIVE_SEQ,
	CIS_C37_PHASE_A = 4,
	CIS_C37_PHASE_B,
	CIS_C37_PHASE_C,
	CIS_C37_COMPONENT_UNKNOWN, /* reserved: what CFG-2 leaves unsaid */
};

/*
 * A phasor or an analog, whichever configuration frame described it.
 *
 * CFG-1 and CFG-2 say `unit`, and `scale` is 0. An int16 phasor counts PHUNIT x
 * 1e-5 V or A; analogs are as on the wire, since the scale in ANUNIT is the
 * user's own affair (table 9).
 *
 * CFG-3 says `scale` and `offset`, for int16 and float alike: a phasor is
 * scale x e^(-j offset) times the one on the wire, an analog is scale times the
 * wire's plus offset. `unit` is then the PHUNIT nearest to it (ANUNIT: 0).
 */
struct cis_c37_channel {
	char name[CIS_C37_NAME_SIZE]; /* UTF-8, trailing blanks taken away */
	uint32_t unit;                /* PHUNIT or ANUNIT as on the wire */
	float scale;                  /* PHSCALE's Y, ANSCALE's M; 0: none */
	float offset;                 /* PHSCALE's angle, rad; ANSCALE's B */
	uint16_t modified;            /* PHSCALE: flags of modification */
	uint8_t component;            /* enum cis_c37_component */
	uint8_t user;                 /* PHSCALE: the user's own byte */
};

/* PHUNIT: bits 31-24 0 voltage, 1 current; bits 23-0 in 1e-5 V or A per bit.
 * Set from CFG-3 as well. */
static inline bool cis_c37_phunit_is_current(uint32_t phunit)
{
	return phunit >> 24 == 1;
}

struct cis_c37_digital {
	char name[16][CIS_C37_NAME_SIZE]; /* of bits 0..15, blanks trimmed */
	uint32_t mask; /* DIGUNIT: normal state, then valid inputs */
};

/* WGS 84; infinity (or NaN): not known. */
struct cis_c37_position {
	float lat_deg; /* north of the equator */
	float lon_deg; /* east of the prime meridian */
	float elev_m;  /* above mean sea level */
};

struct cis_c37_pmu {
	char station[CIS_C37_NAME_SIZE];
	uint16_t idcode;
	uint16_t format; /* CIS_C37_FMT_* */
	uint16_t fnom;   /* FNOM word: bit 0 set = 50 Hz, clear = 60 Hz */
	uint16_t cfgcnt;
	uint16_t n_phasor;
	uint16_t n_analog;
	uint16_t n_digital; /* words of 16 bits */
	struct cis_c37_channel *phasor;
	struct cis_c37_channel *analog;
	struct cis_c37_digital *digital;
	/* CFG-3 alone; pmu_size() leaves them. */
	uint8_t g_pmu_id[16];
	struct cis_c37_position position;
	char svc_class;     /* 'P', 'M'; ' ': none is claimed */
	int32_t window_us;  /* of the estimator; 0: not told */
	int32_t grp_dly_us; /* already taken out of the time stamps */
};

static inline double cis_c37_fnom_hz(const struct cis_c37_pmu *pmu)
{
	return pmu->fnom & 1 ? 50 : 60;
}

struct cis_c37_config {
	uint16_t idcode;    /* of the stream */
	uint8_t version;    /* SYNC nibble: 1 = 2005, 2 = 2011; CFG-3: 2 */
	uint16_t edition;   /* 2005: its STAT; else 2011, whatever the nibble */
	uint32_t time_base; /* bits 23-0 */
	int16_t data_rate;  /* > 0: frames per second; < 0: seconds per frame */
	uint16_t n_pmu;
	struct cis_c37_pmu *pmu;
};

/* One PMU's part of a data frame. A phasor, frequency or analog without a value
 * (int16 -32768, float NaN) is NaN. */
struct cis_c37_block {
	uint16_t stat;
	double complex *phasor_rms; /* V or A, [n_phasor] */
	double freq_hz;
	double rocof_hz_per_s;
	double *analog;    /* [n_analog], see struct cis_c37_channel */
	uint16_t *digital; /* [n_digital] */
};

struct cis_c37_data {
	struct cis_c37_head head;
	uint16_t n_pmu;
	struct cis_c37_block *block; /* [n_pmu] */
};

/* ---- any frame ---- */

/*
 * Reads the common part. Returns the length of the whole frame once `len` holds
 * all of it; -EAGAIN until then; -EBADMSG when these bytes cannot begin a frame.
 * The CRC is not looked at.
 */
int cis_c37_peek(const uint8_t *buf, size_t len, struct cis_c37_head *head);

/* CRC-CCITT of a whole frame (len bytes) against its CHK, clause 6.2. */
bool cis_c37_crc_ok(const uint8_t *frame, size_t len);

/* FRAMESIZE and CHK, in its last two bytes, of a frame of `len` bytes (16 to
 * 65535) that was changed. */
void cis_c37_seal(uint8_t *frame, size_t len);

/* Whether the bytes begin with frames of IEEE 1344, which C37.118 replaced: the
 * first two (one, when there are no more) have its length and its CRC. */
bool cis_c37_is_1344(const uint8_t *buf, size_t len);

/* DATA_RATE, clause 6.4: frames a second, or seconds a frame where it is
 * negative; one a second where it is 0. */
struct cis_rate cis_c37_rate(int16_t data_rate);

/* Seconds of FRACSEC as it is; and the instant, snapped to the nearest k/N of
 * data_rate. */
double cis_c37_frac_s(uint32_t fracsec, uint32_t time_base);
struct cis_instant cis_c37_instant(const struct cis_c37_config *cfg,
				   uint32_t soc, uint32_t fracsec);

/* The same of a frame whose leap-second bits are heard, too: they tell 23:59:60
 * from the 00:00:00 that has its SOC. */
struct cis_instant cis_c37_head_instant(const struct cis_c37_config *cfg,
					const struct cis_c37_head *head);

/* The TAI second of a frame's SOC and leap-second bits. */
int64_t cis_c37_tai_s(const struct cis_c37_head *head);

/*
 * The leap-second bits of the TAI second `tai_s`, clause 6.2.2: pending in the
 * last minute (of 61 or 59 seconds), occurred for 24 h after it.
 */
uint8_t cis_c37_leap_bits(int64_t tai_s);

/* ---- frames that differ little ---- */

/* SOC, FRACSEC and time quality of `head`, leap-second bits as they are there,
 * and CHK anew, in a frame of any type of `len` bytes. */
void cis_c37_restamp(uint8_t *frame, size_t len,
		     const struct cis_c37_head *head);

/* For one length: what an IDCODE adds to the CRC. */
struct cis_c37_readdress {
	size_t len;
	uint16_t high[256], low[256];
};

void cis_c37_readdress_init(struct cis_c37_readdress *r, size_t len);

/* Another IDCODE of the stream in a frame of r->len bytes; CHK follows, right
 * afterwards if it was right before. */
void cis_c37_readdress(const struct cis_c37_readdress *r, uint8_t *frame,
		       uint16_t idcode);

/* ---- configuration ---- */

/* Empty configuration with n_pmu PMUs, defaults set; -ENOMEM. */
int cis_c37_config_new(uint16_t n_pmu, struct cis_c37_config **out);
/* Room for so many channels in one PMU of it; -ENOMEM. */
int cis_c37_pmu_size(struct cis_c37_pmu *pmu, uint16_t n_phasor,
		     uint16_t n_analog, uint16_t n_digital);
void cis_c37_config_free(struct cis_c37_config *cfg); /* NULL is allowed */

/* What our own streams need to know to describe themselves. */
struct cis_c37_stream_opts {
	uint16_t idcode;
	const char *station; /* UTF-8 */
	uint16_t format;     /* CIS_C37_FMT_* */
	struct cis_rate rate;
	double fnom_hz;
	uint8_t version;    /* 1 unless told */
	uint16_t edition;   /* 2005, else 2011 */
	uint32_t time_base; /* 1 to 16777215; 0: 1000000 */
	/* What CFG-3 says beyond; zeros where nothing is known. */
	bool long_names;  /* CFG-3 will be sent: a station of 255 bytes */
	char svc_class;   /* 'P', 'M'; 0: no class is claimed */
	double window_s;  /* of the running profile */
	double grp_dly_s; /* the same; half of a centred window */
	const struct cis_c37_position *position; /* NULL: not known */
	const uint8_t *g_pmu_id;                 /* 16 bytes; NULL: zeros */
};

/*
 * The configuration of one PMU that sends the reports of `map`: its channels in
 * order, then the positive sequences. PHUNIT by 1.5 x nominal (or range).
 * -EINVAL with a message (station too long, rate that DATA_RATE cannot hold).
 */
int cis_c37_config_for_map(const struct cis_chan_map *map,
			   const struct cis_c37_stream_opts *opts,
			   struct cis_c37_config **out, struct cis_diag *diag);

/* Bytes of the configuration frame; more than CIS_C37_MAX_FRAME: no frame. */
size_t cis_c37_config_len(const struct cis_c37_config *cfg,
			  enum cis_c37_type type);

/*
 * Whether the frame can say all of `cfg`, and it and its data frames have at
 * most max_len bytes (65535; 65507 by UDP). -EINVAL with the sentence that says
 * what is too long (16 characters in CFG-1 and -2), not unique (IDCODEs,
 * stations, a PMU's channels), or not to be said (angles and offsets in CFG-2).
 */
int cis_c37_config_check(const struct cis_c37_config *cfg,
			 enum cis_c37_type type, size_t max_len,
			 struct cis_diag *diag);

/*
 * CFG-1, CFG-2 (the same but for SYNC) or CFG-3, stamped `at`. Names of CFG-1
 * and -2 are 16 bytes of ASCII: what cannot be written so is transliterated, cut
 * and numbered.
 */
int cis_c37_config_encode(const struct cis_c37_config *cfg,
			  enum cis_c37_type type, struct cis_split_time at,
			  uint8_t time_quality, uint8_t *buf, size_t size);
/* Any of the three; a fragment of CFG-3 is refused, see cis_c37_join_put(). */
int cis_c37_config_decode(const uint8_t *frame, size_t len,
			  struct cis_c37_config **out, struct cis_diag *diag);

/* ---- CFG-3 in fragments, CONT_IDX ---- */

/* Whether the frame is a CFG-3 that is part of a series. */
bool cis_c37_is_fragment(const uint8_t *frame, size_t len);

/*
 * Receivers differ: most want a CHK in each fragment, over it alone; some have
 * one CHK, at the end of the last fragment and over all bytes of all of them.
 */
struct cis_c37_series {
	struct cis_split_time at;
	uint8_t time_quality;
	uint16_t max_len; /* of a fragment, 0: CIS_C37_MAX_FRAME */
	bool one_chk;
};

/* The CFG-3, in as many fragments as max_len asks for, one behind the other;
 * FRAMESIZE tells where each ends. Returns the bytes of all, or -EMSGSIZE. */
int cis_c37_config_encode_series(const struct cis_c37_config *cfg,
				 const struct cis_c37_series *how, uint8_t *buf,
				 size_t size);

/* Puts a series together, in the caller's memory; init() needs no undoing. */
struct cis_c37_join {
	uint8_t *buf;
	size_t size; /* no series longer than this is taken */
	size_t fill;
	uint16_t n; /* fragments so far */
	/* After the last fragment: bytes of the frame they make, which is in buf
	 * without a CHK, until the next call. */
	size_t joined_len;
};

void cis_c37_join_init(struct cis_c37_join *join, uint8_t *buf, size_t size);

/*
 * Takes the next fragment, of one sender. Returns -EAGAIN while more are to
 * come, and with the last one the bytes of all; with a message -EBADMSG (out of
 * order, a wrong CHK, not a configuration; the series is dropped), -EMSGSIZE
 * (longer than `size`). CONT_IDX 1 always begins anew.
 */
int cis_c37_join_put(struct cis_c37_join *join, const uint8_t *frame,
		     size_t len, struct cis_c37_config **out,
		     struct cis_diag *diag);

/* ---- data ---- */

/* Room for one frame of `cfg`; -ENOMEM. */
int cis_c37_data_new(const struct cis_c37_config *cfg,
		     struct cis_c37_data **out);
void cis_c37_data_free(struct cis_c37_data *data);

/* Bytes of a data frame of `cfg`. */
size_t cis_c37_data_len(const struct cis_c37_config *cfg);

/* head.soc, head.fracsec and head.time_quality are sent as they are. To all
 * other frames the encoder adds the leap-second bits of their time. A value that
 * its field cannot hold is sent as no value, and where STAT 15-14 are 00 they
 * become 11. */
int cis_c37_data_encode(const struct cis_c37_config *cfg,
			const struct cis_c37_data *data, uint8_t *buf,
			size_t size);
int cis_c37_data_decode(const struct cis_c37_config *cfg, const uint8_t *frame,
			size_t len, struct cis_c37_data *data,
			struct cis_diag *diag);

/*
 * Message time quality (bits 3-0), table 3: 0 while the clock is locked and known
 * to 1 us; else 1 (within 1 ns) ... 0xB (10 s) by the uncertainty, 0xF unknown.
 * PMU_TQ of STAT, table 7, not shifted: 1 (below 100 ns) ... 7 (unknown).
 */
uint8_t cis_c37_time_quality(const struct cis_time_quality *q);
uint16_t cis_c37_pmu_tq(const struct cis_time_quality *q);

/*
 * Fills block `pmu` of `data`, and the head's time, from a report. STAT tells
 * the report's flags and time quality: data error 01 when there is no value, 11
 * when there are values that must not be used, 10 always in `test_mode`. A
 * two-sided estimate (CIS_NOTE_STEP) is a trigger with CIS_C37_STAT_REASON_STEP.
 * In the edition of 2005 PMU_TQ is 0, and bits 15-14 are 11 for no value, too.
 */
void cis_c37_data_from_report(const struct cis_c37_config *cfg, uint16_t pmu,
			      const struct cis_report *rep, bool test_mode,
			      struct cis_c37_data *data);

/*
 * The other way round: block `pmu` as a report (n_chan = n_phasor). STAT's data
 * error becomes CIS_REPORT_NOFIT, no value at all CIS_REPORT_NOSIGNAL, our own
 * trigger CIS_NOTE_STEP; the time quality is the largest error that the codes
 * allow.
 */
void cis_c37_data_to_report(const struct cis_c37_config *cfg, uint16_t pmu,
			    const struct cis_c37_data *data,
			    struct cis_report *rep);

/* ---- header and command ---- */

/* `cfg` gives version, IDCODE and TIME_BASE. */
int cis_c37_header_encode(const struct cis_c37_config *cfg,
			  struct cis_split_time at, uint8_t time_quality,
			  const char *text, uint8_t *buf, size_t size);
/* Text that is no UTF-8 is replaced by '?'. */
int cis_c37_header_decode(const uint8_t *frame, size_t len,
			  char text[CIS_C37_MAX_FRAME]);
int cis_c37_command_encode(uint8_t version, uint16_t idcode,
			   struct cis_split_time at, uint16_t command,
			   uint8_t *buf, size_t size);
/* The command word; -EBADMSG. Any time and version are accepted. */
int cis_c37_command_decode(const uint8_t *frame, size_t len);

/* The standard's 65518 would make a frame of 65536 bytes. */
#define CIS_C37_MAX_EXTENDED 65517

/* Command 8 with data of the user's own; of `head`, version, idcode and time are
 * sent as they are. -EMSGSIZE. */
int cis_c37_extended_encode(const struct cis_c37_head *head, const uint8_t *ext,
			    size_t ext_len, uint8_t *buf, size_t size);
/* Bytes of the data and where they are in the frame; -EBADMSG when it is no
 * command 8. */
int cis_c37_extended_decode(const uint8_t *frame, size_t len,
			    const uint8_t **ext);

/* ---- a byte stream ---- */

/*
 * Cuts a byte stream into frames; init() needs no undoing. In step, it holds at
 * most one frame and delivers it whatever its CRC. After garbage it looks for
 * the next frame with a good CRC. A frame that is longer than its buffer is
 * skipped and counted.
 */
struct cis_c37_splitter {
	uint8_t *buf; /* the caller's */
	size_t size;
	size_t skipped; /* bytes that belonged to no frame, so far */
	size_t n_long;  /* frames that were too long, so far */
	size_t passed;  /* bytes of these, so far */
	size_t to_skip; /* bytes of the last of them that are still to come */
	size_t fill;
	size_t done; /* bytes of the frame handed out last */
	bool lost;   /* out of step */
	/* Who is told of bytes that belong to no frame, in their order; NULL:
	 * nobody. To be set after init. */
	void (*on_skip)(void *arg, const uint8_t *data, size_t len);
	void *arg;
};

/* `buf` must stay where it is; a size of CIS_C37_MAX_FRAME holds every frame, 18
 * is the least. */
void cis_c37_splitter_init(struct cis_c37_splitter *s, uint8_t *buf,
			   size_t size);

/* Bytes are missing here: what is held is dropped, told to nobody, and the next
 * frame looked for. */
void cis_c37_splitter_gap(struct cis_c37_splitter *s);

/* The frame handed out last is none: looks for another within its bytes. */
void cis_c37_splitter_refuse(struct cis_c37_splitter *s);

/*
 * Takes bytes from *data (moving it and *len on) until a frame is whole. Returns
 * its length and sets *frame (valid until the next call), or -EAGAIN when all
 * bytes are taken. The CRC is the caller's to check.
 */
int cis_c37_splitter_next(struct cis_c37_splitter *s, const uint8_t **data,
			  size_t *len, const uint8_t **frame);

#endif
