/*
 * replay_main.c - runs a fuzzer on the files of a folder, without libFuzzer.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static int run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = NULL;
	long len = -1;
	int err = 1;

	if (!f)
		return 1;
	if (!fseek(f, 0, SEEK_END))
		len = ftell(f);
	rewind(f);
	/* As large as the file, so that a sanitizer sees a read past its end. */
	if (len >= 0)
		bytes = malloc(len > 0 ? (size_t)len : 1);
	if (bytes && fread(bytes, 1, (size_t)len, f) == (size_t)len)
		err = LLVMFuzzerTestOneInput(bytes, (size_t)len);
	free(bytes);
	fclose(f);
	return err;
}

int main(int argc, char **argv)
{
	struct dirent *entry;
	unsigned n = 0;
	DIR *dir;

	if (argc != 2 || !(dir = opendir(argv[1]))) {
		fputs("usage: replay FOLDER\n", stderr);
		return 2;
	}
	while ((entry = readdir(dir))) {
		char path[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		if (run_file(path)) {
			fprintf(stderr, "%s: failed\n", path);
			closedir(dir);
			return 1;
		}
		n++;
	}
	closedir(dir);
	printf("%u inputs\n", n);
	return n ? 0 : 1;
}
