/* sim_args.c - the options of `simulate`, each by itself; see sim_args.h. */
#include "sim_args.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cisoid/c37.h"
#include "cisoid/utc.h"

#define MAX_ANALOG  255
#define MAX_DIGITAL 64

/* ---- lists and switches ---- */

static int add(const char *name, const char *value, const char **list,
	       uint32_t *n, struct cis_diag *diag)
{
	if (*n == CIS_SIM_MAX_ENDPOINT)
		return cis_fail(diag, -EINVAL, "--%s: more than %d of them",
				name, CIS_SIM_MAX_ENDPOINT);
	list[(*n)++] = value;
	return 0;
}

static int take_endpoint(struct cis_sim_args *args, const char *name,
			 const char *value, struct cis_diag *diag)
{
	struct cis_sim_config *sim = &args->sim;

	if (!strcmp(name, "stream"))
		return add(name, value, args->stream, &sim->endpoints.n_stream,
			   diag);
	if (!strcmp(name, "listen"))
		return add(name, value, args->listen, &sim->endpoints.n_listen,
			   diag);
	return add(name, value, args->sink, &sim->n_sink, diag);
}

static int take_switch(struct cis_sim_args *args, const char *name,
		       const char *value, struct cis_diag *diag)
{
	(void)value;
	(void)diag;
	if (!strcmp(name, "test-mode"))
		args->sim.test_mode = true;
	else if (!strcmp(name, "concentrate"))
		args->sim.concentrate = true;
	else if (!strcmp(name, "force"))
		args->sim.overwrite = true;
	else
		args->json = true;
	return 0;
}

/* ---- one of two words ---- */

static int take_pace(struct cis_sim_args *args, const char *name,
		     const char *value, struct cis_diag *diag)
{
	args->sim.flat_out = !strcmp(value, "max");
	if (!args->sim.flat_out && strcmp(value, "real") != 0)
		return cis_fail(diag, -EINVAL,
				"--%s: \"%s\" is neither real nor max", name,
				value);
	return 0;
}

static int take_send(struct cis_sim_args *args, const char *name,
		     const char *value, struct cis_diag *diag)
{
	args->sim.burst = !strcmp(value, "burst");
	if (!args->sim.burst && strcmp(value, "spread") != 0)
		return cis_fail(diag, -EINVAL,
				"--%s: \"%s\" is neither spread nor burst",
				name, value);
	return 0;
}

/* ---- numbers ---- */

static int take_idcode(struct cis_sim_args *args, const char *name,
		       const char *value, struct cis_diag *diag)
{
	uint32_t idcode;
	int err = cis_arg_u32(name, value, 1, CIS_MAX_IDCODE, &idcode, diag);

	if (!err)
		args->sim.idcode = (uint16_t)idcode;
	return err;
}

static int take_count(struct cis_sim_args *args, const char *name,
		      const char *value, struct cis_diag *diag)
{
	return cis_arg_u32(name, value, 1, CIS_SIM_MAX_COUNT, &args->sim.count,
			   diag);
}

static int take_channels(struct cis_sim_args *args, const char *name,
			 const char *value, struct cis_diag *diag)
{
	bool analogs = !strcmp(name, "analogs");
	uint32_t n;
	int err = cis_arg_u32(name, value, 0,
			      analogs ? MAX_ANALOG : MAX_DIGITAL, &n, diag);

	if (err)
		return err;
	if (analogs)
		args->sim.n_analog = (uint16_t)n;
	else
		args->sim.n_digital = (uint16_t)n;
	return 0;
}

/* "2/3" */
static int take_shard(struct cis_sim_args *args, const char *name,
		      const char *value, struct cis_diag *diag)
{
	unsigned k = 0, n = 0;
	int end = 0;

	if (sscanf(value, "%5u/%5u%n", &k, &n, &end) != 2 || value[end] ||
	    strspn(value, "0123456789/") != strlen(value) || k < 1 || k > n ||
	    n > CIS_SIM_MAX_COUNT)
		return cis_fail(diag, -EINVAL,
				"--%s: \"%s\" is not K/N, as 1/2 and 2/2, "
				"with N up to %d",
				name, value, CIS_SIM_MAX_COUNT);
	args->sim.shard = k;
	args->sim.n_shard = n;
	return 0;
}

static int take_rate(struct cis_sim_args *args, const char *name,
		     const char *value, struct cis_diag *diag)
{
	(void)name;
	return cis_arg_rate(value, &args->sim.rate, diag);
}

/* ---- times ---- */

