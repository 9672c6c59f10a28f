# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models, tools


class ConnectorHubTracking(models.Model):
    """Which fields matter to whom, and which records a change concerns."""

    _inherit = "connector.hub.backend"

    @api.model
    def _noting_backends(self):
        """Backends for which changes and facts are noted: active and paused ones.

        One whose addon is not loaded is left out: nobody's save is to fail because of it.
        """
        backends = self.sudo().search([("state", "in", ("active", "paused"))])
        return backends.filtered(
            lambda backend: f"connector.hub.adapter.{backend.code}" in self.env
        )

    @api.model
    @tools.ormcache()
    def _tracked_fields(self):
        """What a save is compared with: {model: {field name: frozenset of backend ids}}.

        The fields of the export mappings of active and paused backends, the models along their dotted paths, and the
        stored fields that computed ones depend on. Quants stand for the stock entity.
        """
        result = {}

        def note(model, name, backend_id):
            names = result.setdefault(model, {})
            names[name] = names.get(name, frozenset()) | {backend_id}

        for backend in self._noting_backends():
            routes = backend._get_adapter()._export_routes()
            for entity, route in routes.items():
                if entity == "stock":
                    for name in ("quantity", "location_id", "product_id"):
                        note("stock.quant", name, backend.id)
                    if backend.quantity_source == "free":
                        note("stock.quant", "reserved_quantity", backend.id)
                for model, name in backend._mapped_fields(entity, route.model):
                    # Which fields of a quant matter is said above, whatever the quantity is computed from.
                    if model != "stock.quant":
                        note(model, name, backend.id)
                for model, name in (
                    (route.model, "active"),
                    *((parent, "active") for parent in self.env[route.model]._inherits),
                ):
                    note(model, name, backend.id)
        return result

    def _mapped_fields(self, entity, model_name):
        """(model, stored field) pairs a save of which changes an exported value of the entity."""
        pairs = set()
        for path in self._payload_paths(entity):
            model = self.env[model_name]
            for step in path.split("."):
                field = model._fields.get(step.strip())
                if field is None:
                    break
                pairs |= self._stored_sources(model, field, depth=3)
                if not field.comodel_name:
                    break
                model = self.env[field.comodel_name]
        for domain_field in ("sale_ok", "company_id", "default_code"):
            field = self.env[model_name]._fields.get(domain_field)
            if field is not None:
                pairs |= self._stored_sources(self.env[model_name], field, depth=3)
        return pairs

    def _payload_paths(self, entity):
        """Dotted paths of Odoo fields that an entity's payload is made from."""
        mappings = self.field_mapping_ids.filtered(
            lambda mapping: mapping.entity == entity and mapping.direction != "import"
        )
        return [*mappings.mapped("odoo_field"), *self._get_adapter()._payload_paths(entity)]

    def _stored_sources(self, model, field, depth):
        """The field itself if it is written, and what it is computed from."""
        pairs = {(model._name, field.name)}
        if not depth:
            return pairs
        for dependency in self.env.registry.field_depends.get(field, ()):
            current = model
            for step in dependency.split("."):
                source = current._fields.get(step)
                if source is None:
                    break
                pairs |= (
                    {(current._name, step)}
                    if depth == 1
                    else self._stored_sources(current, source, depth - 1)
                )
                if not source.comodel_name:
                    break
                current = self.env[source.comodel_name]
        return pairs

    @api.model
    @tools.ormcache()
    def _api_users(self):
        """Users that partners write with: {user id: frozenset of their backends}."""
        users = {}
        for backend in self.sudo().search([("api_user_id", "!=", False)]):
            user_id = backend.api_user_id.id
            users[user_id] = users.get(user_id, frozenset()) | {backend.id}
        return users

    @api.model
    def _webhook_backends(self, code):
        """(id, uuid) of the backends of a partner that accept webhooks; drafts do not."""
        # Not cached for a code that anybody may have made up.
        if code not in self._fields["code"].get_values(self.env):
            return ()
        return self._receiving_backends(code)

    @api.model
    @tools.ormcache("code")
    def _receiving_backends(self, code):
        backends = self.sudo().search([("code", "=", code), ("state", "!=", "draft")])
        return tuple(
            (backend.id, backend.webhook_uuid) for backend in backends if backend.has_webhook_secret
        )

    @api.model
    @tools.ormcache()
    def _fact_backends(self):
        """Ids of the backends that are told of facts at all."""
        backends = self._noting_backends()
        return tuple(backend.id for backend in backends if backend._get_adapter()._fact_routes())

    # -- the end of a user's transaction ------------------------------------------------------------------------

    @api.model
    def _flush_notes(self):
        """Precommit hook: one INSERT for all that was noted; the lanes are woken once it is committed."""
        notes = self.env.cr.precommit.data.pop("connector_hub_notes", None)
        if not notes:
            return
        self.env["connector.hub.change"]._append(
            (backend_id, model, sorted(ids)) for (backend_id, model), ids in notes.items()
        )
        self.browse({backend_id for backend_id, _model in notes})._wake_lanes()

    def _drop_notes(self):
        """Forget what this transaction has noted for backends that are about to be deleted."""
        notes = self.env.cr.precommit.data.get("connector_hub_notes", {})
        for key in [key for key in notes if key[0] in self._ids]:
            del notes[key]
        entities = self.env.cr.precommit.data.get("connector_hub_entities", set())
        entities -= {noted for noted in entities if noted[0] in self._ids}

    # -- from a changed record to what is sent ------------------------------------------------------------------

    def _changed_records(self, by_model):
        """Which records have to be sent because of changed ones.

        :param dict by_model: model name -> ids that were saved; quants stand for their products
        :return: {(entity, model): set of ids}
        """
        result = {}
        for entity, route in self._get_adapter()._export_routes().items():
            for model, ids in by_model.items():
                if (entity == "stock") != (model == "stock.quant"):
                    continue
                found = self._resolve_changed(entity, route.model, model, list(ids))
                if found:
                    result.setdefault((entity, route.model), set()).update(found)
        return result

    def _resolve_changed(self, entity, target, model, ids):
        """Ids of the target model that a change in another model concerns."""
        if model == "stock.quant":
            model = "product.product"
        if model == target:
            return set(ids)
        target_model = self.env[target].with_context(active_test=False)
        found = set()
        links = {".".join(steps) for steps in self._links_to(entity, target_model, model)}
        if model in target_model._inherits:
            links.add(target_model._inherits[model])
        for link in links:
            found.update(target_model.search([(link, "in", ids)])._ids)
        return found

    def _links_to(self, entity, target_model, model):
        """Relational prefixes of the entity's paths that lead to a model."""
        for path in self._payload_paths(entity):
            current, steps = target_model, []
            for step in path.split("."):
                field = current._fields.get(step.strip())
                if field is None or not field.comodel_name:
                    break
                steps.append(step.strip())
                current = self.env[field.comodel_name]
                if current._name == model:
                    yield tuple(steps)

    # -- the automated action "Push to backend" -----------------------------------------------------------------

    @api.model
    def _pushable_models(self):
        """Models whose records, or the records they lead to, some partner addon sends."""
        models_of = {"product.category", "product.product", "product.template", "stock.quant"}
        for code in self._fields["code"].get_values(self.env):
            for route in self.env[f"connector.hub.adapter.{code}"]._export_routes().values():
                models_of |= {route.model, *self.env[route.model]._inherits}
        return models_of

    @api.model
    def _push_records(self, records, backends):
        """Queue records for backends, or for all active ones."""
        backends = backends or self._noting_backends()
        backends = backends.filtered(lambda backend: backend.state in ("active", "paused"))
        self.env["connector.hub.change"]._append(
            (backend.id, records._name, records._hub_changed_ids()) for backend in backends
        )
        backends._wake_lanes()
