/* decode_lint.c - see decode_lint.h. */
#include "decode_lint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cisoid/log.h"

#define MAX_STREAM 256 /* the others are looked at frame by frame */
#define MAX_KIND   128
#define FEW        3

/* One sender, one IDCODE, one conversation. */
struct stream {
	struct stream *next;
	uint32_t pair;
	uint16_t idcode;
	char from[CIS_ENDPOINT_SIZE];
	unsigned n_config;          /* frames so far */
	const struct stream *donor; /* of a configuration that came elsewhere */
	unsigned donor_config;
	struct cis_lint *lint;
};

struct cis_decode_lint {
	struct stream *streams;
	unsigned n_stream;
	struct cis_lint_list found;
	uint64_t frames[MAX_KIND]; /* with a finding of this rule */
};

struct cis_decode_lint *cis_decode_lint_new(void)
{
	return calloc(1, sizeof(struct cis_decode_lint));
}

void cis_decode_lint_free(struct cis_decode_lint *all)
{
	if (!all)
		return;
	while (all->streams) {
		struct stream *s = all->streams;

		all->streams = s->next;
		cis_lint_free(s->lint);
		free(s);
	}
	free(all);
}

/* ---- streams ---- */

static bool is_config(enum cis_c37_type type)
{
	return type == CIS_C37_CFG1 || type == CIS_C37_CFG2 ||
	       type == CIS_C37_CFG3;
}

static struct stream *stream_of(struct cis_decode_lint *all,
				const struct cis_capture_frame *f,
				uint16_t idcode)
{
	const char *from = f->from ? f->from : "";
	struct stream *s;

	for (s = all->streams; s; s = s->next)
		if (s->pair == f->pair && s->idcode == idcode &&
		    !strcmp(s->from, from))
			return s;
	s = all->n_stream < MAX_STREAM ? calloc(1, sizeof(*s)) : NULL;
	if (!s || cis_lint_new(&s->lint)) {
		free(s);
		return NULL;
	}
	s->pair = f->pair;
	s->idcode = idcode;
	snprintf(s->from, sizeof(s->from), "%s", from);
	s->next = all->streams;
	all->streams = s;
	all->n_stream++;
	return s;
}

static size_t host_len(const char *endpoint)
{
	const char *colon = strrchr(endpoint, ':');

	return colon ? (size_t)(colon - endpoint) : 0;
}

/* Commands may go by TCP and data by UDP; two clients may listen, and one of
 * them have asked for the configuration. */
static void borrow(struct cis_decode_lint *all, struct stream *s)
{
	size_t len = host_len(s->from);

	if (s->n_config > 0)
		return;
	for (struct stream *d = all->streams; d && !s->donor; d = d->next)
		if (d != s && d->n_config > 0 && d->idcode == s->idcode &&
		    host_len(d->from) == len &&
		    !strncmp(d->from, s->from, len) &&
		    cis_lint_has_config(d->lint))
			s->donor = d;
	if (s->donor && s->donor_config != s->donor->n_config) {
		cis_lint_adopt(s->lint, s->donor->lint);
		s->donor_config = s->donor->n_config;
	}
}

static void count(struct cis_decode_lint *all, const struct cis_lint_list *list)
{
	size_t n;
	const struct cis_lint_rule *rules = cis_lint_rules(&n);

	for (uint32_t i = 0; i < cis_lint_kept(list); i++)
		all->frames[list->at[i].rule - rules]++;
}

const struct cis_lint_list *
cis_decode_lint_put(struct cis_decode_lint *all,
		    const struct cis_capture_frame *f)
{
	struct cis_c37_head head;
	struct stream *s = NULL;

	if (cis_c37_peek(f->frame, f->len, &head) > 0)
		s = stream_of(all, f, head.idcode);
	if (!s)
		return cis_decode_lint_bytes(all, f->frame, f->len);
	if (is_config(head.type))
		s->n_config++;
	else if (head.type == CIS_C37_DATA)
		borrow(all, s);
	cis_lint_put(s->lint, f->frame, f->len, f->from ? &f->time : NULL,
		     &all->found);
	count(all, &all->found);
	return &all->found;
}

const struct cis_lint_list *cis_decode_lint_bytes(struct cis_decode_lint *all,
						  const uint8_t *buf,
						  size_t len)
{
	cis_lint_frame(buf, len, &all->found);
	count(all, &all->found);
	return &all->found;
}

/* ---- words ---- */

static void print(FILE *f, const struct cis_lint_finding *at)
{
	fprintf(f, "    %s (%s) byte %u", at->rule->code, at->rule->clause,
		(unsigned)at->offset);
	if (at->field[0])
		fprintf(f, ", %s", at->field);
	fprintf(f, ": %s", at->text);
	if (at->times > 1)
		fprintf(f, ", and %u more", (unsigned)at->times - 1);
	fprintf(f, "; %s\n", at->rule->advice);
}

void cis_decode_lint_print(FILE *f, const struct cis_decode_lint *all,
			   const struct cis_lint_list *found, bool few)
{
	size_t n;
	const struct cis_lint_rule *rules = cis_lint_rules(&n);

	for (uint32_t i = 0; i < cis_lint_kept(found); i++) {
		uint64_t seen = all->frames[found->at[i].rule - rules];

		if (few && seen > FEW)
			continue;
		print(f, &found->at[i]);
		if (few && seen == FEW)
			fprintf(f, "    (more of %s are counted, not shown)\n",
				found->at[i].rule->code);
	}
	if (found->n > cis_lint_kept(found))
		fprintf(f, "    and %u other findings\n",
			(unsigned)(found->n - cis_lint_kept(found)));
}

static void end_stream(struct cis_decode_lint *all, struct stream *s)
{
	cis_lint_end(s->lint, &all->found);
	count(all, &all->found);
	for (uint32_t i = 0; i < cis_lint_kept(&all->found); i++)
		cis_log(CIS_LOG_WARN, "%s: %s", all->found.at[i].rule->code,
			all->found.at[i].text);
}

uint64_t cis_decode_lint_end(struct cis_decode_lint *all)
{
	size_t n;
	const struct cis_lint_rule *rules = cis_lint_rules(&n);
	uint64_t errors = 0;

	for (struct stream *s = all->streams; s; s = s->next)
		end_stream(all, s);
	for (size_t i = 0; i < n; i++) {
		char severity = cis_lint_severity(&rules[i]);

		if (!all->frames[i])
			continue;
		errors += severity == 'E' ? all->frames[i] : 0;
		cis_log(severity == 'I' ? CIS_LOG_INFO : CIS_LOG_WARN,
			"%s in %llu frame%s: %s", rules[i].code,
			(unsigned long long)all->frames[i],
			all->frames[i] == 1 ? "" : "s", rules[i].title);
	}
	return errors;
}
