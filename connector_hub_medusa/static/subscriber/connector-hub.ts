// Copyright 2026 Connector Hub contributors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
//
// A subscriber for a stock Medusa v2. Copy it to src/subscribers/connector-hub.ts of the shop, and set in its .env:
//
//   ODOO_WEBHOOK_URL=    the "Webhook URL" of the backend in Odoo
//   ODOO_WEBHOOK_SECRET= the webhook secret entered there
//
// It names what has changed; Odoo fetches the rest with its secret API key. Without it everything still arrives, when
// Odoo asks next, except for captured payments, which Medusa shows in no list of changes.

import { createHmac, randomUUID } from "node:crypto"
import type { SubscriberArgs, SubscriberConfig } from "@medusajs/framework"
import { ContainerRegistrationKeys } from "@medusajs/framework/utils"

/** Milliseconds before the second and third try; after the last one Odoo has to ask by itself. */
const RETRY_DELAYS = [1_000, 5_000]
const TIMEOUT = 10_000

type EventData = { id?: string; order_id?: string; fulfillment_id?: string }

/** Events whose own id is not that of an order: where the order is found. */
const ORDER_PATHS: Record<string, { entity: string; field: string }> = {
  "shipment.created": { entity: "fulfillment", field: "order.id" },
  "delivery.created": { entity: "fulfillment", field: "order.id" },
  "payment.captured": { entity: "payment", field: "payment_collection.order.id" },
  "payment.refunded": { entity: "payment", field: "payment_collection.order.id" },
}

/** The headers of Standard Webhooks; a secret may be any text, or whsec_ and base64. */
export function sign(body: string, secret: string, id: string, timestamp: number) {
  const key = secret.startsWith("whsec_")
    ? Buffer.from(secret.slice("whsec_".length), "base64")
    : Buffer.from(secret, "utf8")
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`, "utf8").digest("base64")
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": `v1,${signature}`,
  }
}

/** One event to Odoo: signed anew for each try, with the same id, so that it is stored once. */
export async function post(url: string, secret: string, event: string, data: EventData) {
  const body = JSON.stringify({ event, timestamp: new Date().toISOString(), data })
  const id = `msg_${randomUUID()}`
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          ...sign(body, secret, id, Math.floor(Date.now() / 1000)),
        },
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT),
      })
      if (response.ok) {
        return
      }
      // What is refused as it is, or sent elsewhere, will not be taken later either.
      if (response.status < 500 && ![408, 425, 429].includes(response.status)) {
        throw new Refused(`${response.status} ${response.statusText}`)
      }
      throw new Error(`${response.status} ${response.statusText}`)
    } catch (error) {
      if (error instanceof Refused || attempt >= RETRY_DELAYS.length) {
        throw error
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAYS[attempt]))
    }
  }
}

class Refused extends Error {}

/** What went wrong, in a line; of the network fetch itself says no more than "fetch failed". */
function reasonOf(error: unknown) {
  const { message, cause } = error as Error & { cause?: { message?: string; code?: string } }
  return cause ? `${message} (${cause.message || cause.code})` : message
}

/** Medusa's own types know links such as payment -> order only in a shop that has generated them. */
type Query = {
  graph(question: { entity: string; fields: string[]; filters: object }): Promise<{ data: unknown[] }>
}

async function orderIdOf(name: string, data: EventData, container: SubscriberArgs["container"]) {
  const path = ORDER_PATHS[name]
  if (!path || !data.id) {
    return data.order_id
  }
  const query = container.resolve(ContainerRegistrationKeys.QUERY) as unknown as Query
  const { data: records } = await query.graph({
    entity: path.entity,
    fields: [path.field],
    filters: { id: data.id },
  })
  let value: unknown = records[0]
  for (const step of path.field.split(".")) {
    value = (value as Record<string, unknown> | undefined)?.[step]
  }
  return value as string | undefined
}

export default async function connectorHub({ event: { name, data }, container }: SubscriberArgs<EventData>) {
  const logger = container.resolve(ContainerRegistrationKeys.LOGGER)
  const url = process.env.ODOO_WEBHOOK_URL
  const secret = process.env.ODOO_WEBHOOK_SECRET
  if (!url || !secret) {
    logger.warn("connector-hub: ODOO_WEBHOOK_URL and ODOO_WEBHOOK_SECRET are not set, nothing is sent")
    return
  }
  try {
    const order_id = await orderIdOf(name, data, container)
    if (name in ORDER_PATHS && !order_id) {
      logger.info(`connector-hub: ${name} of ${data.id} belongs to no order, nothing is sent`)
      return
    }
    // An id says enough; an edit would bring all its actions along.
    await post(url, secret, name, order_id ? { id: data.id, order_id } : { id: data.id })
  } catch (error) {
    // The shop goes on; Odoo finds out when it asks next.
    logger.error(`connector-hub: ${name} did not reach Odoo: ${reasonOf(error)}`)
  }
}

export const config: SubscriberConfig = {
  event: [
    "order.placed",
    "order.updated",
    "order.canceled",
    "order.completed",
    "order.fulfillment_created",
    "order.fulfillment_canceled",
    "order-edit.confirmed",
    "order.return_requested",
    "order.return_received",
    "order.exchange_created",
    "order.claim_created",
    "shipment.created",
    "delivery.created",
    "payment.captured",
    "payment.refunded",
    "customer.created",
    "customer.updated",
  ],
  context: { subscriberId: "connector-hub" },
}
