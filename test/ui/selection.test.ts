// Which peer the prompt is at: nobody is written to who was not shown when Enter was pressed.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Command, ProgramEvent } from "../../src/app/events.ts";
import { recipientOf } from "../../src/app/people.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";
import { createStyle } from "../../src/node/terminal/create-style.ts";
import { PromptState } from "../../src/ui/prompt-state.ts";
import { Selection } from "../../src/ui/selection.ts";
import { Submission } from "../../src/ui/submission.ts";
import { View } from "../../src/ui/view.ts";

const ADA: PeerView = { name: "ada", fingerprint: "7ufq 3xkd m2pa", pairedAtMs: 0, comparedAtMs: undefined };
const BOB: PeerView = { ...ADA, name: "bob", fingerprint: "q4wm 7c2e x2kd" };
const CY: PeerView = { ...ADA, name: "cy", fingerprint: "m1xc 7c2e o3va" };
const PEOPLE = [ADA, BOB, CY];

const connected = (peer: PeerView): ProgramEvent => ({ type: "connected", peer, pairedNow: false });
const cut = (peer: PeerView): ProgramEvent => ({ type: "disconnected", reason: "cut", peer, undelivered: 0 });
const to = (peer: PeerView): ProgramEvent => ({ type: "selected", peer, by: "user" });
const only = (peer: PeerView): ProgramEvent => ({ type: "selected", peer, by: "start" });
const sent = (peer: PeerView): ProgramEvent => ({ type: "sent", peer, seq: 0, atMs: 0, text: "x" });
const received = (peer: PeerView): ProgramEvent => ({ type: "message", peer, seq: 0, atMs: 0, text: "x" });
const forgotten = (peer: PeerView): ProgramEvent => ({ type: "peer-forgotten", peer, history: false });

function after(...events: readonly ProgramEvent[]): string | undefined {
  const selection = new Selection();
  for (const event of events) selection.learn(event);
  return selection.peer?.name;
}

describe("Selection", () => {
  it("is at nobody at first, and at the first who connects, or the only one", () => {
    assert.equal(after(), undefined);
    assert.equal(after({ type: "people", peers: PEOPLE }), undefined);
    assert.equal(after(connected(BOB)), "bob");
    assert.equal(after(only(ADA)), "ada");
  });

  it("turns by itself to one who connects, while the one that it is at is away and nobody was chosen", () => {
    assert.equal(after(only(ADA), connected(BOB)), "bob");
    assert.equal(after(connected(ADA), cut(ADA), connected(BOB)), "bob");
    assert.equal(after(connected(ADA), connected(BOB)), "ada");
    assert.equal(after(connected(ADA), connected(BOB), cut(ADA)), "ada", "not because somebody leaves");
  });

  it("never turns by itself once the person has turned to somebody, or has said something to the peer", () => {
    assert.equal(after(to(ADA), connected(BOB)), "ada");
    assert.equal(after(connected(ADA), sent(ADA), cut(ADA), connected(BOB)), "ada");
    assert.equal(after(only(ADA), { ...sent(ADA), type: "queued" } as ProgramEvent, connected(BOB)), "ada");
  });

  it("does not turn for what arrives, or for an aside to somebody else", () => {
    assert.equal(after(connected(ADA), connected(BOB), received(BOB)), "ada");
    assert.equal(after(connected(ADA), connected(BOB), sent(BOB)), "ada");
    assert.equal(after(connected(ADA), sent(BOB), cut(ADA), connected(CY)), "ada", "nor after it");
  });

  it("does not turn away from somebody while a line has been begun", () => {
    let isTyping = true;
    const selection = new Selection(() => isTyping);
    for (const event of [only(ADA), connected(BOB)]) selection.learn(event);
    assert.equal(selection.peer?.name, "ada");
    isTyping = false;
    assert.equal(selection.peer?.name, "ada", "nor when the line is empty again");
    selection.learn(connected(CY));
    assert.equal(selection.peer?.name, "cy");
  });

  it("turns to whom the person says, whatever is typed, and back", () => {
    const selection = new Selection(() => true);
    for (const event of [connected(ADA), sent(ADA), to(BOB)]) selection.learn(event);
    assert.equal(selection.peer?.name, "bob");
    selection.learn(to(ADA));
    assert.equal(selection.peer?.name, "ada");
  });

  it("is at nobody when the one that it is at is forgotten, and takes no notice of another", () => {
    assert.equal(after(to(ADA), forgotten(ADA)), undefined);
    assert.equal(after(to(ADA), forgotten(BOB)), "ada");
    assert.equal(after(to(ADA), forgotten(ADA), connected(BOB)), "bob");
  });

  it("follows a name, by the fingerprint", () => {
    const lovelace = { ...ADA, name: "lovelace" };
    assert.equal(after(to(ADA), { type: "renamed", was: "ada", peer: lovelace }), "lovelace");
    assert.equal(after(to(ADA), { type: "people", peers: [lovelace, BOB] }), "lovelace");
    assert.equal(after(to(ADA), { type: "renamed", was: "bob", peer: { ...BOB, name: "ada" } }), "ada");
    assert.equal(after(to(BOB), { type: "renamed", was: "ada", peer: { ...ADA, name: "bob" } }), "bob");
  });

  it("stays with a peer whose fingerprint changes, because a second key has been pinned", () => {
    const selection = new Selection();
    const now = { ...BOB, fingerprint: "mmmm nnnn oooo" };
    for (const event of [to(BOB), { ...connected(now), formerFingerprint: BOB.fingerprint }]) selection.learn(event);
    assert.deepEqual(selection.peer, now);
    selection.learn({ type: "renamed", was: "bob", peer: { ...now, name: "robert" } });
    assert.equal(selection.peer?.name, "robert");
    selection.learn({
      ...connected({ ...CY, fingerprint: "pppp" }),
      formerFingerprint: CY.fingerprint,
    } as ProgramEvent);
    assert.equal(selection.peer?.name, "robert", "nobody else's");
  });
});

