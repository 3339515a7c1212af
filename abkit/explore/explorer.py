"""Explorer: the one class that joins a pure drawing function to sliders.

One figure lives as long as the panel. Each change clears its axes, draws again, and sends PNG bytes
of twice the size to an image of fixed width. A line of text repeats the finding, for readers who do not
see the image.

In a notebook an explorer makes two outputs: the panel, and below it the picture with its numbers. A style
sheet hides the picture while the panel lives, and hides the dead panel when the kernel is gone. A small
script shortens the numbers that a screen reader hears.
"""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg

from abkit import _check
from abkit.plots import showing, style

COLOURS = 128  # of a panel's picture: half the bytes and the time of full colour, no visible loss
CHARACTER = 7.5  # pixels that a letter of a control's label takes at most, on average
LEFT, RIGHT, TOP = 0.03, 0.02, 0.6  # shares of the width, inches of the height, kept for text that grows
PANEL, TWIN = "abkit-panel", "abkit-twin"
STYLE = (
    f".jp-OutputArea:has(.{PANEL}) .jp-OutputArea-child:has(.{TWIN}) {{display: none}}"
    f".jp-OutputArea:has(.{TWIN}):not(:has(.{PANEL})) .jp-OutputArea-child:has(> .jupyter-widgets)"
    " {display: none}"
)
SPOKEN = """<script>(() => {
  if (window.abkitSpoken) return;
  const plain = (handle) => {
    const text = handle.getAttribute('aria-valuetext'), short = String(Number(Number(text).toPrecision(12)));
    if (handle.closest('.PANEL') && short !== text) handle.setAttribute('aria-valuetext', short);
  };
  window.abkitSpoken = new MutationObserver((changes) => changes.forEach((change) => plain(change.target)));
  window.abkitSpoken.observe(document.body, {subtree: true, attributeFilter: ['aria-valuetext']});
})()</script>""".replace("PANEL", PANEL)  # a slider would be heard as 45.000000000000014
ASLEEP = "The controls of this picture need a running notebook: run the cell above."


@dataclass(frozen=True)
class Control:
    """One slider: label with its unit, first value, range and step; ints give a slider of whole numbers.

    >>> Control("number of looks", 30, 1, 100, 1).start
    30
    """

    label: str
    start: float
    low: float
    high: float
    step: float

    @property
    def whole(self) -> bool:
        """Say whether every number of the slider is an int.

        >>> Control("looks", 30, 1, 100, 1).whole, Control("share", 0.5, 0, 1, 0.1).whole
        (True, False)
        """
        return all(isinstance(v, int) for v in (self.start, self.low, self.high, self.step))

    @property
    def decimals(self) -> int:
        """Return the decimals of a value: those of the step or of the low end, whichever has more.

        >>> Control("share", 0.5, 0.0, 1.0, 0.05).decimals
        2
        """
        exponents = [Decimal(str(v)).normalize().as_tuple().exponent for v in (self.low, self.step)]
        return max(0, *(-int(e) for e in exponents))

    def exact(self, value: float) -> float:
        """Return the value that the slider means: a float slider adds its steps, 45.000000000000014 is 45.

        >>> Control("points", 10.0, 0.0, 60.0, 0.1).exact(45.000000000000014)
        45.0
        """
        return value if self.whole else round(value, self.decimals)

    def text(self, value: float) -> str:
        """Return the value as a reader expects it.

        >>> Control("users", 100, 100, 100_000, 100).text(40_000)
        '40,000'
        """
        return f"{self.exact(value):,}"

    def corners(self) -> tuple[float, ...]:
        """Return the ends of the slider.

        >>> Control("users", 100, 100, 1_000, 100).corners()
        (100, 1000)
        """
        return self.low, self.high

    def allows(self, value: Any) -> bool:
        """Say whether the value lies on the slider.

        >>> Control("users", 100, 100, 1_000, 100).allows(2_000)
        False
        """
        return bool(self.low <= value <= self.high)

    def widget(self, **layout: Any) -> Any:
        """Return the slider; it redraws when the handle is let go.

        layout: where the labels stand.

        >>> slider = Control("share", 0.5, 0.0, 1.0, 0.05).widget()
        >>> slider.value, slider.readout_format
        (0.5, ',.2f')
        """
        import ipywidgets as widgets

        kind, digits = (
            (widgets.IntSlider, ",d") if self.whole else (widgets.FloatSlider, f",.{self.decimals}f")
        )
        numbers = {"value": self.start, "min": self.low, "max": self.high, "step": self.step}
        return kind(
            **numbers, description=self.label, readout_format=digits, continuous_update=False, **layout
        )


