# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..conflicts import (
    HOLD,
    SAME,
    TAKE_ODOO,
    TAKE_PARTNER,
    UNKNOWN,
    FieldState,
    decide,
    decide_fields,
)

POLICIES = ("odoo", "partner", "newest", "hold")
EARLY = datetime(2026, 11, 22, 10)
LATE = EARLY + timedelta(seconds=1)
VALUES = st.sampled_from(["a", "b", "c", "", 0, False, None])
MOMENTS = st.sampled_from([None, EARLY, LATE])
STATES = st.builds(
    FieldState,
    odoo=VALUES,
    partner=VALUES,
    synced=st.one_of(VALUES, st.just(UNKNOWN)),
    odoo_changed_at=MOMENTS,
    partner_changed_at=MOMENTS,
)


@tagged("standard")
class TestConflicts(BaseCase):
    def test_every_combination(self):
        """Who changed since they agreed, under every policy and order of time."""
        newest = {(LATE, EARLY): TAKE_ODOO, (EARLY, LATE): TAKE_PARTNER}
        for policy, odoo_at, partner_at in product(
            POLICIES, (None, EARLY, LATE), (None, EARLY, LATE)
        ):
            by_policy = {
                "odoo": TAKE_ODOO,
                "partner": TAKE_PARTNER,
                "hold": HOLD,
                "newest": newest.get((odoo_at, partner_at), HOLD),
            }[policy]
            for (odoo, partner, synced), expected in {
                ("same", "same", "same"): SAME,
                ("same", "same", "old"): SAME,
                ("same", "same", UNKNOWN): SAME,
                ("new", "old", "old"): TAKE_ODOO,
                ("old", "new", "old"): TAKE_PARTNER,
                ("one", "two", "old"): by_policy,
                ("one", "two", UNKNOWN): by_policy,
                ("", "two", ""): TAKE_PARTNER,
                (None, "two", UNKNOWN): by_policy,
            }.items():
                state = FieldState(odoo, partner, synced, odoo_at, partner_at)
                with self.subTest(policy=policy, state=state):
                    self.assertEqual(decide(state, policy), expected)

    def test_unknown_policy(self):
        for policy in ("", None, "remote"):
            with self.assertRaises(ValueError):
                decide(FieldState("a", "b"), policy)

    @given(STATES, st.sampled_from(POLICIES))
    def test_a_side_that_did_not_change_never_wins(self, state, policy):
        decision = decide(state, policy)
        if state.synced is UNKNOWN or state.odoo == state.partner:
            return
        if state.odoo == state.synced:
            self.assertEqual(decision, TAKE_PARTNER)
        elif state.partner == state.synced:
            self.assertEqual(decision, TAKE_ODOO)

    @given(STATES, st.sampled_from(POLICIES))
    def test_hold_only_when_told_or_undecidable(self, state, policy):
        if decide(state, policy) != HOLD:
            return
        self.assertIn(policy, ("hold", "newest"))
        if policy == "newest":
            moments = (state.odoo_changed_at, state.partner_changed_at)
            self.assertTrue(None in moments or moments[0] == moments[1])

    @given(STATES, st.sampled_from(POLICIES))
    def test_equal_values_need_no_decision(self, state, policy):
        self.assertEqual(decide(state, policy) == SAME, state.odoo == state.partner)

    @given(STATES, st.sampled_from(POLICIES))
    def test_sides_are_treated_alike(self, state, policy):
        """Exchange the sides, and the decision is exchanged."""
        mirrored = FieldState(
            odoo=state.partner,
            partner=state.odoo,
            synced=state.synced,
            odoo_changed_at=state.partner_changed_at,
            partner_changed_at=state.odoo_changed_at,
        )
        exchanged = {TAKE_ODOO: TAKE_PARTNER, TAKE_PARTNER: TAKE_ODOO}
        other = exchanged.get(policy, policy)
        decision = decide(state, policy)
        self.assertEqual(decide(mirrored, other), exchanged.get(decision, decision))

    @given(
        st.dictionaries(st.sampled_from("abcd"), STATES, min_size=1),
        st.dictionaries(st.sampled_from("abcd"), st.sampled_from([*POLICIES, None, False])),
        st.sampled_from(POLICIES),
        st.randoms(use_true_random=False),
    )
    def test_fields_are_decided_each_for_itself(self, states, policies, default, random):
        decisions = decide_fields(states, policies, default)
        names = list(states)
        random.shuffle(names)
        self.assertEqual(
            decide_fields({name: states[name] for name in names}, policies, default), decisions
        )
        for name, state in states.items():
            self.assertEqual(decisions[name], decide(state, policies.get(name) or default))
