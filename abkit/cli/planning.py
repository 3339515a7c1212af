"""`abkit plan` says how many units, how many days, and what each number of weeks can detect."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import replace
from typing import Any

from abkit import _check
from abkit.cli import files
from abkit.planning.history import cuped_factor
from abkit.planning.means import Plan, duration, sample_size
from abkit.planning.rates import mde_by_week, sample_size_proportions

NAMES = {name: f"--{name}" for name in ("baseline", "lift", "sd", "effect", "arrivals", "power", "alpha")}
NAMES |= {"arms": "--arms", "share": "--share", "correlation": "--cuped-correlation"}
NAMES |= {"p_control": "--baseline", "p_treatment": "--lift", "cuped-correlation": "--cuped-correlation"}
WEEKS = (2, 3, 4, 6, 8)


def add(commands: Any) -> None:
    """Register `plan`."""
    plan = commands.add_parser(
        "plan",
        help="units per arm, days, and the effect that each week detects",
        description="Give --baseline and --lift for a share, or --sd and --effect for a mean.",
    )
    _add_question(plan)
    _add_design(plan)
    plan.set_defaults(run=run, names=NAMES)


def _add_question(plan: ArgumentParser) -> None:
    """Add the options that say what is to be found, and in how many users a day."""
    for name, what in (
        ("baseline", "the share in control, such as .10"),
        ("lift", "the relative change to detect, such as .05"),
        ("sd", "the standard deviation of a unit"),
        ("effect", "the difference of means to detect"),
        ("arrivals", "NEW units a day"),
        (
            "cuped-correlation",
            "of the metric with its past, such as .5, of returning units: plan with a cautious (low) one",
        ),
    ):
        plan.add_argument(f"--{name}", type=files.typed(name), help=what)


def _add_design(plan: ArgumentParser) -> None:
    """Add the options of the test itself: its power, its false alarms, its arms."""
    plan.add_argument(
        "--power", type=files.typed("power"), default=0.8, help="chance to find the effect (default .8)"
    )
    plan.add_argument(
        "--alpha",
        type=files.typed("alpha"),
        default=0.05,
        help="false alarm rate of all comparisons (default .05)",
    )
    plan.add_argument("--arms", type=int, default=2, help="arms with the control (default 2)")
    plan.add_argument(
        "--share",
        type=files.typed("share"),
        default=1.0,
        help="the part of the arrivals that enters (default 1)",
    )


def run(options: Any) -> int:
    """Print the plan that the options ask for; return the exit code."""
    return print_plan(
        options.baseline,
        options.lift,
        options.sd,
        options.effect,
        power=options.power,
        alpha=options.alpha,
        arms=options.arms,
        arrivals=options.arrivals,
        share=options.share,
        correlation=options.cuped_correlation,
    )


def print_plan(
    baseline: float | None,
    lift: float | None,
    sd: float | None,
    effect: float | None,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    arms: int = 2,
    arrivals: float | None = None,
    share: float = 1.0,
    correlation: float | None = None,
) -> int:
    """Print the plan, its days and the effect that each number of weeks detects; return the exit code."""
    _check_inputs(baseline, lift, sd, effect, share)
    factor = 1.0 if correlation is None else float(cuped_factor(correlation))
    options: dict[str, Any] = {"power": power, "alpha": alpha, "arms": arms, "factor": factor}
    if baseline is None:
        plan = _plan_of_means(float(effect or 0), float(sd or 0), **options)
        finding = f"To detect a difference of {plan.effect:g} (sd {sd:g}) with power {power:g}:"
    else:
        plan = sample_size_proportions(baseline, lift=lift, **options)
        finding = (
            f"To detect {baseline:.4g} against {baseline + plan.effect:.4g} (lift {lift:+.4g}) with power"
            f" {power:g}:"
        )
    days = None if arrivals is None else duration(plan, arrivals, share=share).days
    print(finding)
    print(f"  {plan.n_control:,} units in each of {arms} arms, {arms * plan.n_control:,} in all")
    if correlation is not None:
        print(f"  after CUPED with a correlation of {correlation:g}: {factor:.0%} of the variance is left")
    if arms > 2:
        print(f"  each of {arms - 1} comparisons at alpha {alpha / (arms - 1):.3g}")
    if arrivals is None or days is None:
        print("Give --arrivals (NEW units a day) for the days.")
        return 0
    print(
        f"  {days} days ({days // 7} weeks) at {arrivals * share:,.0f} new units a day; whole weeks, at"
        " least two"
    )
    _print_weeks(arrivals, baseline, sd, share, options)
    return 0


def _check_inputs(
    baseline: float | None, lift: float | None, sd: float | None, effect: float | None, share: float
) -> None:
    rate, mean = (baseline, lift), (sd, effect)
    if not (None not in rate and mean == (None, None)) and not (None not in mean and rate == (None, None)):
        given = [
            f"--{k}"
            for k, v in (("baseline", baseline), ("lift", lift), ("sd", sd), ("effect", effect))
            if v is not None
        ]
        raise ValueError(
            f"give --baseline and --lift, or --sd and --effect; got {' '.join(given) or 'none of them'}."
        )
    if lift == 0:
        raise _check.fail("lift", "must not be 0: it is the change to detect", "0")
    if lift is not None and abs(lift) > 1:
        raise _check.fail(
            "lift", "must be a share of the baseline", f"{lift:g}", f"Is that per cent? Write {lift / 100:g}."
        )
    if not 0 < share <= 1:
        slip = f"Is that per cent? Write {share / 100:g}." if 1 < share <= 100 else ""
        raise _check.fail("share", "must lie above 0 and at most at 1", f"{share:g}", slip)


def _plan_of_means(effect: float, sd: float, *, power: float, alpha: float, arms: int, factor: float) -> Plan:
    each = _check.share("alpha", alpha) / (_check.integer("arms", arms, low=2) - 1)
    return replace(sample_size(effect, sd=sd, power=power, alpha=each, factor=factor), alpha=alpha, arms=arms)


def _print_weeks(
    arrivals: float, baseline: float | None, sd: float | None, share: float, options: dict[str, Any]
) -> None:
    """Print a line for each number of weeks; where so few units detect nothing, the line says so."""
    print("What each number of weeks detects with this power:")
    for weeks in WEEKS:
        try:
            row = mde_by_week(arrivals, p_control=baseline, sd=sd, weeks=[weeks], share=share, **options)
        except ValueError:
            print(f"  {weeks:>2} weeks  no effect: not within {weeks} weeks")
            continue
        effect = float(row.effect[0])
        lift = "" if baseline is None else f"  (lift {effect / baseline:.2%})"
        print(f"  {weeks:>2} weeks  {int(row.n_control[0]):>10,} units an arm  effect {effect:.4g}{lift}")
