# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Numbers, money and weights: Decimal between Odoo's floats and the partner's figures."""

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation

from odoo.tools import float_repr

from .common import invalid, is_empty

#: Kilograms in a pound (exact by definition), for companies that weigh in pounds.
_KILOGRAMS_PER_POUND = Decimal("0.45359237")

#: Floats are sums of products: what differs below this is their noise, not a quantity.
_FLOAT_NOISE = Decimal("0.000001")

#: Digits before the point: more than Odoo's floats can tell apart.
_MAX_DIGITS = 18

#: What PostgreSQL's integer holds.
_MAX_INTEGER = 2**31 - 1


def decimal(value, expected="a number") -> Decimal:
    """Return the exact number that a float, int, Decimal or text shows; empty is 0."""
    if is_empty(value):
        return Decimal(0)
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, list | tuple | dict):
        # Decimal takes a sequence for sign, digits and exponent.
        raise invalid(value, expected)
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except (InvalidOperation, TypeError, ValueError):
        raise invalid(value, expected) from None
    if value is True or not number.is_finite() or number.adjusted() >= _MAX_DIGITS:
        raise invalid(value, expected)
    return number


def plain(number: Decimal) -> int | Decimal:
    """Return an int where the number is whole, else a Decimal without superfluous zeros."""
    return int(number) if number == number.to_integral_value() else number.normalize()


def _money(value, ctx) -> Decimal:
    """Return an amount of Odoo's (a float) as Decimal with exactly the currency's digits."""
    currency = ctx.get_currency()
    text = float_repr(currency.round(float(value or 0.0)), currency.decimal_places)
    return Decimal(text) + 0  # makes a negative zero positive


def _round_to_currency(amount: Decimal, ctx) -> float:
    places = ctx.get_currency().decimal_places
    return float(amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def number_out(value, _ctx):
    return plain(decimal(value))


def integer_out(value, _ctx):
    return int(decimal(value).to_integral_value(ROUND_HALF_UP))


def float_in(value, _ctx):
    return float(decimal(value))


def integer_in(value, _ctx):
    number = decimal(value, "a whole number")
    if number != number.to_integral_value() or abs(number) > _MAX_INTEGER:
        raise invalid(value, "a whole number")
    return int(number)


def int_quantity_out(value, _ctx):
    if isinstance(value, float) and value.is_integer():
        return max(0, int(value))
    quantity = decimal(value).quantize(_FLOAT_NOISE, ROUND_HALF_UP)
    return max(0, int(quantity.to_integral_value(ROUND_FLOOR)))


def minor_units_out(value, ctx):
    factor = ctx.minor_factor(ctx.get_currency())
    amount = _money(value, ctx) * factor
    return plain(amount) if factor == 1 else int(amount.to_integral_value(ROUND_HALF_UP))


def minor_units_in(value, ctx):
    factor = ctx.minor_factor(ctx.get_currency())
    return _round_to_currency(decimal(value, "an amount") / factor, ctx)


def major_units_out(value, ctx):
    return _money(value, ctx)


def major_units_in(value, ctx):
    return _round_to_currency(decimal(value, "an amount"), ctx)


def _kilograms_per_unit(ctx) -> Decimal:
    """Return what one unit of Odoo's weights is: a kilogram, or a pound if the settings say so."""

    def search():
        in_pounds = ctx.env["ir.config_parameter"].sudo().get_param("product.weight_in_lbs") == "1"
        return _KILOGRAMS_PER_POUND if in_pounds else Decimal(1)

    return ctx.look_up("kilograms_per_unit", search) if ctx.env is not None else Decimal(1)


def kilograms_out(value, ctx):
    return plain(decimal(value) * _kilograms_per_unit(ctx))


def kilograms_in(value, ctx):
    return float(decimal(value, "a weight") / _kilograms_per_unit(ctx))


def grams_out(value, ctx):
    return plain(decimal(value) * _kilograms_per_unit(ctx) * 1000)


def grams_in(value, ctx):
    return float(decimal(value, "a weight") / 1000 / _kilograms_per_unit(ctx))
