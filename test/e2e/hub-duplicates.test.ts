// A second session of the same key at a real lair-hub: it takes the place of the first, or is turned away; both are told.

import assert from "node:assert/strict";
import { after, it } from "node:test";
import { CLOSE_REASON } from "../../src/index.ts";
import { HubHome, inviteFor, logOf, stopped } from "./hub-home.ts";
import { HubMemberPerson, reasonOf } from "./hub-member.ts";

const home = new HubHome();
after(() => home.end());
const ada = new HubMemberPerson("ada");
let invite = "";

it("takes the place of the first", async () => {
  const hub = await home.start();
  invite = hub.invite!;
  const first = await ada.connect(invite);
  assert.equal((await first.call("rooms", {})).type, "answered");
  const second = await ada.connect(invite);
  assert.equal((await second.call("rooms", {})).type, "answered");
  assert.equal(reasonOf(await first.ended), CLOSE_REASON.replaced);
  assert.equal((await second.call("rooms", {})).type, "answered");
  await stopped(hub);
  assert.equal(reasonOf(await second.ended), CLOSE_REASON.shuttingDown);
  const left = logOf(hub.program).filter(({ event }) => event === "member-left");
  assert.deepEqual(
    left.map(({ by }) => by),
    ["replaced", "shutting-down"],
  );
});

it("is turned away with --duplicate reject, and let in once the first has gone", async () => {
  const hub = await home.start("--duplicate", "reject", "--max-members", "2");
  const first = await ada.connect(inviteFor(invite, { url: hub.url }));
  assert.equal((await first.call("rooms", {})).type, "answered");
  const second = await ada.connect(inviteFor(invite, { url: hub.url }));
  assert.equal(reasonOf(await second.ended), CLOSE_REASON.replaced);
  assert.equal((await first.call("rooms", {})).type, "answered", "the first stays");
  first.leave();
  assert.equal(reasonOf(await first.ended), CLOSE_REASON.goodbye);
  const third = await ada.connect(inviteFor(invite, { url: hub.url }));
  assert.equal((await third.call("rooms", {})).type, "answered");
  await stopped(hub);
  const log = logOf(hub.program).filter(({ event }) => event === "member-arrived" || event === "turned-away");
  assert.deepEqual(
    log.map(({ event, why }) => [event, why]),
    [
      ["member-arrived", undefined],
      ["turned-away", "duplicate"],
      ["member-arrived", undefined],
    ],
  );
});
