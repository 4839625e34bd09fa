/*
 * lint_rules.c - the table of departures; see lint.h. docs/man/cisoid-codes.7
 * says the same, and a test compares the two.
 */
#include "lint_rules.h"

#include "cisoid/lint.h"

static const struct cis_lint_rule rules[LINT_N] = {
	/* ---- any frame ---- */
	[LINT_FRM_SHORT] = {"E-FRM-SHORT", "6.2.1, table 2",
			    "fewer bytes than the shortest frame",
			    "something was cut off, or this is no frame"},
	[LINT_FRM_SYNC] = {"E-FRM-SYNC", "6.2.1, table 2",
			   "the first byte is not AA",
			   "receivers look for AA and pass this over"},
	[LINT_FRM_TYPE] = {"E-FRM-TYPE", "6.2.1, table 2",
			   "the frame type is reserved",
			   "SYNC bits 6-4 are 0 to 5, bit 7 is 0"},
	[LINT_FRM_VERSION] = {"E-FRM-VERSION", "6.2.1, table 2",
			      "the version is 0", "send 1 (2005) or 2 (2011)"},
	[LINT_FRM_VERSION_NEW] = {"W-FRM-VERSION", "6.2.1, table 2",
				  "a version above 2",
				  "many receivers refuse it; send 1 or 2"},
	[LINT_FRM_VERSION_CFG3] = {"W-FRM-VERSION-CFG3", "6.2.1, table 2",
				   "a CFG-3 that says it is of 2005",
				   "CFG-3 came in 2011: send version 2 in it"},
	[LINT_FRM_SIZE] = {"E-FRM-SIZE", "6.2.1, table 2",
			   "FRAMESIZE is not the length of the frame",
			   "receivers lose the frames that follow; FRAMESIZE "
			   "counts all bytes, SYNC and CHK too"},
	[LINT_FRM_CUT] = {"E-FRM-CUT", "6.2.1, table 2",
			  "fewer bytes than FRAMESIZE says",
			  "the frame was cut off, or FRAMESIZE is wrong"},
	[LINT_FRM_TRAIL] = {"E-FRM-TRAIL", "6.2.1, table 2",
			    "bytes behind the frame that belong to none",
			    "receivers of a byte stream look for SYNC there"},
	[LINT_FRM_ODD] = {"E-FRM-ODD", "6.2.1", "an odd length",
			  "data, commands, CFG-1 and CFG-2 are made of 16-bit "
			  "words: one byte is missing or too many"},
	[LINT_FRM_UDP] = {"W-FRM-UDP", "RFC 768", "more than 65507 bytes",
			  "it cannot be sent by UDP; use TCP or fewer "
			  "channels"},
	[LINT_FRM_CRC] = {"E-FRM-CRC", "6.2.1, table 2", "CHK is wrong",
			  "receivers drop the frame; if all are wrong the "
			  "sender computes it wrongly, else bytes were "
			  "damaged"},
	[LINT_FRM_CRC_SPAN] = {"E-FRM-CRC-SPAN", "6.2.1, table 2",
			       "CHK is computed over the wrong bytes",
			       "it covers all bytes from SYNC to the last "
			       "before CHK"},
	[LINT_FRM_CRC_ORDER] = {"E-FRM-CRC-ORDER", "6.2.1",
				"the bytes of CHK are swapped",
				"send the high byte first"},
	[LINT_FRM_CRC_INIT] = {"E-FRM-CRC-INIT", "6.2.1, annex B",
			       "CHK begins with the wrong value",
			       "begin with FFFF"},
	[LINT_FRM_CRC_KIND] = {"E-FRM-CRC-KIND", "6.2.1, annex B",
			       "CHK is another kind of CRC",
			       "CRC-CCITT: x^16 + x^12 + x^5 + 1, begun with "
			       "FFFF, not reflected, not inverted, 16 bits"},
	[LINT_FRM_CRC_SHORT] = {"E-FRM-CRC-SHORT", "6.2.1, table 2",
				"CHK is one byte short",
				"always send two bytes, zeros in front"},
	[LINT_FRM_CRC_NONE] = {"E-FRM-CRC-NONE", "6.2.1, table 2",
			       "CHK is not computed",
			       "receivers drop the frame"},
	[LINT_FRM_IDCODE] = {"E-FRM-IDCODE", "6.2.1, table 2",
			     "a reserved IDCODE",
			     "a stream has one of 1 to 65534"},
	/* ---- configuration ---- */
	[LINT_CFG_TIMEBASE] = {"E-CFG-TIMEBASE", "6.4, table 9",
			       "TIME_BASE is 0",
			       "no time stamp can be read; send 1000000"},
	[LINT_CFG_TIMEBASE_FLAGS] = {"W-CFG-TIMEBASE", "6.4, table 9",
				     "reserved bits of TIME_BASE are set",
				     "bits 31-24 are 0; some receivers read "
				     "all 32"},
	[LINT_CFG_NUMPMU] = {"E-CFG-NUMPMU", "6.4, table 9",
			     "NUM_PMU does not fit the frame",
			     "it counts the PMUs that follow, at least one"},
	[LINT_CFG_COUNTS] = {"E-CFG-COUNTS", "6.4, table 9",
			     "PHNMR, ANNMR and DGNMR do not fit the frame",
			     "the names and units that they count are not "
			     "there"},
	[LINT_CFG_PHANTOM] = {"E-CFG-PHANTOM", "6.4, table 8",
			      "surplus words: units for counts of zero",
			      "for ANNMR = 0 there is no ANUNIT, for DGNMR = 0 "
			      "no DIGUNIT: leave the words out"},
	[LINT_CFG_SURPLUS] = {"E-CFG-SURPLUS", "6.4, table 8",
			      "surplus words: more than the counts ask for",
			      "receivers read FNOM, CFGCNT and DATA_RATE in "
			      "the wrong place"},
	[LINT_CFG_MISSING] = {"E-CFG-MISSING", "6.4, table 8",
			      "words are missing before CHK",
			      "DATA_RATE is the last word before CHK"},
	[LINT_CFG_RATE] = {"E-CFG-RATE", "6.4, table 9", "DATA_RATE is 0",
			   "send frames per second, or minus the seconds per "
			   "frame"},
	[LINT_CFG_SLOW] = {"I-CFG-SLOW", "6.4, table 9",
			   "fewer than one frame a second",
			   "few receivers know that DATA_RATE below 0 is "
			   "seconds per frame; 1 or more is safe"},
	[LINT_CFG_FORMAT] = {"W-CFG-FORMAT", "6.4, table 9",
			     "reserved bits of FORMAT are set",
			     "bits 15-4 are 0"},
	[LINT_CFG_FNOM_HZ] = {"E-CFG-FNOM", "6.4, table 9",
			      "FNOM is a number of hertz",
			      "bit 0 alone counts: 1 is 50 Hz, 0 is 60 Hz"},
	[LINT_CFG_FNOM] = {"W-CFG-FNOM", "6.4, table 9",
			   "reserved bits of FNOM are set", "bits 15-1 are 0"},
	[LINT_CFG_PHUNIT] = {"E-CFG-PHUNIT", "6.4, table 9",
			     "the scale of an int16 phasor is 0",
			     "every value reads as 0; send 1e-5 V or A per "
			     "bit"},
	[LINT_CFG_PHUNIT_KIND] = {"W-CFG-PHUNIT", "6.4, table 9",
				  "neither voltage nor current",
				  "PHUNIT bits 31-24 are 0 or 1"},
	[LINT_CFG_ANUNIT] = {"W-CFG-ANUNIT", "6.4, table 9",
			     "a reserved kind of analog",
			     "ANUNIT bits 31-24 are 0, 1, 2 or 65 to 255"},
	[LINT_CFG_NAME_PAD] = {"W-CFG-NAME-PAD", "6.4, table 9",
			       "a name is not padded with blanks",
			       "some receivers show the rest, or find no name"},
	[LINT_CFG_NAME_BLANK] = {"W-CFG-NAME-BLANK", "6.4, table 9",
				 "a name is empty",
				 "receivers find channels by their names"},
	[LINT_CFG_NAME_ASCII] = {"W-CFG-NAME-ASCII", "6.4, table 9",
				 "a name is not ASCII",
				 "write it in ASCII, or send CFG-3"},
	[LINT_CFG_NAME_CUT] = {"W-CFG-NAME-CUT", "6.4, table 9",
			       "a name is cut within a letter of UTF-8",
			       "write it in ASCII: receivers refuse half a "
			       "letter"},
	[LINT_CFG_NAME_TWICE] = {"W-CFG-NAME-TWICE", "6.4, table 9",
				 "two channels of a PMU have one name",
				 "receivers find channels by their names"},
	[LINT_CFG_STATION_TWICE] = {"W-CFG-STATION-TWICE", "6.4, table 9",
				    "two PMUs have one station name",
				    "receivers confuse them"},
	[LINT_CFG_IDCODE] = {"E-CFG-IDCODE", "6.4, table 9",
			     "a PMU has a reserved IDCODE",
			     "a PMU has one of 1 to 65534"},
	[LINT_CFG_IDCODE_TWICE] = {"E-CFG-IDCODE-TWICE", "6.4, table 9",
				   "two PMUs have one IDCODE",
				   "receivers confuse them"},
	[LINT_CFG_CNT] = {"W-CFG-CFGCNT", "6.4, table 9",
			  "a changed configuration with the old CFGCNT",
			  "CFGCNT counts the changes: receivers may keep the "
			  "old one"},
	[LINT_CFG_CHANGE] = {"W-CFG-CHANGE", "6.3",
			     "the configuration changed and STAT did not say "
			     "so",
			     "STAT bit 10 announces a change for a minute"},
	[LINT_CFG3_UTF8] = {"E-CFG3-UTF8", "6.4, table 12",
			    "a name is not UTF-8",
			    "receivers refuse the frame or show rubbish"},
	[LINT_CFG3_POSITION] = {"W-CFG3-POSITION", "6.4, table 11",
				"a position that is not on the Earth",
				"degrees within 90 and 180; infinity where it "
				"is not known"},
	[LINT_CFG3_CLASS] = {"W-CFG3-CLASS", "6.4, table 11",
			     "the service class is not M or P",
			     "send M or P, or a blank that claims neither"},
	[LINT_CFG3_WINDOW] = {"W-CFG3-WINDOW", "6.4, table 11",
			      "a window or group delay below 0",
			      "both are in microseconds"},
	[LINT_CFG3_SCALE] = {"E-CFG3-SCALE", "6.4, table 11",
			     "a scale is 0 or not a number",
			     "no value of this channel can be read"},
	[LINT_CFG3_PHSCALE] = {"W-CFG3-PHSCALE", "6.4, table 11",
			       "reserved bits of PHSCALE are set",
			       "bits 14-11 and 0 of the flags, bits 7-4 of the "
			       "kind are 0"},
	[LINT_CFG3_CONT] = {"E-CFG3-CONT", "6.4, table 11",
			    "fragments are out of order",
			    "CONT_IDX is 0 for a frame alone, else 1, 2, ... "
			    "and FFFF for the last"},
	/* ---- data ---- */
	[LINT_DATA_LEN] = {"E-DATA-LEN", "6.3, table 5",
			   "not the length of the configuration",
			   "ask for the configuration again; if it is the "
			   "same, the sender writes what it does not "
			   "announce"},
	[LINT_DATA_PHANTOM] = {"E-DATA-PHANTOM", "6.3, table 5",
			       "surplus words: values for counts of zero",
			       "for ANNMR = 0 there is no ANALOG, for DGNMR = "
			       "0 no DIGITAL: leave the words out"},
	[LINT_DATA_FORMAT] = {"E-DATA-FORMAT", "6.3, table 6",
			      "the length of another FORMAT",
			      "FORMAT in the configuration is not what is "
			      "sent"},
	[LINT_DATA_FREQ_DEV] = {"E-DATA-FREQ", "6.3, table 6",
				"FREQ as float is a deviation or in mHz",
				"as float it is the frequency itself, in Hz"},
	[LINT_DATA_FREQ_ABS] = {"E-DATA-FREQ-INT", "6.3, table 6",
				"FREQ as int16 is the frequency itself",
				"as int16 it is the deviation from nominal, in "
				"mHz"},
	[LINT_DATA_FREQ_HOLD] = {"W-DATA-FREQ-NONE", "6.3, table 6",
				 "a FREQ that stands for none",
				 "say so in STAT bits 15-14, or send NaN or "
				 "8000"},
	[LINT_DATA_DFREQ] = {"W-DATA-DFREQ", "6.3, table 6",
			     "DFREQ is far from how FREQ changes",
			     "float is in Hz/s, int16 in 0.01 Hz/s"},
	[LINT_DATA_NAN] = {"W-DATA-NAN", "6.3, table 6",
			   "no value, and STAT says good",
			   "say so in STAT bits 15-14"},
	[LINT_DATA_INF] = {"E-DATA-INF", "6.3, table 6", "a value is infinite",
			   "send NaN, and say so in STAT bits 15-14"},
	[LINT_DATA_SATURATED] = {"W-DATA-RANGE", "6.3, table 6",
				 "an int16 at its limit",
				 "the value does not fit: choose a larger "
				 "scale in PHUNIT, or float"},
	[LINT_DATA_ANGLE] = {"W-DATA-ANGLE", "6.3, table 6",
			     "an angle beyond +-pi",
			     "float is in rad, int16 in 1e-4 rad up to "
			     "+-31416; are these degrees?"},
	[LINT_DATA_MAGNITUDE] = {"E-DATA-MAGNITUDE", "6.3, table 6",
				 "a magnitude below 0",
				 "turn the angle by pi instead"},
	/* ---- time ---- */
	[LINT_TIME_FRACSEC] = {"E-TIME-FRACSEC", "6.2.2",
			       "FRACSEC is not below TIME_BASE",
			       "a whole second belongs into SOC"},
	[LINT_TIME_FLAGS] = {"W-TIME-FLAGS", "6.2.2",
			     "a reserved bit of the time quality is set",
			     "FRACSEC bit 31 is 0"},
	[LINT_TIME_CODE] = {"W-TIME-CODE", "6.2.2", "an undefined time quality",
			    "codes are 0 to B, and F for a clock that failed"},
	[LINT_TIME_EPOCH] = {"W-TIME-EPOCH", "6.2.2", "the clock was never set",
			     "1970 and 2036 are where clocks begin; wait for "
			     "the time source before sending"},
	[LINT_TIME_FAR] = {"W-TIME-FAR", "6.2.2", "a time far from the arrival",
			   "the sender's clock or ours is wrong, or the data "
			   "are recorded"},
	[LINT_TIME_GRID] = {"W-TIME-GRID", "C37.118.1 5.4.2",
			    "a time off the reporting grid",
			    "frame k of N is at k/N of the UTC second: stamp "
			    "the instant, not the sending"},
	[LINT_TIME_RATE] = {"E-TIME-RATE", "6.4, table 9",
			    "not the rate of the configuration",
			    "DATA_RATE is what is sent; receivers wait for "
			    "it"},
	[LINT_TIME_BACK] = {"W-TIME-BACK", "6.2.2", "time goes backwards",
			    "frames were reordered on the way, or the clock "
			    "was set"},
	[LINT_TIME_REPEAT] = {"W-TIME-REPEAT", "6.2.2",
			      "the time of the frame before, again",
			      "the frame was sent twice, or two frames have "
			      "one time"},
	[LINT_TIME_GAP] = {"W-TIME-GAP", "6.2.2", "frames are missing",
			   "they were lost on the way, or not sent"},
	/* ---- STAT ---- */
	[LINT_STAT_TQ] = {"W-STAT-TQ", "6.3, table 6",
			  "PMU_TQ is 0 in a frame of 2011",
			  "0 is of 2005 and says nothing; send 1 to 7"},
	[LINT_STAT_SYNC] = {"W-STAT-SYNC", "6.3, table 6",
			    "STAT says in sync, the time quality says not",
			    "STAT bit 13 is 1 while the time quality is not "
			    "0; do not trust the angles"},
	[LINT_STAT_LOCKED] = {"I-STAT-SYNC", "6.3, table 6",
			      "STAT says not in sync, the time quality says "
			      "locked",
			      "the time quality in FRACSEC tells the clock's "
			      "error while it is not locked"},
	[LINT_STAT_UNLOCKED] = {"W-STAT-UNLOCKED", "6.3, table 6",
				"unlocked for seconds, yet in sync",
				"STAT bits 5-4 above 0 need bit 13 within a "
				"minute"},
	[LINT_STAT_TRIGGER] = {"I-STAT-TRIGGER", "6.3, table 6",
			       "a trigger reason without a trigger",
			       "STAT bits 3-0 count while bit 11 is 1"},
	[LINT_STAT_REASON] = {"W-STAT-REASON", "6.3, table 6",
			      "a reserved trigger reason",
			      "STAT bits 3-0 are 0 to 5, 7, or 8 to F"},
	[LINT_STAT_CHANGE] = {"I-STAT-CHANGE", "6.3, table 6",
			      "a change was announced and no configuration "
			      "came",
			      "ask for the configuration again"},
	/* ---- the others ---- */
	[LINT_CMD_LEN] = {"E-CMD-LEN", "6.6, table 14",
			  "a command that is not 18 bytes long",
			  "only extended frames (8) carry more"},
	[LINT_CMD_UNKNOWN] = {"W-CMD-UNKNOWN", "6.6, table 15",
			      "a reserved command",
			      "1 to 6 and 8 are defined, 100 to FFF (hex) are "
			      "the user's"},
	[LINT_HDR_ASCII] = {"W-HDR-ASCII", "6.5, table 13",
			    "the header is not ASCII",
			    "it is text for people: no control codes, no NUL "
			    "at its end"},
};

const struct cis_lint_rule *cis_lint_rules(size_t *n)
{
	*n = LINT_N;
	return rules;
}
