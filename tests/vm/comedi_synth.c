// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * comedi_synth.c - a Comedi low-level driver for a board that does not exist,
 * for testing programs that sample a power line through Comedi.
 *
 * It stands in for what comedi_test lacks: sine waves, a timing resolution of
 * a real board, external start and scan clock, 16- or 32-bit samples, converter
 * skew, a PPS on an input, a crystal that drifts, faults on demand.
 *
 * All is a pure function of UTC. UTC is CLOCK_REALTIME of this kernel plus
 * utc_offset_ns as they were when the module was loaded, carried on by
 * CLOCK_MONOTONIC: who sets the clock later does not move the truth.
 *
 *   x_k(t) = amp * cos(2 pi (f t - lag_k)),  t in s since the epoch,
 *   k = 0,1,2: voltages, lag 0, 1/3, 2/3 turn; k = 3,4,5: currents, the same
 *   plus current_lag; k = 6: 0 V; k = 7: a scan counter.
 *   With `same` set, lag 0 on every input.
 *
 * An input's own error: it shows (1 + gain_ppm) x_k(t - delay_ns) + offset_uv,
 * and noise of the standard deviation noise_uv, bounded to 3 of it.
 *
 * PPS on input pps_chan: from t0, the second plus pps_offset_ns and a jitter,
 * for pps_width_us, a voltage of pps_uv drives a first-order RC:
 *
 *   v(t) = pps_uv * (1 - exp(-(t - t0) / tau)), then * exp(-(t - t1) / tau).
 *
 * Computed to 1e-8 of pps_uv, besides that t is a whole nanosecond as it is for
 * the sines. pps_missing and pps_double_us (a second pulse, that much later)
 * are looked at 0.1 s before each second, so that no pulse is cut. The jitter
 * is a function of the second alone (see draw()), of the standard deviation
 * pps_jitter_ns, bounded to 3 of it.
 *
 * Sources: start NOW, INT, EXT; scan_begin TIMER (rounded to res_ns) or EXT;
 * convert TIMER (channel i of a scan is converted i*convert_arg later) and,
 * unless mux is set, NOW (simultaneous sampling). With start EXT the first scan
 * is at the next whole second, as a PPS-aligned trigger would do it; with
 * scan_begin EXT the scans follow ext_hz exactly, without the rounding to
 * res_ns. With TIMER each period is shorter than it should be by clock_ppb,
 * which grows by clock_ppb_per_s from the start of the command on; both may be
 * changed while it runs, the next scan is a period after the last.
 *
 * Runtime faults, written to /sys/module/comedi_synth/parameters/fault:
 *   1 driver overflow  2 driver error  3 the scan clock stops (0 restarts it)
 *   4 lose one scan    5 detach the device ("unplug")  6 attach it again
 */
#include <linux/comedi/comedidev.h>
#include <linux/device.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/workqueue.h>

#define NCH          8
#define MIN_SCAN_NS  4000
#define PPS_LEAD_NS  100000000U /* a pulse begins no earlier before the second */
#define PPS_SPAN_US  850000U    /* and has decayed this much after its lead */
#define PPS_TAUS     20         /* until it has decayed */
/* Voltages are carried in 1/256 uV: a code of 24 bits is 1.2 uV. */
#define PER_UV       256LL
#define UV_SHIFT_Q30 22
#define UV_SHIFT_Q32 24
#define NOISE_SEED   0x6e6f697365ULL
#define PPS_SEED     0x707073ULL

