// A hub that suspends a member, with real programs: each is told once, waits, and goes on by itself once the operator lifts it.

import assert from "node:assert/strict";
import { it } from "node:test";
import { Fixture } from "../e2e/fixture.ts";
import { created, HubPeople, joined, linkTo, nameIn } from "../e2e/hub-people.ts";

it("a suspended member goes on without a restart, with what was said meanwhile", { timeout: 120_000 }, async (t) => {
  const fixture = new Fixture(t);
  const hub = await HubPeople.begin(fixture);
  const ada = await hub.enter("ada");
  const bob = await hub.enter("bob");
  const room = await created(ada, "ops");
  await joined(bob, await linkTo(ada, room));
  await hub.setStanding("bob", "suspended");
  assert.equal((await bob.next("disconnected"))["reason"], "not-trusted");
  assert.equal((await bob.next("error"))["code"], "not-trusted");
  bob.tell({ send: "from outside", to: "#ops" });
  await bob.next("queued");
  ada.tell({ send: "where is bob?", to: "#ops" });
  await ada.next("sent");
  // The hub tells of those whom it turns away, once a minute: so that there was a try.
  await hub.program.says(/"event":"turned-away"/);
  await hub.setStanding("bob", "active");
  await bob.next("connected");
  await bob.next("message", (event) => event["text"] === "where is bob?");
  await ada.next("message", (event) => event["text"] === "from outside" && nameIn(event, "from") === "bob");
  assert.equal(bob.all("error").length, 1);
  assert.equal(bob.all("connected").length, 2);
  assert.deepEqual(bob.all("reconnecting"), []);
  for (const one of [ada, bob]) {
    one.tell({ command: "quit" });
    await one.leaves(0);
  }
});