/* SOC has 32 bits, clause 6.2. */
static int read_time(const char *name, const char *value, struct cis_time *t,
		     struct cis_diag *diag)
{
	int64_t soc;
	int err = cis_arg_time(name, value, t, diag);

	if (err)
		return err;
	soc = cis_utc_from_tai(cis_time_floor_s(*t)).soc;
	if (soc < 0 || soc > UINT32_MAX)
		return cis_fail(diag, -EINVAL,
				"--%s: %s: the time stamps of frames hold "
				"1970 to 2106",
				name, value);
	return 0;
}

static int take_start(struct cis_sim_args *args, const char *name,
		      const char *value, struct cis_diag *diag)
{
	struct cis_time start;
	int err = read_time(name, value, &start, diag);

	if (err)
		return err;
	args->sim.start = start;
	args->sim.has_start = true;
	return 0;
}

static int take_t0(struct cis_sim_args *args, const char *name,
		   const char *value, struct cis_diag *diag)
{
	struct cis_time t0;
	int err = read_time(name, value, &t0, diag);

	if (err)
		return err;
	args->t0 = t0;
	args->has_t0 = true;
	return 0;
}

static int take_duration(struct cis_sim_args *args, const char *name,
			 const char *value, struct cis_diag *diag)
{
	if (!strcmp(name, "duration"))
		return cis_arg_duration(name, value, &args->sim.duration_s,
					diag);
	args->sim.sink_late_counts = true;
	return cis_arg_duration(name, value, &args->sim.sink_late_s, diag);
}

/* ---- texts ---- */

static int take_station(struct cis_sim_args *args, const char *name,
			const char *value, struct cis_diag *diag)
{
	(void)name;
	return cis_arg_station(value, &args->sim.station, diag);
}

static int take_file(struct cis_sim_args *args, const char *name,
		     const char *value, struct cis_diag *diag)
{
	(void)name;
	(void)diag;
	args->sim.connection_file = value;
	return 0;
}

static int take_impair(struct cis_sim_args *args, const char *name,
		       const char *value, struct cis_diag *diag)
{
	struct cis_diag why = {""};

	if (cis_impair_parse(value, &args->sim.impair, &why))
		return cis_fail(diag, -EINVAL, "--%s: %.300s", name, why.msg);
	return 0;
}

static int take_signal(struct cis_sim_args *args, const char *name,
		       const char *value, struct cis_diag *diag)
{
	struct cis_diag why = {""};

	if (cis_signal_set(&args->sim.sig, name, value, &why))
		return cis_fail(diag, -EINVAL, "--%.300s", why.msg);
	return 0;
}

/* ---- all of them ---- */

int cis_sim_take(void *ctx, const char *name, const char *value,
		 struct cis_diag *diag)
{
	static const struct {
		const char *name;
		int (*take)(struct cis_sim_args *, const char *, const char *,
			    struct cis_diag *);
	} takers[] = {
		{"analogs", take_channels},
		{"concentrate", take_switch},
		{"connection-file", take_file},
		{"count", take_count},
		{"digitals", take_channels},
		{"duration", take_duration},
		{"force", take_switch},
		{"idcode", take_idcode},
		{"impair", take_impair},
		{"json", take_switch},
		{"listen", take_endpoint},
		{"pace", take_pace},
		{"rate", take_rate},
		{"send", take_send},
		{"shard", take_shard},
		{"sink", take_endpoint},
		{"sink-late", take_duration},
		{"start", take_start},
		{"station", take_station},
		{"stream", take_endpoint},
		{"t0", take_t0},
		{"test-mode", take_switch},
	};
	struct cis_sim_args *args = ctx;
	int taken = cis_stream_take(&args->said, name, value, diag);

	if (taken)
		return taken < 0 ? taken : 0;
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (!strcmp(takers[i].name, name))
			return takers[i].take(args, name, value, diag);
	return take_signal(args, name, value, diag);
}

/* ---- before them ---- */

void cis_sim_defaults(struct cis_sim_args *args)
{
	memset(args, 0, sizeof(*args));
	cis_signal_init(&args->sim.sig);
	cis_stream_defaults(&args->sim.opts);
	args->sim.count = 1;
	args->sim.idcode = 1;
	args->sim.station = "CISOID-SIM";
	args->sim.announce_s = CIS_SIM_ANNOUNCE_S;
	args->sim.duration_s = INFINITY;
	args->sim.sink = args->sink;
	args->sim.sink_late_s = CIS_SINK_LATE_S;
	args->sim.endpoints.cmd = &cis_cmd_simulate;
	args->sim.endpoints.stream = args->stream;
	args->sim.endpoints.listen = args->listen;
}