static uint freq_uhz = 50000000; /* microhertz */
static uint amp_uv = 5000000;
static uint current_lag_mdeg = 30000;
static bool same; /* one signal on all inputs */
static int gain_ppm[NCH];
static int delay_ns[NCH];
static int offset_uv[NCH];
static uint noise_uv;
static uint ext_hz = 18000;
static uint res_ns = 50; /* 20 MHz timebase */
static uint bits = 16;
static bool mux;              /* one converter: no convert NOW */
static uint convert_ns = 500; /* its fastest */
static uint batch_us = 2000;
static int clock_ppb; /* error of the board's own (TIMER) clock */
static int clock_ppb_per_s;
static int utc_offset_ns; /* what CLOCK_REALTIME lacks */
static int pps_chan = -1;
static uint pps_uv = 5000000;
static uint pps_tau_ns = 300000; /* 0: bare */
static uint pps_width_us = 100000;
static uint pps_jitter_ns;
static int pps_offset_ns;
static bool pps_missing;
static uint pps_double_us;
static int fault;
module_param(freq_uhz, uint, 0644);
module_param(amp_uv, uint, 0644);
module_param(current_lag_mdeg, uint, 0644);
module_param(same, bool, 0644);
module_param_array(gain_ppm, int, NULL, 0644);
module_param_array(delay_ns, int, NULL, 0644);
module_param_array(offset_uv, int, NULL, 0644);
module_param(noise_uv, uint, 0644);
module_param(ext_hz, uint, 0444);
module_param(res_ns, uint, 0444);
module_param(bits, uint, 0444);
module_param(mux, bool, 0444);
module_param(convert_ns, uint, 0444);
module_param(batch_us, uint, 0444);
module_param(clock_ppb, int, 0644);
module_param(clock_ppb_per_s, int, 0644);
module_param(utc_offset_ns, int, 0444);
module_param(pps_chan, int, 0444);
module_param(pps_uv, uint, 0444);
module_param(pps_tau_ns, uint, 0444);
module_param(pps_width_us, uint, 0444);
module_param(pps_jitter_ns, uint, 0444);
module_param(pps_offset_ns, int, 0644);
module_param(pps_missing, bool, 0644);
module_param(pps_double_us, uint, 0644);

struct synth {
	struct hrtimer timer;
	struct comedi_device *dev;
	u64 t0;      /* UTC of scan 0, ns */
	u64 scan;    /* next scan to make */
	u64 lost;    /* scans the fault took away */
	u64 when;    /* UTC of the next scan on TIMER, ns ... */
	u64 rest;    /* ... and this many 1e-9 ns more */
	s64 drifted; /* ppb ns/s since scan 0 */
	bool running;
	u64 pps_s; /* the second whose pulse is on, as of then: */
	u64 pps_missing, pps_double_ns;
};

static struct device *board; /* what the driver is attached to */
static u64 utc_at_load;      /* less CLOCK_MONOTONIC */

static u64 utc_ns(void)
{
	return ktime_get_ns() + utc_at_load;
}

static const struct comedi_lrange ranges = {
	3, {BIP_RANGE(10), BIP_RANGE(5), BIP_RANGE(1)}};

/* cos(2 pi x) for x in 1/2^64 turn, result in 1/2^30; error below 1e-7 */
static s64 cos_q30(u64 turn)
{
	static const s64 c[] = {1686629713, -693598342, 85569160,
				-5026969,   172272,     -3864};
	s64 z, z2, y;
	int i;

	turn += 1ULL << 62;  /* cos = sin(+1/4 turn) */
	z = (s64)turn >> 32; /* -2^31..2^31: one turn */
	if (z > (1LL << 30))
		z = (1LL << 31) - z;
	else if (z < -(1LL << 30))
		z = -(1LL << 31) - z; /* -2^30..2^30: quarter turns */
	z2 = (z * z) >> 30;
	for (y = c[5], i = 4; i >= 0; i--)
		y = c[i] + ((y * z2) >> 30);
	return (y * z) >> 30;
}

/* f * t in 1/2^64 turn, f in uHz and t in ns: whole turns drop out */
static u64 turns(u64 t)
{
	u32 ns, rem;
	u64 sec = div_u64_rem(t, NSEC_PER_SEC, &ns);
	u64 part;

	/* seconds: (f mod 1 Hz) * sec gives the fraction of a turn in 1e-6 */
	div_u64_rem(sec * (freq_uhz % 1000000), 1000000, &rem);
	part = div_u64((u64)rem << 44, 1000000) << 20;
	/* nanoseconds: f * ns / 1e15 turns */
	part += mul_u64_u64_div_u64((u64)freq_uhz * ns, 1ULL << 40,
				    1000000000000000ULL)
		<< 24;
	return part;
}