@dataclass(frozen=True)
class Menu:
    """A choice among a few values, as a drop-down: label, first value, and value → what the reader sees.

    >>> Menu("rule", 1, {1: "look once", 2: "stop at p < .05"}).options[2]
    'stop at p < .05'
    """

    label: str
    start: Any
    options: Mapping[Any, str]

    def exact(self, value: Any) -> Any:
        """Return the value itself.

        >>> Menu("rule", 1, {1: "once", 2: "always"}).exact(2)
        2
        """
        return value

    def text(self, value: Any) -> str:
        """Return what the reader sees.

        value: one of the choice.

        >>> Menu("rule", 1, {1: "once", 2: "always"}).text(2)
        'always'
        """
        return self.options[value]

    def corners(self) -> tuple[Any, ...]:
        """Return every value.

        >>> Menu("rule", 1, {1: "once", 2: "always"}).corners()
        (1, 2)
        """
        return tuple(self.options)

    def allows(self, value: Any) -> bool:
        """Say whether the value is one of the choice.

        >>> Menu("rule", 1, {1: "once", 2: "always"}).allows(3)
        False
        """
        return value in self.options

    def widget(self, **layout: Any) -> Any:
        """Return the drop-down.

        layout: where the labels stand.

        >>> Menu("rule", 1, {1: "once", 2: "always"}).widget().options
        (('once', 1), ('always', 2))
        """
        import ipywidgets as widgets

        pairs = [(text, value) for value, text in self.options.items()]
        return widgets.Dropdown(options=pairs, value=self.start, description=self.label, **layout)


