// A connection by way of a proxy, and what is said of one that does not do.

import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it, type TestContext } from "node:test";
import { ownPort } from "../../own-port.ts";
import { rejectsLair } from "../../throws-lair.ts";
import { connect } from "../../../src/node/websocket/connect.ts";
import type { Proxy } from "../../../src/node/websocket/proxy-address.ts";
import { openListener, openTcp } from "./house.ts";
import { openHttpProxy, openSocksProxy, type ProxyBehaviour, type TestProxy } from "./proxies.ts";
import { Recorder } from "./recorder.ts";

const LIMIT = { timeout: 60_000 };
/** Reserved (RFC 6761): it resolves nowhere, so a name that works has been handed on as it is. */
const NAME = "bücher.invalid";
const ASCII = "xn--bcher-kva.invalid";

const KINDS: readonly [
  Proxy["type"],
  (test: TestContext, behaviour?: ProxyBehaviour) => Promise<TestProxy>,
  (host: string) => string,
][] = [
  ["socks5h", openSocksProxy, (host) => `name ${host}`],
  ["http", openHttpProxy, (host) => host],
];

function by(type: Proxy["type"], port: number, credentials?: Proxy["credentials"]): { proxy: Proxy } {
  return { proxy: { type, host: "127.0.0.1", zone: undefined, port, credentials, from: "--proxy" } };
}

for (const [type, open, asName] of KINDS) {
  describe(`connect by way of ${type}`, LIMIT, () => {
    it("hands the name on unresolved, also one of Tor's, and talks", async (test) => {
      const { port: to } = await openListener(test, { allowHosts: [NAME, "abc.onion"] });
      const proxy = await openHttpOrSocks({ to });
      for (const host of [NAME, "abc.onion", "localhost"]) {
        const link = await connect(`ws://${host}:81/lair`, by(type, proxy.port));
        const recorder = new Recorder();
        link.attach(recorder);
        link.send(Uint8Array.of(7));
        await recorder.until(() => recorder.frames.length === 1);
        link.terminate();
      }
      assert.deepEqual(
        proxy.asked,
        [ASCII, "abc.onion", "localhost"].map((host) => `${asName(host)}:81`),
      );

      function openHttpOrSocks(behaviour: ProxyBehaviour): Promise<TestProxy> {
        return open(test, behaviour);
      }
    });

    it("gives the name and the password of the environment, and says when they are missing or wrong", async (test) => {
      const { port: to } = await openListener(test, { allowHosts: [NAME] });
      const proxy = await open(test, { to, login: "ada:p:w" });
      const link = await connect(`ws://${NAME}`, by(type, proxy.port, { name: "ada", password: "p:w" }));
      link.terminate();
      assert.deepEqual(proxy.logins, ["ada:p:w"]);
      const missing = await rejectsLair(connect(`ws://${NAME}`, by(type, proxy.port)));
      assert.equal(missing.message, `The proxy ${type}://127.0.0.1:${proxy.port} wants a name and a password.`);
      assert.match(missing.hint!, /ALL_PROXY=/);
      const wrong = by(type, proxy.port, { name: "ada", password: "secret" });
      const refused = await rejectsLair(connect(`ws://${NAME}`, wrong));
      assert.match(refused.message, /does not accept the name and the password/);
      assert.doesNotMatch(`${refused.message}${refused.hint}`, /secret/);
    });

    it("says when the proxy lets nobody through, and when it finds no way", async (test) => {
      const replies = type === "http" ? { no: [403], far: [502, 503, 504] } : { no: [2], far: [1, 3, 4, 5] };
      for (const reply of replies.no) {
        const error = await rejectsLair(connect(`ws://${NAME}:9`, by(type, (await open(test, { reply })).port)));
        assert.match(error.message, new RegExp(`^The proxy ${type}://.* does not allow connections to ${ASCII}:9\\.$`));
      }
      for (const reply of replies.far) {
        const error = await rejectsLair(connect(`ws://${NAME}:9`, by(type, (await open(test, { reply })).port)));
        assert.equal(error.code, "unreachable");
        assert.match(error.message, new RegExp(`^The proxy ${type}://.* cannot reach ${ASCII}:9\\.$`));
      }
    });

    it("says when there is no proxy, and when it is none", async (test) => {
      const closed = await ownPort((end) => test.after(end));
      const nobody = await rejectsLair(connect(`ws://${NAME}`, by(type, closed)));
      assert.equal(nobody.message, `Nobody answers at the proxy ${type}://127.0.0.1:${closed}.`);
      assert.match(nobody.hint!, /--proxy\. \[ECONNREFUSED\]$/);
      for (const answer of ["SSH-2.0-OpenSSH_9.2p1\r\n", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]) {
        const port = await openTcp(test, (socket) => socket.once("data", () => socket.write(answer)));
        const error = await rejectsLair(connect(`ws://${NAME}`, by(type, port)));
        assert.equal(error.message, `What answers at ${type}://127.0.0.1:${port} is not a proxy of this kind.`);
      }
      const mute = await openTcp(test, (socket) => socket.once("data", () => socket.destroy()));
      assert.match((await rejectsLair(connect(`ws://${NAME}`, by(type, mute)))).message, /hung up\.$/);
    });

    it("gives up in time and when told to, at a proxy that says nothing", async (test) => {
      const closed: Promise<unknown>[] = [];
      const port = await openTcp(test, (socket) => {
        socket.resume();
        closed.push(once(socket, "close"));
      });
      assert.match(
        (await rejectsLair(connect(`ws://${NAME}`, { ...by(type, port), timeoutMs: 100 }))).message,
        /^No answer from .* in time/,
      );
      const controller = new AbortController();
      const attempt = connect(`ws://${NAME}`, { ...by(type, port), signal: controller.signal });
      controller.abort(new Error("enough"));
      await assert.rejects(attempt, { message: "enough" });
      await Promise.all(closed);
    });
  });
}