const introduction = (id: string, peer: PeerView, by: PeerView): ProgramEvent => {
  return { type: "introduction", id, peer, by };
};
const answered = (id: string, peer: PeerView, by: PeerView): ProgramEvent => {
  return { type: "introduction-answered", id, isAccepted: true, peer, by };
};

describe("those who were introduced", () => {
  it("wait until they are answered, once for each who introduced them", () => {
    const selection = new Selection();
    const names = (): readonly string[] => selection.introduced.map(({ name }) => name);
    for (const id of ["1", "2"]) selection.learn(introduction(id, CY, ADA));
    for (const id of ["3", "4"]) selection.learn(introduction(id, CY, BOB));
    assert.deepEqual(names(), ["cy"]);
    selection.learn(answered("2", CY, ADA));
    assert.deepEqual(names(), ["cy"], "by bob, too");
    selection.learn(answered("4", CY, BOB));
    assert.deepEqual(names(), []);
  });
});

describe("what is typed", () => {
  const peer = fc.constantFrom(...PEOPLE);
  const event = fc.oneof(
    fc
      .tuple(fc.constantFrom(connected, cut, to, only, sent, received, forgotten), peer)
      .map(([make, who]) => make(who)),
    fc.constant<ProgramEvent>({ type: "people", peers: PEOPLE }),
  );
  const step = fc.oneof(event, fc.constantFrom("typed", "enter"));

  it("goes to the peer that was shown when Enter was pressed, whatever arrived meanwhile", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let isTyping = false;
        const commands: Command[] = [];
        const view = new View({
          program: "lair-client",
          style: createStyle(false, true),
          unicode: true,
          columns: () => 80,
          nowMs: () => 0,
          merges: true,
          hasPrompt: true,
          isTyping: () => isTyping,
        });
        const prompt = new PromptState(view.selection);
        const submission = new Submission("lair-client", view, {
          echo() {},
          print() {},
          putBack() {},
          command: (command) => commands.push(command),
        });
        const shown = (): string => prompt.text(view.selectedName, 0).split(",")[0]!;
        let begunAt: string | undefined;
        for (const next of steps) {
          if (next === "typed") {
            begunAt ??= shown();
            isTyping = true;
          } else if (next === "enter") {
            const name = shown();
            submission.submit("are you there?");
            const [command] = commands.splice(0);
            const peerShown = PEOPLE.find((one) => one.name === name);
            // At "nobody" it is refused, because there are several; or nobody is known yet, and the line waits.
            if (peerShown === undefined && view.selection.people.length > 1) assert.equal(command, undefined);
            else {
              assert.ok(command?.type === "say");
              if (peerShown !== undefined) assert.equal(command.to, recipientOf(peerShown));
              else assert.equal(view.selection.people.length, 0);
            }
            [isTyping, begunAt] = [false, undefined];
          } else {
            view.render(next);
            submission.learn(next);
            prompt.learn(next, 0);
            // While a line is being typed, only the person switches the prompt, or somebody who is forgotten.
            if (isTyping && (next.type === "selected" || next.type === "peer-forgotten")) begunAt = shown();
            if (isTyping && PEOPLE.some(({ name }) => name === begunAt)) assert.equal(shown(), begunAt);
          }
        }
      }),
    );
  });
});

const known = (...peers: readonly PeerView[]): ProgramEvent => ({ type: "people", peers });

/** What is done and asked when each line is entered after these events. */
function entered(events: readonly ProgramEvent[], ...lines: readonly string[]) {
  const commands: Command[] = [];
  const asked: string[] = [];
  const back: string[] = [];
  const view = new View({
    program: "lair-client",
    style: createStyle(false, true),
    unicode: true,
    columns: () => Number.POSITIVE_INFINITY,
    nowMs: () => 0,
    merges: true,
  });
  const submission = new Submission("lair-client", view, {
    echo() {},
    print: (rows) => void asked.push(...rows),
    putBack: (line) => void back.push(line),
    command: (command) => commands.push(command),
  });
  for (const event of events) view.render(event);
  for (const line of lines) submission.submit(line);
  return { commands, asked, back, at: view.selection.peer?.name };
}

describe("a line at the prompt of nobody", () => {
  it("goes to the only one who is left after another Enter only", () => {
    const events = [known(BOB, CY), connected(BOB), connected(CY), forgotten(BOB), known(CY)];
    const once = entered(events, "only for bob");
    assert.deepEqual([once.commands, once.back, once.at], [[], ["only for bob"], "cy"]);
    assert.match(once.asked.join(""), /The prompt was at nobody, and is at cy now\. Enter sends the line; Ctrl-U/);
    const { commands } = entered(events, "only for bob", "only for bob");
    assert.deepEqual(commands, [{ type: "say", text: "only for bob", to: recipientOf(CY) }]);
    assert.deepEqual(entered(events, "@cy hello").commands, [{ type: "say", text: "hello", to: recipientOf(CY) }]);
  });

  it("waits while nobody is known", () => {
    assert.deepEqual(entered([], "hello").commands, [{ type: "say", text: "hello" }]);
  });

  it("goes to none of several, also not to the one whom --to names: it is refused and put back", () => {
    const { commands, asked, back } = entered([known(BOB, CY)], "hello", "hello");
    assert.deepEqual([commands, back], [[], ["hello", "hello"]]);
    assert.match(asked.join(" "), /The prompt is at nobody; this was not sent\..*to NAME/);
    assert.deepEqual(entered([known(BOB, CY)], "@cy hello").commands.length, 1);
  });
});
