// The two programs as members of a real hub: they join it as they join a person, come back to it by themselves, and leave it.
// Then rooms, in the JSON of docs/json.md.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Fixture } from "./fixture.ts";
import type { JsonEvent, Program } from "./program.ts";

/** A hub that runs. */
class RunningHub {
  readonly program: Program;
  readonly #fixture: Fixture;
  readonly #home: string;
  #admin = "";

  constructor(fixture: Fixture) {
    this.#fixture = fixture;
    this.#home = fixture.home();
    const args = ["--home", this.#home, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log-json"];
    this.program = fixture.command("lair-hub", { args, input: "ignore" });
  }

  /** The invite of its operator, once it waits. */
  async begin(): Promise<string> {
    this.#admin = String((await this.program.next("listening"))["admin"]).slice("http://".length);
    return String((await this.program.next("invite"))["invite"]);
  }

  /** An invite for several. */
  async invite(): Promise<string> {
    const args = ["invite", "--uses", "5", "--home", this.#home, "--admin-listen", this.#admin];
    const made = this.#fixture.command("lair-hub", { args, input: "ignore" });
    await made.leaves(0);
    return String(made.all("invite")[0]?.["invite"]);
  }

  /** The next who comes, or goes. */
  async says(event: "member-arrived" | "member-left", handle: string): Promise<void> {
    await this.program.says(new RegExp(`"event":"${event}"[^\\n]*"handle":"${handle}"`));
  }
}

const nameOf = (event: JsonEvent): unknown => (event["peer"] as { readonly name?: string } | undefined)?.name;

describe("the two programs and a hub", () => {
  const fixture = new Fixture();
  const hub = new RunningHub(fixture);
  let operator = "";
  before(async () => {
    operator = await hub.begin();
  });
  after(() => fixture.clear());

  it("lair-client joins it by its invite, and comes back to it by itself", async () => {
    const home = fixture.home();
    const client = fixture.client({ home, args: ["--name", "ada", "--invite-file", fixture.file(operator)] });
    const connected = await client.next("connected");
    assert.deepEqual([nameOf(connected), connected["paired"]], ["hub", true]);
    await hub.says("member-arrived", "ada");
    client.tell({ command: "status" });
    assert.equal((await client.next("status"))["state"], "open");
    client.tell({ send: "Is anybody there?" });
    assert.equal((await client.next("error"))["code"], "ambiguous-recipient");
    client.tell({ send: "Hello.", to: "hub" });
    assert.equal((await client.next("error"))["code"], "usage");
    client.tell({ command: "quit" });
    await client.leaves(0);
    await hub.says("member-left", "ada");

    const again = fixture.client({ home });
    assert.equal((await again.next("connected"))["paired"], false);
    again.end();
    await again.leaves(0);
  });

  it("lair-server joins it and comes back to it without --dial, which it needs for people", async () => {
    const home = fixture.home();
    const file = fixture.file(await hub.invite());
    const server = fixture.server({ home, args: ["--name", "sam", "--invite-file", file] });
    assert.equal(nameOf(await server.next("connected")), "hub");
    await hub.says("member-arrived", "sam");
    server.tell({ command: "quit" });
    await server.leaves(0);

    const again = fixture.server({ home, args: ["--name", "sam"] });
    assert.equal((await again.next("connected"))["paired"], false);

    const waiting = fixture.server();
    const invite = fixture.file(String((await waiting.next("invite"))["invite"]));
    const refused = fixture.server({ args: ["--invite-file", invite] });
    const error = await refused.next("error");
    assert.equal(error["code"], "usage");
    assert.match(String(error["hint"]), /--dial.*has not been used/);
    const client = fixture.client({ args: ["--invite-file", invite] });
    assert.equal((await client.next("connected"))["paired"], true);
  });

  it("forget it, and it is asked no more", async () => {
    const home = fixture.home();
    const file = fixture.file(await hub.invite());
    const client = fixture.client({ home, args: ["--name", "fay", "--invite-file", file] });
    await client.next("connected");
    client.tell({ command: "forget-peer", who: "hub" });
    await client.next("peer-forgotten");
    client.tell({ command: "peers" });
    assert.deepEqual((await client.next("peers"))["peers"], []);
  });
});

describe("rooms", () => {
  const fixture = new Fixture();
  const hub = new RunningHub(fixture);
  let ada!: Program;
  let bob!: Program;
  let room = "";
  let link = "";

  async function joinHub(name: string, invite: string): Promise<Program> {
    const client = fixture.client({ args: ["--name", name, "--invite-file", fixture.file(invite)] });
    await client.next("connected");
    return client;
  }

  before(async () => {
    ada = await joinHub("ada", await hub.begin());
  });
  after(() => fixture.clear());

  it("are made", async () => {
    ada.tell({ command: "create", name: "ops" });
    const created = await ada.next("room-created");
    assert.equal(created["name"], "ops");
    room = String(created["room"]);
    assert.match(room, /^[0-9a-f]{32}$/);
  });

  it("are joined by a link, which brings somebody new to the hub as well", async () => {
    ada.tell({ command: "room-link", room, uses: 5 });
    link = String((await ada.next("room-link"))["link"]);
    assert.match(link, /^lair:\/\//);
    bob = await joinHub("bob", link);
    const joined = await bob.next("joined");
    assert.deepEqual([joined["room"], joined["name"]], [room, "ops"]);
    await ada.next("joined", ({ who }) => (who as { readonly name?: string } | undefined)?.name === "bob");
  });

  it("are joined by a link that somebody who is in the hub types", async () => {
    const cleo = await joinHub("cleo", await hub.invite());
    cleo.tell({ command: "join", link });
    assert.equal((await cleo.next("joined"))["room"], room);
    await ada.next("joined", ({ who }) => (who as { readonly name?: string } | undefined)?.name === "cleo");
    cleo.tell({ command: "quit" });
    await cleo.leaves(0);
  });

  it("carry what is said, once and to everybody", async () => {
    ada.tell({ send: "Can you see this?", to: "#ops" });
    const sent = await ada.next("sent");
    assert.equal(sent["room"], room);
    const message = await bob.next("message");
    assert.deepEqual(
      [message["room"], message["id"], message["text"], (message["from"] as { readonly name: string }).name],
      [room, sent["id"], "Can you see this?", "ada"],
    );
    bob.tell({ send: "I can.", to: room });
    assert.equal((await ada.next("message"))["text"], "I can.");
  });

  it("take the lines of a pipe, and all of them before it ends", async () => {
    const home = fixture.home();
    const args = ["--name", "cron", "--invite-file", fixture.file(link)];
    const first = fixture.client({ home, args });
    await first.next("joined");
    first.end();
    await first.leaves(0);
    const pipe = fixture.client({ home, args: ["--name", "cron", "--to", "#ops"], json: false });
    pipe.end("The backup is done.\nIt took a minute.\n");
    await pipe.leaves(0);
    await ada.next("message", ({ text }) => text === "It took a minute.");
    const said = ada.all("message").filter(({ from }) => (from as { readonly name?: string }).name === "cron");
    assert.deepEqual(
      said.map(({ text }) => text),
      ["The backup is done.", "It took a minute."],
    );
  });

  for (const how of ["at once after the start", "without a start"]) {
    it(`go with the pairing of their hub, if its history is to go, ${how}`, async () => {
      const home = fixture.home();
      const first = fixture.client({ home, args: ["--name", "gus", "--invite-file", fixture.file(link)] });
      await first.next("joined");
      first.end();
      await first.leaves(0);
      if (how === "without a start") {
        const args = ["forget-peer", "hub", "--with-history", "--yes"];
        await fixture.command("lair-client", { home, args }).leaves(0);
      } else {
        const forgetful = fixture.client({ home });
        forgetful.tell({ command: "forget-peer", who: "hub", history: true });
        await forgetful.next("peer-forgotten");
        forgetful.end();
        await forgetful.leaves(0);
      }
      const again = fixture.client({ home, args: ["--invite-file", fixture.file(await hub.invite())] });
      await again.next("connected");
      again.tell({ command: "rooms" });
      assert.deepEqual((await again.next("rooms"))["rooms"], []);
      assert.deepEqual(again.all("history"), []);
      again.end();
      await again.leaves(0);
    });
  }

  it("are left with everything that was said, at the end of the input", async () => {
    bob.tell({ send: "One more.", to: "#ops" });
    bob.end();
    await bob.leaves(0);
    assert.equal((await ada.next("message", ({ text }) => text === "One more."))["room"], room);
  });
});
