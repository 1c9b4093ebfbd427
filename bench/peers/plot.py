# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Two kinds of plot as SVG, both logarithmic: bars in groups, and lines."""

import math

COLOURS = ["#1b6ca8", "#d1495b", "#edae49", "#00798c", "#6a4c93", "#8ac926", "#ff7f51", "#5c677d", "#3a86ff", "#bc6c25",
           "#2f3e46", "#e07a5f", "#81b29a"]
WIDTH, HEIGHT, LEFT, TOP, BOTTOM, LEGEND = 860, 420, 60, 40, 50, 200


def text(x, y, content, anchor="start", size=12):
    content = content.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{content}</text>'


class Scale:
    """A logarithmic axis from one power of ten to another."""

    def __init__(self, values, low, high):
        values = [value for value in values if value and value > 0] or [1, 10]
        self.first = math.floor(math.log10(min(values)))
        self.last = max(math.ceil(math.log10(max(values))), self.first + 1)
        self.low, self.high = low, high

    def at(self, value):
        share = (math.log10(value) - self.first) / (self.last - self.first)
        return self.low + share * (self.high - self.low)

    def ticks(self):
        return [10.0 ** power for power in range(self.first, self.last + 1)]


def frame(title, scale, parts, names):
    body = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', text(LEFT, 22, title, size=15)]
    for tick in scale.ticks():
        y = scale.at(tick)
        body.append(f'<line x1="{LEFT}" x2="{WIDTH - LEGEND}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        body.append(text(LEFT - 6, y + 4, f"{tick:g}", "end", 11))
    for i, name in enumerate(names):
        y = TOP + 10 + 20 * i
        body.append(f'<rect x="{WIDTH - LEGEND + 14}" y="{y - 9}" width="10" height="10" '
                    f'fill="{COLOURS[i % len(COLOURS)]}"/>')
        body.append(text(WIDTH - LEGEND + 30, y, name, size=11))
    return "\n".join([*body, *parts, "</svg>"]) + "\n"


def bars(title, groups):
    """groups: label -> {name: value or None}."""
    names = list(next(iter(groups.values())))
    scale = Scale([value for group in groups.values() for value in group.values()], HEIGHT - BOTTOM, TOP)
    width = (WIDTH - LEGEND - LEFT) / len(groups)
    bar = width * 0.85 / len(names)
    base = HEIGHT - BOTTOM
    parts = []
    for g, (label, group) in enumerate(groups.items()):
        for i, name in enumerate(names):
            if not group[name]:
                continue
            y = scale.at(group[name])
            x = LEFT + g * width + width * 0.07 + i * bar
            parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{bar * 0.9:.1f}" height="{max(0.0, base - y):.1f}" '
                         f'fill="{COLOURS[i % len(COLOURS)]}"><title>{name}: {group[name]:.2f}</title></rect>')
        parts.append(text(LEFT + (g + 0.5) * width, base + 20, label, "middle"))
    return frame(title, scale, parts, names)


def lines(title, label, series):
    """series: name -> [(x, y)]."""
    scale = Scale([y for points in series.values() for _, y in points], HEIGHT - BOTTOM, TOP)
    xs = sorted({x for points in series.values() for x, _ in points}) or [1, 2]
    span = max(math.log(xs[-1] / xs[0]), 1e-9)
    place = lambda x: LEFT + 20 + math.log(x / xs[0]) / span * (WIDTH - LEGEND - LEFT - 40)
    parts = [text(place(x), HEIGHT - BOTTOM + 18, f"{x:,}", "middle", 11) for x in xs]
    parts.append(text((LEFT + WIDTH - LEGEND) / 2, HEIGHT - 12, label, "middle"))
    for i, points in enumerate(series.values()):
        path = " ".join(f"{place(x):.1f},{scale.at(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[i % len(COLOURS)]}" stroke-width="2"/>')
    return frame(title, scale, parts, list(series))
