// Under which name an invite says that a server is to be found.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { reachableHost } from "../../src/program/reachable-host.ts";

const NETWORKS = {
  lo: [{ address: "127.0.0.1", family: "IPv4", internal: true }],
  eth0: [
    { address: "fe80::1", family: "IPv6", internal: false },
    { address: "192.0.2.7", family: "IPv4", internal: false },
  ],
} as const;

describe("reachableHost", () => {
  it("is the address that the server has taken, an IPv6 one in brackets", () => {
    assert.equal(reachableHost("192.0.2.1", NETWORKS), "192.0.2.1");
    assert.equal(reachableHost("::1", NETWORKS), "[::1]");
  });

  it("is the machine's own address in its network for a server that listens everywhere", () => {
    assert.equal(reachableHost("0.0.0.0", NETWORKS), "192.0.2.7");
    assert.equal(reachableHost("::", NETWORKS), "192.0.2.7");
  });

  it("is the loopback address on a machine without a network", () => {
    assert.equal(reachableHost("0.0.0.0", { lo: NETWORKS.lo }), "127.0.0.1");
  });
});