/* e^-x, x and the result in 1/2^32; error below 1e-8 */
static u64 exp_q32(u64 x)
{
	u64 r, n = div64_u64_rem(x, 2977044472ULL, &r); /* ln 2 */
	u64 y = 1ULL << 32;
	u32 i;

	if (n > 32)
		return 0;
	for (i = 14; i >= 1; i--)
		y = (1ULL << 32) - div_u64(r * y >> 32, i);
	return y >> n;
}

/* Noise of standard deviation `sigma`, the sum of three even draws from
 * -sigma..sigma by splitmix64 at `seed` + 1, 2 and 3. */
static s64 draw(u64 seed, u32 sigma)
{
	s64 sum = 0;
	int i;

	for (i = 1; i <= 3; i++) {
		u64 z = (seed + i) * 0x9e3779b97f4a7c15ULL;

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
		sum += (s64)((z ^ (z >> 31)) >> 32) - (1LL << 31);
	}
	return sum * (s64)sigma >> 31;
}

/* The voltage at `since` ns after the beginning of a pulse */
static s64 pulse_at(s64 since)
{
	s64 width = (s64)pps_width_us * 1000;
	u64 on, off;

	if (since < 0)
		return 0;
	if (pps_tau_ns == 0)
		return since < width ? (s64)pps_uv * PER_UV : 0;
	on = exp_q32(div_u64((u64)since << 32, pps_tau_ns));
	if (since < width)
		return (s64)pps_uv * ((1LL << 32) - on) >> UV_SHIFT_Q32;
	off = exp_q32(div_u64((u64)(since - width) << 32, pps_tau_ns));
	return (s64)pps_uv * (off - on) >> UV_SHIFT_Q32;
}

/* What the PPS is at t. A pulse has decayed before the next can begin. */
static s64 pps_at(struct synth *p, u64 t)
{
	u32 ns;
	u64 sec =
		div_u64_rem(t + PPS_LEAD_NS - pps_offset_ns, NSEC_PER_SEC, &ns);
	s64 since = (s64)ns - PPS_LEAD_NS;
	s64 v;

	if (sec != p->pps_s) {
		p->pps_s = sec;
		p->pps_missing = pps_missing;
		p->pps_double_ns = (u64)pps_double_us * 1000;
	}
	if (p->pps_missing)
		return 0;
	since -= draw(PPS_SEED + 3 * sec, pps_jitter_ns);
	v = pulse_at(since);
	if (p->pps_double_ns)
		v += pulse_at(since - (s64)p->pps_double_ns);
	return v;
}

/* The line's voltage or current as input `ch` sees it */
static s64 line_at(unsigned int ch, u64 t)
{
	u64 ph = turns(t - delay_ns[ch]);
	s64 v;

	if (!same) {
		if (ch == 6)
			return 0;
		ph -= div_u64(~0ULL, 3) * (ch % 3);
		if (ch >= 3)
			ph -= div_u64(~0ULL, 360000) * current_lag_mdeg;
	}
	v = cos_q30(ph) * (s64)amp_uv >> UV_SHIFT_Q30;
	return v + div_s64(v * gain_ppm[ch], 1000000);
}

static unsigned int sample(struct comedi_device *dev, unsigned int spec, u64 t,
			   u64 scan)
{
	struct comedi_subdevice *s = dev->read_subdev;
	const struct comedi_krange *r = &s->range_table->range[CR_RANGE(spec)];
	s64 min = r->min * PER_UV, span = r->max * PER_UV - min;
	unsigned int ch = CR_CHAN(spec);
	s64 v;

	if (ch == pps_chan)
		v = pps_at(dev->private, t);
	else if (ch == 7 && !same)
		return scan & s->maxdata;
	else
		v = line_at(ch, t);
	v += offset_uv[ch] * PER_UV;
	if (noise_uv)
		v += draw(NOISE_SEED + 3 * (scan * NCH + ch),
			  noise_uv * PER_UV);
	/* Comedi's scale: volts = min + (max - min) * raw / maxdata */
	v = clamp_t(s64, v, min, min + span) - min;
	return div64_u64(v * s->maxdata + span / 2, span);
}

