import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatInvite } from "../../../src/core/identity/invite.ts";
import { isForThisMachine } from "../../../src/core/identity/invite-reach.ts";

describe("where an invite works", () => {
  const [psk, serverKey] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const reach = (url: string): boolean => isForThisMachine(formatInvite({ url, psk, serverKey }));

  it("is this machine for each loopback address and name", () => {
    for (const host of ["127.0.0.1", "127.1.2.3", "[::1]", "localhost", "LocalHost", "ada.localhost"]) {
      assert.equal(reach(`ws://${host}:8080`), true, host);
      assert.equal(reach(`wss://${host}:8443/lair?x=1`), true, host);
    }
  });

  it("is elsewhere for all others, also such that look like it", () => {
    for (const host of [
      "192.168.0.7",
      "10.127.0.1",
      "127.0.0.1.example",
      "localhost.example",
      "notlocalhost",
      "[::2]",
    ]) {
      assert.equal(reach(`ws://${host}:8080`), false, host);
    }
  });
});
