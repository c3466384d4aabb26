// The operator's listener on a real port.

import assert from "node:assert/strict";
import { request } from "node:http";
import { describe, it, type TestContext } from "node:test";
import { listenForOperator, type OperatorListener } from "../../../src/node/hub-api/listen.ts";
import { fakeHub, NUMBERS } from "./fake-operator.ts";
import { TOKEN } from "./open-app.ts";

interface Answer {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly text: string;
}

async function listen(
  test: TestContext,
  port = 0,
): Promise<{ readonly listener: OperatorListener; readonly faults: unknown[] }> {
  const faults: unknown[] = [];
  const listener = await listenForOperator({
    host: "127.0.0.1",
    port,
    operator: fakeHub().operator,
    token: TOKEN,
    isLoopbackAddress: (address) => address === "127.0.0.1",
    isOwnHost: (host) => /^127\.0\.0\.1:\d+$/.test(host),
    unusable: (host, wanted, error) => new Error(`${host} ${wanted}`, { cause: error }),
    onFault: (error) => faults.push(error),
  });
  test.after(async () => await listener.close());
  return { listener, faults };
}

/** Over a socket of its own. `path` as it stands in the request. */
function ask(url: string, path: string, method = "GET", headers = {}, body = ""): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode, connection: response.headers.connection, text }));
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

describe("the operator's listener", () => {
  it("answers over HTTP, with the metrics of the process too", async (test) => {
    const { listener } = await listen(test);
    assert.ok(listener.isLoopback);
    assert.match(listener.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    const status = await ask(listener.url, "/status");
    assert.equal(JSON.parse(status.text).connected_clients, NUMBERS.connected);
    const metrics = await ask(listener.url, "/metrics");
    assert.match(metrics.text, /^process_resident_memory_bytes \d/m);
    assert.match(metrics.text, /^lair_hub_members 5$/m);
  });

  it("takes a body", async (test) => {
    const { listener } = await listen(test);
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${TOKEN}` };
    const made = await ask(listener.url, "/api/v1/invites", "POST", headers, '{"uses":3}');
    assert.equal(made.status, 201);
    assert.equal(JSON.parse(made.text).uses, 3);
  });

  it("refuses a foreign name, and an address that is no path", async (test) => {
    const { listener, faults } = await listen(test);
    assert.equal((await ask(listener.url, "/status", "GET", { Host: "evil.example" })).status, 421);
    assert.equal((await ask(listener.url, "http://evil.example/status")).status, 400);
    assert.equal((await ask(listener.url, "//evil.example/status")).status, 404);
    assert.equal((await ask(listener.url, "/%zz")).status, 404);
    assert.deepEqual(faults, []);
  });

  it("ends the connection of a body that it did not want", async (test) => {
    const { listener, faults } = await listen(test);
    const headers = { "Content-Length": "1000000", Authorization: `Bearer ${TOKEN}` };
    const { port } = new URL(listener.url);
    const answer = await new Promise<Answer>((resolve, reject) => {
      const asked = request({ port, host: "127.0.0.1", path: "/api/v1/invites", method: "POST", headers });
      asked.on("error", reject);
      asked.on("response", (response) => {
        response.resume();
        // Whatever becomes of the rest of the request.
        asked.off("error", reject).on("error", () => {});
        asked.on("close", () =>
          resolve({ status: response.statusCode, connection: response.headers.connection, text: "" }),
        );
      });
      // The rest never comes.
      asked.write("x");
    });
    assert.deepEqual(answer, { status: 413, connection: "close", text: "" });
    assert.deepEqual(faults, []);
  });

  it("says with the program's own error that an address cannot be had", async (test) => {
    const { listener } = await listen(test);
    const port = Number(new URL(listener.url).port);
    await assert.rejects(listen(test, port), ({ message, cause }: Error) => {
      assert.equal((cause as NodeJS.ErrnoException).code, "EADDRINUSE");
      return message === `127.0.0.1 ${port}`;
    });
  });

  it("takes nothing any more once it is closed", async (test) => {
    const { listener } = await listen(test);
    await ask(listener.url, "/healthz");
    await listener.close();
    await assert.rejects(ask(listener.url, "/healthz"), { code: "ECONNREFUSED" });
  });
});
