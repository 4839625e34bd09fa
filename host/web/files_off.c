/* files_off.c - no file, of a program built without the page; see files.h. */
#include "host/web/files.h"

const struct cis_web_file cis_web_files[] = {{"", "", "", 0, 0}};
const size_t cis_web_n_file = 0;
