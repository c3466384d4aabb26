// A real lair-hub that is killed right after it has acknowledged something, or told to end while posts are on their way: all
// that was acknowledged is there, once, and in its order; and a flood of calls is refused without harm to others.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, it } from "node:test";
import { toHex } from "../../src/core/bytes.ts";
import type { Answered, CallName, Outcome, Refused } from "../../src/core/hub/calls.ts";
import { CLOSE_REASON } from "../../src/index.ts";
import { HubHome, inviteFor, logOf, type RunningHub } from "./hub-home.ts";
import { HubMemberPerson, type MemberConnection, reasonOf } from "./hub-member.ts";

const home = new HubHome();
after(() => home.end());
const ada = new HubMemberPerson("ada");
const room = randomBytes(16);
let hub: RunningHub;
let invite = "";
/** test/long/rooms.test.ts has more. */
const KILLS = 2;
/** The ids of the entries that the hub has acknowledged, by number. */
const acknowledged = new Map<number, string>();

async function restart(): Promise<MemberConnection> {
  hub = await home.start();
  return await ada.connect(inviteFor(invite, { url: hub.url }));
}

async function post(member: MemberConnection, id: Uint8Array): Promise<number> {
  const bytes = randomBytes(512);
  const { seq } = await answerOf(member.call("post", { room, type: "message", id, epoch: 0, bytes }));
  return seq;
}

async function answerOf<Name extends CallName>(call: Promise<Outcome<Name>>): Promise<Answered<Name>> {
  const outcome = await call;
  assert.ok(outcome.type === "answered", JSON.stringify(outcome));
  return outcome.answer;
}

/** What the hub has of the room: without a hole, and all that it has acknowledged. */
async function logOfRoom(member: MemberConnection): Promise<readonly string[]> {
  const { entries } = await answerOf(member.call("read", { room, from: 0 }));
  assert.deepEqual(
    entries.map(({ seq }) => seq),
    entries.map((_, index) => index),
  );
  const ids = entries.map(({ id }) => toHex(id));
  assert.equal(new Set(ids).size, ids.length, "nothing is there twice");
  for (const [seq, id] of acknowledged) assert.equal(ids[seq], id);
  return ids;
}

/** The refusals of so many calls, some at a time. */
async function flood(count: number, call: () => Promise<Outcome<CallName>>): Promise<readonly Refused[]> {
  const refused: Refused[] = [];
  for (let calls = 0; calls < count; calls += 16) {
    const outcomes = await Promise.all(Array.from({ length: 16 }, call));
    for (const outcome of outcomes) if (outcome.type === "refused") refused.push(outcome);
  }
  for (const { refusal } of refused) assert.equal(refusal, "too-often");
  return refused;
}

before(async () => {
  hub = await home.start();
  invite = hub.invite!;
  const member = await ada.connect(invite);
  assert.equal((await member.call("create", { room, listedName: undefined })).type, "answered");
  process.kill(hub.program.pid, "SIGKILL");
  await hub.program.exited;
});

it("has what it has acknowledged after it was killed at once, and takes nothing twice", async () => {
  let member = await restart();
  for (let kill = 0; kill < KILLS; kill++) {
    const id = randomBytes(16);
    const seq = await post(member, id);
    process.kill(hub.program.pid, "SIGKILL");
    acknowledged.set(seq, toHex(id));
    // Of this nobody will know whether it was taken.
    const lost = randomBytes(16);
    await assert.rejects(post(member, lost));
    await hub.program.exited;
    member = await restart();
    assert.equal((await logOfRoom(member))[seq], toHex(id));
    assert.equal(await post(member, id), seq, "the same entry is not taken twice");
    acknowledged.set(await post(member, lost), toHex(lost));
  }
  assert.equal((await logOfRoom(member)).length, 2 * KILLS);
  process.kill(hub.program.pid, "SIGKILL");
  await hub.program.exited;
});

it("ends in order when it is told to: what was acknowledged is there, and its members are told", async () => {
  const member = await restart();
  const asked = Array.from({ length: 12 }, () => randomBytes(16));
  const posts = asked.map((id) => post(member, id).then((seq) => acknowledged.set(seq, toHex(id))));
  const first = await Promise.race(posts);
  assert.ok(first.size > 0);
  process.kill(hub.program.pid, "SIGTERM");
  await Promise.allSettled(posts);
  assert.equal(reasonOf(await member.ended), CLOSE_REASON.shuttingDown);
  assert.equal((await hub.program.exited).code, 143);
  const log = logOf(hub.program);
  assert.ok(!log.some(({ event }) => event === "failed" || event === "store-failed"), hub.program.stderr);
  await logOfRoom(await restart());
});

it("refuses a flood of calls, also in a new session, and serves the others", async () => {
  const member = await ada.connect(inviteFor(invite, { url: hub.url }));
  const { token } = home;
  const made = await fetch(`${hub.admin}/api/v1/invites`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: "{}",
  });
  const { invite: other } = (await made.json()) as { invite: string };
  const bob = await new HubMemberPerson("bob").connect(other);

  // 5 at once, and one a minute.
  const { account } = await answerOf(bob.call("find", { key: undefined, handle: "bob" }));
  const key = account!.key;
  assert.equal((await flood(16, () => member.call("take", { key }))).length, 11);
  member.leave();
  await member.ended;
  const again = await ada.connect(inviteFor(invite, { url: hub.url }));
  assert.equal((await flood(16, () => again.call("take", { key }))).length, 16, "the ration outlives the session");
  assert.equal((await again.call("rooms", {})).type, "answered", "other calls are done");
  // 20 at once, and five a second. (Of all calls 1,000 at once, and 200 a second: test/hub.)
  const signals = await flood(320, () => again.call("signal", { room, bytes: new Uint8Array(9) }));
  assert.ok(signals.length > 0);
  for (const { retryAfterMs = 0 } of signals) assert.ok(retryAfterMs > 0 && retryAfterMs <= 200, `${retryAfterMs} ms`);
  assert.equal((await bob.call("rooms", {})).type, "answered");
  const refused = logOf(hub.program).filter(({ event }) => event === "refused");
  assert.ok(refused.length > 0 && refused.length < 9, "the log is not flooded");
});
