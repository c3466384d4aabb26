// What every commit must be like, and what it may do to the roster: whatever the rules of a room say.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { shapeProblem } from "../../../src/core/room/commit-shape.ts";
import {
  MAX_CONTEXT_BYTES,
  type CommitSender,
  type GroupProposal,
  type Member,
} from "../../../src/core/room/group-crypto.ts";
import { MAX_MEMBERS } from "../../../src/core/room/limits.ts";
import { checkRoster } from "../../../src/core/room/roster.ts";
import { throwsLair } from "../../throws-lair.ts";

const person = (leafIndex: number): Member => ({
  leafIndex,
  publicKey: new Uint8Array(32).fill(leafIndex + 1),
  signatureKey: new Uint8Array(32).fill(leafIndex + 101),
});
const [ada, bob, cyd, zoe] = [0, 1, 2, 9].map(person) as [Member, Member, Member, Member];
const ROSTER = [ada, bob, cyd];
const context = new Uint8Array(3);

const add = (who: Member): GroupProposal => ({ kind: "add", who });
const remove = (who: Member): GroupProposal => ({ kind: "remove", who });
const change = (bytes = context): GroupProposal => ({ kind: "context", context: bytes });
const psk: GroupProposal = { kind: "psk", id: new Uint8Array(4) };
const member = (who: Member): CommitSender => ({ kind: "member", ...who });
const newcomer = ({ publicKey, signatureKey }: Member): CommitSender => ({ kind: "newcomer", publicKey, signatureKey });

const ALLOWED: readonly [CommitSender, ...GroupProposal[]][] = [
  [member(ada)],
  [member(ada), add(zoe)],
  [member(ada), add(zoe), add(person(10))],
  [member(ada), remove(bob), remove(cyd)],
  [member(ada), remove(bob), add(zoe)],
  [member(ada), change(), add(zoe)],
  [member(ada), change(new Uint8Array(MAX_CONTEXT_BYTES))],
  [newcomer(zoe)],
  [newcomer(zoe), psk],
  [newcomer(bob), remove(bob)],
  [newcomer(bob), remove(bob), psk],
];

const REFUSED: readonly [problem: RegExp, CommitSender, ...GroupProposal[]][] = [
  [/data twice/, member(ada), change(), change()],
  [/data and removes/, member(ada), change(), remove(bob)],
  [/too large/, member(ada), change(new Uint8Array(MAX_CONTEXT_BYTES + 1))],
  [/removes somebody twice/, member(ada), remove(bob), remove(bob)],
  [/remove themselves/, member(ada), remove(ada)],
  [/member's commit has no psk/, member(ada), psk],
  [/adds somebody twice/, member(ada), add(zoe), add(zoe)],
  [/who is in the room/, member(ada), add(bob)],
  [/who is in the room/, member(ada), remove(bob), add(bob)],
  [/changes nothing else/, newcomer(zoe), add(person(10))],
  [/changes nothing else/, newcomer(zoe), change()],
  [/at most one Remove/, newcomer(zoe), psk, psk],
  [/at most one Remove/, newcomer(bob), remove(bob), remove(cyd)],
  [/only its sender/, newcomer(zoe), remove(bob)],
  [/a key of somebody who stays/, newcomer(bob), psk],
  [/a key of somebody who stays/, newcomer({ ...zoe, publicKey: bob.publicKey }), psk],
  [/has a key of somebody/, member(ada), add({ ...zoe, publicKey: bob.publicKey })],
  [/has a key of somebody/, member(ada), add({ ...zoe, signatureKey: bob.signatureKey })],
  [/two with the same key/, member(ada), add(zoe), add({ ...person(10), publicKey: zoe.publicKey })],
];

describe("the shape of a commit", () => {
  for (const [sender, ...proposals] of ALLOWED) {
    it(`allows: ${sender.kind} ${proposals.map(({ kind }) => kind).join(" ")}`, () => {
      assert.equal(shapeProblem({ context, roster: ROSTER, sender, proposals }), undefined);
    });
  }
  for (const [problem, sender, ...proposals] of REFUSED) {
    it(`refuses: ${sender.kind} ${proposals.map(({ kind }) => kind).join(" ")}`, () => {
      assert.match(shapeProblem({ context, roster: ROSTER, sender, proposals }) ?? "", problem);
    });
  }

  it("knows how many a room has at most", () => {
    const roster = Array.from({ length: MAX_MEMBERS - 1 }, (_, at) => ({
      leafIndex: at,
      publicKey: Uint8Array.of(1, at),
      signatureKey: Uint8Array.of(2, at),
    }));
    const judge = (...proposals: GroupProposal[]) =>
      shapeProblem({ context, roster, sender: member(roster[0]!), proposals });
    assert.equal(judge(add(zoe)), undefined);
    assert.match(judge(add(zoe), add(person(10))) ?? "", /at most/);
    assert.equal(judge(add(zoe), add(person(10)), remove(roster[5]!)), undefined);
  });
});

describe("the roster after a commit", () => {
  const exchanged = { ...zoe, leafIndex: 1 };
  const halfExchanged = { ...bob, publicKey: zoe.publicKey };
  const twin = { ...zoe, publicKey: bob.publicKey };

  it("is what the proposals lead to", () => {
    checkRoster(ROSTER, ROSTER, member(ada), []);
    checkRoster(ROSTER, [ada, cyd], member(ada), [remove(bob)]);
    checkRoster(ROSTER, [...ROSTER, zoe], member(ada), [add(zoe)]);
    checkRoster(ROSTER, [ada, exchanged, cyd], member(ada), [remove(bob), add(zoe)]);
    checkRoster(ROSTER, [...ROSTER, zoe], newcomer(zoe), [psk]);
    checkRoster(ROSTER, [ada, cyd, { ...bob, leafIndex: 3 }], newcomer(bob), [remove(bob)]);
    checkRoster(ROSTER, ROSTER, newcomer(bob), [remove(bob)]);
  });

  for (const [what, after, sender, ...proposals] of [
    ["exchanges both keys", [ada, exchanged, cyd], member(ada)],
    ["exchanges the X25519 key", [ada, halfExchanged, cyd], member(ada)],
    ["removes somebody unsaid", [ada, cyd], member(ada)],
    ["adds somebody unsaid", [...ROSTER, zoe], member(ada)],
    ["adds another one", [...ROSTER, person(10)], member(ada), add(zoe)],
    ["adds nobody", ROSTER, member(ada), add(zoe)],
    ["moves somebody", [ada, cyd, { ...bob, leafIndex: 3 }], member(ada)],
    ["removes nobody", ROSTER, member(ada), remove(bob)],
    ["lets in another one", [...ROSTER, person(10)], newcomer(zoe)],
    ["gives two the same key", [...ROSTER, twin], member(ada), add(twin)],
  ] as readonly [string, Member[], CommitSender, ...GroupProposal[]][]) {
    it(`is refused if it ${what}`, () => {
      throwsLair(() => checkRoster(ROSTER, after, sender, proposals), "group-identity");
    });
  }
});
