/* reports_in.c - files of reports, and how they are kept; see reports_in.h. */
#include "reports_in.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "host/net/capture.h"
#include "reports_parts.h"

/* ---- what is known of it ---- */

const char *cis_reports_origin(const struct cis_reports_about *about)
{
	if (about->simulated)
		return "SIMULATED";
	return about->kind == CIS_REPORTS_LIVE ? "LIVE" : "REPLAY";
}

/* Words of up to three letters that begin so, and words that say it. */
static enum cis_match_quantity quantity_of(const char *word, size_t len)
{
	int c = toupper((unsigned char)word[0]);

	if (!strncasecmp(word, "AMP", 3) || !strncasecmp(word, "CURR", 4) ||
	    (c == 'I' && len <= 3))
		return CIS_MATCH_CURRENT;
	if (!strncasecmp(word, "VOLT", 4) || !strncasecmp(word, "KV", 2) ||
	    ((c == 'V' || c == 'U' || c == 'E') && len <= 3))
		return CIS_MATCH_VOLTAGE;
	return CIS_MATCH_UNKNOWN;
}

enum cis_match_quantity cis_reports_quantity(const char *name)
{
	enum cis_match_quantity found = CIS_MATCH_UNKNOWN;

	while (*name) {
		size_t len = 0;

		while (isalnum((unsigned char)name[len]))
			len++;
		if (len > 0 && quantity_of(name, len))
			found = quantity_of(name, len);
		name += len + (name[len] != '\0');
	}
	return found;
}

/* ---- the store ---- */

/* The channels must be known before the first report. */
static struct cis_reports *reports_new(const char *what,
				       enum cis_reports_kind kind)
{
	struct cis_reports *r = calloc(1, sizeof(*r));

	if (r) {
		r->about.what = what;
		r->about.kind = kind;
	}
	return r;
}

void cis_reports_free(struct cis_reports *r)
{
	if (!r)
		return;
	free(r->item);
	free(r->value);
	free(r);
}

struct cis_reports *cis_reports_store(const struct cis_reports_about *about)
{
	struct cis_reports *r = reports_new(about->what, about->kind);

	if (r)
		r->about = *about;
	return r;
}

void cis_reports_count(struct cis_reports *r,
		       const struct cis_reports_about *about)
{
	r->about.crc_errors = about->crc_errors;
	r->about.unread = about->unread;
}

void cis_reports_drop(struct cis_reports *r)
{
	r->n = 0;
}

static size_t stride(const struct cis_reports *r)
{
	return (r->about.has_unc ? 4 : 2) * (size_t)r->about.map.n_chan;
}

static int grow(struct cis_reports *r)
{
	size_t cap = r->cap ? 2 * r->cap : 256;
	size_t row = stride(r) ? stride(r) : 1;
	void *item, *value;

	if (cap > SIZE_MAX / sizeof(double) / row)
		return -ENOMEM;
	item = realloc(r->item, cap * sizeof(*r->item));
	if (item)
		r->item = item;
	value = realloc(r->value, cap * row * sizeof(double));
	if (value)
		r->value = value;
	if (!item || !value)
		return -ENOMEM;
	r->cap = cap;
	return 0;
}

int cis_reports_put(struct cis_reports *r, const struct cis_report *rep,
		    const struct cis_arrival *arrival)
{
	uint32_t n = r->about.map.n_chan;
	double *v;

	if (r->n == r->cap && grow(r))
		return -ENOMEM;
	v = r->value + r->n * stride(r);
	r->item[r->n++] =
		(struct cis_reports_item){.at = rep->at,
					  .time_quality = rep->time_quality,
					  .flags = rep->flags,
					  .notes = rep->notes,
					  .freq_hz = rep->freq_hz,
					  .rocof_hz_per_s = rep->rocof_hz_per_s,
					  .arrival = *arrival};
	for (uint32_t i = 0; i < n; i++) {
		v[2 * i] = creal(rep->phasor_rms[i]);
		v[2 * i + 1] = cimag(rep->phasor_rms[i]);
	}
	for (uint32_t i = 0; r->about.has_unc && i < n; i++) {
		v[2 * n + 2 * i] = rep->fit[i].u_mag;
		v[2 * n + 2 * i + 1] = rep->fit[i].u_phase_rad;
	}
	return 0;
}

