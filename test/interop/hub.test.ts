// The wire between a member and a hub is what docs/HUB.md says: the peer in Go, which reads its calls from that document's
// tables, is a member of the real lair-hub. What is sealed in a room is MLS, which it knows nothing of: random bytes here.
// Needs Go and Debian's sources of two libraries; without them every test here says that it was skipped, and why.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { CALLS, NEWS } from "../../src/core/hub/calls.ts";
import { buildPeer, missing } from "./go-peer.ts";
import { JsonProgram, type ProgramEvent, until } from "./json-program.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const hex = (length: number): string => randomBytes(length).toString("hex");

const VECTORS = JSON.parse(readFileSync(path("../vectors/hub.json"), "utf8")) as Readonly<{
  malformed: readonly Readonly<{ note: string; bytes: string }>[];
  faults: readonly Readonly<{ note: string; records: readonly string[] }>[];
}>;

type Fields = Readonly<Record<string, unknown>>;

/** A member in Go, which makes one call at a time. */
class Member {
  readonly program: JsonProgram;
  readonly key: string;
  readonly called = new Set<string>();

  /** `key` is its X25519 key, in hex. */
  constructor(program: JsonProgram, key: string) {
    this.program = program;
    this.key = key;
  }

  /** The answer's fields. */
  async call(name: string, ask: Fields = {}): Promise<Fields> {
    const { event, answer, refusal } = await this.#make({ call: name, ask }, name);
    assert.equal(event, "answer", `${name}: ${JSON.stringify(refusal)}`);
    return answer as Fields;
  }

  /** The reason of the refusal. */
  async refused(name: string, ask: Fields = {}): Promise<unknown> {
    const { event, refusal } = await this.#make({ call: name, ask }, name);
    assert.equal(event, "refusal", name);
    return (refusal as Fields)["refusal"];
  }

