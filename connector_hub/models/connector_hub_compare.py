# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.tools import plaintext2html

#: How many corrected records one note on the backend names.
DIFFERENCES_NAMED = 20


class ConnectorHubCompare(models.Model):
    """What the partner has, compared with what Odoo tells it: corrects what somebody has changed there.

    Two looks make sure of it. Between them orders are fetched: what the partner has sold meanwhile, and Odoo did not
    know at the first look, is no difference at the second one.
    """

    _inherit = "connector.hub.cursor"

    def _compare(self, seen):
        """Take what one page shows; after the second look what still differs is sent again.

        :param list seen: of a :class:`~odoo.addons.connector_hub.routes.PollPage`
        """
        self.ensure_one()
        backend = self.backend_id._work_env()["connector.hub.backend"].browse(self.backend_id.id)
        differing = backend._get_adapter()._find_differing(backend, self.entity, seen)
        known = self.doubtful or {}
        if known.get("is_complete"):
            figures = known["figures"]
            self._correct(
                backend,
                {
                    record_id: text
                    for record_id, (figure, text) in differing.items()
                    if figures.get(str(record_id)) == str(figure)
                },
            )
        elif differing:
            figures = {
                str(record_id): str(figure) for record_id, (figure, _text) in differing.items()
            }
            self.doubtful = {"figures": {**known.get("figures", {}), **figures}}

    def _end_look(self):
        """The last page was read: what is in doubt is looked at once more, and no third time."""
        if self.doubtful:
            is_second = self.doubtful.get("is_complete")
            self.doubtful = None if is_second else {**self.doubtful, "is_complete": True}

    def _correct(self, backend, differing):
        """:param dict differing: record id -> text for the administrator"""
        if not differing:
            return
        ids = sorted(differing)
        route = backend._get_adapter()._export_routes()[self.entity]
        self.env["connector.hub.binding"]._forget_payloads(backend, self.entity, ids)
        backend._note_records(self.entity, route, ids)
        backend._wake_lanes()
        named = [differing[record_id] for record_id in ids[:DIFFERENCES_NAMED]]
        if len(ids) > len(named):
            named.append(self.env._("and %(count)s more", count=len(ids) - len(named)))
        backend._message_log(
            body=plaintext2html(
                self.env._(
                    "The partner had other figures than Odoo. Odoo's are sent again: %(differences)s",
                    differences=", ".join(named),
                )
            )
        )
