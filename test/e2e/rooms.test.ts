// The two programs as members of a real hub: they join it as they join a person, come back to it by themselves, and leave it.
// Then rooms, in the JSON of docs/json.md. rooms-pipes and rooms-ways have more.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Fixture } from "./fixture.ts";
import { created, HubPeople, joined, linkTo, nameIn } from "./hub-people.ts";
import type { JsonEvent, Program } from "./program.ts";

const nameOf = (event: JsonEvent): unknown => (event["peer"] as { readonly name?: string } | undefined)?.name;

const fixture = new Fixture();
let hub!: HubPeople;
before(async () => {
  hub = await HubPeople.begin(fixture);
});
after(() => fixture.clear());

async function joinHub(name: string, invite: string, home = fixture.home()): Promise<Program> {
  const client = fixture.client({ home, args: ["--name", name, "--invite-file", fixture.file(invite)] });
  await client.next("connected");
  return client;
}

describe("the two programs and a hub", () => {
  it("lair-client joins it by its invite, comes back to it by itself, and forgets it", async () => {
    const home = fixture.home();
    const client = await hub.enter("ann", { home });
    const connected = client.all("connected")[0]!;
    assert.deepEqual([nameOf(connected), connected["paired"]], ["hub", true]);
    await hub.says("member-arrived", "ann");
    client.tell({ command: "status" });
    assert.equal((await client.next("status"))["state"], "open");
    client.tell({ send: "Is anybody there?" });
    assert.equal((await client.next("error"))["code"], "ambiguous-recipient");
    client.tell({ send: "Hello.", to: "hub" });
    assert.equal((await client.next("error"))["code"], "usage");
    client.tell({ command: "quit" });
    await client.leaves(0);
    await hub.says("member-left", "ann");

    const again = fixture.client({ home });
    assert.equal((await again.next("connected"))["paired"], false);
    // In one piece: without anybody it leaves.
    const commands = [{ command: "forget-peer", who: "hub" }, { command: "peers" }];
    await again.write(commands.map((command) => `${JSON.stringify(command)}\n`).join(""));
    await again.next("peer-forgotten");
    assert.deepEqual((await again.next("peers"))["peers"], []);
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

    again.tell({ command: "invite" });
    const invite = fixture.file(String((await again.next("invite"))["invite"]));
    const refused = fixture.server({ args: ["--invite-file", invite] });
    const error = await refused.next("error");
    assert.equal(error["code"], "usage");
    assert.match(String(error["hint"]), /--dial.*has not been used/);
    const client = fixture.client({ args: ["--invite-file", invite] });
    assert.equal((await client.next("connected"))["paired"], true);
  });
});

describe("rooms", () => {
  let ada!: Program;
  let bob!: Program;
  let room = "";
  let link = "";

  before(async () => {
    ada = await hub.enter("ada");
  });

  it("are made", async () => {
    room = await created(ada, "ops");
    assert.equal(ada.all("room-created")[0]?.["name"], "ops");
    assert.match(room, /^[0-9a-f]{32}$/);
  });

  it("are joined by a link, which brings somebody new to the hub as well", async () => {
    link = await linkTo(ada, room);
    assert.match(link, /^lair:\/\//);
    bob = await joinHub("bob", link);
    const joined = await bob.next("joined");
    assert.deepEqual([joined["room"], joined["name"]], [room, "ops"]);
    await ada.next("joined", (event) => nameIn(event, "who") === "bob");
  });

  it("carry what is said, once and to everybody", async () => {
    ada.tell({ send: "Can you see this?", to: "#ops" });
    const sent = await ada.next("sent");
    assert.equal(sent["room"], room);
    const message = await bob.next("message");
    assert.deepEqual(
      [message["room"], message["id"], message["text"], nameIn(message, "from")],
      [room, sent["id"], "Can you see this?", "ada"],
    );
    bob.tell({ send: "I can.", to: room });
    assert.equal((await ada.next("message"))["text"], "I can.");
  });

  it("have their lines told to both programs as they are: who follows reads nothing", async () => {
    const sam = fixture.server({ args: ["--name", "sam", "--invite-file", fixture.file(await hub.invite())] });
    await sam.next("connected");
    await joined(sam, link);
    ada.tell({ send: "Line 0", to: "#ops" });
    for (const one of [bob, sam]) await one.next("message", ({ text }) => text === "Line 0");
    const before = await hub.calls("read");
    assert.ok(before > 0);
    for (let at = 1; at <= 20; at++) {
      ada.tell({ send: `Line ${at}`, to: "#ops" });
      for (const one of [bob, sam]) await one.next("message", ({ text }) => text === `Line ${at}`);
    }
    // Each of the three would have made 20 at least.
    assert.ok((await hub.calls("read")) - before < 20);
    sam.end();
    await sam.leaves(0);
  });

  it("go with the pairing of their hub, if its history is to go", async () => {
    const home = fixture.home();
    const first = await joinHub("gus", link, home);
    await first.next("joined");
    first.end();
    await first.leaves(0);
    // At once after the start.
    const forgetful = fixture.client({ home });
    forgetful.tell({ command: "forget-peer", who: "hub", history: true });
    await forgetful.next("peer-forgotten");
    forgetful.end();
    await forgetful.leaves(0);
    const again = await joinHub("gus", await hub.invite(), home);
    again.tell({ command: "rooms" });
    assert.deepEqual((await again.next("rooms"))["rooms"], []);
    assert.deepEqual(again.all("history"), []);
    again.end();
    await again.leaves(0);
  });

  it("are left with everything that was said, at the end of the input", async () => {
    bob.tell({ send: "One more.", to: "#ops" });
    bob.end();
    await bob.leaves(0);
    assert.equal((await ada.next("message", ({ text }) => text === "One more."))["room"], room);
  });
});