  /** The reason why bytes that are no known call are refused. */
  async raw(bytes: string): Promise<unknown> {
    return ((await this.#make({ raw: bytes }, "raw"))["refusal"] as Fields)["refusal"];
  }

  /** The fields of the news of this name, once there are some of which `isIt` holds. */
  async news(name: string, isIt: (fields: Fields) => boolean = () => true): Promise<Fields> {
    for (let count = 1; ; count++) {
      const { news, fields } = await this.program.next("news", count);
      if (news === name && isIt(fields as Fields)) return fields as Fields;
    }
  }

  async #make(line: object, name: string): Promise<ProgramEvent> {
    const { program } = this;
    const [answers, refusals] = [program.all("answer").length, program.all("refusal").length];
    program.write(line);
    this.called.add(name);
    const outcome = (): ProgramEvent | undefined => program.all("answer")[answers] ?? program.all("refusal")[refusals];
    await until(`the answer to ${name}`, [program], () => outcome() !== undefined);
    assert.equal(outcome()?.["call"], name);
    return outcome()!;
  }
}

describe("a member in another language", { skip: missing, timeout: 120_000 }, () => {
  let folder = "";
  let binary = "";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "lair-interop-hub-"));
    binary = await buildPeer(folder);
  });

  after(() => rm(folder, { recursive: true, force: true }));

  async function startHub(context: TestContext): Promise<JsonProgram> {
    const home = await mkdtemp(join(folder, "hub-"));
    const ports = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
    const args = ["--json", "--log-json", "--open", "--rekey", "1-1.2", "--home", home, ...ports];
    const hub = new JsonProgram("lair-hub", process.execPath, [path("../../bin/lair-hub.js"), ...args]);
    context.after(() => hub.stop());
    return hub;
  }

  async function joinHub(context: TestContext, hub: JsonProgram, who: "operator" | "anybody"): Promise<Member> {
    await hub.next("invite", 2);
    const invite = hub.all("invite").find((event) => event["for"] === who);
    const state = join(await mkdtemp(join(folder, "member-")), "state.json");
    const document = path("../../docs/HUB.md");
    const program = new JsonProgram(`the ${who}'s peer`, binary, ["--state", state, "--hub", document]);
    context.after(() => program.stop());
    program.write(String(invite?.["invite"]));
    const { key } = await program.next("connected");
    const member = new Member(program, String(key));
    // Its answer says that the hub has let it in.
    assert.deepEqual(await member.call("rooms"), { rooms: [] });
    return member;
  }

  it("makes every call at lair-hub, and hears all news", async (context) => {
    const hub = await startHub(context);
    const ada = await joinHub(context, hub, "operator");
    const bob = await joinHub(context, hub, "anybody");

    const [adaKey, bobKey] = [ada.key, bob.key];
    const { account } = (await ada.call("find", { key: null, handle: "gopher" })) as { account: Fields };
    const { account: other } = (await ada.call("find", { key: bobKey, handle: null })) as { account: Fields };
    assert.deepEqual([account["key"], account["role"]], [adaKey, "operator"]);
    assert.deepEqual([other["key"], other["role"]], [bobKey, "member"]);
    assert.deepEqual(await bob.call("find", { key: adaKey, handle: null }), { account });
    assert.deepEqual(await bob.call("find", { key: bobKey, handle: "gopher" }), { account: null });

    const [soon, bundle] = [Date.now() + 86_400_000, hex(3_000)];
    const published = { id: hex(16), bytes: bundle, expiresAtMs: soon, isLastResort: false };
    assert.deepEqual(await bob.call("publish", { packages: [published, { ...published, id: hex(16) }] }), { count: 2 });
    assert.deepEqual(await ada.call("take", { key: bobKey }), { package: bundle });
    assert.equal(await ada.refused("take", { key: adaKey }), "not-allowed");

    const room = hex(16);
    assert.deepEqual(await ada.call("create", { room, listedName: "ops" }), {});
    assert.equal(await ada.refused("create", { room, listedName: null }), "exists");
    assert.deepEqual(await bob.call("listed", { after: null }), { rooms: [{ room, name: "ops" }] });
    assert.deepEqual(await ada.call("rooms"), {
      rooms: [{ room, epoch: 0, commits: 0, next: 0, oldest: 0, from: 0, cursor: 0 }],
    });

    assert.deepEqual(await bob.call("knock", { room, bytes: "6869" }), {});
    await ada.news("letter");
    const { letters: knocks } = (await ada.call("letters")) as { letters: readonly Fields[] };
    assert.equal(knocks[0]?.["kind"], "knock");
    assert.equal(knocks[0]["bytes"], `${room}${bobKey}000000026869`);
    assert.deepEqual(await ada.call("drop", { id: knocks[0]["id"] }), {});
    assert.deepEqual(await ada.call("letters"), { letters: [] });

    // More than one piece either way, while keys are renewed.
    const message = { room, type: "message", id: hex(16), epoch: 0, bytes: hex(600_000) };
    assert.deepEqual(await ada.call("post", message), { seq: 0 });
    assert.deepEqual(await ada.call("post", message), { seq: 0 }, "the same entry");
    const plain = { room, epoch: 0, seats: [], removed: [], listing: null, groupInfo: null, welcome: null, link: null };
    const commit = {
      ...plain,
      id: hex(16),
      commits: 0,
      bytes: hex(40_000),
      groupInfo: hex(900_000),
      seats: [{ key: bobKey, role: "member" }],
      welcome: { to: [bobKey], bytes: hex(50_000) },
    };
    assert.deepEqual(await ada.call("commit", commit), { seq: 1 });
    assert.equal(await ada.refused("commit", { ...commit, id: hex(16) }), "stale");
    await bob.news("letter");
    const { letters } = (await bob.call("letters")) as { letters: readonly Fields[] };
    assert.deepEqual([letters[0]?.["kind"], letters[0]?.["bytes"]], ["welcome", commit.welcome.bytes]);

    const { entries } = (await ada.call("read", { room, from: 0 })) as { entries: readonly Fields[] };
    assert.ok(entries.every(({ atMs }) => Math.abs(Number(atMs) - Date.now()) < 60_000));
    assert.deepEqual(
      entries.map((entry) => ({ ...entry, atMs: 0 })),
      [
        { seq: 0, type: "message", id: message.id, epoch: 0, poster: adaKey, atMs: 0, bytes: message.bytes },
        { seq: 1, type: "commit", id: commit.id, epoch: 0, poster: adaKey, atMs: 0, bytes: commit.bytes },
      ],
    );
    const { entries: bobs } = (await bob.call("read", { room, from: 0 })) as { entries: readonly Fields[] };
    assert.deepEqual(bobs, entries.slice(1), "nothing from before");
    await ada.news("entries", ({ next }) => next === 2);
    const notice = { id: hex(16), type: "notice", epoch: 1, bytes: "" };
    assert.deepEqual(await bob.call("post", { room, ...notice }), { seq: 2 });
    const { entries: rest } = (await bob.call("read", { room, from: 2 })) as { entries: readonly Fields[] };
    assert.deepEqual(rest, [{ ...notice, seq: 2, poster: bobKey, atMs: rest[0]?.["atMs"] }]);
    assert.deepEqual(await ada.news("entry"), { room, entry: rest[0] }, "she had read all before it");
    assert.deepEqual(await ada.call("acknowledge", { room, next: 3 }), {});
    assert.equal(await ada.refused("acknowledge", { room, next: 4 }), "stale");
    assert.deepEqual(await ada.call("rooms"), {
      rooms: [{ room, epoch: 1, commits: 2, next: 3, oldest: 0, from: 0, cursor: 3 }],
    });

    assert.deepEqual(await bob.call("visible", { isVisible: false }), {});
    await ada.news("presence", ({ key, isOnline }) => key === bobKey && isOnline === false);
    const seat = { key: adaKey, role: "admin", isOnline: true };
    const { seats } = (await bob.call("seats", { room })) as { seats: readonly Fields[] };
    assert.deepEqual(new Set(seats), new Set([seat, { key: bobKey, role: "member", isOnline: false }]));
    assert.deepEqual(await bob.call("signal", { room, bytes: "0102" }), {});
    assert.deepEqual(await ada.news("signal"), { room, from: bobKey, bytes: "0102" });

    assert.deepEqual(await bob.call("outside", { room, link: null }), {
      groupInfo: commit.groupInfo,
      epoch: 1,
      commits: 2,
    });
    const link = { link: hex(16), uses: 5, expiresAtMs: soon };
    const { invite } = await ada.call("add-link", { room, ...link });
    assert.match(String(invite), /^[0-9a-f]{64}$/);
    assert.deepEqual(await ada.call("links", { room }), { links: [link] });
    assert.equal(await bob.refused("links", { room }), "not-allowed");
    assert.deepEqual(await ada.call("revoke-link", { room, link: link.link }), {});
    assert.equal(await ada.refused("revoke-link", { room, link: link.link }), "link-unknown");

    const last = { ...plain, id: hex(16), epoch: 1, commits: 2, bytes: hex(1_000), removed: [bobKey] };
    assert.deepEqual(await ada.call("commit", last), { seq: 3 });
    assert.deepEqual(await bob.news("room-closed"), { room });
    assert.equal(await bob.refused("read", { room, from: 0 }), "no-room");

    assert.deepEqual([...new Set([...ada.called, ...bob.called])].toSorted(), Object.keys(CALLS).toSorted());
    const heard = [ada, bob].flatMap(({ program }) => program.all("news").map(({ news }) => String(news)));
    assert.deepEqual([...new Set(heard)].toSorted(), Object.keys(NEWS).toSorted());
    await Promise.all([ada, bob].map(({ program }) => program.next("rekeyed")));
    ada.program.write({ close: 0 });
    assert.equal(await ada.program.end(), 0);
  });

  it("is refused a call that the hub does not know, and loses its session by one that cannot be read", async (context) => {
    const hub = await startHub(context);
    const ada = await joinHub(context, hub, "operator");
    assert.equal(await ada.raw("ff0102"), "unknown-call");
    assert.deepEqual(await ada.call("rooms"), { rooms: [] });
    ada.program.write({ raw: "0500" });
    await ada.program.next("cut");
    assert.deepEqual(ada.program.all("closed"), [], "without a word");
  });

  it("loses its session by pieces and calls that break the rules, and may come back", async (context) => {
    const hub = await startHub(context);
    const ada = await joinHub(context, hub, "operator");
    const raw = VECTORS.malformed.map(({ note, bytes }) => ({ note, line: { raw: bytes } }));
    const pieces = VECTORS.faults.map(({ note, records }) => ({ note, line: { records } }));
    for (const [cuts, { note, line }] of [...raw, ...pieces].entries()) {
      ada.program.write(line);
      await ada.program.next("cut", cuts + 1);
      assert.deepEqual(ada.program.all("closed"), [], note);
      ada.program.write({ connect: "" });
      await ada.program.next("connected", cuts + 2);
      assert.deepEqual(await ada.call("rooms"), { rooms: [] }, note);
    }
  });
});
