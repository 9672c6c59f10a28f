# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import dataclass, replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import NO_ACCESS

from ..const import ENTITIES
from ..converters import CONVERTERS, ConverterContext
from ..paths import PathError, get_path, parse_path, set_path

#: Models with users, rights, settings and credentials: no mapping leads into them.
PRIVATE_MODELS = ("res.users", "ir.", "connector.hub.", "auth", "mail.", "base.", "bus.")

RELATIONAL = frozenset({"many2one", "one2many", "many2many"})


@dataclass(frozen=True)
class CompiledMapping:
    """One mapping, ready to be applied to many records.

    :ivar odoo_steps: field names to follow from the record
    :ivar external_steps: keys and positions in the partner's structure
    """

    name: str
    odoo_steps: tuple
    external_steps: tuple
    converter: object
    lang: str | None
    context: ConverterContext

    def value_of(self, record):
        """The converted value of one record. Of several records on the way, the first counts."""
        return self.values_of(record)[0]

    def values_of(self, records, known=None):
        """The converted values of many records, in their order.

        :param dict known: what the mappings of one pass have followed so far; several go by way of the template
        """
        values = records.with_context(lang=self.lang) if self.lang else records
        known = {} if known is None else known
        for number, step in enumerate(self.odoo_steps, start=1):
            way = self.lang, self.odoo_steps[:number]
            if way not in known:
                found = [(value[:1] if len(value) > 1 else value)[step] for value in values]
                if number == len(self.odoo_steps):
                    values = found
                    break
                known[way] = found
            values = known[way]
        convert, context = self.converter.to_external, self.context
        return [convert(value, context) for value in values]


