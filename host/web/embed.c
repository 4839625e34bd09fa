/*
 * embed.c - a program of the build: makes the C source of the page's files.
 *
 *   embed OUT.c [PATH FILE.gz]...    PATH: as a browser asks, "/js/app.js"
 *
 * The same files make the same source. An entity tag is a hash of the packed
 * bytes (FNV-1a, 64 bits): it changes when they do.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PER_LINE 16

static const struct {
	const char *end, *type;
} types[] = {
	{".html", "text/html; charset=utf-8"},
	{".css", "text/css; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".svg", "image/svg+xml"},
	{".txt", "text/plain; charset=utf-8"},
};

/* NULL: none that a browser would know. */
static const char *type_of(const char *path)
{
	const char *end = strrchr(path, '.');

	for (size_t i = 0; end && i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(end, types[i].end))
			return types[i].type;
	return NULL;
}

static uint64_t hash_byte(uint64_t hash, int byte)
{
	return (hash ^ (uint64_t)byte) * UINT64_C(0x100000001b3);
}

/* The bytes as an array; the tag of them. 0: it cannot be read. */
static uint64_t write_bytes(FILE *out, unsigned i, const char *name)
{
	FILE *in = fopen(name, "rb");
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t n = 0;
	int byte;

	if (!in)
		return 0;
	fprintf(out, "static const uint8_t bytes_%u[] = {", i);
	for (; (byte = getc(in)) != EOF; n++) {
		fprintf(out, "%s%d,", n % PER_LINE ? "" : "\n", byte);
		hash = hash_byte(hash, byte);
	}
	fputs("};\n", out);
	if (ferror(in) || n == 0)
		hash = 0;
	fclose(in);
	return hash;
}

/* Pairs of PATH and FILE; the arrays first, then what points to them. */
static int write_all(FILE *out, unsigned n, char **pairs)
{
	fputs("#include \"host/web/files.h\"\n", out);
	for (unsigned i = 0; i < n; i++) {
		const char *path = pairs[2 * i], *name = pairs[2 * i + 1];
		const uint64_t hash = write_bytes(out, i, name);

		if (hash == 0 || !type_of(path)) {
			fprintf(stderr, "embed: %s: %s\n", hash ? path : name,
				hash ? "no type is known of such a name"
				     : "cannot be read");
			return 1;
		}
		fprintf(out,
			"static const char tag_%u[] = \"\\\"%016" PRIx64
			"\\\"\";\n",
			i, hash);
	}
	fputs("const struct cis_web_file cis_web_files[] = {\n", out);
	for (unsigned i = 0; i < n; i++)
		fprintf(out,
			"{\"%s\", \"%s\", tag_%u, bytes_%u, "
			"sizeof(bytes_%u)},\n",
			pairs[2 * i], type_of(pairs[2 * i]), i, i, i);
	fprintf(out, "};\nconst size_t cis_web_n_file = %u;\n", n);
	return 0;
}

int main(int argc, char **argv)
{
	FILE *out;
	int status;

	if (argc < 4 || argc % 2) {
		fputs("usage: embed OUT.c PATH FILE.gz...\n", stderr);
		return 2;
	}
	out = fopen(argv[1], "w");
	if (!out) {
		perror(argv[1]);
		return 1;
	}
	status = write_all(out, (unsigned)(argc - 2) / 2, argv + 2);
	if (ferror(out) | fclose(out)) {
		perror(argv[1]);
		status = 1;
	}
	if (status)
		remove(argv[1]);
	return status;
}
