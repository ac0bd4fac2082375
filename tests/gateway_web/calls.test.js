/** Calls that succeed: unary, and streams from their first message to their end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Load_State } from "./gen/dwsim/loader/v1/load_pb.js";
import { Run_State } from "./gen/dwsim/generator/v1/run_pb.js";
import { generator, importShop, last, loader, loadOf, query, schema } from "./mesh.js";

test("every service answers a unary call", async () => {
  for (const [name, client] of Object.entries({ schema, generator, loader, query })) {
    const { server } = await client.getServerInfo({});
    assert.equal(server.service, name);
  }
});

test("a 64-bit number is read back as it was written", async () => {
  const seed = 2n ** 62n + 1n;
  const { runId } = await generator.startRun({ experiment: await importShop(10), seed, autoLoad: false });
  const { run } = await generator.getRun({ runId });
  assert.equal(run.seed, seed);
});

test("an experiment is generated, loaded and queried by streams that end by themselves", async () => {
  const name = await importShop(5_000);
  const { runId } = await generator.startRun({ experiment: name, batchRows: 1_000 });
  const { run } = await last(generator.watchRun({ runId }));
  assert.equal(run.state, Run_State.COMPLETED, run.failure?.message);

  const { load } = await last(loader.watchLoad({ loadId: await loadOf(runId) }));
  assert.equal(load.state, Load_State.COMPLETED, load.failure?.message);

  const rows = [];
  const kinds = [];
  for await (const { kind } of query.executeQuery({ experiment: name, sql: "SELECT order_id FROM orders" })) {
    if (kinds.at(-1) !== kind.case) kinds.push(kind.case);
    if (kind.case === "json") rows.push(...kind.value.rows);
  }
  assert.deepEqual(kinds, ["schema", "json", "summary"]);
  assert.equal(rows.length, 5_000);
});

test("a stream is live: its messages come while it goes on, until the client leaves", async () => {
  const name = await importShop(10);
  const { runId } = await generator.startRun({ experiment: name, autoLoad: false });
  const leave = new AbortController();
  const seen = [];
  const events = generator.watchBatches({ runId, follow: true }, { signal: leave.signal });
  await assert.rejects(async () => {
    for await (const { kind } of events) {
      seen.push(kind.value.kind?.case ?? kind.case);
      if (seen.includes("runEnded")) leave.abort();
    }
  }, { rawMessage: /abort/ });
  assert.ok(seen.includes("runStarted"), `${seen}`);
});
