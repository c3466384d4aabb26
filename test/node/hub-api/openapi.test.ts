// The description of the operator's listener holds for what it answers.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Validator } from "@cfworker/json-schema";
import { type Asked, type Json, openApp, TOKEN } from "./open-app.ts";

const ROOM = "bb".repeat(16);

/** One request for each operation, in an order in which each finds what it needs. */
const REQUESTS: readonly (readonly [operation: string, path: string, asked?: Asked])[] = [
  ["health", "/healthz"],
  ["readiness", "/readyz"],
  ["status", "/status"],
  ["metrics", "/metrics"],
  ["listMembers", "/api/v1/members?limit=2"],
  ["getMember", "/api/v1/members/ada"],
  ["changeMember", "/api/v1/members/ada", { method: "PATCH", json: { role: "operator" } }],
  ["forgetMember", "/api/v1/members/ada", { method: "DELETE" }],
  ["listRooms", "/api/v1/rooms"],
  ["getRoom", `/api/v1/rooms/${ROOM}`],
  ["closeRoom", `/api/v1/rooms/${ROOM}`, { method: "DELETE" }],
  ["makeInvite", "/api/v1/invites", { method: "POST", json: { uses: 2 } }],
  ["listInvites", "/api/v1/invites"],
  ["revokeInvite", "/api/v1/invites/17", { method: "DELETE" }],
  ["numbers", "/api/v1/numbers"],
];

const document: Json = await (await openApp().ask("/api/v1/openapi.json")).json();
const operations: readonly (readonly [path: string, method: string, operation: Json])[] = Object.entries<Json>(
  document.paths,
).flatMap(([path, methods]) => Object.entries<Json>(methods).map(([method, one]) => [path, method, one] as const));

/** What a value has against a schema of the document; references lead into the document. */
function faultsOf(schema: object, value: unknown): readonly string[] {
  const validator = new Validator({ ...schema, components: document.components }, "2020-12", false);
  return validator.validate(value).errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
}

describe("the description of the operator's listener", () => {
  it("is OpenAPI 3.1, with an id of its own for each operation", () => {
    assert.equal(document.openapi, "3.1.0");
    assert.equal(document.info.version, "1.2.3");
    const ids: readonly string[] = operations.map(([, , { operationId }]) => operationId);
    assert.equal(ids.length, REQUESTS.length);
    assert.deepEqual(new Set(ids), new Set(REQUESTS.map(([id]) => id)));
  });

  it("has each parameter of an address, and no reference that leads nowhere", () => {
    for (const [path, , { parameters = [] }] of operations) {
      const named = parameters.filter((one: Json) => one.in === "path").map((one: Json) => one.name);
      assert.deepEqual(
        named,
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      );
    }
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    assert.ok(references.length > 10);
    for (const [, name] of references) assert.ok(Object.hasOwn(document.components.schemas, name!), name);
  });

  it("says for which operations the token is needed", async () => {
    const { ask } = openApp();
    for (const [id, path, asked] of REQUESTS) {
      const { security } = operations.find(([, , one]) => one.operationId === id)![2];
      assert.equal((await ask(path, asked)).status === 401, security !== undefined, id);
    }
  });

  it("holds for every answer", async () => {
    const { ask } = openApp();
    for (const [id, path, asked] of REQUESTS) {
      const response = await ask(path, { ...asked, headers: { Authorization: `Bearer ${TOKEN}` } });
      const described = operations.find(([, , one]) => one.operationId === id)![2].responses[response.status];
      assert.ok(described !== undefined && response.ok, `${id}: ${response.status}`);
      const [type, content] = Object.entries<Json>(described.content ?? {})[0] ?? [undefined, undefined];
      assert.equal(response.headers.get("Content-Type")?.split(";")[0], type, id);
      const text = await response.text();
      if (type === "application/json") assert.deepEqual(faultsOf(content.schema, JSON.parse(text)), [], id);
      else assert.equal(text === "", type === undefined, id);
    }
  });

  it("holds for problems", async () => {
    const { hub, ask } = openApp();
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const invalid = { method: "POST", json: { uses: "x" }, headers };
    const check = async (operation: string, path: string, asked: Asked): Promise<void> => {
      const response = await ask(path, asked);
      const described = operations.find(([, , one]) => one.operationId === operation)![2].responses[response.status];
      const { schema } = described.content["application/problem+json"];
      assert.deepEqual(faultsOf(schema, await response.json()), [], operation);
    };
    await check("makeInvite", "/api/v1/invites", invalid);
    await check("getRoom", "/api/v1/rooms/none", { headers });
    await check("listRooms", "/api/v1/rooms", {});
    hub.isOpen = false;
    await check("readiness", "/readyz", {});
  });

  it("would see an answer that is not as described", () => {
    const { schema } = document.paths["/status"].get.responses["200"].content["application/json"];
    assert.notDeepEqual(faultsOf(schema, { connected_clients: "3" }), []);
    assert.notDeepEqual(faultsOf({ $ref: "#/components/schemas/State" }, { status: "ok", more: 1 }), []);
  });
});
