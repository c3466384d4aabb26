// Introductions in real terminals: what two people see at the question, what becomes of a decline and of an accept, and
// that both read the same words when they have met.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inviteOf } from "../e2e/fixture.ts";
import { openTerminals } from "../e2e/terminals.ts";
import { type Terminal, WITHOUT_TMUX } from "../e2e/tmux.ts";

/** The twelve words that a terminal shows, in order. */
async function wordsOf(terminal: Terminal): Promise<readonly string[]> {
  const screen = await terminal.shows(/^ {2}words +1 [a-z]+[^]* 12 [a-z]+$/m);
  const shown = screen.slice(screen.lastIndexOf("  words "));
  const numbered = [...shown.matchAll(/(\d+) ([a-z]+)/g)].map(([, at, word]) => [Number(at), word!] as const);
  return numbered.toSorted(([one], [other]) => one - other).map(([, word]) => word);
}

describe("two people in terminals who are introduced", { skip: WITHOUT_TMUX }, () => {
  it("are asked, decline or accept, and then talk and compare words", { timeout: 120_000 }, async (t) => {
    const { fixture, tmux } = openTerminals(t);
    const anna = fixture.server({ args: ["--name", "anna"] });
    const bert = await tmux.terminal();
    await bert.enter(`lair-client --name bert --invite-file ${fixture.file(await inviteOf(anna))}`);
    await bert.shows(/^anna ›$/m);
    anna.tell({ command: "invite" });
    const invite = String((await anna.next("invite"))["invite"]);
    const cora = await tmux.terminal();
    const listen = "lair-server --listen 127.0.0.1:0 --name cora --dial";
    await cora.enter(`${listen} --invite-file ${fixture.file(invite)}`);
    await cora.shows(/^anna ›$/m);

    anna.tell({ command: "introduce", who: ["bert", "cora"] });
    const question = /anna introduces cora\. Accept\?\n +(?:\S{4} )+\S{4}\n +If both accept, you connect to ws:\S+\.\n/;
    const atBert = await bert.shows(question);
    assert.match(atBert, /^Type accept cora, or decline cora\.\n[^]*^anna ›$/m);
    const atCora = await cora.shows(/anna introduces bert\. Accept\?/);
    assert.match(atCora, /If both accept, bert connects to you\.\n+Type accept bert, or decline bert\.\n[^]*^anna ›$/m);

    // Nobody is told of a decline.
    const said = anna.events.length;
    await cora.enter("decline bert");
    await cora.shows(/declined: bert, introduced by anna/);
    await bert.enter("accept cora");
    await bert.shows(/accepted: cora, introduced by anna; you are connected when cora accepts\s+too/);
    await bert.showed(/· cora: The introduction has not been accepted there yet/);
    await bert.enter("peers");
    await bert.shows(/cora .*introduced by anna/);
    anna.tell({ command: "peers" });
    await anna.next("peers");
    assert.deepEqual(
      anna.events.slice(said).map(({ event }) => event),
      ["peers"],
    );

    // It is asked again, and Tab knows whom.
    anna.tell({ command: "introduce", who: ["bert", "cora"] });
    await bert.showed(/anna introduces cora again, whom you have accepted/);
    await cora.showed(/anna introduces bert\. Accept\?[^]*declined[^]*anna introduces bert\. Accept\?/);
    await cora.type("acc");
    await cora.press("Tab");
    await cora.type("b");
    await cora.press("Tab", "Enter");
    await Promise.all([bert.showed(/^Connected to cora /m), cora.showed(/^Connected to bert /m)]);

    await cora.enter("to bert");
    await cora.shows(/^bert ›$/m);
    await cora.enter("without anna");
    await bert.showed(/ {2}cora +without anna$/m);
    await bert.enter("@cora indeed");
    await cora.showed(/ {2}bert +indeed$/m);
    await bert.enter("verify cora");
    await cora.enter("verify");
    const [one, other] = [await wordsOf(bert), await wordsOf(cora)];
    assert.equal(one.length, 12);
    assert.deepEqual(one, other);
    assert.deepEqual(anna.all("message"), []);
  });
});
