// A server's invites over a real home: what stands in server/invites.json and in HOME/invite, and when it goes.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { isAllZero } from "../../src/core/bytes.ts";
import type { ProgramEvent } from "../../src/app/events.ts";
import { LairError } from "../../src/core/errors.ts";
import { formatInvite, parseInvite } from "../../src/core/identity/invite.ts";
import type { OpenInvite } from "../../src/core/identity/peer.ts";
import { openHome } from "../node/home/open-home.ts";
import { INVITE_LIFETIME_MS, Invites, pruneInvites } from "../../src/cli/invites.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { peerOf } from "../node/home/places.ts";
import { ManualClock } from "../node/manual-clock.ts";

const URL = "ws://127.0.0.1:4321";
const SERVER_KEY = new Uint8Array(32).fill(5);

function server(t: TestContext) {
  const place = mkdtempSync(join(tmpdir(), "lair-invites-"));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const home = openHome(place, "server");
  const clock = new ManualClock();
  const shown: ProgramEvent[] = [];
  const opened: OpenInvite[] = [];
  const closed: string[] = [];
  const made: Uint8Array[] = [];
  let expired = 0;
  const source = new SeededRandom(9);
  const invites = new Invites({
    home,
    pairings: home.pairings,
    frontend: { show: (event) => shown.push(event) },
    clock,
    random: (length) => {
      const bytes = source.bytes(length);
      made.push(bytes);
      return bytes;
    },
    serverKey: SERVER_KEY,
    open: (invite) => opened.push({ ...invite, psk: invite.psk.slice() }),
    close: (id) => closed.push(id),
    dropExpired: () => (expired += 1),
  });
  const texts = (): string[] => shown.flatMap((event) => (event.type === "invite" ? [event.invite] : []));
  return { place, home, clock, invites, opened, closed, made, texts, expired: () => expired };
}

const NEEDED = { isAsked: false, isNeeded: true };

describe("the invites of a server", () => {
  it("are made for a page without being shown, listed without their secrets, and revoked", (t) => {
    const { home, clock, invites, opened, closed, texts } = server(t);
    const first = invites.create(URL);
    const second = invites.create(URL);
    assert.deepEqual(texts(), []);
    assert.equal(home.findInvite(), second.text);
    assert.deepEqual(parseInvite(first.text).psk, opened[0]!.psk);
    const list = [first, second].map(({ id, expiresAtMs }) => ({ id, expiresAtMs }));
    assert.deepEqual(invites.list(), list);
    assert.equal(invites.revoke("none"), false);
    assert.equal(invites.revoke(second.id), true);
    assert.equal(invites.revoke(second.id), false);
    assert.deepEqual([closed, invites.list()], [[second.id], [list[0]]]);
    assert.equal(home.findInvite(), undefined, "a client of the account does not find it any more");
    clock.time.pass(INVITE_LIFETIME_MS);
    assert.deepEqual(invites.list(), []);
    assert.equal(invites.revoke(first.id), false);
  });

  it("are opened, stored, left for a client of the account and shown, and overwritten then", (t) => {
    const { home, clock, invites, opened, made, texts } = server(t);
    invites.make(URL);
    const [invite] = opened;
    assert.equal(invite!.expiresAtMs, clock.now().wallMs + INVITE_LIFETIME_MS);
    assert.deepEqual(home.pairings.invites(), [invite]);
    assert.deepEqual(texts(), [home.findInvite()]);
    assert.deepEqual(parseInvite(texts()[0]!), { url: URL, psk: invite!.psk, serverKey: SERVER_KEY });
    assert.ok(made.some((bytes) => bytes.length === 32 && isAllZero(bytes)));
  });

  it("are made at the start when one is asked for, or needed and not there", (t) => {
    const { invites, opened, texts } = server(t);
    invites.offer(URL, { isAsked: false, isNeeded: false });
    assert.equal(opened.length, 0);
    invites.offer(URL, NEEDED);
    invites.offer(URL, NEEDED);
    assert.equal(opened.length, 1);
    assert.equal(texts()[1], texts()[0]);
    invites.offer(URL, { isAsked: true, isNeeded: false });
    assert.equal(opened.length, 2);
  });

  it("are not offered again when a peer has paired by them, though a crash left them on the disk", (t) => {
    const { home, invites, opened } = server(t);
    invites.make(URL);
    home.pairings.savePeer({ ...peerOf(6), invitePsk: opened[0]!.psk });
    invites.offer(URL, NEEDED);
    assert.equal(opened.length, 2);
  });

  it("go from the disk with their text once a peer has paired by them, or they have expired, and no other one does", (t) => {
    const { home, invites, opened, texts } = server(t);
    invites.make(URL);
    invites.make(URL);
    invites.pair(peerOf(6), opened[0]!.id);
    assert.deepEqual([home.pairings.peers(), home.pairings.invites()], [[peerOf(6)], [opened[1]]]);
    assert.equal(home.findInvite(), texts()[1]);
    invites.drop(opened[1]!.id);
    assert.deepEqual([home.pairings.invites(), home.findInvite()], [[], undefined]);
  });

  it("have paired though their text cannot be removed: that is not the peer's fault, and they do not open again", (t) => {
    const { home, invites, opened } = server(t);
    invites.make(URL);
    Object.defineProperty(home, "removeLeftInvite", {
      value: () => {
        throw new LairError("home-unwritable", "The home is read-only.");
      },
    });
    invites.pair(peerOf(6), opened[0]!.id);
    assert.deepEqual([home.pairings.peers(), home.pairings.invites()], [[peerOf(6)], []]);
  });

  it("are looked after when their time is over, though nobody connects", (t) => {
    const { clock, invites, expired } = server(t);
    invites.make(URL);
    clock.pass(INVITE_LIFETIME_MS - 1);
    assert.equal(expired(), 0);
    clock.pass(2_000);
    assert.equal(expired(), 1);
  });
});

