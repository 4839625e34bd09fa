/* front_end_shown.c - see front_end_shown.h. */
#include "front_end_shown.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/log.h"
#include "cisoid/utc.h"
#include "host/acq/mcu/front_end.h"
#include "json_value.h"

#define MAX_OFF_S  0.5 /* of the label and this computer's clock */
#define OFF_SIZE   160
/* By which a computer that stands still may read a report late; of so many in a
 * row it reads one in time. */
#define MAX_LATE_S 3
#define N_NAMED    3

/* Which of its flags are set, by name; NULL ends them. */
static void flags_of(const struct cis_mcu_state *st, const char *flags[8])
{
	const struct {
		const char *name;
		bool on;
	} all[] = {
		{"running", st->running},
		{"pulse", st->pulse},
		{"slewing", st->slewing},
		{"start-armed", st->armed},
		{"leap-insert", st->leap_pending > 0},
		{"leap-delete", st->leap_pending < 0},
		{"in-leap", st->in_leap},
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].on)
			flags[n++] = all[i].name;
	flags[n] = NULL;
}

/* NULL: it is not, or nobody knows; before the lock edges are not on seconds. */
static const char *off(const struct cis_mcu_state *st, char buf[OFF_SIZE])
{
	bool meant =
		st->servo == CIS_MCU_LOCKED || st->servo == CIS_MCU_HOLDOVER;

	if (!meant || !(fabs(st->off_s) > MAX_OFF_S))
		return NULL;
	if (st->off_s < 0 && st->off_s > -MAX_LATE_S && st->n_named < N_NAMED)
		return NULL;
	snprintf(buf, OFF_SIZE,
		 "the second that the front end names is %.6g s off this "
		 "computer's clock: one of the two is wrong",
		 st->off_s);
	return buf;
}

static json_t *whole(double x)
{
	return isfinite(x) ? json_integer(llround(x)) : json_null();
}

static json_t *second(const struct cis_mcu_state *st)
{
	const struct cis_time t = {.tai_ns = st->tai_s * CIS_NS_PER_S};
	char buf[CIS_UTC_SIZE];

	return st->tai_s ? json_string(cis_utc_format(t, 0, buf)) : json_null();
}

static void add_heard(json_t *o, const struct cis_mcu_state *st)
{
	const char *flags[8];
	json_t *list = json_array();

	flags_of(st, flags);
	for (size_t i = 0; flags[i]; i++)
		json_array_append_new(list, json_string(flags[i]));
	json_object_set_new(o, "state",
			    json_string(cis_mcu_servo_name(st->servo)));
	json_object_set_new(o, "label", json_boolean(st->label));
	json_object_set_new(o, "utc", second(st));
	json_object_set_new(o, "phase_ns", whole(1e9 * st->phase_s));
	json_object_set_new(o, "freq_ppb", whole(st->freq_ppb));
	json_object_set_new(o, "error_ns", whole(1e9 * st->error_s));
	if (st->sats >= 0)
		json_object_set_new(o, "satellites", json_integer(st->sats));
	json_object_set_new(o, "edges", json_integer(st->n_edge));
	json_object_set_new(o, "flags", list);
	json_object_set_new(o, "age_s", cis_json_number(st->age_s));
	json_object_set_new(o, "clock_off_s", cis_json_number(st->off_s));
}

static void add_counts(json_t *o, const struct cis_mcu_state *st)
{
	const struct {
		const char *name;
		uint64_t n;
	} counts[] = {{"bad_lines", st->n_bad},
		      {"bad_sentences", st->n_bad_sentence},
		      {"lost_lines", st->n_lost_line},
		      {"dropped_events", st->n_drop}};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_object_set_new(o, counts[i].name,
				    json_integer((json_int_t)counts[i].n));
}

json_t *cis_front_end_object(const struct cis_source_info *info)
{
	static const char *const heard[] = {
		"state",    "label",    "utc",        "phase_ns",
		"freq_ppb", "error_ns", "satellites", "edges",
		"flags",    "age_s",    "clock_off_s"};
	struct cis_mcu_state st;
	char buf[OFF_SIZE];
	json_t *o;

	if (!info->front_end)
		return json_null();
	cis_mcu_state(info->front_end, &st);
	o = json_pack("{s:o, s:b, s:o, s:o}", "where",
		      cis_json_text(cis_mcu_where(info->front_end)), "link",
		      st.up, "board", cis_json_text(st.board), "version",
		      cis_json_text(st.version));
	for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++)
		json_object_set_new(o, heard[i], json_null());
	if (st.heard)
		add_heard(o, &st);
	add_counts(o, &st);
	json_object_set_new(o, "warning", cis_json_text(off(&st, buf)));
	return o;
}