/* UTC of the next scan, ns */
static u64 scan_time(const struct synth *p, const struct comedi_cmd *cmd)
{
	if (cmd->scan_begin_src == TRIG_EXT)
		return p->t0 + mul_u64_u64_div_u64(p->scan + p->lost,
						   NSEC_PER_SEC, ext_hz);
	return p->when;
}

/* The board's own clock goes on by one period, to 1e-9 ns. */
static void advance(struct synth *p, const struct comedi_cmd *cmd)
{
	s64 ppb = clock_ppb + div_s64(p->drifted, NSEC_PER_SEC);
	u32 rest;

	p->rest += (u64)cmd->scan_begin_arg * (u64)(NSEC_PER_SEC - ppb);
	p->when += div_u64_rem(p->rest, NSEC_PER_SEC, &rest);
	p->rest = rest;
	p->drifted += (s64)cmd->scan_begin_arg * clock_ppb_per_s;
}

/* The samples of one scan; false when the buffer is full. */
static bool make_scan(struct synth *p, struct comedi_subdevice *s, u64 when)
{
	const struct comedi_cmd *cmd = &s->async->cmd;
	u64 skew = cmd->convert_src == TRIG_TIMER ? cmd->convert_arg : 0;
	unsigned int i;

	for (i = 0; i < cmd->chanlist_len; i++) {
		unsigned int wide = sample(p->dev, cmd->chanlist[i],
					   when + i * skew, p->scan + p->lost);
		unsigned short narrow = wide;
		const void *code = &narrow;

		if (s->subdev_flags & SDF_LSAMPL)
			code = &wide;
		if (!comedi_buf_write_samples(s, code, 1))
			return false; /* the core has set CB_OVERFLOW */
	}
	p->scan++;
	return true;
}

/* Every scan that is due by now. */
static void make_scans(struct synth *p, struct comedi_subdevice *s)
{
	const struct comedi_cmd *cmd = &s->async->cmd;
	u64 len = (u64)cmd->convert_arg * cmd->chanlist_len;
	u64 now = utc_ns();

	while (comedi_nsamples_left(s, 1)) {
		u64 when = scan_time(p, cmd);

		if (when + len > now)
			return;
		if (fault == 3 || fault == 4) {
			if (fault == 4)
				fault = 0;
			p->lost++;
		} else if (!make_scan(p, s, when)) {
			return;
		}
		advance(p, cmd);
	}
}

static enum hrtimer_restart tick(struct hrtimer *t)
{
	struct synth *p = container_of(t, struct synth, timer);
	struct comedi_subdevice *s = p->dev->read_subdev;
	struct comedi_async *async = s->async;
	struct comedi_cmd *cmd = &async->cmd;
	bool again;

	if (fault == 1 || fault == 2) {
		if (fault == 1) /* nobody has read: the buffer is full */
			comedi_buf_write_free(
				s, comedi_buf_write_alloc(s, INT_MAX));
		async->events |=
			fault == 1 ? COMEDI_CB_OVERFLOW : COMEDI_CB_ERROR;
		fault = 0;
	} else {
		make_scans(p, s);
		if (cmd->stop_src == TRIG_COUNT &&
		    async->scans_done >= cmd->stop_arg)
			async->events |= COMEDI_CB_EOA;
	}
	again = READ_ONCE(p->running) &&
		!(async->events & COMEDI_CB_CANCEL_MASK);
	comedi_handle_events(p->dev, s);
	if (!again || !READ_ONCE(p->running))
		return HRTIMER_NORESTART;
	hrtimer_forward_now(t, ns_to_ktime((u64)batch_us * 1000));
	return HRTIMER_RESTART;
}

static int cmdtest(struct comedi_device *dev, struct comedi_subdevice *s,
		   struct comedi_cmd *cmd)
{
	unsigned int arg;
	int err = 0;

