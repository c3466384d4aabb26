// The prompt at a room: when it turns, what happens to a line there, and what it says.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command, ProgramEvent } from "../../src/app/events.ts";
import { recipientOf } from "../../src/app/people.ts";
import type { RoomReport } from "../../src/app/rooms/room-reports.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";
import { createStyle } from "../../src/node/terminal/create-style.ts";
import { PATIENCE_MS, PromptState } from "../../src/ui/prompt-state.ts";
import { Submission } from "../../src/ui/submission.ts";
import { View } from "../../src/ui/view.ts";
import { CAROL, DEV, KNOWN_DEV, KNOWN_OPS, OPS, REPORTS, SELF } from "./room-reports.ts";

const ZOE: PeerView = { name: "zoe", fingerprint: "zzzz zzzz", pairedAtMs: 0, comparedAtMs: undefined };
const YAN: PeerView = { ...ZOE, name: "yan", fingerprint: "yyyy yyyy" };
const JOINED_DEV: RoomReport = { type: "joined", room: DEV };
const OVER: RoomReport = { ...REPORTS["known-rooms"], rooms: [{ ...KNOWN_OPS, standing: "over" }] };
const LEFT: RoomReport = { type: "left", room: OPS };

/** A prompt that knows the room ops and an invitation to dev. */
class Prompt {
  readonly commands: Command[] = [];
  readonly back: string[] = [];
  rows: string[] = [];
  isTyping = false;
  now = 0;
  readonly #view = new View({
    program: "lair-client",
    style: createStyle(false, true),
    unicode: true,
    columns: () => 200,
    nowMs: () => 0,
    merges: true,
    hasPrompt: true,
    isTyping: () => this.isTyping,
  });
  readonly #state = new PromptState(this.#view.selection, (who, room) => this.#view.memberName(who, room));
  readonly #submission = new Submission("lair-client", this.#view, {
    echo() {},
    print: (rows) => void this.rows.push(...rows),
    putBack: (line) => void this.back.push(line),
    command: (command) => void this.commands.push(command),
  });

  constructor(people: readonly PeerView[] = [ZOE, YAN], rooms = REPORTS["known-rooms"].rooms) {
    this.show({ type: "people", peers: people });
    this.report({ ...REPORTS["known-rooms"], rooms });
  }

  show(...events: readonly ProgramEvent[]): this {
    for (const event of events) {
      this.rows.push(...this.#view.render(event).rows);
      this.#submission.learn(event);
      this.#state.learn(event, this.now);
    }
    return this;
  }

  report(...reports: readonly RoomReport[]): this {
    return this.show(...reports.map((report): ProgramEvent => ({ type: "room", report })));
  }

  at(peer: PeerView): this {
    return this.show({ type: "selected", peer, by: "user" });
  }

  enter(...lines: readonly string[]): this {
    for (const line of lines) this.#submission.submit(line);
    return this;
  }

  get text(): string {
    return this.#state.text(this.#view.selectedName, this.now);
  }

  get changesInMs(): number | undefined {
    return this.#state.changesInMs(this.now);
  }

  unreadIn(id: string): number {
    return this.#view.selection.rooms.unreadIn(id);
  }
}

function said(text: string, room: string): Command {
  return { type: "room", command: { type: "say", room, text } };
}

