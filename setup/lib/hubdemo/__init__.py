# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``setup/demo``: a shop and an Odoo as real processes, and the main job run through them.

``report`` runs and prints steps, ``shop`` is the partner's process, ``world`` starts what there is and
remembers it for a second demo, ``job`` is what is shown. Standard library only.
"""