	err |= comedi_check_trigger_src(&cmd->start_src,
					TRIG_NOW | TRIG_INT | TRIG_EXT);
	err |= comedi_check_trigger_src(&cmd->scan_begin_src,
					TRIG_TIMER | TRIG_EXT);
	err |= comedi_check_trigger_src(
		&cmd->convert_src, mux ? TRIG_TIMER : TRIG_TIMER | TRIG_NOW);
	err |= comedi_check_trigger_src(&cmd->scan_end_src, TRIG_COUNT);
	err |= comedi_check_trigger_src(&cmd->stop_src, TRIG_COUNT | TRIG_NONE);
	if (err)
		return 1;
	err |= comedi_check_trigger_is_unique(cmd->start_src);
	err |= comedi_check_trigger_is_unique(cmd->scan_begin_src);
	err |= comedi_check_trigger_is_unique(cmd->convert_src);
	err |= comedi_check_trigger_is_unique(cmd->stop_src);
	if (err)
		return 2;
	if (cmd->start_src == TRIG_EXT)
		err |= comedi_check_trigger_arg_max(&cmd->start_arg,
						    CR_EDGE | CR_INVERT | 15);
	else
		err |= comedi_check_trigger_arg_is(&cmd->start_arg, 0);
	if (cmd->scan_begin_src == TRIG_TIMER)
		err |= comedi_check_trigger_arg_min(&cmd->scan_begin_arg,
						    MIN_SCAN_NS);
	if (cmd->convert_src == TRIG_TIMER)
		err |= comedi_check_trigger_arg_min(&cmd->convert_arg,
						    convert_ns);
	else
		err |= comedi_check_trigger_arg_is(&cmd->convert_arg, 0);
	err |= comedi_check_trigger_arg_min(&cmd->chanlist_len, 1);
	err |= comedi_check_trigger_arg_is(&cmd->scan_end_arg,
					   cmd->chanlist_len);
	if (cmd->stop_src == TRIG_COUNT)
		err |= comedi_check_trigger_arg_min(&cmd->stop_arg, 1);
	else
		err |= comedi_check_trigger_arg_is(&cmd->stop_arg, 0);
	if (err)
		return 3;
	if (cmd->convert_src == TRIG_TIMER) {
		arg = DIV_ROUND_UP(cmd->convert_arg, res_ns) * res_ns;
		err |= comedi_check_trigger_arg_is(&cmd->convert_arg, arg);
	}
	if (cmd->scan_begin_src == TRIG_TIMER) {
		arg = DIV_ROUND_CLOSEST(cmd->scan_begin_arg, res_ns) * res_ns;
		arg = max(arg, cmd->convert_arg * cmd->chanlist_len);
		err |= comedi_check_trigger_arg_is(&cmd->scan_begin_arg, arg);
	}
	return err ? 4 : 0;
}

static void go(struct synth *p, bool on_second)
{
	u64 now = utc_ns();

	p->t0 = on_second ? (div_u64(now, NSEC_PER_SEC) + 1) * NSEC_PER_SEC
			  : now + 1000;
	p->when = p->t0;
	p->scan = p->lost = p->rest = 0;
	p->drifted = 0;
	WRITE_ONCE(p->running, true);
	hrtimer_start(&p->timer, ns_to_ktime((u64)batch_us * 1000),
		      HRTIMER_MODE_REL_SOFT);
}

static int inttrig(struct comedi_device *dev, struct comedi_subdevice *s,
		   unsigned int num)
{
	if (num != s->async->cmd.start_arg)
		return -EINVAL;
	s->async->inttrig = NULL;
	go(dev->private, false);
	return 1;
}

static int do_cmd(struct comedi_device *dev, struct comedi_subdevice *s)
{
	if (s->async->cmd.start_src == TRIG_INT)
		s->async->inttrig = inttrig;
	else
		go(dev->private, s->async->cmd.start_src == TRIG_EXT);
	return 0;
}

static int cancel(struct comedi_device *dev, struct comedi_subdevice *s)
{
	struct synth *p = dev->private;

	s->async->inttrig = NULL;
	WRITE_ONCE(p->running, false);
	if (in_softirq())
		hrtimer_try_to_cancel(&p->timer); /* called from tick() */
	else
		hrtimer_cancel(&p->timer);
	return 0;
}

