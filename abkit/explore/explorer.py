"""Explorer: the one class that joins a pure drawing function to sliders.

One figure lives as long as the panel. Each change clears its axes, draws again, and sends PNG bytes
to an image of fixed width. A line of text repeats the finding, for readers who do not see the image.
"""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from abkit import _check
from abkit.plots import style

CHARACTER = 7.5  # pixels that a letter of a slider's label takes at most, on average
LEFT, RIGHT = 0.03, 0.02  # shares of the width kept free for labels that grow


@dataclass(frozen=True)
class Control:
    """One slider: label with its unit, first value, range and step; whole numbers give a whole-number
    slider.
    """

    label: str
    start: float
    low: float
    high: float
    step: float

    @property
    def whole(self) -> bool:
        """Say whether every number of the slider is an int."""
        return all(isinstance(v, int) for v in (self.start, self.low, self.high, self.step))


class Explorer:
    """A panel of at most three sliders over `draw(ax, *, seed, **values) -> finding`.

    `draw` is pure: it draws on the empty axes and returns one sentence with its numbers. The seed stays
    the same while a slider moves, so that only the slider changes the picture; a button takes the next seed.
    A panel that draws no random number says `random=False` and has no button.

    Raises ValueError for a control out of its range or an unknown name.

    >>> def draw(ax, *, seed, n):
    ...     ax.plot([0, n])
    ...     return f"{n} users"
    >>> Explorer(draw, {"n": Control("users", 10, 1, 100, 1)}, title="A line")
    Explorer: A line; n 10, seed 0: 10 users
    """

    def __init__(
        self,
        draw: Callable[..., str],
        controls: Mapping[str, Control],
        *,
        title: str = "",
        seed: int = 0,
        random: bool = True,
        height: float = style.HEIGHT,
    ) -> None:
        if not 1 <= len(controls) <= 3:
            raise _check.fail("controls", "must hold one to three controls", len(controls))
        for name, c in controls.items():
            if not c.low <= c.start <= c.high:
                raise _check.fail(name, f"must start between {c.low} and {c.high}", c.start)
        self.random = random
        self.draw, self.controls, self.title, self.seed = draw, dict(controls), title, seed
        self.figure = style.new_figure(height=height)
        self.ax: Axes = self.figure.add_subplot()
        self._sliders: dict[str, Any] = {}
        self._panel: Any = None

    @property
    def values(self) -> dict[str, float]:
        """Return the value of each control now."""
        return {k: self._sliders[k].value if self._sliders else c.start for k, c in self.controls.items()}

    def value(self, *, seed: int | None = None, **values: float) -> str:
        """Draw with these values (the rest as the panel stands) and return the finding."""
        unknown = set(values) - set(self.controls)
        if unknown:
            raise _check.fail(
                "values", "must name controls: " + ", ".join(self.controls), ", ".join(sorted(unknown))
            )
        self.ax.clear()
        return self.draw(self.ax, seed=self.seed if seed is None else seed, **{**self.values, **values})

    def png(self) -> bytes:
        """Return the figure as it stands, as PNG bytes."""
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", pil_kwargs={"compress_level": 1})
        return buffer.getvalue()

    @property
    def panel(self) -> Any:
        """Return the widgets: sliders, a button where a draw is random, the image and the line of text (made
        on first use).
        """
        if self._panel is None:
            self._build()
        return self._panel

    def redraw(self, *_: Any) -> None:
        """Draw anew with the panel's values."""
        finding = self.value()
        self._image.value = self.png()
        self._line.value = f'<p role="status" aria-live="polite">{html.escape(finding)}</p>'

    def _build(self) -> None:
        import ipywidgets as widgets

        label = round(max(230, CHARACTER * max(len(c.label) for c in self.controls.values())))
        wide = {
            "style": {"description_width": f"{label}px"},
            "layout": widgets.Layout(width=f"{390 + label}px", max_width="100%"),
        }
        for name, c in self.controls.items():
            kind = widgets.IntSlider if c.whole else widgets.FloatSlider
            slider = kind(
                value=c.start,
                min=c.low,
                max=c.high,
                step=c.step,
                description=c.label,
                continuous_update=False,
                **wide,
            )
            slider.observe(self.redraw, "value")
            self._sliders[name] = slider
        self.button = widgets.Button(description="Draw anew", tooltip="Take the next seed")
        self.button.on_click(self._next)
        buttons = [self.button] if self.random else []
        self._image = widgets.Image(format="png", layout=widgets.Layout(width="700px", max_width="100%"))
        self._line = widgets.HTML()
        self._panel = widgets.VBox([*self._sliders.values(), *buttons, self._image, self._line])
        self.redraw()
        # The first drawing fixes the layout; solving it at each change costs a third of the time.
        self.figure.set_layout_engine("none")
        place = self.ax.get_position()
        self.ax.set_position((place.x0 + LEFT, place.y0, place.width - LEFT - RIGHT, place.height))
        self.redraw()

    def _next(self, _: Any) -> None:
        self.seed += 1
        self.redraw()

    def __repr__(self) -> str:
        values = ", ".join(f"{k} {v:,}" for k, v in self.values.items())
        return f"Explorer: {self.title}; {values}, seed {self.seed}: {self.value()}"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        text = repr(self)
        view = dict(self.panel._repr_mimebundle_())
        view.update({"text/plain": text, "image/png": self.png()})
        return view, {"image/png": {"alt": text[:250]}}
