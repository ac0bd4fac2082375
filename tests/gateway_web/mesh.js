/** Clients of the four services, over gRPC-web and one gateway. */
import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { GeneratorService } from "./gen/dwsim/generator/v1/generator_service_pb.js";
import { LoaderService } from "./gen/dwsim/loader/v1/loader_service_pb.js";
import { QueryService } from "./gen/dwsim/query/v1/query_service_pb.js";
import { SchemaService } from "./gen/dwsim/schema/v1/schema_service_pb.js";

const baseUrl = process.env.DWSIM_GATEWAY;
if (!baseUrl) throw new Error("DWSIM_GATEWAY must name the gateway, e.g. http://127.0.0.1:8000");

const transport = createGrpcWebTransport({ baseUrl });

export const schema = createClient(SchemaService, transport);
export const generator = createClient(GeneratorService, transport);
export const loader = createClient(LoaderService, transport);
export const query = createClient(QueryService, transport);

/** Import a table of `rows` rows under a new name. */
export async function importShop(rows) {
  const name = `web_${crypto.randomUUID().replaceAll("-", "")}`;
  const sql = "CREATE TABLE orders (order_id BIGINT PRIMARY KEY, amount DECIMAL(10,2) NOT NULL, note VARCHAR(40))";
  await schema.importSql({ name, sql, targetRows: BigInt(rows) });
  return name;
}

/** The last message of a stream. */
export async function last(stream) {
  let newest;
  for await (const message of stream) newest = message;
  return newest;
}

/** The id of a run's load; the loader makes it soon after the run began. */
export async function loadOf(runId) {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    const { loads } = await loader.listLoads({ runId });
    if (loads.length) return loads[0].loadId;
  }
  throw new Error(`run ${runId} has no load after a minute`);
}
