# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo import api, models

from ..batch import LeasedClient, PartnerUnavailable
from ..const import RESPONSE_KEPT_CHARS
from ..exact_json import dump_json
from ..exceptions import ConfigurationError, HubError, RejectedError, RetryableError
from ..routes import ItemResult

#: Answers that may be due to the content of one item, if the partner is alive otherwise.
ITEM_FAULTS = frozenset({409, 500})

#: Answers that speak of the partner as a whole, whatever was sent.
UNAVAILABLE = frozenset({408, 425, 429, 503})

#: Single items that fail in a row before the partner is to blame after all.
SINGLE_FAILURES = 3


_READABLE = json.JSONEncoder(ensure_ascii=False, default=str)


class ConnectorHubExport(models.AbstractModel):
    """The path of a claimed batch: prepare (read) -> send (no transaction) -> record (write)."""

    _name = "connector.hub.export"
    _description = "Connector Hub Export"

    # -- send: HTTP only, no query ------------------------------------------------------------------------------

    @api.model
    def _send(self, adapter, backend, client, batch, keep_alive, suspicious=0):
        """Send a prepared batch and note on each item what became of it.

        Runs without an open transaction; must not touch the database.

        :param keep_alive: called before each further exchange, to renew the leases
        :param int suspicious: how often in a row the partner was unavailable; then it may be due to the content
        :raises PartnerUnavailable: the partner is down, slow or throttling; items without outcome go back
        :raises ConfigurationError: credentials refused
        """
        client = LeasedClient(client, keep_alive)
        for item in [item for item in batch.waiting() if item.deletes]:
            self._exchange(adapter, backend, client, batch, [item])
            keep_alive()
        items = batch.waiting()
        if not items:
            return
        try:
            self._exchange(adapter, backend, client, batch, items)
        except PartnerUnavailable as error:
            # What was too much at once is no fault of any of them.
            if error.was_too_much or not self._may_be_content(
                adapter, client, batch, error.error, suspicious
            ):
                raise
            if len(items) == 1:
                self._fail(items[0], error.error)
        self._send_singly(adapter, backend, client, batch, keep_alive, suspicious)

    @api.model
    def _send_singly(self, adapter, backend, client, batch, keep_alive, suspicious):
        """Send what could not be told apart in the bulk answer, or was refused as a whole.

        An item that fails where others succeed is to blame; if none succeeds, the partner is.
        """
        failed = []
        for item in batch.waiting():
            keep_alive()
            try:
                self._exchange(adapter, backend, client, batch, [item])
            except PartnerUnavailable as error:
                if not self._may_be_content(adapter, client, batch, error.error, suspicious):
                    raise
                failed.append((item, error))
                if len(failed) >= SINGLE_FAILURES and not any(i.synced for i in batch.items):
                    raise
        if failed and not any(item.synced for item in batch.items):
            raise failed[0][1]
        for item, error in failed:
            self._fail(item, error.error)

    @api.model
    def _may_be_content(self, adapter, client, batch, error, suspicious):
        """Whether one item may be what the partner stumbles over: it does so again and again, but it is alive.

        A bulk is suspected from the second time on, a single item from the third.
        """
        enough = 1 if len(batch.items) > 1 else 2
        return (
            suspicious >= enough
            and batch.route.idempotent
            and error.sent
            and error.details.get("status") not in UNAVAILABLE
            and self._is_alive(adapter, client)
        )

    @api.model
    def _settle_surprise(self, batch, error):
        """An exception nobody foresaw: no item is sent again and again because of it."""
        waiting = batch.waiting()
        if batch.route.idempotent:
            for item in waiting:
                self._fail(item, error)
        else:
            self._outcome_unknown(waiting, error)

    @api.model
    def _exchange(self, adapter, backend, client, batch, items):
        """Tell the partner of some items. Those left without an outcome have to be sent singly."""
        route, client.count = batch.route, len(items)
        try:
            if route.send:
                results, answer = route.send(client, items, batch.context), None
            else:
                results, answer = self._request(backend, client, route, items)
        except RetryableError as error:
            if not route.idempotent and error.sent:
                self._outcome_unknown(items, error)
                return
            if error.details.get("status") not in ITEM_FAULTS or not self._is_alive(
                adapter, client
            ):
                raise PartnerUnavailable(error, len(items)) from error
            # The partner lives and answers so: it is this content that it cannot take.
            if len(items) == 1:
                self._fail(items[0], error)
        except RejectedError as error:
            if not route.idempotent and error.details.get("status") in range(200, 300):
                # It took something, and answered with what cannot be read.
                self._outcome_unknown(items, error)
                return
            if len(items) > 1:
                return
            if items[0].deletes and error.details.get("status") in (404, 410):
                self._succeed(items[0], ItemResult(), error.details)
            else:
                self._fail(items[0], error)
        else:
            if results is None and len(items) > 1:
                return
            for position, item in enumerate(items):
                result = (results or {}).get(position, ItemResult())
                settle = self._fail if isinstance(result, HubError) else self._succeed
                told = getattr(result, "answer", None) or (answer if len(items) == 1 else None)
                settle(item, result, told)

    @api.model
    def _request(self, backend, client, route, items):
        """The one request of a route.

        :return: ({position: result} or None, the partner's answer)
        """
        if items[0].deletes:
            method, path, body = route.delete(backend, items[0].external_id)
        else:
            method, path, body = route.request(backend, [item.payload for item in items])
        headers = (
            {"Idempotency-Key": items[0].idempotency_key} if items[0].idempotency_key else None
        )
        response = client.request(method, path, json=body, headers=headers)
        results = {}
        if route.read_results and not items[0].deletes:
            results = route.read_results(backend, items, response)
        return results, response.data

    @api.model
    def _is_alive(self, adapter, client):
        try:
            adapter._ping(client)
        except (RetryableError, ConfigurationError):
            return False
        return True

    @api.model
    def _succeed(self, item, result, answer):
        item.synced = True
        item.is_linked = result.is_linked
        item.links = result.links
        item.external_id = result.external_id or item.external_id
        item.outcome = {
            "state": "done",
            "reason": None,
            "error": None,
            "note": None,
            "external_id": item.external_id,
            "response": self._kept(answer),
        }

    @api.model
    def _fail(self, item, error, answer=None):
        item.outcome = self.env["connector.hub.delivery"]._outcome_of_error(error, item.attempts)
        item.outcome["response"] = self._kept(answer if answer is not None else error.details)

    @api.model
    def _outcome_unknown(self, items, error):
        for item in items:
            item.outcome = {
                "state": "dead",
                "reason": "outcome_unknown",
                "error": self.env._(
                    "The partner may or may not have got this (%(error)s). Look there; if it is missing, requeue "
                    "this message.",
                    error=error,
                ),
            }

    @api.model
    def _kept(self, answer):
        if answer is None or answer == {}:
            return None
        text = answer if isinstance(answer, str) else dump_json(answer).decode()
        return text[:RESPONSE_KEPT_CHARS]

    # -- record -------------------------------------------------------------------------------------------------

    @api.model
    def _record(self, backend, batch):
        """Write what became of a batch: one statement for the messages, one for the bindings."""
        outcomes = {
            item.delivery_id: {**item.outcome, **self._kept_state(batch, item)}
            for item in batch.items
            if item.outcome is not None
        }
        self.env["connector.hub.delivery"]._settle(outcomes)
        # A fact tells of a record; it links one only if the partner answered with an id of its own.
        synced = [
            item for item in batch.items if item.synced and item.is_linked and item.external_id
        ]
        self._forget_unsure(backend, batch)
        self._retire_dead(backend, batch)
        self._forget_deleted(backend, [item for item in synced if item.deletes])
        self.env["connector.hub.binding"]._record_synced(
            backend,
            batch.entity,
            [
                {
                    "res_model": item.res_model,
                    "res_id": item.res_id,
                    "external_id": item.external_id,
                    "reference": item.reference,
                    "payload_hash": item.payload_hash,
                    "synced_values": item.synced_values,
                }
                for item in synced
                if not item.deletes
            ],
            all_bound=all(item.bound_id == item.external_id for item in synced),
        )
        self._record_links(backend, batch)
        told = [item for item in batch.items if item.synced]
        if batch.route.after and told:
            batch.route.after(backend, told)

    @api.model
    def _kept_state(self, batch, item):
        """What was sent of a state, for a person to read: written once, together with what became of it."""
        if batch.is_fact or item.payload is None or item.outcome["state"] == "ignored":
            return {}
        return {
            "payload": _READABLE.encode(item.payload),
            "external_id": item.external_id,
        }

    @api.model
    def _forget_unsure(self, backend, batch):
        """What the partner may or may not have taken is not equal to anything that is sent later.

        If the change is undone in Odoo meanwhile, the older content must not pass for what the partner has. After a
        crash, :meth:`ConnectorHubDelivery._return_expired` does the same.
        """
        unsure = [
            item.res_id
            for item in batch.items
            if item.payload is not None
            and not item.synced
            and (item.outcome is None or item.outcome["state"] != "ignored")
        ]
        if unsure and not batch.is_fact:
            self.env["connector.hub.binding"]._forget_payloads(backend, batch.entity, unsure)

    @api.model
    def _record_links(self, backend, batch):
        """Bind the further records that the partner gave ids of."""
        links = [link for item in batch.items if item.synced for link in item.links]
        self.env["connector.hub.binding"]._record_synced(
            backend,
            batch.entity,
            [
                {
                    "res_model": model,
                    "res_id": res_id,
                    "external_id": external_id,
                    "reference": reference,
                }
                for model, res_id, external_id, reference in links
            ],
        )

    @api.model
    def _retire_dead(self, backend, batch):
        """Of the failed messages about a record's state only the last one, if any, calls for a person."""
        settled = [
            item
            for item in batch.items
            if item.outcome is not None and item.outcome["state"] in ("done", "dead")
        ]
        if batch.is_fact or not settled:
            return
        dead = self.env["connector.hub.delivery"].search(
            [
                ("backend_id", "=", backend.id),
                ("entity", "=", batch.entity),
                ("res_id", "in", [item.res_id for item in settled]),
                ("res_model", "=", batch.route.model),
                ("state", "=", "dead"),
                ("is_fact", "=", False),
                ("id", "not in", [item.delivery_id for item in batch.items]),
            ]
        )
        replaced = {
            "state": "ignored",
            "error": None,
            "note": self.env._("A later message replaced this one."),
        }
        dead._settle({delivery.id: dict(replaced) for delivery in dead})

    @api.model
    def _forget_deleted(self, backend, items):
        """A record deleted at the partner is not bound any more; if it comes back, it is sent as new."""
        if items:
            # With a product its stock is gone there.
            entities = {"product": ["product", "stock"]}.get(items[0].entity, [items[0].entity])
            self.env["connector.hub.binding"].search(
                [
                    ("backend_id", "=", backend.id),
                    ("entity", "in", entities),
                    ("res_model", "=", items[0].res_model),
                    ("res_id", "in", [item.res_id for item in items]),
                ]
            ).unlink()
