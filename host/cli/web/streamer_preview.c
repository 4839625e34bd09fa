/* streamer_preview.c - what a request would send, without sending it. */
#include "streamer_in.h"

json_t *cis_streamer_preview(const struct cis_streamer_request *request,
			     json_t *warnings, struct cis_streamer_error *error)
{
	(void)request;
	(void)error;
	return json_pack("{s:O}", "warnings", warnings);
}
