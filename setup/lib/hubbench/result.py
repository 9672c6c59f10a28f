# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A measured figure, beside its floor and its target."""

import statistics
from dataclasses import dataclass


@dataclass
class Result:
    """One line of the report.

    :ivar bench: name of the benchmark
    :ivar what: what was measured, with its unit
    :ivar floor: the figure to compare with
    :ivar ours: the hub's figure
    :ivar ratio: ours / floor, as the median over the rounds
    :ivar target: what the ratio has to be
    :ivar at_least: whether more is better
    """

    bench: str
    what: str
    floor: float
    ours: float
    ratio: float
    target: float
    at_least: bool

    @property
    def passed(self):
        return self.ratio >= self.target if self.at_least else self.ratio <= self.target

    def line(self):
        sign = ">=" if self.at_least else "<="
        return (
            f"{self.bench:8}{self.what:50}{self.floor:10.2f}{self.ours:10.2f}"
            f"{self.ratio:8.2f}   {sign} {self.target:4.2f}  {'PASS' if self.passed else 'MISS'}"
        )


HEADER = f"{'bench':8}{'what':50}{'floor':>10}{'ours':>10}{'ratio':>8}   target   verdict"


def of_rounds(bench, what, rounds, target, at_least):
    """The result of several rounds, each of which measured both: medians, which single slow moments do not move.

    :param rounds: list of (floor, ours)
    """
    return Result(
        bench,
        what,
        statistics.median(floor for floor, _ours in rounds),
        statistics.median(ours for _floor, ours in rounds),
        statistics.median(ours / floor for floor, ours in rounds),
        target,
        at_least,
    )