void cis_reports_get(const struct cis_reports *r, size_t i,
		     struct cis_report *rep, struct cis_arrival *arrival)
{
	const struct cis_reports_item *item = &r->item[i];
	const double *v = r->value + i * stride(r);
	uint32_t n = r->about.map.n_chan;
	bool unc = r->about.has_unc;

	rep->at = item->at;
	rep->time_quality = item->time_quality;
	rep->flags = item->flags;
	rep->notes = item->notes;
	rep->freq_hz = item->freq_hz;
	rep->rocof_hz_per_s = item->rocof_hz_per_s;
	rep->u_freq_hz = rep->u_rocof_hz_per_s = NAN;
	rep->n_chan = rep->n_phasor = n;
	for (uint32_t c = 0; c < n; c++) {
		rep->phasor_rms[c] = cis_rect(v[2 * c], v[2 * c + 1]);
		rep->fit[c] = (struct cis_fit){
			.a1_per_s = NAN,
			.a2_per_s2 = NAN,
			.dc = NAN,
			.resid = NAN,
			.u_mag = unc ? v[2 * n + 2 * c] : NAN,
			.u_phase_rad = unc ? v[2 * n + 2 * c + 1] : NAN,
			.freq_hz = NAN};
	}
	*arrival = item->arrival;
}

const struct cis_reports_about *cis_reports_about(const struct cis_reports *r)
{
	return &r->about;
}

size_t cis_reports_n(const struct cis_reports *r)
{
	return r->n;
}

struct cis_instant cis_reports_at(const struct cis_reports *r, size_t i)
{
	return r->item[i].at;
}

/* ---- a file ---- */

bool cis_reports_is_live(const char *what)
{
	return !strncmp(what, "tcp:", 4) || !strncmp(what, "udp:", 4);
}

/* Opens what can be read twice. NULL, and *err with a message. */
static FILE *open_file(const char *path, int *err, struct cis_diag *diag)
{
	struct stat st;
	FILE *f = fopen(path, "rb");
	int e = errno;

	if (!f) {
		*err = cis_fail(diag, e == ENOENT ? -ENOENT : -EBADMSG,
				"%.200s: %s", path, strerror(e));
		return NULL;
	}
	*err = 0;
	if (!fstat(fileno(f), &st) && S_ISDIR(st.st_mode))
		*err = cis_fail(diag, -EISDIR, "%.200s: is a directory", path);
	else if (!S_ISREG(st.st_mode))
		*err = cis_fail(diag, -EBADMSG,
				"%.200s: is not a file that can be read twice; "
				"write it to a file first",
				path);
	else if (st.st_size == 0)
		*err = cis_fail(diag, -EBADMSG, "%.200s: is empty", path);
	if (!*err)
		return f;
	fclose(f);
	return NULL;
}

/* Frames begin with AA, which begins no text in UTF-8. */
static bool is_frames(FILE *f)
{
	uint8_t head[4] = {0};
	size_t n = fread(head, 1, sizeof(head), f);

	rewind(f);
	return cis_capture_is(head, n) || head[0] == 0xAA;
}

int cis_reports_read(const char *what, const struct cis_reports_pick *pick,
		     struct cis_reports **out, struct cis_warn_list *warn,
		     struct cis_diag *diag)
{
	int err;
	FILE *f = open_file(what, &err, diag);
	bool frames = f && is_frames(f);
	struct cis_reports *r;

	if (!f)
		return err;
	r = reports_new(what, frames ? CIS_REPORTS_FRAMES : CIS_REPORTS_CSV);
	if (!r)
		err = cis_fail(diag, -ENOMEM, "out of memory");
	else if (frames)
		err = cis_reports_read_frames(what, pick, r, warn, diag);
	else
		err = cis_reports_read_csv(f, pick, r, warn, diag);
	fclose(f);
	if (!err && r->n == 0)
		err = cis_fail(diag, -ENODATA, "%.200s: holds no reports",
			       what);
	if (err)
		cis_reports_free(r);
	else
		*out = r;
	return err;
}
