// A hub that is forgotten by a command without a connection, with the rooms that its member was in.
// test/e2e/rooms.test.ts has the same at a program that runs.

import assert from "node:assert/strict";
import { it } from "node:test";
import { Fixture } from "../e2e/fixture.ts";
import { created, HubPeople, linkTo } from "../e2e/hub-people.ts";

it("takes its rooms with it, if its history is to go", async (t) => {
  const fixture = new Fixture(t);
  const hub = await HubPeople.begin(fixture);
  const ada = await hub.enter("ada");
  const link = await linkTo(ada, await created(ada, "ops"));
  const home = fixture.home();
  const first = fixture.client({ home, args: ["--name", "gus", "--invite-file", fixture.file(link)] });
  await first.next("joined");
  first.end();
  await first.leaves(0);
  const args = ["forget-peer", "hub", "--with-history", "--yes"];
  await fixture.command("lair-client", { home, args }).leaves(0);
  const again = await hub.enter("gus", { home });
  again.tell({ command: "rooms" });
  assert.deepEqual((await again.next("rooms"))["rooms"], []);
  assert.deepEqual(again.all("history"), []);
  again.end();
  await again.leaves(0);
});
