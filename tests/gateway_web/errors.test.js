/** Calls that fail: a program switches on code and reason, a form marks the fields. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { generator, importShop, last, schema } from "./mesh.js";

/** The error of a call that must fail. */
async function errorOf(call) {
  try {
    await call;
  } catch (error) {
    return ConnectError.from(error);
  }
  assert.fail("the call succeeded");
}

test("an unknown name carries reason, domain and hint", async () => {
  const error = await errorOf(schema.getExperiment({ name: "nowhere" }));
  assert.equal(error.code, Code.NotFound);
  assert.match(error.rawMessage, /'nowhere'/);
  const [info] = error.findDetails(ErrorInfoSchema);
  assert.deepEqual([info.reason, info.domain], ["UNKNOWN_EXPERIMENT", "dwsim"]);
  assert.match(info.metadata.hint, /ListExperiments/);
});

test("a wrong document names its fields", async () => {
  const experiment = { name: "broken", tables: [{ name: "orders", targetRows: -1n, columns: [] }] };
  const error = await errorOf(schema.createExperiment({ experiment }));
  assert.equal(error.code, Code.InvalidArgument);
  const [badRequest] = error.findDetails(BadRequestSchema);
  const fields = badRequest.fieldViolations.map((violation) => violation.field);
  assert.ok(fields.some((field) => field.includes("tables[0]")), `${fields}`);
  assert.ok(badRequest.fieldViolations.every((violation) => violation.description));
});

test("a name that is taken is a conflict that clients can tell from others", async () => {
  const name = await importShop(10);
  const sql = "CREATE TABLE other (id INT)";
  const error = await errorOf(schema.importSql({ name, sql }));
  assert.equal(error.code, Code.AlreadyExists);
  assert.equal(error.findDetails(ErrorInfoSchema)[0].reason, "EXPERIMENT_EXISTS");
});

test("a stream that cannot begin fails as a unary call does", async () => {
  const error = await errorOf(last(generator.watchRun({ runId: 2 ** 31 - 1 })));
  assert.equal(error.code, Code.NotFound);
  assert.equal(error.findDetails(ErrorInfoSchema)[0].reason, "UNKNOWN_RUN");
});
