# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What every part of the stock Medusa server needs: refusals, bodies, lists, undo."""

from contextlib import contextmanager

from .. import checks
from ..base import Refused
from ..values import iso
from . import query as queries


class AdminCommon:
    """Answers and reading of requests, Medusa's way."""

    # -- refusals -----------------------------------------------------------------------------

    @staticmethod
    def refusal(status, kind, message, code=None):
        payload = {"type": kind, "message": message}
        return Refused(status, {"code": code, **payload} if code else payload)

    def invalid(self, message):
        return self.refusal(400, "invalid_data", message)

    def not_allowed(self, message):
        return self.refusal(400, "not_allowed", message)

    def not_found(self, message):
        return self.refusal(404, "not_found", message)

    def unknown_error(self):
        return self.refusal(500, "unknown_error", "An unknown error occurred.", "unknown_error")

    def exists_already(self, table, **values):
        pairs = ", ".join(f"{key}: {value}" for key, value in values.items())
        return self.invalid(f"{table} with {pairs}, already exists.")

    # -- requests -----------------------------------------------------------------------------

    def body(self, request, schema, required=()):
        """The checked body; unknown keys of the object itself are always refused."""
        payload = {} if request.payload is None else request.payload
        found = checks.problems(payload, schema, required, strict=True)
        if found:
            texts = [_problem_text(path, text) for path, text in list(found.items())[:3]]
            raise self.invalid("Invalid request: " + "; ".join(texts))
        return payload

    def count_items(self, request, *lists):
        self.items[request.route] += sum(len(entries or ()) for entries in lists)

    def check_item_fault(self, request, sku):
        """One bad item spoils the whole request: nothing of it is kept."""
        hit = self.item_error(request, sku) if sku else None
        if hit:
            raise self.refusal(400, hit[0], f"Fault injected by the test for SKU {sku}")

    def query(self, request):
        try:
            return queries.read_query(request)
        except queries.QueryError as error:
            raise self.invalid(str(error)) from error

    def shown(self, request, record, defaults, extra=()):
        """A record with the fields that the request chose; 400 for a field that is none."""
        try:
            tree = queries.field_tree(self.query(request).get("fields"), defaults)
            picked = queries.pick(record, tree)
        except queries.QueryError as error:
            raise self.invalid(str(error)) from error
        picked.update({name: record[name] for name in extra})
        return picked

    def listed(
        self,
        request,
        name,
        records,
        filters,
        defaults,
        default_limit,
        render=None,
        search=(),
        strict=True,
        extra=(),
    ):
        """{<name>: [...], count, offset, limit}; ``search``: the fields that ``q`` looks into."""
        query = self.query(request)
        try:
            taken = queries.check_filters(query, {"q": "text", **filters}, strict)
            text = taken.pop("q", "").lower()
            found = [record for record in records if _fits(record, taken, text, search)]
            found = queries.ordered(found, query)
            offset, limit = queries.paging(query, default_limit)
            tree = queries.field_tree(query.get("fields"), defaults)
            rows = []
            for record in found[offset : offset + limit]:
                full = render(record) if render else record
                row = queries.pick(full, tree)
                row.update({key: full[key] for key in extra})
                rows.append(row)
        except queries.QueryError as error:
            raise self.invalid(str(error)) from error
        return {name: rows, "count": len(found), "offset": offset, "limit": limit}

    # -- all or nothing -----------------------------------------------------------------------

    @contextmanager
    def transaction(self):
        """What is undone, newest first, if the request is refused after all."""
        self._undo = []
        try:
            yield
        except Refused:
            for undo in reversed(self._undo):
                undo()
            raise
        finally:
            self._undo = []

    def on_undo(self, function, *arguments):
        self._undo.append(lambda: function(*arguments))

    @staticmethod
    def merged(metadata, given):
        """Metadata are merged; an empty text deletes its key; null empties them."""
        if given is None:
            return None
        merged = {**(metadata or {}), **given}
        return {key: value for key, value in merged.items() if value != ""}

    def new_record(self, prefix, **values):
        now = iso()
        return {
            "id": self.new_id(prefix),
            "metadata": None,
            "created_at": now,
            "updated_at": now,
            "deleted_at": None,
            **values,
        }


def _fits(record, taken, text, search):
    for name, condition in taken.items():
        if not queries.matches(record.get(name), condition, name):
            return False
    return not text or any(text in str(record.get(field) or "").lower() for field in search)


def _problem_text(path, text):
    field = path.replace(".", ", ")
    if text == "is required":
        return f"Field '{field}' is required"
    if text == "is not a known field":
        return f"Unrecognized fields: '{path.rpartition('.')[2]}'"
    return f"Field '{field}' {text}"
