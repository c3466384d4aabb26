// Another hub: the peer in Go, written from docs/HUB.md (peer/hubserver.go), passes on what real lair-clients say to each other
// in a room, which it cannot read. Needs Go and Debian's sources of two libraries, like the other tests here.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { buildPeer, missing } from "./go-peer.ts";
import { JsonProgram, type ProgramEvent, until } from "./json-program.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const nameOf = (event: ProgramEvent, member: string): unknown =>
  (event[member] as { readonly name?: string } | undefined)?.name;

describe("a hub in another language", { skip: missing, timeout: 120_000 }, () => {
  let folder = "";
  let hub!: JsonProgram;
  let invite = "";
  const programs: JsonProgram[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "lair-interop-go-hub-"));
    const binary = await buildPeer(folder);
    const args = ["--serve", "1-1.2", "--state", join(folder, "hub.json"), "--hub", path("../../docs/HUB.md")];
    hub = new JsonProgram("the hub in Go", binary, args);
    programs.push(hub);
    invite = String((await hub.next("listening"))["invite"]);
  });

  after(async () => {
    await Promise.all(programs.map((program) => program.stop()));
    await rm(folder, { recursive: true, force: true });
  });

  /** lair-client, in a home of its own: by an invite or a link, or as a member that comes back. */
  async function client(name: string, by?: string): Promise<JsonProgram> {
    const file = join(folder, `${name}.invite`);
    if (by !== undefined) await writeFile(file, `${by}\n`, { mode: 0o600 });
    const args = [
      "--json",
      "--home",
      join(folder, name),
      ...(by === undefined ? [] : ["--name", name, "--invite-file", file]),
    ];
    const program = new JsonProgram(name, process.execPath, [path("../../bin/lair-client.js"), ...args]);
    programs.push(program);
    await program.next("connected");
    return program;
  }

  /** An event of this name of which `isIt` holds. */
  async function heard(by: JsonProgram, event: string, isIt: (event: ProgramEvent) => boolean): Promise<ProgramEvent> {
    await until(`${event} at a client`, [by, hub], () => by.all(event).some(isIt));
    return by.all(event).find(isIt)!;
  }

  it("is a hub for lair-client: a room, a link, an invitation, lines, an absence, and a removal", async () => {
    const ada = await client("ada", invite);
    ada.write({ command: "create", name: "ops" });
    const { room } = await ada.next("room-created");
    ada.write({ command: "room-link", room, uses: 5 });
    const { link } = await ada.next("room-link");

    // By a link, as somebody who is new to the hub.
    const bob = await client("bob", String(link));
    assert.equal((await bob.next("joined"))["room"], room);
    await heard(ada, "joined", (event) => nameOf(event, "who") === "bob");

    // By an invitation of somebody who is there already.
    const cyd = await client("cyd", invite);
    await heard(hub, "published", ({ who, count }) => who === "cyd" && count === 20);
    ada.write({ command: "invite-to", room, who: "cyd" });
    assert.equal((await cyd.next("invited"))["room"], room);
    cyd.write({ command: "accept", room });
    await cyd.next("joined");

    ada.write({ send: "Can you see this?", to: "#ops" });
    const { id } = await ada.next("sent");
    for (const other of [bob, cyd]) {
      const message = await other.next("message");
      assert.deepEqual([message["id"], message["text"], nameOf(message, "from")], [id, "Can you see this?", "ada"]);
    }

    bob.write({ command: "quit" });
    await bob.end();
    cyd.write({ send: "While bob is away.", to: "#ops" });
    await heard(ada, "message", ({ text }) => text === "While bob is away.");
    const again = await client("bob");
    await heard(again, "message", ({ text }) => text === "While bob is away.");

    ada.write({ command: "remove", room, who: "cyd" });
    await cyd.next("removed");
    ada.write({ send: "Without cyd.", to: "#ops" });
    await heard(again, "message", ({ text }) => text === "Without cyd.");
    assert.ok(!cyd.all("message").some(({ text }) => text === "Without cyd."));
    assert.deepEqual(hub.all("ended"), [], "the hub has found no fault");
  });
});
