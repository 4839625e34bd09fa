/* json_value.c - see json_value.h. */
#include "json_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/utf8.h"

json_t *cis_json_number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

json_t *cis_json_text(const char *s)
{
	size_t len = s ? strlen(s) : 0;
	char *text = len ? malloc(len + 1) : NULL;
	json_t *v;

	if (!text)
		return json_null();
	memcpy(text, s, len + 1);
	for (size_t i = 0, n; i < len; i += n ? n : 1) {
		uint32_t code;

		n = cis_utf8_next((unsigned char *)text + i, len - i, &code);
		if (n == 0)
			text[i] = '?';
	}
	v = json_string(text);
	free(text);
	return v;
}

json_t *cis_json_finding(const struct cis_lint_finding *at)
{
	const char severity[] = {cis_lint_severity(at->rule), '\0'};

	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:I}", "code",
			 at->rule->code, "severity", severity, "clause",
			 at->rule->clause, "text", cis_json_text(at->text),
			 "advice", at->rule->advice, "field", at->field,
			 "offset", (json_int_t)at->offset);
}
