// Copyright 2026 Connector Hub contributors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
//
// "@medusajs/framework/utils" as far as the subscriber needs it when it runs: the names under which Medusa's container
// holds things, as in dist/common/container.js of @medusajs/utils 2.21.2.
exports.ContainerRegistrationKeys = { LOGGER: "logger", QUERY: "query" }
