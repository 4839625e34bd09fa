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

static int add(const char *name, const char *value, const char **list,
	       uint32_t *n, struct cis_diag *diag)
{
	if (*n == CIS_SIM_MAX_ENDPOINT)
		return cis_fail(diag, -EINVAL, "--%s: more than %d of them",
				name, CIS_SIM_MAX_ENDPOINT);
	list[(*n)++] = value;
	return 0;
}

static int take_pace(struct cis_sim_args *args, const char *value,
		     struct cis_diag *diag)
{
	args->sim.flat_out = !strcmp(value, "max");
	if (!args->sim.flat_out && strcmp(value, "real") != 0)
		return cis_fail(diag, -EINVAL,
				"--pace: \"%s\" is neither real nor max",
				value);
	return 0;
}

static int take_idcode(struct cis_sim_args *args, const char *value,
		       struct cis_diag *diag)
{
	uint32_t idcode;
	int err =
		cis_arg_u32("idcode", value, 1, CIS_MAX_IDCODE, &idcode, diag);

	if (!err)
		args->sim.idcode = (uint16_t)idcode;
	return err;
}

/* SOC has 32 bits, clause 6.2. */
static int take_time(const char *name, const char *value, struct cis_time *t,
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

static int take_start(struct cis_sim_args *args, const char *value,
		      struct cis_diag *diag)
{
	struct cis_time start;
	int err = take_time("start", value, &start, diag);

	if (err)
		return err;
	args->sim.start = start;
	args->sim.has_start = true;
	return 0;
}

static int take_t0(struct cis_sim_args *args, const char *value,
		   struct cis_diag *diag)
{
	struct cis_time t0;
	int err = take_time("t0", value, &t0, diag);

	if (err)
		return err;
	args->t0 = t0;
	args->has_t0 = true;
	return 0;
}

static int take_send(struct cis_sim_args *args, const char *value,
		     struct cis_diag *diag)
{
	args->sim.burst = !strcmp(value, "burst");
	if (!args->sim.burst && strcmp(value, "spread") != 0)
		return cis_fail(diag, -EINVAL,
				"--send: \"%s\" is neither spread nor burst",
				value);
	return 0;
}

/* "2/3" */
static int take_shard(struct cis_sim_args *args, const char *value,
		      struct cis_diag *diag)
{
	unsigned k = 0, n = 0;
	int end = 0;

	if (sscanf(value, "%5u/%5u%n", &k, &n, &end) != 2 || value[end] ||
	    strspn(value, "0123456789/") != strlen(value) || k < 1 || k > n ||
	    n > CIS_SIM_MAX_COUNT)
		return cis_fail(diag, -EINVAL,
				"--shard: \"%s\" is not K/N, as 1/2 and 2/2, "
				"with N up to %d",
				value, CIS_SIM_MAX_COUNT);
	args->sim.shard = k;
	args->sim.n_shard = n;
	return 0;
}

static int take_impair(struct cis_sim_args *args, const char *value,
		       struct cis_diag *diag)
{
	struct cis_diag why = {""};

	if (cis_impair_parse(value, &args->sim.impair, &why))
		return cis_fail(diag, -EINVAL, "--impair: %.300s", why.msg);
	return 0;
}

static int take_late(struct cis_sim_args *args, const char *value,
		     struct cis_diag *diag)
{
	args->sim.sink_late_counts = true;
	return cis_arg_duration("sink-late", value, &args->sim.sink_late_s,
				diag);
}

static int take_many(struct cis_sim_args *args, const char *name,
		     const char *value, struct cis_diag *diag)
{
	uint32_t n = 0;
	int err;

	if (!strcmp(name, "count"))
		return cis_arg_u32(name, value, 1, CIS_SIM_MAX_COUNT,
				   &args->sim.count, diag);
	if (!strcmp(name, "analogs")) {
		err = cis_arg_u32(name, value, 0, MAX_ANALOG, &n, diag);
		args->sim.n_analog = (uint16_t)n;
		return err;
	}
	err = cis_arg_u32(name, value, 0, MAX_DIGITAL, &n, diag);
	args->sim.n_digital = (uint16_t)n;
	return err;
}

static int take_signal(struct cis_sim_args *args, const char *name,
		       const char *value, struct cis_diag *diag)
{
	struct cis_diag why = {""};

	if (cis_signal_set(&args->sim.sig, name, value, &why))
		return cis_fail(diag, -EINVAL, "--%.300s", why.msg);
	return 0;
}

int cis_sim_take(void *ctx, const char *name, const char *value,
		 struct cis_diag *diag)
{
	struct cis_sim_args *args = ctx;
	struct cis_sim_config *sim = &args->sim;
	int taken = cis_stream_take(&args->said, name, value, diag);

	if (taken)
		return taken < 0 ? taken : 0;
	if (!strcmp(name, "count") || !strcmp(name, "analogs") ||
	    !strcmp(name, "digitals"))
		return take_many(args, name, value, diag);
	if (!strcmp(name, "rate"))
		return cis_arg_rate(value, &sim->rate, diag);
	if (!strcmp(name, "stream"))
		return add(name, value, args->stream, &sim->endpoints.n_stream,
			   diag);
	if (!strcmp(name, "listen"))
		return add(name, value, args->listen, &sim->endpoints.n_listen,
			   diag);
	if (!strcmp(name, "idcode"))
		return take_idcode(args, value, diag);
	if (!strcmp(name, "pace"))
		return take_pace(args, value, diag);
	if (!strcmp(name, "duration"))
		return cis_arg_duration(name, value, &sim->duration_s, diag);
	if (!strcmp(name, "web"))
		return 0;
	if (!strcmp(name, "station"))
		return cis_arg_station(value, &sim->station, diag);
	if (!strcmp(name, "start"))
		return take_start(args, value, diag);
	if (!strcmp(name, "t0"))
		return take_t0(args, value, diag);
	if (!strcmp(name, "send"))
		return take_send(args, value, diag);
	if (!strcmp(name, "shard"))
		return take_shard(args, value, diag);
	if (!strcmp(name, "impair"))
		return take_impair(args, value, diag);
	if (!strcmp(name, "sink"))
		return add(name, value, args->sink, &sim->n_sink, diag);
	if (!strcmp(name, "sink-late"))
		return take_late(args, value, diag);
	if (!strcmp(name, "test-mode")) {
		sim->test_mode = true;
	} else if (!strcmp(name, "json")) {
		args->json = true;
	} else if (!strcmp(name, "concentrate")) {
		sim->concentrate = true;
	} else if (!strcmp(name, "connection-file")) {
		sim->connection_file = value;
	} else if (!strcmp(name, "force")) {
		sim->overwrite = true;
	} else {
		return take_signal(args, name, value, diag);
	}
	return 0;
}

void cis_sim_defaults(struct cis_sim_args *args)
{
	memset(args, 0, sizeof(*args));
	cis_signal_init(&args->sim.sig);
	cis_stream_defaults(&args->sim.opts);
	args->sim.count = 1;
	args->sim.idcode = 1;
	args->sim.station = "CISOID-SIM";
	args->sim.duration_s = INFINITY;
	args->sim.sink = args->sink;
	args->sim.sink_late_s = CIS_SINK_LATE_S;
	args->sim.endpoints.cmd = &cis_cmd_simulate;
	args->sim.endpoints.stream = args->stream;
	args->sim.endpoints.listen = args->listen;
}
