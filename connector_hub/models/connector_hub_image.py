# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib
import hmac
import logging
import re

from odoo import api, models, tools
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

#: Kind, as it stands in the address -> (model, field). Nothing else can be read through an address.
IMAGE_FIELDS: dict[str, tuple[str, str]] = {
    "variant": ("product.product", "image_variant_1920"),
    "product": ("product.template", "image_1920"),
    "extra": ("product.image", "image_1920"),
}
KINDS: dict[str, str] = {model: kind for kind, (model, _field) in IMAGE_FIELDS.items()}

#: Endings that tell a shop what it gets.
ENDINGS: dict[str, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
}

#: Field of the mappings that send image addresses.
URLS_FIELD = "connector_hub_image_urls"

_NAME = re.compile(r"(variant|product|extra)-([0-9]{1,9})-([0-9a-f]{40})\.[a-z]{3,4}")

_PATH = "/connector_hub/image/"
_ADDRESS = re.compile(f".+{_PATH}[0-9a-f]{{40}}/{_NAME.pattern}")


def is_image_address(url):
    """Whether a URL is one of those Odoo gives product images, whatever its host is or was called."""
    return bool(_ADDRESS.fullmatch(url))


class ConnectorHubImage(models.AbstractModel):
    """Public addresses of product images, for partners that cannot log in.

    An address names the image's content and is signed with the vault's key: it cannot be guessed, may be cached for
    ever, and changes when the image does. Images are at most 1920 pixels wide and high, as Odoo keeps them.
    """

    _name = "connector.hub.image"
    _description = "Connector Hub Image"

    @api.model
    def _urls(self, products):
        """Addresses of the images of variants, the main one first.

        :param products: product.product
        :return: {product id: list of URLs}
        """
        extra = "product_template_image_ids" in products._fields
        templates = products.product_tmpl_id
        images = (
            products.product_variant_image_ids | templates.product_template_image_ids
            if extra
            else None
        )
        found = self._contents(products) | self._contents(templates)
        if images:
            found |= self._contents(images)
        if not found:
            return {product.id: [] for product in products}
        signer = self._signer(self.env["connector.hub.backend"]._vault_keys(create=True)[0])
        base = self.get_base_url()
        urls = {}
        for product in products:
            template = product.product_tmpl_id
            records = [product if (product._name, product.id) in found else template]
            if extra:
                records += [
                    *product.product_variant_image_ids,
                    *template.product_template_image_ids,
                ]
            urls[product.id] = [
                self._url(base, signer, record, *found[record._name, record.id])
                for record in records
                if (record._name, record.id) in found
            ]
        return urls

    @api.model
    def _contents(self, records):
        """{(model, id): (checksum, content type)} of the records' images, in one query."""
        _model, field = IMAGE_FIELDS[KINDS[records._name]]
        attachments = (
            self.env["ir.attachment"]
            .sudo()
            .search_fetch(
                [
                    ("res_model", "=", records._name),
                    ("res_field", "=", field),
                    ("res_id", "in", records.ids),
                ],
                ["res_id", "checksum", "mimetype"],
            )
        )
        return {
            (records._name, attachment.res_id): (attachment.checksum, attachment.mimetype)
            for attachment in attachments
        }

    @api.model
    def _url(self, base, signer, record, checksum, mimetype):
        name = f"{KINDS[record._name]}-{record.id}-{checksum}"
        return f"{base}{_PATH}{signer(name)}/{name}.{ENDINGS.get(mimetype, 'img')}"

    @api.model
    def _signer(self, key):
        """Function from an image's name to its signature with a key of the vault."""
        image_key = hmac.new(key, b"connector_hub image address", hashlib.sha256).digest()
        return lambda name: hmac.new(image_key, name.encode(), hashlib.sha256).hexdigest()[:40]

    @api.model
    def _find(self, signature, name):
        """The attachment behind an address; empty if there is none, or it is not to be seen.

        :param str name: kind, record id and checksum, with an ending
        """
        nothing = self.env["ir.attachment"].sudo()
        match = _NAME.fullmatch(name)
        if not match or not self._is_signed(signature, name.rpartition(".")[0]):
            return nothing
        kind, res_id, checksum = match.group(1), int(match.group(2)), match.group(3)
        model, field = IMAGE_FIELDS[kind]
        if model not in self.env:
            return nothing
        attachment = nothing.search(
            [
                ("res_model", "=", model),
                ("res_field", "=", field),
                ("res_id", "=", res_id),
                ("checksum", "=", checksum),
            ],
            limit=1,
        )
        if attachment and self._is_offered(self.env[model].sudo().browse(res_id)):
            return attachment
        return nothing

    @api.model
    def _is_signed(self, signature, name):
        try:
            keys = self.env["connector.hub.backend"]._vault_keys()
        except UserError as error:
            # Anybody may ask: only the administrator learns which key is missing.
            _logger.error("Product images cannot be shown: %s", error)
            return False
        return any(
            hmac.compare_digest(self._signer(key)(name).encode(), signature.encode())
            for key in keys
        )

    @api.model
    def _is_offered(self, record):
        """Whether some backend sends the product that the image belongs to."""
        if record._name == "product.image":
            record = record.exists()
            record = record.product_variant_id or record.product_tmpl_id
        for backend_id in self._backends():
            backend = self.env["connector.hub.backend"].browse(backend_id)
            backend = backend._work_env()[backend._name].browse(backend_id)
            adapter = backend._get_adapter()
            model = backend.env[adapter._export_routes()["product"].model]
            if record._name == model._name:
                link = "id"
            else:
                link = (
                    "product_tmpl_id" if model._name == "product.product" else "product_variant_ids"
                )
            domain = [(link, "=", record.id), *adapter._export_domain(backend, "product")]
            if model.search_count(domain, limit=1):
                return True
        return False

    @api.model
    @tools.ormcache()
    def _backends(self):
        """Ids of the backends that send image addresses."""
        backends = (
            self.env["connector.hub.backend"].sudo().search([("state", "in", ("active", "paused"))])
        )
        return tuple(
            backend.id for backend in backends if backend._get_adapter()._sends_images(backend)
        )