class Explorer:
    """A panel of at most three controls over `draw(ax, *, seed, **values) -> finding`.

    `draw` is pure: it draws on the empty axes and returns one sentence with its numbers. The seed stays
    the same while a slider moves, so that only the slider changes the picture; a button takes the next seed.
    A panel that draws no random number says `random=False` and has no button.

    Raises ValueError for a control that starts out of its range or an unknown name.

    >>> def draw(ax, *, seed, n):
    ...     ax.plot([0, n])
    ...     return f"{n} users"
    >>> Explorer(draw, {"n": Control("users", 10, 1, 100, 1)}, title="A line")
    Explorer: A line; n 10, seed 0: 10 users
    """

    def __init__(
        self,
        draw: Callable[..., str],
        controls: Mapping[str, Control | Menu],
        *,
        title: str = "",
        seed: int = 0,
        random: bool = True,
        height: float = style.HEIGHT,
    ) -> None:
        if not 1 <= len(controls) <= 3:
            raise _check.fail("controls", "must hold one to three controls", len(controls))
        for name, c in controls.items():
            if not c.allows(c.start):
                ends = c.corners()
                raise _check.fail(name, f"must start between {ends[0]} and {ends[-1]}", c.start)
        self.random = random
        self.draw, self.controls, self.title, self.seed = draw, dict(controls), title, seed
        self.figure = style.new_figure(height=height, dpi=style.SHARP)
        self.ax: Axes = self.figure.add_subplot()
        self._widgets: dict[str, Any] = {}
        self._panel: Any = None

    @property
    def values(self) -> dict[str, Any]:
        """Return the value of each control now.

        >>> from abkit.explore import ledger
        >>> ledger(power=0.5).values
        {'good': 0.1, 'power': 0.5, 'alpha': 0.05}
        """
        return {
            k: c.exact(self._widgets[k].value if self._widgets else c.start) for k, c in self.controls.items()
        }

    def value(self, *, seed: int | None = None, **values: Any) -> str:
        """Draw with these values (the rest as the panel stands) and return the finding.

        seed: fixes the draws; the same seed, the same picture.
        Raises ValueError: `values` must fit.

        >>> from abkit.explore import ledger
        >>> ledger().value(power=0.5).split(".")[0]
        'Of 100 tests 7'
        """
        unknown = set(values) - set(self.controls)
        if unknown:
            raise _check.fail(
                "values", "must name controls: " + ", ".join(self.controls), ", ".join(sorted(unknown))
            )
        self.ax.clear()
        return self.draw(self.ax, seed=self.seed if seed is None else seed, **{**self.values, **values})

    def png(self) -> bytes:
        """Return the figure as it stands, as PNG bytes of twice the size that is shown.

        >>> from abkit.explore import ledger
        >>> ledger().png()[1:4]
        b'PNG'
        """
        from PIL import Image

        canvas = cast(FigureCanvasAgg, self.figure.canvas)
        canvas.draw()
        buffer = io.BytesIO()
        image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        image = image.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        image.save(buffer, format="png", compress_level=1)
        return buffer.getvalue()

    @property
    def panel(self) -> Any:
        """Return the widgets: controls, a button where a draw is random, image, text (made on first use).

        >>> from abkit.explore import ledger
        >>> [type(part).__name__ for part in ledger().panel.children]
        ['FloatSlider', 'FloatSlider', 'FloatSlider', 'Image', 'HTML']
        """
        if self._panel is None:
            self._build()
        return self._panel

    def redraw(self, *_: Any) -> None:
        """Draw anew with the panel's values.

        >>> from abkit.explore import ledger
        >>> panel = ledger(); panel.panel.children[1].value = 0.5; panel.redraw()
        >>> panel.value() in panel.panel.children[-1].value
        True
        """
        finding = self.value()
        self._image.value = self.png()
        self._line.value = f'<p role="status" aria-live="polite">{html.escape(finding)}</p>'

    def freeze(self) -> None:
        """Keep the layout as it stands, with room for labels that grow and for titles of two lines.

        Solving the layout at each change would cost a third of the time.

        >>> from abkit.explore import ledger
        >>> panel = ledger(); panel.freeze()
        >>> type(panel.figure.get_layout_engine()).__name__, bool(panel.ax.get_position().y1 < 0.9)
        ('PlaceHolderLayoutEngine', True)
        """
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")
        place = self.ax.get_position()
        top = min(place.y1, 1 - TOP / self.figure.get_figheight())
        self.ax.set_position((place.x0 + LEFT, place.y0, place.width - LEFT - RIGHT, top - place.y0))

    def _build(self) -> None:
        import ipywidgets as widgets

        label = round(max(230, CHARACTER * max(len(c.label) for c in self.controls.values())))
        wide = {
            "style": {"description_width": f"{label}px"},
            "layout": widgets.Layout(width=f"{390 + label}px", max_width="100%"),
        }
        self._widgets = {name: c.widget(**wide) for name, c in self.controls.items()}
        for control in self._widgets.values():
            control.observe(self.redraw, "value")
        self.button = widgets.Button(description="Draw anew", tooltip="Take the next seed")
        self.button.on_click(self._next)
        buttons = [self.button] if self.random else []
        self._image = widgets.Image(format="png", layout=widgets.Layout(width="700px", max_width="100%"))
        self._line = widgets.HTML(layout=widgets.Layout(width="700px", max_width="100%"))
        self._panel = widgets.VBox([*self._widgets.values(), *buttons, self._image, self._line])
        self._panel.add_class(PANEL)
        self.value()
        self.freeze()
        self.redraw()

    def _next(self, _: Any) -> None:
        self.seed += 1
        self.redraw()

    def __repr__(self) -> str:
        values = ", ".join(f"{k} {self.controls[k].text(v)}" for k, v in self.values.items())
        seed = f", seed {self.seed}" if self.random else ""
        return f"Explorer: {self.title}; {values}{seed}: {self.value()}"

    def twin(self) -> dict[str, str]:
        """Return the picture as it stands as HTML and text: what remains when the kernel is gone.

        >>> from abkit.explore import ledger
        >>> ASLEEP in ledger().twin()["text/html"], ledger().twin()["text/plain"].split(".")[0]
        (True, 'Figure: 22 of 100 wins are false, 26 of 100 euros never come')
        """
        finding = self.value()
        card = showing.card(self.figure, alt=showing.clipped(f"{self.title}. {finding}"))
        inside = f"{card['text/html']}<p>{ASLEEP}</p><style>{STYLE}</style>{SPOKEN}"
        return {**card, "text/html": f'<div class="{TWIN}">{inside}</div>'}

    def _ipython_display_(self) -> None:
        from IPython.display import display

        text, twin = repr(self), self.twin()
        display({**dict(self.panel._repr_mimebundle_()), "text/plain": text}, raw=True)
        display(twin, raw=True)
