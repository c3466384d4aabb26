// Who may ask the operator's listener, and how it refuses.

import assert from "node:assert/strict";
import { STATUS_CODES } from "node:http";
import { describe, it } from "node:test";
import { LairError } from "../../../src/core/errors.ts";
import { PROBLEM_JSON } from "../../../src/node/http/problem.ts";
import { BodyCutOff } from "../../../src/node/http/serve-fetch.ts";
import { type Asked, openApp, TOKEN } from "./open-app.ts";

const WATCHED = ["/readyz", "/status", "/metrics", "/api/v1/openapi.json"];
const API = ["/api/v1/members", "/api/v1/members/ada", "/api/v1/rooms", "/api/v1/invites", "/api/v1/numbers"];
const bearer = (token: string): Asked => ({ headers: { Authorization: `Bearer ${token}` } });

/** Asserts a problem document of a code, and gives it. */
async function problem(response: Response, status: number, code: string): Promise<Record<string, unknown>> {
  assert.equal(response.status, status);
  assert.equal(response.headers.get("Content-Type"), PROBLEM_JSON);
  const document = (await response.json()) as Record<string, unknown>;
  assert.equal(document["code"], code);
  assert.equal(document["status"], status);
  assert.equal(document["type"], "about:blank");
  assert.equal(document["title"], STATUS_CODES[status]);
  assert.match(String(document["detail"]), /\.$/);
  return document;
}

describe("the operator's token", () => {
  it("is needed for the API, on loopback too", async () => {
    const { ask } = openApp();
    for (const path of API) {
      const response = await ask(path);
      assert.match(response.headers.get("WWW-Authenticate") ?? "", /^Bearer /);
      await problem(response, 401, "token-needed");
      assert.equal((await ask(path, bearer(TOKEN))).status, 200, path);
    }
  });

  it("is taken whole only", async () => {
    const { ask } = openApp();
    for (const other of ["", TOKEN.slice(1), `${TOKEN}0`, TOKEN.toUpperCase(), `${TOKEN} ${TOKEN}`]) {
      assert.equal((await ask("/api/v1/members", bearer(other))).status, 401, other);
    }
    const basic = { headers: { Authorization: `Basic ${TOKEN}` } };
    assert.equal((await ask("/api/v1/members", basic)).status, 401);
  });

  it("is not needed by a monitor on loopback, and elsewhere by everything but /healthz", async () => {
    for (const path of WATCHED) {
      assert.equal((await openApp().ask(path)).status, 200, path);
      const abroad = openApp({ isLoopback: false });
      await problem(await abroad.ask(path), 401, "token-needed");
      assert.equal((await abroad.ask(path, bearer(TOKEN))).status, 200, path);
    }
    assert.equal((await openApp({ isLoopback: false }).ask("/healthz")).status, 200);
  });

  it("comes before any knowledge of what is there, and before the body", async () => {
    const { ask } = openApp();
    assert.equal((await ask("/api/v1/nothing")).status, 401);
    assert.equal((await ask("/api/v1/members/nobody")).status, 401);
    assert.equal((await openApp({ isLoopback: false }).ask("/nothing")).status, 401);
    const body = "x".repeat(100_000);
    assert.equal((await ask("/api/v1/invites", { method: "POST", body })).status, 401);
  });
});

describe("a request that a web page may have caused", () => {
  it("is refused for the name it asked for: DNS rebinding", async () => {
    for (const host of ["evil.example", "evil.example:9", ""]) {
      await problem(await openApp().ask("/status", { headers: { Host: host } }), 421, "foreign-host");
    }
  });

  it("is refused with an Origin, and with what browsers add", async () => {
    const { ask } = openApp();
    for (const headers of [
      { Origin: "https://evil.example" },
      { Origin: "null" },
      { "Sec-Fetch-Site": "cross-site" },
    ]) {
      await problem(await ask("/status", { headers }), 403, "foreign-page");
    }
    assert.equal((await ask("/status", { headers: { "Sec-Fetch-Site": "none" } })).status, 200);
  });

  it("gets no leave of CORS, and headers that keep answers out of pages and caches", async () => {
    const { ask } = openApp();
    const preflight = { method: "OPTIONS", headers: { Origin: "https://evil.example" } };
    for (const response of [await ask("/status"), await ask("/api/v1/members"), await ask("/status", preflight)]) {
      assert.equal(response.headers.get("Access-Control-Allow-Origin"), null);
      assert.equal(response.headers.get("Cache-Control"), "no-store");
      assert.equal(response.headers.get("X-Content-Type-Options"), "nosniff");
      assert.match(response.headers.get("Content-Security-Policy") ?? "", /default-src 'none'/);
    }
  });
});

describe("a problem", () => {
  it("says what is not there, and which methods are", async () => {
    const { ask } = openApp();
    await problem(await ask("/nothing"), 404, "not-found");
    const response = await ask("/api/v1/members/ada", { method: "PUT", ...bearer(TOKEN) });
    assert.equal(response.headers.get("Allow"), "GET, PATCH, DELETE");
    await problem(response, 405, "method-not-allowed");
  });

  it("says what is wrong with a body", async () => {
    const { ask } = openApp();
    const post = async (body: string, type = "application/json"): Promise<Response> =>
      await ask("/api/v1/invites", {
        method: "POST",
        body,
        headers: { "Content-Type": type, Authorization: `Bearer ${TOKEN}` },
      });
    await problem(await post("{"), 400, "bad-request");
    await problem(await post("uses=1", "application/x-www-form-urlencoded"), 415, "not-json");
    await problem(await post(JSON.stringify({ a: "x".repeat(16_384) })), 413, "body-too-large");
    const { errors } = await problem(await post('{"uses":0,"more":1}'), 422, "invalid");
    const faults = errors as readonly { readonly where: string; readonly detail: string }[];
    assert.deepEqual(new Set(faults.map(({ where }) => where)), new Set(["body/uses", "body/more"]));
    assert.equal((await post("{}", "application/json; charset=utf-8")).status, 201);
  });

  it("is not a fault of the program if the other side leaves within a body", async () => {
    const { ask, faults } = openApp();
    const body = new ReadableStream({ pull: (controller) => controller.error(new BodyCutOff()) });
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${TOKEN}` };
    await problem(await ask("/api/v1/invites", { method: "POST", headers, body }), 400, "bad-request");
    assert.deepEqual(faults, []);
  });

  it("says nothing of what happened inside, and the fault is told to the program", async () => {
    const app = openApp();
    const secret = "/home/ada/.lair SQLITE_IOERR";
    for (const [failure, status, code] of [
      [new LairError("store-unwritable", secret), 503, "store-failed"],
      [new TypeError(secret), 500, "internal"],
    ] as const) {
      app.hub.failure = failure;
      const document = await problem(await app.ask("/api/v1/members", bearer(TOKEN)), status, code);
      assert.ok(!JSON.stringify(document).includes("SQLITE"));
      assert.equal(app.faults.at(-1), failure);
    }
  });
});
