// A link to a room at a real lair-hub: its invite brings somebody who is new to the hub, as long as there is the link.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, it } from "node:test";
import { CLOSE_REASON } from "../../src/index.ts";
import { HubHome, inviteFor, stopped } from "./hub-home.ts";
import { HubMemberPerson, type MemberConnection, reasonOf } from "./hub-member.ts";

const DAY_MS = 86_400_000;
const home = new HubHome();
after(() => home.end());

/** The psk of the invite that comes with a new link; undefined: none does. */
async function addLink(member: MemberConnection, room: Uint8Array, link: string): Promise<Uint8Array | undefined> {
  const ask = { room, link, uses: 2, expiresAtMs: Date.now() + DAY_MS };
  const added = await member.call("add-link", ask);
  assert.ok(added.type === "answered", JSON.stringify(added));
  const again = await member.call("add-link", ask);
  assert.deepEqual(again, added, "asked again");
  return added.answer.invite;
}

async function isLetIn(name: string, invite: string): Promise<boolean> {
  const connection = await new HubMemberPerson(name).connect(invite);
  if (connection.hasEnded) return false;
  const found = await connection.call("rooms", {}).catch(() => undefined);
  if (found === undefined) return false;
  connection.leave();
  assert.equal(reasonOf(await connection.ended), CLOSE_REASON.goodbye);
  return found.type === "answered";
}

it("brings a newcomer, also after the hub was started again, until it is revoked or the room is closed", async () => {
  const ada = new HubMemberPerson("ada");
  const [room, other] = [randomBytes(16), randomBytes(16)];
  const first = await home.start();
  const invite = first.invite!;
  let member = await ada.connect(invite);
  for (const one of [room, other]) await member.call("create", { room: one, listedName: undefined });
  const psk = await addLink(member, room, "l");
  assert.ok(psk);
  assert.equal(await isLetIn("bob", inviteFor(invite, { psk })), true);
  await stopped(first);

  const second = await home.start();
  const url = second.url;
  assert.equal(await isLetIn("cyd", inviteFor(invite, { url, psk })), true);
  assert.equal(await isLetIn("dan", inviteFor(invite, { url, psk })), false, "it is good for two");
  member = await ada.connect(inviteFor(invite, { url }));
  const revoked = await addLink(member, room, "m");
  const closed = await addLink(member, other, "l");
  assert.ok(revoked && closed);
  assert.equal(await isLetIn("eve", inviteFor(invite, { url, psk: revoked })), true);
  assert.equal((await member.call("revoke-link", { room, link: "m" })).type, "answered");
  assert.equal(await isLetIn("finn", inviteFor(invite, { url, psk: revoked })), false);
  const headers = { Authorization: `Bearer ${home.token}` };
  await fetch(`${second.admin}/api/v1/rooms/${Buffer.from(other).toString("hex")}`, { method: "DELETE", headers });
  assert.equal(await isLetIn("gus", inviteFor(invite, { url, psk: closed })), false);
  const kept = await addLink(member, room, "n");
  assert.ok(kept);
  await stopped(second);

  const third = await home.start("--no-link-invites");
  member = await ada.connect(inviteFor(invite, { url: third.url }));
  assert.equal(await addLink(member, room, "o"), undefined);
  assert.equal(await isLetIn("hal", inviteFor(invite, { url: third.url, psk: kept })), false);
  await stopped(third);
  const secrets = [psk, revoked, closed, kept].map((one) => Buffer.from(one).toString("base64url"));
  for (const { program } of [first, second, third]) {
    for (const secret of secrets) assert.ok(!program.stderr.includes(secret));
  }
});
