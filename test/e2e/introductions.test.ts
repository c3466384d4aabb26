// Three real programs: a server introduces its two clients' people to each other, one of whom waits at an address as well.
// Both accept, and then they talk without the introducer.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Program } from "./program.ts";
import { Fixture, inviteOf } from "./fixture.ts";

/** Somebody who connects with an invite of the introducer. */
async function invited(fixture: Fixture, introducer: Program, make: (file: string) => Program): Promise<Program> {
  introducer.tell({ command: "invite" });
  const invite = String((await introducer.next("invite"))["invite"]);
  const program = make(fixture.file(invite));
  await Promise.all([program.next("connected"), introducer.next("connected")]);
  return program;
}

/** What a program says of its peer, if it is the only one of that name. */
const named = (name: string) => (event: { readonly [member: string]: unknown }) =>
  (event["peer"] as { name?: string } | undefined)?.name === name;

describe("an introduction", () => {
  it("brings two people together, who talk without the introducer", async (test) => {
    const fixture = new Fixture(test);
    const anna = fixture.server({ args: ["--name", "anna"] });
    await inviteOf(anna);
    // It accepts by itself, as a node without a person.
    const home = fixture.home();
    const bert = await invited(fixture, anna, (file) =>
      fixture.server({
        home,
        args: ["--name", "bert", "--dial", "--invite-file", file, "--accept-introductions-from", "anna"],
      }),
    );
    const cora = await invited(fixture, anna, (file) =>
      fixture.client({ args: ["--name", "cora", "--invite-file", file] }),
    );

    anna.tell({ command: "introduce", who: ["bert", "cora"] });
    const introduced = await anna.next("introduced");
    const { id, peer, by } = await cora.next("introduction");
    assert.equal(id, introduced["id"]);
    const print = bert.all("hello")[0]!["fingerprint"];
    assert.deepEqual(peer, { name: "bert", fingerprint: print, url: bert.all("listening")[0]!["url"] });
    assert.equal((by as { name: string }).name, "anna");
    assert.equal((await bert.next("introduction-answered"))["accepted"], true);

    cora.tell({ command: "accept-introduction", id });
    assert.equal((await cora.next("introduction-answered"))["accepted"], true);
    const [atCora, atBert] = await Promise.all([
      cora.next("connected", named("bert")),
      bert.next("connected", named("cora")),
    ]);
    assert.deepEqual([atCora["paired"], atBert["paired"]], [true, true]);
    assert.equal((atCora["peer"] as { introducedBy?: string }).introducedBy, "anna");
    assert.equal((atBert["peer"] as { introducedBy?: string }).introducedBy, "anna");

    anna.tell({ command: "quit" });
    await anna.leaves(0);
    cora.tell({ send: "without anna", to: "bert" });
    assert.equal((await bert.next("message"))["text"], "without anna");
    bert.tell({ send: "indeed", to: "cora" });
    assert.equal((await cora.next("message"))["text"], "indeed");
    // The introducer has seen nothing of it but the two introductions.
    assert.deepEqual(anna.all("delivered"), []);
  });
});
