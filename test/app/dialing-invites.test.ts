// Invites that lead to nobody: another one of the same server is used in the place of the first.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Backoff } from "../../src/app/backoff.ts";
import type { Connecting } from "../../src/app/connecting.ts";
import type { ConnectTarget } from "../../src/app/connect-target.ts";
import { Dialing } from "../../src/app/dialing.ts";
import type { Messenger } from "../../src/app/messenger.ts";
import { LairError } from "../../src/core/errors.ts";
import { OPENSSL_SUITE as suite } from "../../src/node/openssl-suite/suite.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { turn } from "./fake-carrier.ts";

const invited = (url: string): ConnectTarget => ({
  url,
  how: "invite",
  credentials: [{ type: "invite", psk: new Uint8Array(32), serverKey: new Uint8Array(32), peer: undefined }],
});

describe("an invite that leads to nobody", () => {
  it("is replaced by another one of the same server", async () => {
    const clock = new ManualClock();
    const attempts: string[] = [];
    const somebody = { peer: undefined, isOpen: false, isLeaving: false, isAbandoned: false, address: {} };
    const connecting = {
      converse: async ({ url }: ConnectTarget): Promise<never> => {
        attempts.push(url);
        return await Promise.reject(new LairError("unreachable", "Nobody answers."));
      },
    };
    const dialing = new Dialing({
      connecting: connecting as unknown as Connecting,
      messenger: { withSomebody: () => somebody } as unknown as Messenger,
      frontend: { show() {}, regulateInput() {}, whenTaken() {}, close() {} },
      suite,
      clock,
      newBackoff: () => new Backoff((upTo) => upTo),
      isOnce: false,
      isPatient: true,
      isQueueing: false,
      peers: () => [],
      targetOf: () => undefined,
      targetFor: (_peer, before) => before,
      proxyFor: () => undefined,
      onIdle: () => assert.fail("it goes on"),
    });
    const pass = async (ms: number): Promise<void> => {
      clock.pass(ms);
      for (let turns = 0; turns < 4; turns++) await turn();
    };
    dialing.dial(invited("ws://wrong.example"));
    await pass(60_000);
    dialing.dial(invited("ws://right.example"));
    await pass(1_000);
    await pass(60_000);
    assert.deepEqual([...new Set(attempts)], ["ws://wrong.example", "ws://right.example"]);
    assert.equal(attempts.at(-1), "ws://right.example");
  });
});
