# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The way in: find the backend, authenticate the raw bytes, store, process or leave to the lane, answer."""

import logging
import time

import psycopg2

from odoo import SUPERUSER_ID, api, http
from odoo.http import request

from ..const import LOCK_INBOUND, WEBHOOK_PATIENCE
from ..exceptions import (
    ConfigurationError,
    HubError,
    RejectedError,
    SignatureError,
    UnsupportedEventError,
)
from .http import BodyError, answer_error, begin_reading, parse_json, read_body

_logger = logging.getLogger(__name__)

#: When a sender may come back after the database was not there: a restart takes no longer.
RETRY_AFTER_SECONDS = 30

#: Options of every webhook route. The authentication "none" lets it answer while the database is away, too, where the
#: addon is one of ``server_wide_modules``; otherwise the user is the public one.
WEBHOOK_ROUTE = {
    "type": "http",
    "auth": "none",
    "readonly": False,
    "methods": ["POST"],
    "csrf": False,
    "save_session": False,
    "max_content_length": begin_reading,
}


class WebhookController(http.Controller):
    """Receives the webhooks of all partners. Partners with fixed URLs of their own inherit this class."""

    @http.route("/connector_hub/<string:code>/<string:webhook_uuid>", **WEBHOOK_ROUTE)
    def webhook(self, code, webhook_uuid):
        """A partner's events, at the address the backend shows."""
        return self.receive(code, webhook_uuid)

    @http.route(
        "/connector_hub/<string:code>/<string:webhook_uuid>/ping",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
    )
    def ping(self, code, webhook_uuid):
        """Tell whether this address leads to this database: used by "Test connection"."""
        # A draft answers too, although it takes no webhooks yet: the test comes before the activation.
        backends = request.env["connector.hub.backend"].sudo()
        if not backends.search_count(
            [("code", "=", code), ("webhook_uuid", "=", webhook_uuid)], limit=1
        ):
            return answer_error(
                404, "NOT_FOUND", "There is no such webhook address in this database."
            )
        return request.make_json_response({"success": True, "backend": webhook_uuid})

    def receive(self, code, webhook_uuid=None):
        """Receive one event: the whole inbound path.

        :param str code: the partner
        :param webhook_uuid: names the backend; without it, the one whose secret verifies the request is meant
        :return: a JSON response: 200 processed or of no use here, 202 stored, 4xx refused
        """
        if not request.db:
            return self._answer_without_database()
        if "connector.hub.backend" not in request.env:
            # Another database of a server that has the addon for all of them.
            return answer_error(404, "NOT_FOUND", "This database receives no webhooks.")
        request.env["ir.http"]._auth_method_public()
        try:
            body = read_body()
            backend = self._authenticate(code, webhook_uuid, body)
            text, payload = parse_json(body)
            events = request.env["connector.hub.event"].sudo()
            event = events._describe(backend, request.httprequest.headers, payload, text)
            stored = events._store(event, request.env.cr)
            if stored["rests"]:
                backend._notice_life()
            if stored["is_new"] and (stored["behind"] or not backend._processes_at_once()):
                return self._answer(self._left_to_lane(backend, event))
            return self._answer(self._settled(backend, stored))
        except BodyError as error:
            return answer_error(error.status, error.code, error.message)
        except SignatureError as error:
            return answer_error(401, "UNAUTHORIZED", error.message)
        except ConfigurationError as error:
            _logger.error("Webhook for %s refused: %s", code, error.message)
            # Ours to mend: a sender that is told 503 tries again, one that is told 401 gives up.
            return answer_error(
                503, "TRY_AGAIN", "This webhook cannot be verified now. Send it again."
            )
        except UnsupportedEventError as error:
            return request.make_json_response(
                {"success": True, "status": "ignored", "message": error.message}
            )
        except RejectedError as error:
            return answer_error(400, "VALIDATION_ERROR", error.message, error.details)
        except (HubError, psycopg2.Error) as error:
            _logger.error("Webhook for %s could not be stored: %s", code, type(error).__name__)
            return answer_error(
                503, "TRY_AGAIN", "The event could not be stored now. Send it again."
            )

    def _answer_without_database(self):
        """Only where the addon is one of ``server_wide_modules``; elsewhere Odoo answers 404 by itself."""
        named = request.httprequest.headers.get("X-Odoo-Database")
        if not named and len(http.db_list(force=True)) > 1:
            return answer_error(
                404, "NOT_FOUND", "There are several databases here: name one in X-Odoo-Database."
            )
        return answer_error(
            503,
            "TRY_AGAIN",
            "The database is not available now. Send the event again.",
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
        )

    def _authenticate(self, code, webhook_uuid, body):
        """The backend this request belongs to.

        :raises SignatureError: if there is none whose secret verifies the raw bytes
        """
        backends_model = request.env["connector.hub.backend"].sudo()
        refused = SignatureError("The request could not be authenticated.")
        unusable = None
        for backend_id, uuid in backends_model._webhook_backends(code):
            if webhook_uuid is not None and uuid != webhook_uuid:
                continue
            backend = backends_model.browse(backend_id)
            try:
                backend._get_adapter()._verify_webhook(backend, body, request.httprequest.headers)
            except SignatureError as error:
                refused = error
            except ConfigurationError as error:
                # Another backend's secret may still be the right one.
                unusable = error
            else:
                return backend
        raise unusable or refused

    def _left_to_lane(self, backend, event):
        """What is known, without a look, of an event that was stored just now and is the lane's to process.

        :return: see :meth:`_settled`
        """
        outcome = {
            **event,
            "state": "pending",
            **dict.fromkeys(("reason", "res_model", "res_id")),
        }
        outcome["answer"] = backend._get_adapter()._webhook_answer(outcome)
        return outcome

    def _settled(self, backend, stored):
        """Process a stored event at once if it is new, and tell what has become of it.

        :return: see :meth:`ConnectorHubEvent._outcome`, and ``answer``: what the partner's answer says of it
        """
        registry = request.env.registry
        deadline = time.monotonic() + WEBHOOK_PATIENCE
        while True:
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                own = env["connector.hub.backend"].browse(backend.id)
                event = env["connector.hub.event"].browse(stored["id"])
                if stored["is_new"]:
                    self._process_now(own, event)
                outcome = event._outcome()
                # The request's own transaction began before the event was processed, and would not see the order.
                outcome["answer"] = own._get_adapter()._webhook_answer(outcome)
                if stored["is_new"] or outcome["state"] != "pending" or not own._is_busy():
                    return outcome
            if time.monotonic() >= deadline:
                return outcome
            time.sleep(0.1)

    def _process_now(self, backend, event):
        """Process one event in a fresh transaction under the backend's lock, if that is to be had in a moment."""
        with backend._advisory_lock(LOCK_INBOUND, patience=WEBHOOK_PATIENCE) as locked:
            if not locked or event._outcome()["state"] != "pending":
                return
            work = backend._work_env()
            own = work["connector.hub.backend"].browse(backend.id)
            try:
                work["connector.hub.event"]._process(
                    own, work["connector.hub.event"].browse(event.id)
                )
                work.cr.commit()
            except psycopg2.Error as error:
                # Somebody else changed the same rows: the lane takes the event up again.
                work.cr.rollback()
                _logger.info("Event %s left to the lane: %s", event.id, type(error).__name__)
            except Exception:
                # The event is stored, so its sender has nothing to do with what goes wrong here.
                work.cr.rollback()
                _logger.exception("Event %s left to the lane", event.id)
            own._wake_lanes()

    def _answer(self, outcome):
        """200 with what came of it, or 202: stored, and therefore safe."""
        content = {
            "success": True,
            "event_id": outcome["event_id"],
            "status": outcome["state"],
            **outcome["answer"],
        }
        if outcome["state"] == "dead":
            content["message"] = "The event is stored and waits for a person."
            content["reason"] = outcome["reason"]
        return request.make_json_response(
            content, status=200 if outcome["state"] in ("done", "ignored") else 202
        )
