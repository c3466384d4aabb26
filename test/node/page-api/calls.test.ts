// Each call of the API over HTTP: its input arrives, its answer comes back, and refusals are problem documents.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Validator } from "@cfworker/json-schema";
import { ApiProblem } from "../../../src/app/api/api.ts";
import { type CallName, CALLS } from "../../../src/app/api/calls.ts";
import { LairError } from "../../../src/core/errors.ts";
import { MOST_BODY_BYTES } from "../../../src/node/page-api/app.ts";
import { DRIFTED } from "../../../src/node/page-api/call-schemas.ts";
import { SAMPLES } from "./fake-api.ts";
import { type Json, openPage, requestOf } from "./open-page.ts";

const NAMES = Object.keys(CALLS) as CallName[];
const document: Json = (await openPage().program("/api/v1/openapi.json")).json;
const operations: readonly (readonly [path: string, method: string, operation: Json])[] = Object.entries<Json>(
  document.paths,
).flatMap(([path, methods]) => Object.entries<Json>(methods).map(([method, one]) => [path, method, one] as const));
const operation = (id: string): Json => operations.find(([, , one]) => one.operationId === id)?.[2];

/** What a value has against a schema of the document; references lead into the document. */
function faultsOf(schema: object, value: unknown): readonly string[] {
  const validator = new Validator({ ...schema, components: document.components }, "2020-12", false);
  return validator.validate(value).errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
}

describe("a call", () => {
  it("reaches the program with its input, wherever a member stands, and its answer is as described", async () => {
    const { api, program } = openPage();
    for (const name of NAMES) {
      const [input, output] = SAMPLES[name];
      const { status, json } = await program(...requestOf(name, input));
      assert.deepEqual(api.calls.at(-1), { name, input, options: {} }, name);
      const described = operation(name).responses[status];
      assert.ok(described !== undefined, `${name}: ${status}`);
      assert.deepEqual(json ?? {}, output, name);
      if (status === 204) assert.equal(described.content, undefined, name);
      else assert.deepEqual(faultsOf(described.content["application/json"].schema, json), [], name);
    }
    assert.equal(api.calls.length, NAMES.length);
  });

  it("that is not as the schema says reaches nobody", async () => {
    const { api, program } = openPage();
    for (const [path, asked] of [
      ["/api/v1/conversations/x/messages?limit=0", {}],
      ["/api/v1/conversations/x/messages?limit=501", {}],
      ["/api/v1/conversations/x/messages?order=size", {}],
      ["/api/v1/search", {}],
      ["/api/v1/conversations/x/messages", { method: "POST" }],
      ["/api/v1/conversations/x/messages", { method: "POST", json: { text: 7 } }],
      ["/api/v1/conversations/x/messages", { method: "POST", json: { text: "x", html: true } }],
      ["/api/v1/introductions", { method: "POST", json: { who: ["ada"] } }],
      ["/api/v1/conversations/x/members/ada/role", { method: "PUT", json: { role: "owner" } }],
    ] as const) {
      const { status, json } = await program(path, asked);
      assert.deepEqual([status, json.code], [422, "invalid"], path);
      assert.ok(json.errors.length > 0, path);
    }
    assert.deepEqual(api.calls, []);
  });

  it("has a body of JSON, and not more of it than the longest text needs", async () => {
    const { api, program } = openPage();
    const say = async (body: string | Uint8Array<ArrayBuffer>, type = "application/json") =>
      (await program("/api/v1/send", { method: "POST", body, headers: { "Content-Type": type } })).json.code;
    assert.equal(await say("{"), "bad-request");
    // A program that writes Latin-1.
    assert.equal(await say(new Uint8Array(Buffer.from('{"msg":"\u00e9t\u00e9"}', "latin1"))), "bad-request");
    assert.equal(await say("msg=x", "application/x-www-form-urlencoded"), "not-json");
    assert.equal(await say('{"msg":"x"}', "text/plain"), "not-json");
    assert.equal(await say(JSON.stringify({ msg: "x".repeat(MOST_BODY_BYTES) })), "body-too-large");
    assert.equal(await say(JSON.stringify({ msg: "x".repeat(10 * 1_024 * 1_024) })), "body-too-large");
    assert.deepEqual(api.calls, []);
    assert.equal(await say(JSON.stringify({ msg: "\u0001".repeat(16_384) })), undefined);
  });

  it("that the program refuses says why, with a code, a hint and a status", async () => {
    const { api, faults, program } = openPage();
    for (const [failure, status] of [
      [new ApiProblem("not-found", "There is no such conversation.", "Ask for the list."), 404],
      [new ApiProblem("peer-unknown", "Nobody has this name.", "Ask for the list."), 404],
      [new LairError("hub-away", "The hub is away.", { hint: "Wait." }), 503],
      [new LairError("message-too-long", "The text is too long.", { hint: "Shorten it." }), 422],
      [new LairError("hub-refused", "The name is taken.", { hint: "Choose another." }), 409],
    ] as const) {
      api.failure = failure;
      const { json } = await program("/api/v1/status");
      assert.deepEqual(
        [json.status, json.code, json.detail, json.hint],
        [status, failure.code, failure.message, failure.hint],
      );
      const { schema } = operation("status").responses.default.content["application/problem+json"];
      assert.deepEqual(faultsOf(schema, json), []);
    }
    assert.deepEqual(faults, []);
    api.failure = new TypeError("/home/ada: a stack");
    const { status, json } = await program("/api/v1/status");
    assert.deepEqual([status, json.code], [500, "internal"]);
    assert.ok(!JSON.stringify(json).includes("ada"));
    assert.deepEqual(faults, [api.failure]);
  });
});

