# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a shop with /odoo/* routes is sent: plain functions from records and mapped values to JSON."""

import json

from odoo import fields

from odoo.addons.connector_hub.conversions.numbers import int_quantity_out


def finish_product(payload, *, allow_backorder, has_locations):
    """Complete the mapped fields of /odoo/products (seed, section 5.1).

    :param dict payload: what the field mappings gave; changed
    :param bool allow_backorder: where no mapping says so
    :param bool has_locations: whether stock is told per location, and therefore not with the product
    """
    if "weight" in payload:
        payload.setdefault("weight_unit", "g")
    for name in ("compare_at_price", "brand", "category_handle"):
        if name in payload:
            payload[name] = payload[name] or None
    if "images" in payload:
        payload["images"] = [
            {"url": url, "position": position, "is_thumbnail": position == 0}
            for position, url in enumerate(payload["images"] or [])
        ]
    if isinstance(payload.get("inventory"), dict):
        payload["inventory"].setdefault("allow_backorder", allow_backorder)
        if has_locations:
            payload["inventory"].pop("quantity", None)
    return payload


def stock_items(payload):
    """The entries of /odoo/inventory/bulk-update for one product: one, or one per location (sections 6.1 and 6.2)."""
    levels = payload.get("levels")
    if levels is None:
        return [payload]
    common = {key: value for key, value in payload.items() if key != "levels"}
    return [
        {**common, "quantity": quantity, "location_id": location}
        for location, quantity in levels.items()
    ]


def stock_difference(payload, levels):
    """Where the shop has another figure than it is told.

    :param dict payload: of ``stock_items``
    :param levels: list of ``poll.SeenLevel`` of one product
    :return: (the shop's figure, ours), or None
    """
    for item in stock_items(payload):
        if "quantity" not in item:
            # Its mapping is switched off: the shop's figure is its own.
            continue
        place = item.get("location_id")
        figures = [level.quantity for level in levels if place in (None, *level.places)]
        # Told for no place in particular, the figure is that of the shop's main one, whichever that is.
        if figures and item["quantity"] not in figures:
            return figures[0], item["quantity"]
    return None


def stock_adjustments(payload):
    """The entries of /odoo/webhooks/inventory for one product: absolute, never a difference (section 13.2)."""
    adjustments = []
    for item in stock_items(payload):
        adjustment = {**item, "adjustment_type": "absolute", "reason": "Stock in Odoo"}
        if "location_id" in adjustment:
            adjustment["warehouse_name"] = adjustment.pop("location_id")
        adjustments.append(adjustment)
    return adjustments


def order_status(order, record, fact, cancelled_reason):
    """The body of /odoo/webhooks/order-status (section 13.3).

    :param order: sale.order
    :param record: what the fact is about: the order, its picking or its invoice
    :param str cancelled_reason: where nobody has entered one
    """
    content = {
        "medusa_order_id": order.x_medusa_order_id,
        "odoo_order_id": order.id,
        "odoo_order_name": order.name,
    }
    if fact == "order.shipped":
        content.update(
            tracking_number=record.carrier_tracking_ref,
            tracking_url=tracking_url(record),
            carrier_name=record.carrier_id.name or order.carrier_id.name,
            shipped_date=zulu(record.date_done),
        )
    elif fact == "order.delivered":
        content["delivered_date"] = zulu(record.connector_hub_delivered_at)
    elif fact == "order.cancelled":
        content["cancelled_reason"] = order.connector_hub_cancel_reason or cancelled_reason
    elif fact == "order.invoiced":
        content["invoice_number"] = record.name
    # The shop refuses an empty tracking URL; what is not known is left out.
    return {
        "event_type": fact,
        "order": {key: value for key, value in content.items() if value},
    }


def is_confirmed(metadata, payload):
    """Whether the shop has taken a fact: what its order's metadata say (section 13.3, ``metadata_updated``).

    An order may be shipped, invoiced or paid in parts, and the metadata tell of the last part alone: what they do not
    clearly tell is not confirmed.

    :param dict metadata: of the order, as GET /odoo/orders/{id} answers
    :param dict payload: see :func:`order_status`
    """
    fact, told = payload["event_type"].removeprefix("order."), payload["order"]
    if not metadata.get(f"odoo_{fact}"):
        return False
    if fact in ("confirmed", "cancelled"):
        return True
    if fact == "shipped" and told.get("tracking_number"):
        return metadata.get("tracking_number") == told["tracking_number"]
    date = told.get({"shipped": "shipped_date", "delivered": "delivered_date"}.get(fact))
    return date is not None and metadata.get(f"odoo_{fact}_at") == date


