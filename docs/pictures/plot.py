"""plot.py - small charts in SVG, legible in light and in dark.

    chart = Chart("what it shows", [Panel(...), ...], [("p", "P"), ...])
    panel.line("p", points); panel.limit(1, "limit of class M")
    chart.save("file.svg")
"""
import math

WIDTH, LEFT, RIGHT = 800, 74, 16
TOP, BOTTOM, GAP = 46, 46, 40

# Okabe and Ito's colours, lighter ones in the dark.
COLOURS = {
    "p": ("#0072b2", "#56b4e9"),
    "m": ("#d55e00", "#f0883e"),
    "r": ("#007a58", "#2fc79b"),
    "ls7": ("#9a4f7c", "#e19fc3"),
    "aware": ("#7a6000", "#e6c34a"),
    "signal": ("#6e7781", "#9aa4ae"),
}


def style():
    light = "\n".join(".%s { stroke: %s; fill: %s }" % (name, pair[0], pair[0])
                      for name, pair in COLOURS.items())
    dark = "\n".join("  .%s { stroke: %s; fill: %s }" % (name, pair[1], pair[1])
                     for name, pair in COLOURS.items())
    return """
text { font: 13px sans-serif; fill: #24292f; stroke: none }
.unit { font-weight: 600 }
.grid { stroke: #8c959f; stroke-opacity: .35 }
.limit { stroke: #57606a; stroke-dasharray: 6 4; stroke-width: 1.4 }
%s
polyline { fill: none !important; stroke-width: 1.5 }
circle { stroke: none !important }
@media (prefers-color-scheme: dark) {
  text { fill: #d0d7de }
  .limit { stroke: #afb8c1 }
%s
}
""" % (light, dark)


def label(value):
    """A number as a tick has it."""
    if value != 0 and abs(value) < 1e-3:
        power = math.floor(math.log10(abs(value)) + 1e-9)
        return "10<tspan dy='-4' font-size='10'>%d</tspan>" % power
    return ("%f" % value).rstrip("0").rstrip(".")


class Axis:
    """From `low` to `high` on the page from `a` to `b`."""

    def __init__(self, low, high, ticks, log=False):
        self.log = log
        self.low, self.high = self.scale(low), self.scale(high)
        self.ticks = ticks

    def scale(self, value):
        return math.log10(max(value, 1e-30)) if self.log else value

    def at(self, value, a, b):
        part = (self.scale(value) - self.low) / (self.high - self.low)
        return a + (b - a) * min(max(part, 0), 1)


def decades(first, last, step=1):
    """Axis from 10^first to 10^last with a tick every `step` powers."""
    return Axis(10.0 ** first, 10.0 ** last,
                [10.0 ** p for p in range(first, last + 1, step)], log=True)


class Panel:
    """One plot; `x` and `y` are axes."""

    def __init__(self, title, x, y, height=170):
        self.title, self.x, self.y, self.height = title, x, y, height
        self.top = 0
        self.series = []
        self.limits = []

    def line(self, kind, points):
        self.series.append(("line", kind, points))

    def dots(self, kind, points):
        self.series.append(("dots", kind, points))

    def limit(self, value, text):
        self.limits.append((value, text))

    def px(self, value):
        return self.x.at(value, LEFT, WIDTH - RIGHT)

    def py(self, value):
        return self.y.at(value, self.top + self.height, self.top)

    def grid(self):
        bottom = self.top + self.height
        yield ('<text class="unit" x="%d" y="%d">%s</text>'
               % (LEFT, self.top - 9, self.title))
        for value in self.y.ticks:
            y = self.py(value)
            yield ('<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>'
                   '<text x="%d" y="%.1f" text-anchor="end">%s</text>'
                   % (LEFT, WIDTH - RIGHT, y, y, LEFT - 8, y + 4.5,
                      label(value)))
        for value in self.x.ticks:
            x = self.px(value)
            yield ('<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>'
                   % (x, x, self.top, bottom))

    def marks(self):
        yield from self.grid()
        for value, text in self.limits:
            y = self.py(value)
            yield ('<line class="limit" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>'
                   '<text x="%d" y="%.1f" text-anchor="end">%s</text>'
                   % (LEFT, WIDTH - RIGHT, y, y, WIDTH - RIGHT - 6, y - 5,
                      text))
        for how, kind, points in self.series:
            places = [(self.px(x), self.py(y)) for x, y in points]
            if how == "line":
                yield '<polyline class="%s" points="%s"/>' % (
                    kind, " ".join("%.1f,%.1f" % p for p in places))
            else:
                for p in places:
                    yield ('<circle class="%s" cx="%.1f" cy="%.1f" r="2"/>'
                           % ((kind,) + p))


class Chart:
    """Panels below one another; `keys` are (kind, what it is)."""

    def __init__(self, title, panels, keys, x_title=""):
        self.title, self.panels, self.keys = title, panels, keys
        self.x_title = x_title

    def legend(self):
        x = WIDTH - RIGHT - sum(self.key_width(text) for _, text in self.keys)
        for kind, text in self.keys:
            yield ('<line class="%s" x1="%d" x2="%d" y1="12" y2="12" '
                   'stroke-width="3"/><text x="%d" y="16">%s</text>'
                   % (kind, x, x + 22, x + 28, text))
            x += self.key_width(text)

    @staticmethod
    def key_width(text):
        return 28 + 7.2 * len(text) + 16

    def below(self, panel, y):
        ticks = panel.x.ticks
        for value in ticks:
            x = panel.px(value)
            anchor = "end" if x > WIDTH - RIGHT - 12 else "middle"
            yield ('<text x="%.1f" y="%d" text-anchor="%s">%s</text>'
                   % (x, y + 18, anchor, label(value)))
        yield ('<text x="%d" y="%d" text-anchor="end">%s</text>'
               % (WIDTH - RIGHT, y + 36, self.x_title))

    def svg(self):
        top, marks = TOP, list(self.legend())
        for panel in self.panels:
            panel.top = top
            marks += panel.marks()
            top += panel.height + GAP
        bottom = top - GAP
        marks += self.below(self.panels[-1], bottom)
        return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" '
                'role="img">\n<title>%s</title>\n<style>%s</style>\n%s\n</svg>\n'
                % (WIDTH, bottom + BOTTOM, self.title, style(),
                   "\n".join(marks)))

    def save(self, path):
        with open(path, "w", encoding="utf-8") as out:
            out.write(self.svg())