describe("the prompt at a room", () => {
  it("is there after `to #ROOM`, and at a person again after `to NAME`", () => {
    const prompt = new Prompt().at(ZOE).enter("to #ops");
    assert.equal(prompt.text, "#ops");
    assert.deepEqual(prompt.commands, []);
    assert.match(prompt.rows.at(-1)!, /what you type goes to #ops now/u);
    prompt.enter("hello", "@zoe psst", "@#ops once more");
    const toZoe = { type: "say", text: "psst", to: recipientOf(ZOE) } as const;
    assert.deepEqual(prompt.commands, [said("hello", OPS.id), toZoe, said("once more", OPS.id)]);
    assert.match(prompt.at(YAN).text, /^yan/u);
  });

  it("lets a line name the hub where it is about a pairing", () => {
    const hub: PeerView = { ...ZOE, name: "hub", fingerprint: "hhhh hhhh" };
    const prompt = new Prompt()
      .show({ type: "people", peers: [ZOE, YAN], hubs: [hub] })
      .at(ZOE)
      .enter("mute hub");
    assert.deepEqual(prompt.commands, [{ type: "mute", who: recipientOf(hub), isMuted: true }]);
  });

  it("turns to a room that the last line has asked for", () => {
    const turned: readonly (readonly [string, RoomReport, string])[] = [
      ["create dev", { type: "room-created", room: DEV }, "#dev"],
      ["join dev", JOINED_DEV, "#dev"],
      ["join lair://a:1/#x", JOINED_DEV, "#dev"],
      ["accept", JOINED_DEV, "#dev"],
      ["dm carol", { type: "room-created", room: { ...DEV, name: "carol", isDirect: true } }, "#carol"],
    ];
    for (const [line, report, text] of turned) {
      const known = {
        ...REPORTS["known-rooms"],
        rooms: [KNOWN_OPS, { ...KNOWN_DEV, ...("room" in report ? report.room : {}) }],
      };
      const prompt = new Prompt().at(ZOE).enter(line).report(known, report);
      assert.equal(prompt.text, text, line);
    }
  });

  it("does not turn by itself otherwise, once the person has written to somebody", () => {
    const stays = (prompt: Prompt): void => assert.match(prompt.text, /^zoe/u);
    stays(new Prompt().at(ZOE).report(JOINED_DEV));
    stays(new Prompt().at(ZOE).enter("accept", "hello").report(JOINED_DEV));
    stays(new Prompt().at(ZOE).enter("create other").report({ type: "room-created", room: DEV }));
    stays(
      new Prompt()
        .at(ZOE)
        .enter("accept")
        .report({ ...REPORTS.joined, who: CAROL }),
    );
    const typing = new Prompt().at(ZOE).enter("accept");
    typing.isTyping = true;
    stays(typing.report(JOINED_DEV));
  });

  it("turns to the first room of somebody who has written to nobody", () => {
    assert.equal(new Prompt([]).text, "#ops", "the only one that the user is in");
    const hub: PeerView = { ...ZOE, name: "hub", fingerprint: "hhhh hhhh", isHub: true };
    const early = new Prompt([], []);
    early.show({ type: "connected", peer: hub, pairedNow: false });
    assert.equal(early.report(REPORTS["known-rooms"]).text, "#ops", "also if the hub was there before");
    const none = new Prompt().report({ ...REPORTS["known-rooms"], rooms: [] }, JOINED_DEV);
    assert.equal(none.text, "#dev");
  });

  it("does not turn to a person who connects", () => {
    const prompt = new Prompt().enter("to #ops").show({ type: "connected", peer: ZOE, pairedNow: true });
    assert.equal(prompt.text, "#ops");
    assert.equal(prompt.show({ type: "selected", peer: ZOE, by: "start" }).text, "#ops");
  });

  it("says nothing in a room that the user is out of, and gives the line back", () => {
    for (const report of [LEFT, { ...REPORTS.removed, who: SELF }]) {
      const prompt = new Prompt().enter("to #ops").report(report).enter("hello");
      assert.equal(prompt.text, "#ops, gone");
      assert.deepEqual([prompt.commands, prompt.back], [[], ["hello"]]);
      assert.match(prompt.rows.join("\n"), /You are not in #ops any more; this was not sent/u);
      assert.match(prompt.at(ZOE).text, /^zoe/u);
    }
    const others = new Prompt().enter("to #ops").report(REPORTS.left, REPORTS.removed);
    assert.equal(others.text, "#ops");
  });

  it("has what was said in a room that the user is out of", () => {
    const prompt = new Prompt().enter("to #ops").report(LEFT, OVER).enter("history 5", "status", "leave");
    const room = OPS.id;
    assert.deepEqual(prompt.commands, [
      { type: "room", command: { type: "history", room, count: 5 } },
      { type: "room", command: { type: "status", room } },
      { type: "room", command: { type: "leave", room } },
    ]);
    const later = new Prompt().report(OVER).enter("to #ops", "hello");
    assert.match(later.rows.join("\n"), /you are out of #ops: history/u);
    assert.deepEqual([later.text, later.commands, later.back], ["#ops, gone", [], ["hello"]]);
  });

  it("is at the room again when the user comes back", () => {
    const prompt = new Prompt().enter("to #ops").report(LEFT, { type: "came-back", room: OPS });
    assert.equal(prompt.text, "#ops");
  });

  it("shows the room's new name", () => {
    const renamed = { ...REPORTS["known-rooms"], rooms: [{ ...KNOWN_OPS, name: "operations" }] };
    assert.equal(new Prompt().enter("to #ops").report(renamed).text, "#operations");
  });

  it("at nobody sends nothing, if there are rooms and nobody is paired", () => {
    const prompt = new Prompt([]).report(LEFT, { ...REPORTS["known-rooms"], rooms: [KNOWN_DEV] });
    prompt.enter("hello");
    assert.deepEqual(prompt.commands, []);
  });

  it("asks before it says what looks like a command", () => {
    const prompt = new Prompt().enter("to #ops", "memebrs");
    assert.deepEqual([prompt.commands, prompt.back], [[], ["memebrs"]]);
    assert.deepEqual(prompt.enter("memebrs").commands, [said("memebrs", OPS.id)]);
  });
});

describe("an answer to the question of a command", () => {
  it("does nothing once somebody has said something in a room, or an invitation was shown", () => {
    const asked: ProgramEvent = { type: "forget-asked", peer: ZOE, count: 3 };
    for (const report of [REPORTS.message, REPORTS.invited]) {
      const prompt = new Prompt().at(ZOE).show(asked).report(report).enter("yes");
      assert.deepEqual(prompt.commands, [], report.type);
    }
    assert.equal(new Prompt().at(ZOE).show(asked).report(REPORTS.left).enter("yes").commands.length, 1);
  });
});

describe("what the prompt says of a room", () => {
  it("is how many lines wait: for too long, or while the hub is away", () => {
    const prompt = new Prompt().enter("to #ops").report(REPORTS.queued);
    assert.equal(prompt.text, "#ops");
    assert.equal(prompt.changesInMs, PATIENCE_MS);
    prompt.now = PATIENCE_MS;
    assert.equal(prompt.text, "#ops, 1 waiting");
    const away = { ...REPORTS["known-rooms"], rooms: [{ ...KNOWN_OPS, isAway: true } as const] };
    assert.equal(prompt.report(away).text, "#ops, offline, 1 waiting");
    assert.equal(prompt.report(REPORTS.sent).text, "#ops, offline");
  });

  it("does not count lines that are refused, or another room's", () => {
    const { queued } = REPORTS;
    const prompt = new Prompt().enter("to #ops").report(queued, { ...REPORTS["room-error"], id: queued.id });
    prompt.report({ ...queued, room: DEV });
    prompt.now = PATIENCE_MS;
    assert.equal(prompt.text, "#ops");
  });

  it("forgets what waited in a room that the user has left", () => {
    const prompt = new Prompt().enter("to #ops").report(REPORTS.queued, LEFT, { type: "came-back", room: OPS });
    prompt.now = PATIENCE_MS;
    assert.equal(prompt.text, "#ops");
  });

  it("is who types, for a while, and until they have said it", () => {
    const prompt = new Prompt().enter("to #ops").report(REPORTS.typing);
    assert.equal(prompt.text, "#ops, carol types");
    const { changesInMs } = prompt;
    assert.equal(prompt.report({ ...REPORTS.message, from: CAROL }).text, "#ops");
    prompt.report(REPORTS.typing).now = changesInMs!;
    assert.equal(prompt.text, "#ops");
    assert.equal(prompt.report({ ...REPORTS.typing, by: SELF }).text, "#ops");
  });
});

describe("unread lines of a room", () => {
  it("are as many as the program says, and none once the prompt is there", () => {
    const unread = { type: "unread", conversation: OPS.id, unread: 2 } as const;
    const prompt = new Prompt().at(ZOE).show(unread);
    assert.equal(prompt.unreadIn(OPS.id), 2);
    assert.equal(prompt.enter("to #ops").unreadIn(OPS.id), 0);
    assert.equal(prompt.at(ZOE).show(unread).unreadIn(OPS.id), 2);
    assert.equal(prompt.show({ ...unread, unread: 0 }).unreadIn(OPS.id), 0);
  });
});