class ConnectorHubFieldMapping(models.Model):
    """Which Odoo field is which field of the partner."""

    _name = "connector.hub.field.mapping"
    _description = "Connector Hub Field Mapping"
    _order = "backend_id, entity, sequence, id"
    _rec_name = "odoo_field"

    backend_id = fields.Many2one(
        "connector.hub.backend", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="backend_id.company_id")
    entity = fields.Selection("_selection_entity", "Kind", required=True, default="product")
    odoo_field = fields.Char(
        "Odoo field",
        required=True,
        help="Technical name of the field, with dots to follow links: categ_id.name",
    )
    external_field = fields.Char(
        "Partner's field",
        required=True,
        help="Where the value stands in the partner's data: title, metadata.odoo_id, variants[0].barcode",
    )
    direction = fields.Selection(
        [("export", "Odoo to partner"), ("import", "Partner to Odoo"), ("both", "Both ways")],
        required=True,
        default="export",
    )
    converter = fields.Selection(
        [(name, converter.label) for name, converter in CONVERTERS.items()],
        required=True,
        default="none",
        help="How the value is changed on its way, for example kg to g.",
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        help="For translated texts: the language to send. Empty: the backend's language.",
    )
    conflict_policy = fields.Selection(
        selection=lambda self: self.env["connector.hub.backend"]._selection_conflict_policy(),
        string="In case of conflict",
        help="Who wins if both sides changed the value. Empty: as set on the backend.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _external_field_uniq = models.Constraint(
        "UNIQUE (backend_id, entity, external_field, direction)",
        "This field of the partner is mapped twice in the same direction.",
    )

    @api.model
    def _selection_entity(self):
        return [
            (entity, self.env._(label)) for entity, label in ENTITIES.items() if entity != "address"
        ]

    # -- checks -------------------------------------------------------------------------------------------------

    @api.constrains(
        "backend_id", "entity", "odoo_field", "external_field", "converter", "direction", "lang"
    )
    def _check_mapping(self):
        """Refuse a path that leads nowhere, or a converter that does not fit, with the reason."""
        for mapping in self:
            model = mapping.backend_id._get_adapter()._entity_model(mapping.entity)
            field = mapping._resolve_field(model)
            mapping._check_permitted(model)
            converter = CONVERTERS[mapping.converter]
            if converter.field_types and field.type not in converter.field_types:
                raise ValidationError(
                    self.env._(
                        "Mapping of %(path)s: the converter “%(converter)s” works on fields of type %(types)s, "
                        "but this field is of type %(type)s. Choose another converter.",
                        path=mapping.odoo_field,
                        converter=converter.label,
                        types=", ".join(sorted(converter.field_types)),
                        type=field.type,
                    )
                )
            if mapping.converter == "none" and field.type in RELATIONAL | {"binary"}:
                raise ValidationError(
                    self.env._(
                        "Mapping of %(path)s: a field of type %(type)s cannot be sent as it is. Add the field to "
                        "read from it (%(path)s.name) or choose a converter for it.",
                        path=mapping.odoo_field,
                        type=field.type,
                    )
                )
            if mapping.lang and not field.translate and not mapping._translated_on_the_way(model):
                raise ValidationError(
                    self.env._(
                        "Mapping of %(path)s: a language is set, but this field is not translated.",
                        path=mapping.odoo_field,
                    )
                )
            if mapping.direction != "export" and not converter.two_way:
                raise ValidationError(
                    self.env._(
                        "Mapping of %(path)s: the converter “%(converter)s” cannot turn the partner's value back. "
                        "Set the direction to “Odoo to partner”.",
                        path=mapping.odoo_field,
                        converter=converter.label,
                    )
                )
            try:
                parse_path(mapping.external_field)
            except PathError:
                raise ValidationError(
                    self.env._(
                        "“%(path)s” is not a path in the partner's data. Write names separated by dots, and list "
                        "positions in brackets: variants[0].barcode",
                        path=mapping.external_field,
                    )
                ) from None

    def _resolve_field(self, model):
        """The field at the end of the Odoo path.

        :raises ValidationError: naming the first step that does not exist
        """
        self.ensure_one()
        steps = [step.strip() for step in self.odoo_field.split(".")]
        for position, step in enumerate(steps):
            field = model._fields.get(step)
            if field is None:
                raise ValidationError(
                    self.env._(
                        "Mapping of %(path)s: “%(model)s” has no field “%(field)s”.",
                        path=self.odoo_field,
                        model=model._description,
                        field=step,
                    )
                )
            if position < len(steps) - 1:
                if field.type not in RELATIONAL:
                    raise ValidationError(
                        self.env._(
                            "Mapping of %(path)s: “%(field)s” is not a link to other records, so nothing can "
                            "follow it.",
                            path=self.odoo_field,
                            field=step,
                        )
                    )
                model = self.env[field.comodel_name]
        return field

    def _check_permitted(self, model):
        """Refuse what the person who maps may not read: the lane reads with all rights, and sends it out.

        :raises ValidationError: naming the step
        """
        model = model.with_env(self.env)
        for step in self.odoo_field.split("."):
            field = model._fields[step.strip()]
            permitted = not model._name.startswith(PRIVATE_MODELS) and field.groups != NO_ACCESS
            if permitted and not self.env.su:
                permitted = model.has_access("read") and (
                    not field.groups or self.env.user.has_groups(field.groups)
                )
            if not permitted:
                raise ValidationError(
                    self.env._(
                        "Mapping of %(path)s: “%(field)s” of “%(model)s” must not leave Odoo, or you may not read it.",
                        path=self.odoo_field,
                        field=field.name,
                        model=model._description,
                    )
                )
            if field.comodel_name:
                model = self.env[field.comodel_name]

    def _translated_on_the_way(self, model):
        for step in self.odoo_field.split("."):
            field = model._fields[step.strip()]
            if field.translate or field.related and field.base_field.translate:
                return True
            if field.type not in RELATIONAL:
                return False
            model = self.env[field.comodel_name]
        return False

    # -- use ----------------------------------------------------------------------------------------------------

    @api.model
    def _compile(self, backend, entity, direction):
        """The mappings of one entity and direction, parsed and with their converters, for one batch.

        :param str direction: "export" or "import"
        :return: list of :class:`CompiledMapping`
        """
        context = ConverterContext(
            env=self.env,
            backend=backend,
            currency=backend._currency(),
            minor_factor=backend._minor_factor,
            lang=backend.lang,
        )
        model = backend._get_adapter()._entity_model(entity)
        mappings = self.sudo().search(
            [
                ("backend_id", "=", backend.id),
                ("entity", "=", entity),
                ("direction", "in", (direction, "both")),
            ]
        )
        return [
            CompiledMapping(
                name=mapping.odoo_field,
                odoo_steps=self._direct_steps(model, mapping.odoo_field),
                external_steps=parse_path(mapping.external_field),
                converter=CONVERTERS[mapping.converter],
                lang=backend._known_lang(mapping.lang),
                context=replace(context, field_type=mapping._resolve_field(model).type),
            )
            for mapping in mappings
        ]

    @api.model
    def _direct_steps(self, model, path):
        """The steps of a path, through the record that a field is inherited from.

        A variant's name is its template's; asking that one directly spares Odoo a computed copy for every variant.
        """
        steps = []
        for step in path.split("."):
            field = model._fields[step.strip()]
            if field.inherited:
                steps += field.related.split(".")
            else:
                steps.append(field.name)
            if field.comodel_name:
                model = self.env[field.comodel_name]
        return tuple(steps)

    @api.model
    def _build_payloads(self, backend, entity, records):
        """Payloads of many records: field after field, so that Odoo reads and computes in batches.

        :return: {record id: payload dict}
        """
        payloads, known = {record.id: {} for record in records}, {}
        for mapping in self._compile(backend, entity, "export"):
            values = mapping.values_of(records, known)
            for payload, value in zip(payloads.values(), values, strict=True):
                set_path(payload, mapping.external_steps, value)
        return payloads

    @api.model
    def _read_values(self, backend, entity, payloads):
        """Odoo values of a partner's structures; fields the partner does not send are left out.

        :param list payloads: dicts as the partner sent them
        :return: list of {odoo field path: value}, in the same order
        """
        mappings = self._compile(backend, entity, "import")
        missing = object()
        result = []
        for payload in payloads:
            found = ((m, get_path(payload, m.external_steps, missing)) for m in mappings)
            result.append(
                {
                    mapping.name: mapping.converter.to_odoo(value, mapping.context)
                    for mapping, value in found
                    if value is not missing
                }
            )
        return result

    # -- caches -------------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        mappings = super().create(vals_list)
        mappings._check_person()
        mappings._note_records()
        self.env.registry.clear_cache()
        return mappings

    def write(self, vals):
        # What was sent by it concerns as much as what will be.
        self._note_records()
        result = super().write(vals)
        if vals.keys() & {"backend_id", "entity", "odoo_field"}:
            self._check_person()
        self._note_records()
        self.env.registry.clear_cache()
        return result

    def _check_person(self):
        """Check in the name of the person who saves; constraints are checked with all rights."""
        if not self.env.su:
            for mapping in self:
                model = mapping.backend_id.sudo()._get_adapter()._entity_model(mapping.entity)
                mapping._check_permitted(model)

    def _note_records(self):
        """Have the records compared whose content these mappings make up."""
        for mapping in self:
            if mapping.direction != "import":
                mapping.backend_id._note_entities([mapping.entity])

    def unlink(self):
        self._note_records()
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
