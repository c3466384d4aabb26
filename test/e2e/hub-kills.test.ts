// A real lair-hub that is killed right after it has acknowledged something, or told to end while posts are on their way: all
// that was acknowledged is there, once, and in its order; and a flood of calls is refused without harm to others.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, it } from "node:test";
import { toHex } from "../../src/core/bytes.ts";
import { CLOSE_REASON } from "../../src/index.ts";
import { HubHome, inviteFor, logOf, type RunningHub } from "./hub-home.ts";
import { HubMemberPerson, type MemberConnection, reasonOf } from "./hub-member.ts";

const home = new HubHome();
after(() => home.end());
const ada = new HubMemberPerson("ada");
const room = randomBytes(16);
let hub: RunningHub;
let invite = "";
/** The ids of the entries that the hub has acknowledged, by number. */
const acknowledged = new Map<number, string>();

async function restart(): Promise<MemberConnection> {
  hub = await home.start();
  return await ada.connect(inviteFor(invite, { url: hub.url }));
}

async function post(member: MemberConnection, id: Uint8Array): Promise<number> {
  const outcome = await member.call("post", { room, type: "message", id, epoch: 0, bytes: randomBytes(512) });
  assert.ok(outcome.type === "answered", JSON.stringify(outcome));
  return outcome.answer.seq;
}

/** What the hub has of the room: without a hole, and all that it has acknowledged. */
async function logOfRoom(member: MemberConnection): Promise<readonly string[]> {
  const outcome = await member.call("read", { room, from: 0 });
  assert.ok(outcome.type === "answered");
  const { entries } = outcome.answer;
  assert.deepEqual(
    entries.map(({ seq }) => seq),
    entries.map((_, index) => index),
  );
  const ids = entries.map(({ id }) => toHex(id));
  assert.equal(new Set(ids).size, ids.length, "nothing is there twice");
  for (const [seq, id] of acknowledged) assert.equal(ids[seq], id);
  return ids;
}

/** Calls until one is refused; a call that is answered costs far less than the 5 ms after which one more is given. */
async function flood(connection: MemberConnection): Promise<{ readonly calls: number; readonly waitMs: number }> {
  for (let calls = 0; calls < 20_000; calls += 16) {
    const outcomes = await Promise.all(Array.from({ length: 16 }, () => connection.call("rooms", {})));
    const refused = outcomes.find((outcome) => outcome.type === "refused");
    if (refused?.type !== "refused") continue;
    assert.equal(refused.refusal, "too-often");
    return { calls, waitMs: refused.retryAfterMs ?? 0 };
  }
  throw new assert.AssertionError({ message: "no call was refused" });
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
  for (let kill = 0; kill < 4; kill++) {
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
  assert.equal((await logOfRoom(member)).length, 8);
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

  const { calls, waitMs } = await flood(member);
  assert.ok(calls >= 1_000 - 32, `${calls} calls`);
  assert.ok(waitMs > 0 && waitMs <= 100, `${waitMs} ms`);
  assert.equal((await bob.call("rooms", {})).type, "answered");
  member.leave();
  await member.ended;
  const again = await ada.connect(inviteFor(invite, { url: hub.url }));
  assert.ok((await flood(again)).calls < 900, "the ration outlives the session");
  let outcome = await again.call("rooms", {});
  for (let tries = 0; tries < 10_000 && outcome.type === "refused"; tries++) outcome = await again.call("rooms", {});
  assert.equal(outcome.type, "answered", "it goes on by itself");
  const refused = logOf(hub.program).filter(({ event }) => event === "refused");
  assert.ok(refused.length > 0 && refused.length < 5, "the log is not flooded");
});
