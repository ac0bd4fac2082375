/**
 * Prints the answer to a query as one JSON object a line, batch by batch while it comes:
 *
 *   node read_arrow.js shop "SELECT * FROM orders"
 *
 * The gateway is DWSIM_GATEWAY, http://127.0.0.1:8000 if not given.
 */
import { DataType, RecordBatchReader, util } from "apache-arrow";

const [experiment, sql] = process.argv.slice(2);
if (!sql) {
  console.error('usage: node read_arrow.js EXPERIMENT "SELECT …"');
  process.exit(2);
}
const gateway = process.env.DWSIM_GATEWAY ?? "http://127.0.0.1:8000";

const answer = await fetch(`${gateway}/api/experiments/${encodeURIComponent(experiment)}/query/export`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ sql, format: "ARROW" }),
});
if (!answer.ok) {
  const { message, details = [] } = await answer.json();
  const { reason, metadata } = details.find((detail) => detail.reason) ?? {};
  console.error(`${message} [${reason}]`);
  if (metadata?.hint) console.error(`hint: ${metadata.hint}`);
  process.exit(1);
}

let rows = 0;
let batches = 0;
for await (const batch of await RecordBatchReader.from(answer.body)) {
  const columns = batch.schema.fields.map((field, place) => [field, batch.getChildAt(place)]);
  for (let row = 0; row < batch.numRows; row++) {
    const entries = columns.map(([field, column]) => [field.name, plain(field.type, column.get(row))]);
    console.log(JSON.stringify(Object.fromEntries(entries)));
  }
  rows += batch.numRows;
  batches += 1;
}
console.error(`${rows} rows in ${batches} batches · ${answer.headers.get("dwsim-verdict")}`);

/** A value as JSON has it: numbers that JavaScript's cannot hold are text, moments have milliseconds. */
function plain(type, value) {
  if (value === null) return null;
  if (DataType.isDecimal(type)) return decimal(value, type.scale);
  if (DataType.isDate(type)) return new Date(Number(value)).toISOString().slice(0, 10);
  if (DataType.isTimestamp(type)) return new Date(Number(value)).toISOString();
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return value;
}

/** The digits of a decimal, with its point. */
function decimal(value, scale) {
  const whole = util.bigNumToBigInt(value);
  const digits = (whole < 0n ? -whole : whole).toString().padStart(scale + 1, "0");
  const text = scale ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits;
  return whole < 0n ? `-${text}` : text;
}