describe("an Idempotency-Key", () => {
  it("reaches the program with a call that changes something, and with no other", async () => {
    const { api, program } = openPage();
    const headers = { "Idempotency-Key": "k1" };
    await program("/api/v1/send", { method: "POST", json: { msg: "hello" }, headers });
    assert.deepEqual(api.calls.at(-1), { name: "send", input: { msg: "hello" }, options: { idempotencyKey: "k1" } });
    await program("/api/v1/status", { headers });
    assert.deepEqual(api.calls.at(-1)?.options, {});
  });

  it("is described where it is taken", () => {
    for (const [, method, { operationId, parameters = [] }] of operations) {
      const isTaken = parameters.some((one: Json) => one.name === "Idempotency-Key" && one.in === "header");
      assert.equal(isTaken, method !== "get" && NAMES.includes(operationId), operationId);
    }
  });
});

describe("the description of the API", () => {
  it("is OpenAPI 3.1, and has each call, the session and the events", () => {
    assert.equal(document.openapi, "3.1.0");
    assert.equal(document.info.version, "1.2.3");
    assert.equal(DRIFTED.length, 0, "the compiler has seen to it");
    const ids = operations.map(([, , { operationId }]) => operationId);
    assert.equal(ids.length, NAMES.length + 4);
    assert.deepEqual(new Set(ids), new Set([...NAMES, "proveProgram", "signIn", "signOut", "events"]));
    for (const name of NAMES) {
      const { method, path, summary } = CALLS[name];
      const found = document.paths[`/api/v1${path}`]?.[method.toLowerCase()];
      assert.deepEqual([found?.operationId, found?.summary], [name, summary]);
    }
  });

  it("has each parameter of an address, and no reference that leads nowhere", () => {
    for (const [path, , { parameters = [] }] of operations) {
      const named = parameters.filter((one: Json) => one.in === "path").map((one: Json) => one.name);
      assert.deepEqual(new Set(named), new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)));
    }
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    assert.ok(references.length > 30);
    for (const [, name] of references) assert.ok(Object.hasOwn(document.components.schemas, name!), name);
  });

  it("would see an answer that is not as described", () => {
    const { schema } = operation("status").responses["200"].content["application/json"];
    assert.notDeepEqual(faultsOf(schema, { ...SAMPLES.status[1], unread: "3" }), []);
    assert.notDeepEqual(faultsOf(schema, { ...SAMPLES.status[1], more: 1 }), []);
  });
});