/* ---- for a person ---- */

static void text_of_heard(const struct cis_mcu_state *st)
{
	const struct cis_time t = {.tai_ns = st->tai_s * CIS_NS_PER_S};
	char buf[CIS_UTC_SIZE];
	const char *flags[8];

	printf("%-14s %s, heard %.1f s ago", "  state",
	       cis_mcu_servo_name(st->servo), st->age_s);
	flags_of(st, flags);
	for (size_t i = 0; flags[i]; i++)
		printf(", %s", flags[i]);
	printf("\n%-14s %s%s\n", "  second",
	       st->tai_s ? cis_utc_format(t, 0, buf) : "not known",
	       st->label || !st->tai_s ? "" : ", not believed yet");
	printf("%-14s %u in the last second", "  edges", (unsigned)st->n_edge);
	if (isfinite(st->error_s))
		printf(", within %.0f ns of UTC", 1e9 * st->error_s);
	if (isfinite(st->phase_s))
		printf(", %+.0f ns from the pulse", 1e9 * st->phase_s);
	putchar('\n');
	if (isfinite(st->freq_ppb))
		printf("%-14s %+.0f ppb\n", "  oscillator", st->freq_ppb);
	if (st->sats >= 0)
		printf("%-14s %d\n", "  satellites", st->sats);
}

/* What is as it should be is not there. */
static void text_of_counts(const struct cis_mcu_state *st)
{
	if (st->n_bad > 0)
		printf("%-14s %llu, of %llu\n", "  bad lines",
		       (unsigned long long)st->n_bad,
		       (unsigned long long)(st->n_line + st->n_bad));
	if (st->n_bad_sentence > 0)
		printf("%-14s %llu of its sentences refused\n", "  receiver",
		       (unsigned long long)st->n_bad_sentence);
	if (st->n_lost_line > 0)
		printf("%-14s %llu, for which the front end had no room\n",
		       "  lost lines", (unsigned long long)st->n_lost_line);
	if (st->n_drop > 0)
		printf("%-14s %llu dropped, too many at a time\n", "  events",
		       (unsigned long long)st->n_drop);
}

void cis_front_end_text(const struct cis_source_info *info)
{
	struct cis_mcu_state st;
	char buf[OFF_SIZE];

	if (!info->front_end)
		return;
	cis_mcu_state(info->front_end, &st);
	printf("%-14s %s %s at %s%s\n", "front end",
	       st.board[0] ? st.board : "unknown", st.version,
	       cis_mcu_where(info->front_end),
	       st.up ? "" : ", which is not heard");
	if (st.heard)
		text_of_heard(&st);
	text_of_counts(&st);
	if (off(&st, buf))
		printf("%-14s %s\n", "warning", buf);
}

/* ---- log ---- */

void cis_front_end_begin(const struct cis_source_info *info)
{
	struct cis_mcu_state st;
	const char *lack;
	char buf[CIS_LACK_SIZE];

	if (!info->front_end)
		return;
	cis_mcu_state(info->front_end, &st);
	cis_log(CIS_LOG_INFO,
		"front end: where=%s board=%s version=%s state=%s",
		cis_mcu_where(info->front_end), st.board, st.version,
		st.heard ? cis_mcu_servo_name(st.servo) : "unknown");
	lack = cis_front_end_lack(&st, buf);
	if (lack)
		cis_log(CIS_LOG_WARN,
			"samples wait for the front end at %s, which %s",
			cis_mcu_where(info->front_end), lack);
}

static void look_at_second(const struct cis_mcu_state *st,
			   struct cis_front_end_told *told)
{
	char buf[OFF_SIZE];
	bool is_off;

	if (st->servo != CIS_MCU_LOCKED || !isfinite(st->off_s))
		return;
	is_off = off(st, buf) != NULL;
	if (is_off && !told->off)
		cis_log(CIS_LOG_WARN, "%s", buf);
	else if (!is_off && told->off)
		cis_log(CIS_LOG_INFO, "the second that the front end names is "
				      "that of this computer's clock again");
	told->off = is_off;
}

void cis_front_end_look(const struct cis_source_info *info,
			struct cis_front_end_told *told)
{
	struct cis_mcu_state st;

	if (!info->front_end)
		return;
	cis_mcu_state(info->front_end, &st);
	look_at_second(&st, told);
	if (st.n_drop > told->n_drop)
		cis_log(CIS_LOG_WARN,
			"front end: dropped_events=%llu: it told too many at a "
			"time",
			(unsigned long long)st.n_drop);
	told->n_drop = st.n_drop;
}
