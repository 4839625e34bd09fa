/*
 * files.h - the files of the page, packed into the program by the build.
 *
 * None in a program built without the page.
 */
#ifndef HOST_WEB_FILES_H
#define HOST_WEB_FILES_H

#include "host/net/web/web.h"

extern const struct cis_web_file cis_web_files[];
extern const size_t cis_web_n_file;

#endif
