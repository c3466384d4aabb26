import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { ConnectionLimits, isLoopbackAddress, networkOf } from "../../../src/node/websocket/connection-limits.ts";
import { SERVER_LIMITS } from "../../../src/node/websocket/limits.ts";
import { ManualClock } from "../manual-clock.ts";

function limitsAt(clock: ManualClock, random: () => number = () => 0, changes = {}): ConnectionLimits {
  return new ConnectionLimits({ ...SERVER_LIMITS, ...changes }, clock, random);
}

function exhaust(limits: ConnectionLimits, address: string): number {
  let admitted = 0;
  while (limits.admits(address)) admitted += 1;
  return admitted;
}

/** How many of 1,000 evenly spread draws drop somebody. */
function dropsAt(waiting: number): number {
  let drops = 0;
  for (let step = 0; step < 1000; step++) {
    if (limitsAt(new ManualClock(), () => step / 1000).draw(waiting) !== undefined) drops += 1;
  }
  return drops;
}

describe("ConnectionLimits, per address", () => {
  it("admits a burst of 5, then starts a penalty of 15 s", () => {
    const clock = new ManualClock();
    const limits = limitsAt(clock);
    assert.equal(exhaust(limits, "192.0.2.1"), 5);
    clock.pass(14_999);
    assert.equal(limits.admits("192.0.2.1"), false);
    clock.pass(1);
    assert.equal(limits.admits("192.0.2.1"), true);
  });

  it("admits 20 a second for ever", () => {
    const clock = new ManualClock();
    const limits = limitsAt(clock);
    for (let i = 0; i < 1000; i++) {
      assert.equal(limits.admits("192.0.2.1"), true, `connection ${i}`);
      clock.pass(50);
    }
  });

  it("doubles the penalty up to 10 min", () => {
    const clock = new ManualClock();
    const limits = limitsAt(clock);
    const penalties: number[] = [];
    for (let round = 0; round < 8; round++) {
      exhaust(limits, "192.0.2.1");
      const from = clock.now().monotonicMs;
      while (!limits.admits("192.0.2.1")) clock.pass(1000);
      penalties.push((clock.now().monotonicMs - from) / 1000);
    }
    assert.deepEqual(penalties, [15, 30, 60, 120, 240, 480, 600, 600]);
  });

  it("does not lengthen a penalty for attempts during it", () => {
    const clock = new ManualClock();
    const limits = limitsAt(clock);
    exhaust(limits, "192.0.2.1");
    for (let i = 0; i < 15; i++) {
      assert.equal(limits.admits("192.0.2.1"), false);
      clock.pass(1000);
    }
    assert.equal(limits.admits("192.0.2.1"), true);
  });

  it("forgives after 10 min of peace", () => {
    const clock = new ManualClock();
    const limits = limitsAt(clock);
    exhaust(limits, "192.0.2.1");
    clock.pass(15_000);
    exhaust(limits, "192.0.2.1");
    clock.pass(30_000 + 600_000);
    exhaust(limits, "192.0.2.1");
    clock.pass(15_000);
    assert.equal(limits.admits("192.0.2.1"), true);
  });

  it("counts a /64 of IPv6 as one, and neighbours apart", () => {
    const limits = limitsAt(new ManualClock());
    assert.equal(exhaust(limits, "2001:db8:0:1::1"), 5);
    assert.equal(limits.admits("2001:db8:0:1:ffff::2"), false);
    assert.equal(limits.admits("2001:db8:0:2::1"), true);
    assert.equal(limits.admits("192.0.2.1"), true);
  });

  it("always admits loopback and remembers nothing of it", () => {
    const limits = limitsAt(new ManualClock());
    for (const address of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) {
      for (let i = 0; i < 100; i++) assert.equal(limits.admits(address), true);
    }
    assert.equal(limits.size, 0);
  });

  it("remembers so many networks and no more: the least recently seen gives way", () => {
    const limits = limitsAt(new ManualClock(), () => 0, { maxAddresses: 3 });
    for (const address of ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) exhaust(limits, address);
    assert.equal(limits.admits("192.0.2.1"), false); // seen again, so 192.0.2.2 is the oldest now
    assert.equal(limits.admits("192.0.2.4"), true);
    assert.equal(limits.size, 3);
    assert.equal(limits.admits("192.0.2.1"), false);
    assert.equal(limits.admits("192.0.2.2"), true);
  });
});

describe("ConnectionLimits, the draw", () => {
  it("drops nobody below 32 and always somebody from 64 on", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (waiting, chance) => {
          const drawn = limitsAt(new ManualClock(), () => chance).draw(waiting);
          if (waiting < 32) assert.equal(drawn, undefined);
          if (waiting >= 64) assert.notEqual(drawn, undefined);
          if (drawn !== undefined) assert.ok(Number.isInteger(drawn) && drawn >= 0 && drawn < waiting);
        },
      ),
    );
  });

  it("drops the likelier the more are waiting", () => {
    const drops = Array.from({ length: 33 }, (_, index) => dropsAt(32 + index));
    for (let i = 1; i < drops.length; i++) assert.ok(drops[i]! > drops[i - 1]!);
    assert.ok(drops[0]! > 0 && drops[0]! < 50);
    assert.equal(drops[32], 1000);
  });

  it("can hit each of those who wait", () => {
    const drawn = new Set<number | undefined>();
    for (let step = 0; step < 64; step++) drawn.add(limitsAt(new ManualClock(), () => step / 64).draw(64));
    assert.equal(drawn.size, 64);
  });
});

describe("networkOf", () => {
  it("keeps IPv4 whole, wrapped in IPv6 or not", () => {
    assert.equal(networkOf("192.0.2.1"), "192.0.2.1");
    assert.equal(networkOf("::ffff:192.0.2.1"), "192.0.2.1");
  });

  it("takes the first 64 bits of IPv6 in any spelling", () => {
    assert.equal(networkOf("2001:db8::1"), "2001:db8:0:0");
    assert.equal(networkOf("2001:DB8:0:0:1:2:3:4"), "2001:db8:0:0");
    assert.equal(networkOf("fe80::1%eth0"), "fe80:0:0:0");
    assert.equal(networkOf("1:2:3:4:5:6:7::"), "1:2:3:4");
    assert.equal(networkOf("::2"), "0:0:0:0");
  });
});

describe("isLoopbackAddress", () => {
  it("knows 127.0.0.0/8 and ::1, and nothing else", () => {
    for (const address of ["127.0.0.1", "127.255.0.3", "::1", "::ffff:127.0.0.1"])
      assert.ok(isLoopbackAddress(address));
    for (const address of ["0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "::2", "localhost", "127.evil"]) {
      assert.equal(isLoopbackAddress(address), false, address);
    }
  });
});
