// Ports for servers that stop.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { ownPort } from "./own-port.ts";

const RANGE = "/proc/sys/net/ipv4/ip_local_port_range";

describe("ownPort()", () => {
  it("gives a port where nobody answers, and that is held until the end", async () => {
    const ends: (() => void)[] = [];
    const port = await ownPort((end) => ends.push(end));
    const [refused] = (await once(connect(port, "127.0.0.1"), "error")) as [NodeJS.ErrnoException];
    assert.equal(refused.code, "ECONNREFUSED");
    const other = createSocket("udp4").bind({ port, address: "127.0.0.1", exclusive: true });
    const [taken] = (await once(other, "error")) as [NodeJS.ErrnoException];
    assert.equal(taken.code, "EADDRINUSE");
    other.close();
    for (const end of ends) end();
    const next = createSocket("udp4").bind({ port, address: "127.0.0.1", exclusive: true });
    await once(next, "listening");
    next.close();
  });

  it(
    "gives none that a program gets which asks for any",
    { skip: !existsSync(RANGE) && "Linux says its range" },
    async (t) => {
      const [first] = readFileSync(RANGE, "utf8").split("\t").map(Number);
      for (let count = 0; count < 20; count++) assert.ok((await ownPort((end) => t.after(end))) < first!);
    },
  );
});
