/** Arrow over gRPC-web: the chunks of ExecuteQuery are one Arrow IPC stream, which apache-arrow reads while it comes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { RecordBatchReader } from "apache-arrow";
import { ExecuteQueryRequest_Format } from "./gen/dwsim/query/v1/query_service_pb.js";
import { Load_State } from "./gen/dwsim/loader/v1/load_pb.js";
import { generator, importShop, last, loader, loadOf, query } from "./mesh.js";

/** The messages of the stream, and its summary into `ended`. */
async function* bytesOf(answers, ended) {
  for await (const { kind } of answers) {
    if (kind.case === "schema") yield kind.value.arrowSchema;
    else if (kind.case === "arrow") yield kind.value.arrowRecordBatch;
    else if (kind.case === "summary") ended.push(kind.value);
  }
}

test("record batches cross the gateway with every digit", async () => {
  const name = await importShop(5_000);
  const { runId } = await generator.startRun({ experiment: name, wait: true });
  const { load } = await last(loader.watchLoad({ loadId: await loadOf(runId) }));
  assert.equal(load.state, Load_State.COMPLETED, load.failure?.message);

  const sql = "SELECT order_id, amount FROM orders ORDER BY order_id";
  const ended = [];
  const answers = query.executeQuery({ experiment: name, sql, format: ExecuteQueryRequest_Format.ARROW });
  const keys = [];
  for await (const batch of await RecordBatchReader.from(bytesOf(answers, ended))) {
    assert.deepEqual(batch.schema.fields.map((field) => `${field.name} ${field.type}`), ["order_id Int64", "amount Decimal[10e+2]"]);
    for (const key of batch.getChild("order_id")) keys.push(key);
  }
  assert.deepEqual(keys, Array.from({ length: 5_000 }, (_, place) => BigInt(place + 1)));
  assert.equal(ended[0].rows, 5_000n);
});