def reduction(order, picking):
    """The body of /odoo/inventory/reduce for a shipped picking (section 6.3).

    Kits are told as what the customer ordered, and not as the components that were picked.
    """
    quantities = {}
    moves = picking.move_ids.filtered(lambda move: move.state == "done" and move.quantity)
    for line, shipped in moves.grouped("sale_line_id").items():
        if not line or line.product_id in shipped.product_id:
            for move in shipped:
                sku = move.product_id.default_code
                quantity = move.product_uom._compute_quantity(move.quantity, move.product_id.uom_id)
                quantities[sku] = quantities.get(sku, 0) + quantity
            continue
        sku = line.product_id.default_code
        kits = line.product_uom_id._compute_quantity(
            shipped_kits(line, picking), line.product_id.uom_id
        )
        quantities[sku] = quantities.get(sku, 0) + kits
    items = [
        {"sku": sku, "quantity": int_quantity_out(quantity, None)}
        for sku, quantity in quantities.items()
        if sku
    ]
    return {
        "order_id": order.x_medusa_order_id,
        "items": [item for item in items if item["quantity"] > 0],
    }


def shipped_kits(line, picking):
    """How many kits of an order line a done picking completes, with what left in the pickings done before it.

    So the pickings of an order add up to what was shipped, however the components were spread over them, and a
    picking's share is the same whenever it is asked for. In the unit of the order line.
    """

    def moment(other):
        return (other.date_done or fields.Datetime.now(), other.id)

    gone = line.sudo().move_ids.filtered(
        lambda move: move.state == "done" and move.picking_id and move._is_outgoing()
    )
    until = gone.filtered(lambda move: moment(move.picking_id) <= moment(picking))
    before = until.filtered(lambda move: move.picking_id.id != picking.id)
    return _whole_kits(line.sudo(), until) - _whole_kits(line.sudo(), before)


def _whole_kits(line, moves):
    """Kits of an order line that these done moves of its components make up, at most those ordered."""
    if not moves:
        return 0
    bom = _kit_of(line)
    if bom and _is_as_ordered(bom, line):
        ordered = line.product_uom_id._compute_quantity(line.product_uom_qty, bom.product_uom_id)
        kits = moves._compute_kit_quantities(
            line.product_id,
            ordered,
            bom,
            {"incoming_moves": lambda _move: True, "outgoing_moves": lambda _move: False},
        )
        whole = bom.product_uom_id._compute_quantity(kits, line.product_uom_id, round=False)
    else:
        needed = line.move_ids.filtered(
            lambda move: move.state != "cancel" and move._is_outgoing()
        ).grouped("product_id")
        shares = [
            sum(
                move.product_uom._compute_quantity(move.quantity, component.uom_id, round=False)
                for move in moves
                if move.product_id == component
            )
            / (sum(planned.mapped("product_qty")) or 1)
            for component, planned in needed.items()
        ]
        whole = int(min(shares) * line.product_uom_qty + 1e-6)
    return min(whole, line.product_uom_qty)


def _is_as_ordered(bom, line):
    """Whether each component of a bill of materials was planned for the order line: it may have got others since."""
    _boms, exploded = bom.explode(line.product_id, 1)
    needed = line.env["mrp.bom.line"].union(*(bom_line for bom_line, _data in exploded))
    return needed.filtered(lambda part: part.product_id.type != "service") <= (
        line.move_ids.bom_line_id
    )


def _kit_of(line):
    """The bill of materials by which Odoo counts what was delivered of a kit; empty without ``mrp``."""
    if "mrp.bom" not in line.env:
        return None
    planned = line.move_ids.filtered(lambda move: move.state != "cancel")
    boms = planned.bom_line_id.bom_id.filtered(
        lambda bom: (
            bom.type == "phantom"
            and bom.product_tmpl_id == line.product_id.product_tmpl_id
            and bom.product_id in (line.product_id, line.env["product.product"])
        )
    )
    if not boms and planned.bom_line_id:
        # A kit of kits alone: the moves name the inner ones.
        boms = boms._bom_find(line.product_id, company_id=line.company_id.id, bom_type="phantom")[
            line.product_id
        ]
    return boms[:1]


def tracking_url(picking):
    """The carrier's page for a shipment; of several parcels, the first one's."""
    url = picking.carrier_tracking_url or ""
    if url.startswith("["):
        try:
            links = json.loads(url)
        except ValueError:
            return ""
        url = links[0][1] if links and len(links[0]) > 1 else ""
    return url if url.startswith(("http://", "https://")) else ""


def zulu(moment):
    """Odoo's naive UTC as the seed writes it: 2026-02-28T10:30:00Z."""
    return f"{(moment or fields.Datetime.now()).isoformat(timespec='seconds')}Z"
