# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which side's value of a field holds, when both sides may have changed it. No database, no side effects."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: Decisions: keep things as they are, write the partner's value into Odoo, send Odoo's to the partner, ask a person.
SAME, TAKE_PARTNER, TAKE_ODOO, HOLD = "same", "partner", "odoo", "hold"

#: The last synced value of a field that was never synced.
UNKNOWN = object()


@dataclass(frozen=True)
class FieldState:
    """One field on both sides. The three values are of one form: converted for the partner.

    :ivar synced: value when the sides last agreed, or ``UNKNOWN``
    :ivar odoo_changed_at: when Odoo's record was last changed, or None
    :ivar partner_changed_at: when the partner's was, by the partner, or None
    """

    odoo: Any
    partner: Any
    synced: Any = UNKNOWN
    odoo_changed_at: datetime | None = None
    partner_changed_at: datetime | None = None


def decide(state, policy):
    """Decide one field.

    A side whose value is still the last synced one has not changed, and gives way without any policy. Only if both
    changed, or it is not known whether they did, the policy speaks.

    :param FieldState state: the field on both sides
    :param str policy: ``odoo``, ``partner``, ``newest`` or ``hold``
    :return: one of ``SAME``, ``TAKE_PARTNER``, ``TAKE_ODOO``, ``HOLD``
    :raises ValueError: unknown policy
    """
    if policy not in (TAKE_ODOO, TAKE_PARTNER, "newest", HOLD):
        raise ValueError(f"unknown conflict policy {policy!r}")
    if state.odoo == state.partner:
        return SAME
    if state.synced is not UNKNOWN:
        if state.odoo == state.synced:
            return TAKE_PARTNER
        if state.partner == state.synced:
            return TAKE_ODOO
    if policy != "newest":
        return policy
    if state.odoo_changed_at is None or state.partner_changed_at is None:
        return HOLD
    if state.odoo_changed_at == state.partner_changed_at:
        return HOLD
    return TAKE_ODOO if state.odoo_changed_at > state.partner_changed_at else TAKE_PARTNER


def decide_fields(states, policies, default_policy):
    """Decide all fields of a record.

    :param dict states: field name -> :class:`FieldState`
    :param dict policies: field name -> policy, where it is not the default
    :return: {field name: decision}
    """
    return {
        name: decide(state, policies.get(name) or default_policy) for name, state in states.items()
    }
