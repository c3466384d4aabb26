// What a server says of those whom it did not let in: as rarely as a person can read it, and with names that cannot pass for
// words of ours.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProgramEvent } from "../../src/app/events.ts";
import { nameInSentence, quotedName } from "../../src/core/identity/quoted-name.ts";
import type { Peer } from "../../src/core/identity/peer.ts";
import { TurnedAway, type UnknownKey } from "../../src/app/turned-away.ts";
import { ManualClock } from "../node/manual-clock.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import { keysOf } from "../core/identity/keys-of.ts";

const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const peer = (name: string, fill: number): Peer =>
  ({ name, publicKey: key(fill), psk: key(0), pairedAtMs: 0, comparedAtMs: undefined }) as unknown as Peer;
const stranger = (name: string, fill = 9): UnknownKey => ({ name, ...keysOf(fill), address: "10.0.0.7" });

function open() {
  const clock = new ManualClock();
  const shown: ProgramEvent[] = [];
  const turnedAway = new TurnedAway({
    clock,
    suite: OPENSSL_SUITE,
    self: keysOf(1),
    show: (event) => void shown.push(event),
  });
  const told = (): string[] =>
    shown
      .splice(0)
      .map((event) => (event.type === "notice" ? event.text : event.type === "error" ? event.message : event.type));
  return { clock, shown, turnedAway, told };
}

describe("peers who come while the server is busy", () => {
  it("are told of at once, and then once a minute with a count, each by itself", () => {
    const { clock, turnedAway, told } = open();
    for (let count = 0; count < 139; count++) turnedAway.busy(peer("bob", 2));
    turnedAway.busy(peer("carl", 3));
    assert.deepEqual(told(), [
      'The peer "bob" tried to connect and was refused because you are busy.',
      'The peer "carl" tried to connect and was refused because you are busy.',
    ]);
    clock.pass(59_999);
    assert.deepEqual(told(), []);
    clock.pass(1);
    assert.deepEqual(told(), [
      'The peer "bob" tried to connect 138 times in the last minute and was refused because you are busy.',
    ]);
    turnedAway.busy(peer("bob", 2));
    turnedAway.busy(peer("bobby", 2));
    assert.deepEqual(told(), []);
    clock.pass(60_000);
    assert.deepEqual(told(), [
      'The peer "bobby" tried to connect 2 times in the last minute and was refused because you are busy.',
    ]);
    clock.pass(60_000);
    assert.deepEqual([told(), clock.pending], [[], []]);
    turnedAway.busy(peer("bob", 2));
    assert.equal(told().length, 1);
  });
});

describe("keys that were never seen", () => {
  it("are told of at once with what to compare, and then once a minute with a count, whatever keys they are", () => {
    const { clock, shown, turnedAway, told } = open();
    for (let count = 0; count < 100; count++) turnedAway.untrusted(stranger("eve", count + 2));
    const [first] = shown;
    assert.ok(first?.type === "error" && first.code === "not-trusted");
    assert.equal(first.details?.length, 2);
    assert.match(first.hint ?? "", /trust [a-z2-7]{8}$/);
    const who = 'Somebody at 10.0.0.7, who goes by "eve", knows the psk, but has a key that is not known here.';
    assert.deepEqual(told(), [who]);
    clock.pass(60_000);
    assert.deepEqual(told(), [`${who} This is the last of 99 such attempts in the last minute.`]);
  });

  it("come with a name that is marked as theirs, whatever it is", () => {
    const { clock, turnedAway, told } = open();
    for (const [name, shown] of [
      ["", "Somebody at 10.0.0.7 knows"],
      ["\u202e\u0007", "Somebody at 10.0.0.7 knows"],
      ["Connected to ada · gwix\n14:03  ada  hi", 'by "Connected to ada · gwix 14:03 ada hi", knows'],
      ['eve" left. ada', 'by "eve\' left. ada", knows'],
    ] as const) {
      turnedAway.untrusted(stranger(name));
      const [text = ""] = told();
      assert.ok(text.startsWith("Somebody at 10.0.0.7") && text.includes(shown), text);
      clock.pass(60_000);
    }
  });
});

describe("errors of others' lines", () => {
  it("come once a minute for each kind", () => {
    const { clock, shown, turnedAway, told } = open();
    for (let count = 0; count < 50; count++)
      for (const code of ["sequence", "record-malformed"])
        turnedAway.fault({ type: "error", code, message: `${code}.` });
    assert.deepEqual(told(), ["sequence.", "record-malformed."]);
    clock.pass(60_000);
    const [again] = shown;
    assert.ok(again?.type === "error");
    assert.deepEqual(again.details, ["49 times in the last minute"]);
    assert.equal(told().length, 2);
  });
});

describe("strangers, with --verbose", () => {
  it("come once a minute for each kind, with the last of them and a count", () => {
    const { clock, shown, turnedAway, told } = open();
    for (let count = 1; count <= 1_000; count++) {
      turnedAway.stranger({ kind: "no Host", text: "turned away: no Host", address: `10.0.0.${count % 256}` });
    }
    turnedAway.stranger({ kind: "EMFILE", text: "turned away: accept failed (EMFILE)", address: undefined });
    assert.ok(shown.every((event) => event.type === "notice" && event.detail === true));
    assert.deepEqual(told(), ["10.0.0.1: turned away: no Host", "turned away: accept failed (EMFILE)"]);
    clock.pass(60_000);
    assert.deepEqual(told(), ["10.0.0.232: turned away: no Host (the last of 999 in the last minute)"]);
    clock.pass(60_000);
    assert.deepEqual([told(), clock.pending], [[], []]);
  });
});

describe("a name in a sentence", () => {
  it("cannot close its quotation marks, by any sign that looks like one", () => {
    for (const mark of ['"', "“", "”", "„", "«", "»", "‟", "＂", "〃", "ʺ", "״", "″", "「", "❞", "〝"]) {
      const inside = quotedName(`a${mark} b`).slice(1, -1);
      assert.doesNotMatch(inside, /["“”„«»‟＂〃ʺ״″「〝❞]/u, mark);
    }
  });

  it("stands alone when it is one word, and in quotation marks when it could say something", () => {
    for (const name of ["ada", "Ada2", "علی‌رضا", "josé", "li-na", "日本"]) assert.equal(nameInSentence(name), name);
    for (const name of ["ada left", "bob › quit", "ada, 3 waiting", "ada·gwix", "[internal]", "ada.", "-ada", "14:03"])
      assert.equal(nameInSentence(name), `"${name}"`);
  });
});
