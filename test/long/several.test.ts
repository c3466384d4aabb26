// More of test/e2e/several.test.ts: three terminals, names that look alike, ten clients, a pipe that says for whom.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connected, Fixture } from "../e2e/fixture.ts";
import { joinServer, receivedBy, serverWith } from "../e2e/people.ts";
import { pairOfTerminals } from "../e2e/terminals.ts";
import { WITHOUT_TMUX } from "../e2e/tmux.ts";

const letters = (fingerprint: string): string => fingerprint.replaceAll(" ", "");

describe("three terminals at one server", { skip: WITHOUT_TMUX }, () => {
  it("talk two by two, and a line for somebody who is forgotten reaches nobody else", async (t) => {
    const { fixture, tmux, ada, bob } = await pairOfTerminals(t);
    await ada.enter("invite");
    const invites = /(lair:\S+)[^]*(lair:\S+)/;
    const [, , invite = ""] = invites.exec(await ada.showed(invites)) ?? [];
    const cy = await tmux.terminal();
    await cy.enter(`lair-client --name cy --invite-file ${fixture.file(invite)}`);
    await Promise.all([cy.shows(/^ada ›$/m), ada.showed(/^Connected to cy /m)]);

    await bob.enter("I am bob");
    await ada.showed(/ {2}bob +I am bob$/m);
    await cy.enter("I am cy");
    await ada.showed(/ {2}cy +I am cy$/m);
    await ada.enter("for bob");
    await bob.showed(/ {2}ada +for bob$/m);
    await ada.enter("@cy for cy");
    await cy.showed(/ {2}ada +for cy$/m);

    await ada.enter("forget-peer bob");
    await ada.showed(/ends the pairing|Type yes/);
    await ada.enter("yes");
    await bob.showed(/left|ended|gone/i);
    await ada.shows(/^nobody ›$/m);
    await ada.enter("a secret of bob");
    await ada.shows(/The prompt was at nobody, and is at cy now[^]*^cy › {2}a secret of bob$/m);
    await ada.press("C-u");
    await ada.enter("only for cy");
    const screen = await cy.showed(/ {2}ada +only for cy$/m);
    assert.doesNotMatch(screen, /secret|for bob|I am bob/);
    assert.doesNotMatch(await bob.history(), /for cy|I am cy|secret/);
  });
});

describe("people with names that look alike", () => {
  it("get each what is for them, by the names that the server gives them", async (t) => {
    const fixture = new Fixture(t);
    const { server, people } = await serverWith(fixture, ["bob", "bob", "B0b", "b\u043eb"]);
    server.tell({ command: "peers" });
    const { peers } = (await server.next("peers")) as unknown as { peers: { name: string; fingerprint: string }[] };
    assert.equal(new Set(peers.map(({ name }) => name)).size, 4);
    for (const { name, fingerprint } of peers) server.tell({ send: `to ${fingerprint}`, to: name });
    await Promise.all(people.map(async ({ program }) => await program.count("message", 1)));
    for (const { program, fingerprint } of people) assert.deepEqual(receivedBy(program), [`to ${fingerprint}`]);
  });
});

describe("a program that talks with ten", () => {
  it("is told of whom each event is, and each gets what is for it, in order, also what waited", async (t) => {
    const fixture = new Fixture(t);
    const names = Array.from({ length: 10 }, (_, at) => `person${at}`);
    const { server, people } = await serverWith(fixture, names);
    const [away, ...here] = people;
    away!.program.tell({ command: "quit" });
    await away!.program.leaves(0);
    await server.next("disconnected");
    for (let at = 0; at < 5; at++) {
      for (const { name, fingerprint, program } of people) {
        server.tell({ send: `${name} ${at}`, to: at % 2 === 0 ? name : letters(fingerprint) });
        if (program !== away!.program) program.tell({ send: `of ${name} ${at}` });
      }
    }
    const again = fixture.client({ home: away!.home });
    await again.count("message", 5);
    await Promise.all(here.map(async ({ program }) => await program.count("message", 5)));
    await server.count("message", 45);
    await server.count("delivered", 50);
    for (const { name, program } of people) {
      const running = program === away!.program ? again : program;
      assert.deepEqual(
        receivedBy(running),
        Array.from({ length: 5 }, (_, at) => `${name} ${at}`),
      );
      const heard = server.all("message").filter(({ peer }) => (peer as { name: string }).name === name);
      const expected = running === again ? [] : Array.from({ length: 5 }, (_, at) => [at, `of ${name} ${at}`]);
      assert.deepEqual(
        heard.map(({ seq, text }) => [seq, text]),
        expected,
      );
    }
  });
});

describe("a pipe into a server that knows several", () => {
  it("needs --to, and sends all of it to that person alone", async (t) => {
    const fixture = new Fixture(t);
    const home = fixture.home();
    const listen = await fixture.ownListen();
    const first = fixture.server({ home, args: listen });
    const [bob, cy] = [await joinServer(fixture, first, "bob"), await joinServer(fixture, first, "cy")];
    for (const { program } of [bob, cy]) {
      program.tell({ command: "quit" });
      await program.leaves(0);
    }
    await first.count("disconnected", 2);
    first.tell({ command: "quit" });
    await first.leaves(0);

    const unclear = fixture.server({ home, json: false, args: listen });
    unclear.end("for whom?\n");
    await unclear.leaves(2);
    assert.match(unclear.stderr, /^ +bob .*\n +cy .*\nSay whom: --to NAME\. \[usage\]$/m);

    const clear = fixture.server({ home, json: false, args: [...listen, "--to", "cy"] });
    await clear.until("that it listens", () => (clear.stderr.includes(listen[1]!) ? true : undefined));
    const [bobs, cys] = [bob, cy].map((person) => fixture.client({ home: person.home }));
    await connected(bobs!, cys!);
    clear.end("one\ntwo\n");
    await cys!.count("message", 2);
    await clear.leaves(0);
    assert.deepEqual(receivedBy(cys!), ["one", "two"]);
    assert.deepEqual(receivedBy(bobs!), []);
  });
});
