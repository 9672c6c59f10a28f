# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from urllib.parse import urlsplit

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import config

from .. import vault
from ..client import check_base_url
from ..exceptions import ConfigurationError
from ..signatures import SECRET_MIN_LENGTH, is_usable_secret

#: Write-only field -> column of the sealed secret.
SECRETS = {"api_key": "api_key_sealed", "webhook_secret": "webhook_secret_sealed"}

DEFAULT_PORTS: dict[str, int] = {"http": 80, "https": 443}

#: Database parameter with the fingerprint of the key that sealed what is in this database.
FINGERPRINT_PARAMETER = "connector_hub.key_fingerprint"


class ConnectorHubSecret(models.Model):
    """Credentials of a backend: written, never read back, sealed in the database."""

    _inherit = "connector.hub.backend"

    api_key = fields.Char(
        "API key",
        compute="_compute_secrets",
        inverse="_inverse_api_key",
        groups="connector_hub.group_manager",
        help="Write only: it is stored encrypted and never shown again. Leave empty to keep the stored one.",
    )
    webhook_secret = fields.Char(
        "Webhook secret",
        compute="_compute_secrets",
        inverse="_inverse_webhook_secret",
        groups="connector_hub.group_manager",
        help="Write only. The partner signs its webhooks with it. Leave empty to keep the stored one.",
    )
    api_key_sealed = fields.Char(groups=fields.NO_ACCESS, copy=False)
    webhook_secret_sealed = fields.Char(groups=fields.NO_ACCESS, copy=False)
    has_api_key = fields.Boolean("API key stored", compute="_compute_has_secrets")
    has_webhook_secret = fields.Boolean("Webhook secret stored", compute="_compute_has_secrets")
    needs_webhook_secret = fields.Boolean(
        "Webhook secret needed", compute="_compute_needs_webhook_secret"
    )

    def _compute_secrets(self):
        for backend in self:
            backend.update(dict.fromkeys(SECRETS, False))

    @api.depends("api_key_sealed", "webhook_secret_sealed")
    def _compute_has_secrets(self):
        for backend in self:
            sealed = backend.sudo()
            backend.has_api_key = bool(sealed.api_key_sealed)
            backend.has_webhook_secret = bool(sealed.webhook_secret_sealed)

    @api.depends("code")
    def _compute_needs_webhook_secret(self):
        for backend in self:
            backend.needs_webhook_secret = bool(
                backend.code and backend._get_adapter()._needs_webhook_secret(backend)
            )

    def _inverse_api_key(self):
        self._store_secret("api_key")

    def _inverse_webhook_secret(self):
        for backend in self:
            secret = (backend.webhook_secret or "").strip()
            if secret and not is_usable_secret(secret):
                raise ValidationError(self._unusable_secret())
        self._store_secret("webhook_secret")
        self._check_received_secret()

    @api.model
    def _unusable_secret(self):
        return self.env._(
            "This webhook secret cannot be used: it must have %(count)s characters at least, and one that begins with "
            "whsec_ must go on with base64 of %(count)s bytes or more. Let the partner make a new one.",
            count=SECRET_MIN_LENGTH,
        )

    def _check_received_secret(self):
        self.filtered(
            lambda backend: (
                backend.active and backend.state != "draft" and backend.has_webhook_secret
            )
        )._check_secret_unique()

    def write(self, vals):
        moved = self.browse()
        if "base_url" in vals and not (vals.get("api_key") or "").strip():
            moved = self.filtered(lambda backend: backend._leads_elsewhere(vals["base_url"]))
            if running := moved.filtered(lambda backend: backend.state != "draft"):
                raise UserError(
                    self.env._(
                        "The API key of %(backend)s was given for another host. Enter the key for the new URL together "
                        "with it.",
                        backend=running[0].name,
                    )
                )
        result = super().write(vals)
        if moved:
            moved.sudo().write({"api_key_sealed": False})
        if vals.get("active"):
            self._check_received_secret()
        return result

    def _leads_elsewhere(self, url):
        """Whether the stored API key would be sent to another host than the one it was entered for."""
        return bool(self.has_api_key and self.base_url and _origin(self.base_url) != _origin(url))

    @api.onchange("base_url")
    def _onchange_base_url(self):
        stored = self._origin
        if stored and stored._leads_elsewhere(self.base_url):
            return {
                "warning": {
                    "title": self.env._("Another host"),
                    "message": self.env._(
                        "The stored API key was given for another host and is not sent to this one. Enter the key for "
                        "this URL before you save."
                    ),
                }
            }
        return None

    def _store_secret(self, name):
        """Seal what was entered; nothing entered keeps what is stored."""
        for backend in self:
            plaintext = (backend[name] or "").strip()
            if not plaintext:
                continue
            try:
                backend.sudo()[SECRETS[name]] = vault.seal(
                    plaintext,
                    aad=backend._secret_context(name),
                    key=self._vault_keys(create=True)[0],
                )
            except UnicodeEncodeError:
                raise ValidationError(
                    self.env._(
                        "The %(secret)s holds characters that are no text. Copy it again.",
                        secret=self._fields[name].string,
                    )
                ) from None
        self._clear_secret_cache()

    def _clear_secret_cache(self):
        # What was entered must not be in the answer of the save that brought it.
        self.invalidate_recordset(list(SECRETS), flush=False)

    def web_save(self, vals, specification, next_id=None):
        # The form reads the fields in the same call; by then they have to be empty again.
        self._clear_secret_cache()
        return super().web_save(vals, specification, next_id=next_id)

    def _secret_context(self, name):
        return f"connector.hub.backend:{self.id}:{name}"

    def action_clear_api_key(self):
        self.check_access("write")
        self.sudo().write({"api_key_sealed": False})
        return True

    def action_clear_webhook_secret(self):
        self.check_access("write")
        self.sudo().write({"webhook_secret_sealed": False})
        return True

    @api.model
    def _vault_keys(self, create=False):
        """Keys that open what is in this database.

        A key is made only when nothing has been sealed yet; afterwards a missing or different key is an error that
        names the fingerprint of the right one.

        :raises UserError: if the key of this database is missing
        """
        parameters = self.env["ir.config_parameter"].sudo()
        known = parameters.get_param(FINGERPRINT_PARAMETER)
        keys = self._load_keys(create and not known)
        fingerprints = [vault.fingerprint(key) for key in keys]
        if known and known not in fingerprints and self._has_sealed():
            raise UserError(
                self.env._(
                    "The secrets of this database were encrypted with the key %(known)s, which is not here (found: "
                    "%(found)s). Put that key into odoo.conf (%(option)s), into the environment (%(variable)s) or back "
                    "into the data directory, or clear the stored credentials of all backends and enter them again.",
                    known=known,
                    found=", ".join(fingerprints) or self.env._("none"),
                    option=vault.CONFIG_OPTION,
                    variable=vault.ENVIRONMENT_VARIABLE,
                )
            )
        if create and not keys:
            # Nothing is sealed any more, so that a new key locks nothing out.
            keys = self._load_keys(create=True)
            fingerprints = [vault.fingerprint(key) for key in keys]
        if create and keys and known not in fingerprints:
            parameters.set_param(FINGERPRINT_PARAMETER, fingerprints[0])
        return keys

    @api.model
    def _load_keys(self, create):
        try:
            return vault.load_keys(config["data_dir"], create=create)
        except vault.VaultError as error:
            raise UserError(error.message) from error

    @api.model
    def _has_sealed(self):
        """Whether any backend holds a sealed credential."""
        sealed = Domain.OR([(column, "!=", False)] for column in SECRETS.values())
        return bool(self.sudo().with_context(active_test=False).search_count(sealed, limit=1))

    def _open_secret(self, name):
        """A secret in plain text, for the client and for verifying webhooks only.

        :param str name: one of ``SECRETS``
        :raises ConfigurationError: if it is not stored, or cannot be opened
        """
        self.ensure_one()
        token = self._sealed_secret(self.id, name)
        if not token:
            raise ConfigurationError(
                self.env._(
                    "%(backend)s has no %(secret)s. Enter it in the backend's settings.",
                    backend=self.name,
                    secret=self._fields[name].string,
                )
            )
        try:
            secret = vault.open_sealed(
                token, aad=self._secret_context(name), keys=self._vault_keys()
            )
        except UserError as error:
            raise ConfigurationError(str(error)) from error
        if name == "webhook_secret" and not is_usable_secret(secret):
            raise ConfigurationError(self._unusable_secret())
        return secret

    @api.model
    @tools.ormcache("backend_id", "name")
    def _sealed_secret(self, backend_id, name):
        return self.sudo().browse(backend_id)[SECRETS[name]] or None

    def _check_secret_unique(self):
        """Two backends of one system with the same webhook secret could not be told apart on its fixed URL."""
        for backend in self:
            others = self.sudo().search(
                [("code", "=", backend.code), ("id", "!=", backend.id), ("state", "!=", "draft")]
            )
            others = others.filtered("has_webhook_secret")
            try:
                secret = backend._open_secret("webhook_secret")
                secrets = [(other, other._open_secret("webhook_secret")) for other in others]
            except ConfigurationError as error:
                raise UserError(error.message) from error
            same = [other for other, other_secret in secrets if other_secret == secret]
            if same:
                raise ValidationError(
                    self.env._(
                        "%(backend)s and %(other)s have the same webhook secret, so that an event could not be "
                        "assigned to one of them. Give each its own.",
                        backend=backend.name,
                        other=same[0].name,
                    )
                )

    @api.model
    def _rotate_key(self):
        """Seal all secrets anew with the first key; run after putting a new key in front of the old one.

        :return: number of secrets sealed anew
        """
        keys = self._vault_keys()
        if not keys:
            return 0
        count = 0
        for backend in self.sudo().with_context(active_test=False).search([]):
            for name, column in SECRETS.items():
                token = backend[column]
                if token and vault.sealed_with(token) != vault.fingerprint(keys[0]):
                    aad = backend._secret_context(name)
                    try:
                        secret = vault.open_sealed(token, aad=aad, keys=keys)
                    except vault.VaultError as error:
                        raise UserError(error.message) from error
                    backend[column] = vault.seal(secret, aad=aad, key=keys[0])
                    count += 1
        self.env["ir.config_parameter"].sudo().set_param(
            FINGERPRINT_PARAMETER, vault.fingerprint(keys[0])
        )
        self.env.registry.clear_cache()
        return count

    def action_rotate_key(self):
        """Button of the settings page."""
        self.check_access("write")
        count = self._rotate_key()
        return self._notify(
            self.env._("%(count)s credentials are now encrypted with the new key.", count=count)
        )


def _origin(url):
    """Whom a URL leads to: scheme, host and port; None if to nobody."""
    try:
        parts = urlsplit(check_base_url(url))
    except ConfigurationError:
        return None
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme]
