"""A run as a picture: one bar a path, in SVG 1.1, written by hand as it is no more than that."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from benchmarks.rounds import Line, Spread

_WIDTH, _LABEL, _END = 960, 400, 60
_TOP, _ROW, _BAR = 56, 34, 16
_STYLE = """
text { font: 13px system-ui, -apple-system, "Noto Sans", sans-serif; fill: #1f2933 }
.small { font-size: 11px; fill: #52606d } .head { font-size: 15px; font-weight: 600 }
.bar { fill: #2f6f8f } .base { fill: #9aa5b1 } .peer { fill: #c3a86b }
.axis { stroke: #cbd2d9 } .spread { stroke: #1f2933; stroke-width: 1.5 } .goal { stroke: #b3261e; stroke-width: 2 }
"""


def as_svg(lines: Sequence[Line], title: str) -> str:
    """Return the picture: bars to each path's own baseline (1.00), the spread as a whisker, the goal in red."""
    drawn = [(line, line.ratio) for line in lines if line.ratio is not None]
    widest = max([1.0, *(ratio.most for _, ratio in drawn)])
    scale = (_WIDTH - _LABEL - _END) / widest
    height = _TOP + _ROW * len(drawn) + 34
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"'
            f' aria-label="{escape(title, {chr(34): "&quot;"})}">'
        ),
        f"<style>{_STYLE}</style>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text class="head" x="16" y="26">{escape(title)}</text>',
        (
            '<text class="small" x="16" y="44">answers a second as a ratio to the bare server of the same run; '
            "whisker: least and most of the rounds; red: goal</text>"
        ),
    ]
    parts += _axis(widest, scale, height)
    for number, (line, ratio) in enumerate(drawn):
        parts += _bar(line, ratio, _TOP + 10 + number * _ROW, scale)
    return "\n".join([*parts, "</svg>", ""])


def _axis(widest: float, scale: float, height: int) -> list[str]:
    step = next(step for step in (0.2, 0.5, 1.0, 2.0, 5.0, 1e9) if widest / step <= 8)
    parts: list[str] = []
    for number in range(int(widest / step) + 1):
        x = _LABEL + number * step * scale
        parts += [
            f'<line class="axis" x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{height - 26}"/>',
            f'<text class="small" x="{x:.1f}" y="{height - 10}" text-anchor="middle">{number * step:.1f}</text>',
        ]
    return parts


def _bar(line: Line, ratio: Spread, y: int, scale: float) -> list[str]:
    middle = y + _BAR / 2
    kind = "base" if line.path.baseline == line.path.key else "bar" if line.path.goal else "peer"
    least, most = _LABEL + ratio.least * scale, _LABEL + ratio.most * scale
    parts = [
        f'<text x="{_LABEL - 10}" y="{y + 13}" text-anchor="end">{escape(_label(line))}</text>',
        f'<rect class="{kind}" x="{_LABEL}" y="{y}" width="{ratio.median * scale:.1f}" height="{_BAR}"/>',
        f'<line class="spread" x1="{least:.1f}" y1="{middle}" x2="{most:.1f}" y2="{middle}"/>',
        f'<text x="{most + 6:.1f}" y="{y + 13}">{ratio.median:.2f}</text>',
    ]
    if line.path.goal is not None:
        x = _LABEL + line.path.goal * scale
        parts.append(f'<line class="goal" x1="{x:.1f}" y1="{y - 4}" x2="{x:.1f}" y2="{y + _BAR + 4}"/>')
    return parts


def _label(line: Line) -> str:
    name = line.path.title.partition(":")[0]
    return f"{name} (of {line.path.baseline})" if line.path.baseline != "hello" else name
