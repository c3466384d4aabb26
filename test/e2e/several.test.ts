// Several people at one server, as a person at the prompt and as a program meet them. test/long/several.test.ts has more.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connected, Fixture } from "./fixture.ts";
import { joinServer, receivedBy, serverWith } from "./people.ts";
import { terminalAndClient } from "./terminals.ts";
import { WITHOUT_TMUX } from "./tmux.ts";

describe("a person who talks with two", { skip: WITHOUT_TMUX }, () => {
  it("says each line to whom the prompt showed at Enter, whoever writes or leaves meanwhile", async (t) => {
    const { fixture, ada, bob } = await terminalAndClient(t);
    await ada.enter("invite");
    const invites = /(lair:\S+)[^]*(lair:\S+)/;
    const [, , invite = ""] = invites.exec(await ada.showed(invites)) ?? [];
    const cy = fixture.client({ args: ["--name", "cy", "--invite-file", fixture.file(invite)] });
    await Promise.all([connected(cy), ada.showed(/^Connected to cy /m)]);
    await ada.shows(/^bob ›$/m);

    await ada.type("half a ");
    cy.tell({ send: "of cy" });
    await ada.shows(/ {2}cy {3}of cy\n.* @cy TEXT answers once; to cy switches the prompt\n[^]*^bob › {2}half a$/m);
    await ada.enter("line");
    await bob.count("message", 1);
    await ada.enter("@cy only you");
    await cy.count("message", 1);
    await ada.shows(/^bob ›$/m);

    await ada.type("to c");
    await ada.press("Tab");
    await ada.shows(/^bob › {2}to cy$/m);
    await ada.press("Enter");
    await ada.shows(/^cy ›$/m);
    await ada.type("still ");
    bob.tell({ send: "of bob" });
    await ada.shows(/ {2}bob {2}of bob\n[^]*^cy › {2}still$/m);
    await ada.enter("you");
    await cy.count("message", 2);

    await ada.enter("all everybody");
    await ada.showed(/2 people: bob, cy\. [^]*^cy ›$/m);
    assert.equal(bob.all("message").length, 1, "nothing is sent before the answer");
    await ada.enter("yes");
    await Promise.all([bob.count("message", 2), cy.count("message", 3)]);
    await ada.type("to nobody else");
    bob.tell({ command: "quit" });
    await bob.leaves(0);
    await ada.shows(/bob[^]*^cy › {2}to nobody else$/m);
    await ada.press("Enter");
    await cy.count("message", 4);
    assert.deepEqual(receivedBy(bob), ["half a line", "everybody"]);
    assert.deepEqual(receivedBy(cy), ["only you", "still you", "everybody", "to nobody else"]);
    await ada.enter("who");
    await ada.shows(/^ {2}bob +away · last seen .*\n {2}cy +connected(?: · 1 waiting)?$/m);
  });
});

describe("a program that talks with two", () => {
  it("names whom it means, is told whom each event is of, and can forget one and pair anew", async (t) => {
    const fixture = new Fixture(t);
    const { server, people } = await serverWith(fixture, ["bob", "cy"]);
    const [bob, cy] = [people[0]!, people[1]!];
    server.tell({ send: "for bob", to: "bob" });
    server.tell({ send: "for cy", to: cy.fingerprint.replaceAll(" ", "").slice(0, 8) });
    server.tell({ send: "for whom?" });
    assert.equal((await server.next("error"))["code"], "ambiguous-recipient");
    server.tell({ send: "for nobody", to: "dan" });
    assert.equal((await server.next("error"))["code"], "peer-unknown");
    server.tell({ command: "all", text: "for both" });
    for (const { program, name } of people) {
      await program.count("message", 2);
      assert.deepEqual(receivedBy(program), [`for ${name}`, "for both"]);
      program.tell({ send: `of ${name}` });
      const { peer, seq } = await server.next("message", ({ text }) => text === `of ${name}`);
      assert.deepEqual([(peer as { name: string }).name, seq], [name, 0], "the numbers are the conversation's");
    }
    server.tell({ command: "status" });
    const { others } = await server.next("status");
    const states = (others as { peer: { name: string }; state: string }[]).map(({ peer, state }) => [peer.name, state]);
    assert.deepEqual(states, [
      ["bob", "connected"],
      ["cy", "connected"],
    ]);

    server.tell({ command: "forget-peer", who: "bob" });
    await server.next("peer-forgotten");
    await bob.program.exited;
    server.tell({ send: "you still?" });
    await cy.program.count("message", 3);
    const again = await joinServer(fixture, server, "bob", bob.home);
    assert.equal(again.fingerprint, bob.fingerprint);
    server.tell({ send: "welcome back", to: "bob" });
    await again.program.count("message", 1);
    assert.deepEqual(receivedBy(again.program), ["welcome back"]);
    assert.deepEqual(receivedBy(cy.program), ["for cy", "for both", "you still?"]);
  });
});
