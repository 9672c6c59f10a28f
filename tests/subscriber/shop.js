// Copyright 2026 Connector Hub contributors
// License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
//
// The process of a shop, as far as a subscriber sees it: node shop.js SUBSCRIBER. One JSON command a line, one answer:
//   {"events": [{"name", "data"}]}           happening at the same time -> {"logs": [[level, text]], "thrown": [text]}
//   {"sign": [body, secret, id, timestamp]}  -> the headers
//   {"config": true}                         -> what the subscriber subscribes to
// MEDUSA_URL and MEDUSA_KEY lead to the Admin API of the shop whose records query.graph finds.

const { createInterface } = require("node:readline")
const subscriber = require(process.argv[2])

async function recentOrders() {
  const query = "order=-created_at&limit=50&fields=id,*payment_collections,*payment_collections.payments,*fulfillments"
  const authorization = "Basic " + Buffer.from(`${process.env.MEDUSA_KEY}:`).toString("base64")
  const response = await fetch(`${process.env.MEDUSA_URL}/admin/orders?${query}`, { headers: { authorization } })
  if (!response.ok) {
    throw new Error(`the shop's Admin API answers ${response.status}`)
  }
  return (await response.json()).orders
}

/** The records of each entity with the links that Medusa's link modules order-payment-collection and order-fulfillment add. */
const RECORDS = {
  payment: (order) =>
    order.payment_collections.flatMap((collection) =>
      collection.payments.map(({ id }) => ({ id, payment_collection: { id: collection.id, order: { id: order.id } } }))
    ),
  fulfillment: (order) => order.fulfillments.map(({ id }) => ({ id, order: { id: order.id } })),
}

/** The part of a record that a path such as "order.id" names; a record always has its id. */
function pick(record, [step, ...rest]) {
  const own = record.id ? { id: record.id } : {}
  return step === undefined || record[step] === undefined
    ? own
    : { ...own, [step]: rest.length ? pick(record[step], rest) : record[step] }
}

const query = {
  async graph({ entity, fields: [path, ...others], filters: { id } }) {
    if (!RECORDS[entity] || !path || others.length) {
      throw new Error(`query.graph of this test does not know ${entity} ${path} ${others}`)
    }
    const records = (await recentOrders()).flatMap(RECORDS[entity])
    return { data: records.filter((record) => record.id === id).map((record) => pick(record, path.split("."))) }
  },
}

async function happen(events) {
  const logs = []
  const logger = Object.fromEntries(
    ["debug", "info", "warn", "error"].map((level) => [level, (text) => logs.push([level, text])])
  )
  const container = {
    resolve(name) {
      const found = { logger, query }[name]
      if (!found) {
        throw new Error(`Could not resolve '${name}'.`)
      }
      return found
    },
  }
  const ends = await Promise.allSettled(
    events.map((event) => subscriber.default({ event, container, pluginOptions: {} }))
  )
  return { logs, thrown: ends.filter((end) => end.reason).map((end) => String(end.reason.stack)) }
}

async function obey(command) {
  if (command.events) {
    return await happen(command.events)
  }
  return command.sign ? subscriber.sign(...command.sign) : subscriber.config
}

async function main() {
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await obey(JSON.parse(line))))
  }
}

main()