static int insn_read(struct comedi_device *dev, struct comedi_subdevice *s,
		     struct comedi_insn *insn, unsigned int *data)
{
	unsigned int i;

	for (i = 0; i < insn->n; i++)
		data[i] = sample(dev, insn->chanspec, utc_ns(), 0);
	return insn->n;
}

static int auto_attach(struct comedi_device *dev, unsigned long context)
{
	struct synth *p = comedi_alloc_devpriv(dev, sizeof(*p));
	struct comedi_subdevice *s;
	int ret;

	if (!p)
		return -ENOMEM;
	p->dev = dev;
	hrtimer_init(&p->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	p->timer.function = tick;
	dev->board_name = "synth-8";
	ret = comedi_alloc_subdevices(dev, 1);
	if (ret)
		return ret;
	s = &dev->subdevices[0];
	dev->read_subdev = s;
	s->type = COMEDI_SUBD_AI;
	s->subdev_flags = SDF_READABLE | SDF_GROUND | SDF_DIFF | SDF_CMD_READ |
			  (bits > 16 ? SDF_LSAMPL : 0);
	s->n_chan = NCH;
	s->maxdata = (1U << bits) - 1;
	s->range_table = &ranges;
	s->len_chanlist = 2 * NCH;
	s->insn_read = insn_read;
	s->do_cmd = do_cmd;
	s->do_cmdtest = cmdtest;
	s->cancel = cancel;
	return 0;
}

static void detach(struct comedi_device *dev)
{
	struct synth *p = dev->private;

	if (p) {
		WRITE_ONCE(p->running, false);
		hrtimer_cancel(&p->timer);
	}
}

static struct comedi_driver driver = {
	.driver_name = "comedi_synth",
	.module = THIS_MODULE,
	.auto_attach = auto_attach,
	.detach = detach,
};

static bool attached, wanted;

static void plug(struct work_struct *w)
{
	if (attached && !wanted)
		comedi_auto_unconfig(board);
	else if (wanted && !attached && comedi_auto_config(board, &driver, 0))
		return;
	attached = wanted;
}
static DECLARE_WORK(plug_work, plug);

static int set_fault(const char *val, const struct kernel_param *kp)
{
	int ret = param_set_int(val, kp);

	if (ret == 0 && (fault == 5 || fault == 6)) {
		wanted = fault == 6;
		fault = 0;
		if (board)
			schedule_work(&plug_work);
	}
	return ret;
}
static const struct kernel_param_ops fault_ops = {.set = set_fault,
						  .get = param_get_int};
module_param_cb(fault, &fault_ops, &fault, 0644);

static int __init synth_init(void)
{
	int ret;

	if (bits < 8 || bits > 24 || res_ns < 1 || ext_hz < 1 ||
	    batch_us < 100 || convert_ns < 1)
		return -EINVAL;
	if (pps_width_us > PPS_SPAN_US ||
	    pps_width_us + PPS_TAUS * (pps_tau_ns / 1000) > PPS_SPAN_US ||
	    pps_jitter_ns > PPS_LEAD_NS / 10)
		return -EINVAL;
	utc_at_load = ktime_get_real_ns() - ktime_get_ns() + utc_offset_ns;
	ret = comedi_driver_register(&driver);
	if (ret)
		return ret;
	board = root_device_register("comedi_synth0");
	if (IS_ERR(board)) {
		ret = PTR_ERR(board);
		goto undo_driver;
	}
	ret = comedi_auto_config(board, &driver, 0);
	if (ret == 0) {
		attached = wanted = true;
		return 0;
	}
	root_device_unregister(board);
undo_driver:
	comedi_driver_unregister(&driver);
	return ret;
}

static void __exit synth_exit(void)
{
	cancel_work_sync(&plug_work);
	comedi_auto_unconfig(board);
	root_device_unregister(board);
	comedi_driver_unregister(&driver);
}

module_init(synth_init);
module_exit(synth_exit);
MODULE_DESCRIPTION("Comedi driver for a synthetic power-line sampling board");
MODULE_LICENSE("GPL");