describe("pruneInvites", () => {
  it("removes what has expired, and the text of it that was left", (t) => {
    const { home, clock, invites } = server(t);
    invites.make(URL);
    clock.pass(INVITE_LIFETIME_MS - 1);
    pruneInvites(home, home.pairings, clock.now().wallMs);
    assert.deepEqual([home.pairings.invites().length, home.findInvite() === undefined], [1, false]);
    clock.pass(1);
    pruneInvites(home, home.pairings, clock.now().wallMs);
    assert.deepEqual([home.pairings.invites(), home.findInvite()], [[], undefined]);
  });

  it("gives an invite that was made while the clock was ahead one more day, and keeps its text", (t) => {
    const { home, clock, invites, texts } = server(t);
    invites.make(URL);
    const nowMs = clock.now().wallMs - 400 * INVITE_LIFETIME_MS;
    pruneInvites(home, home.pairings, nowMs);
    assert.deepEqual(
      home.pairings.invites().map(({ expiresAtMs }) => expiresAtMs),
      [nowMs + INVITE_LIFETIME_MS],
    );
    assert.equal(home.findInvite(), texts()[0]);
  });

  it("keeps the text of an invite that is open, whichever else has expired", (t) => {
    const { home, clock, invites, opened, texts } = server(t);
    invites.make(URL);
    clock.pass(INVITE_LIFETIME_MS / 2);
    invites.make(URL);
    clock.pass(INVITE_LIFETIME_MS / 2);
    pruneInvites(home, home.pairings, clock.now().wallMs);
    assert.deepEqual([home.pairings.invites(), home.findInvite()], [[opened[1]], texts()[1]]);
  });

  it("removes a text of which no invite is open any more", (t) => {
    const { home } = server(t);
    home.leaveInvite(formatInvite({ url: URL, psk: new Uint8Array(32).fill(3), serverKey: SERVER_KEY }));
    pruneInvites(home, home.pairings, 0);
    assert.equal(home.findInvite(), undefined);
  });

  it("leaves a damaged text alone, for whoever needs it to say so", (t) => {
    const { place, home } = server(t);
    const path = join(place, "invite");
    writeFileSync(path, "lair://garbled", { mode: 0o600 });
    pruneInvites(home, home.pairings, 0);
    assert.equal(readFileSync(path, "utf8"), "lair://garbled");
  });
});
