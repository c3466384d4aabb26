// How a typed line names somebody.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { peerMeant } from "../../src/app/which-peer.ts";
import { fingerprint } from "../../src/core/identity/fingerprint.ts";
import { pairedPeer } from "../../src/core/identity/peer.ts";
import { keyPair } from "../core/channel/pair.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { TOY_SUITE } from "../core/channel/toy-suite.ts";
import * as fc from "fast-check";
import type { Command } from "../../src/app/events.ts";
import { clearNameOf, forRecipient, namedAtStart, recipientOf } from "../../src/app/people.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";

function person(name: string, fingerprint: string): PeerView {
  return { name, fingerprint, pairedAtMs: 0, comparedAtMs: undefined };
}

const ADA = person("ada", "7ufq 3xkd m2pa 5t6h");
const ADA_L = person("Ada Lovelace", "q4wm 7c2e x2kd o3va");
const BOB = person("bob", "q4wm 7c2f x2kd o3va");
const PEOPLE = [ADA, ADA_L, BOB];

/** The fingerprint of whom the text names, and the rest of it. */
function named(text: string, people: readonly PeerView[] = PEOPLE): readonly [who: string, rest: string] | undefined {
  const found = namedAtStart(text, people);
  return found === undefined ? undefined : [found.peer.name, found.rest];
}

describe("clearNameOf", () => {
  it("is the name, in quotation marks where another's name begins it", () => {
    assert.deepEqual(
      PEOPLE.map((peer) => clearNameOf(peer, PEOPLE)),
      ["ada", '"Ada Lovelace"', "bob"],
    );
    for (const peer of PEOPLE) assert.equal(namedAtStart(`${clearNameOf(peer, PEOPLE)} hi`, PEOPLE)?.peer, peer);
  });
});

describe("clearNameOf somebody", () => {
  it("is in quotation marks where a command would take the name for an argument, and the fingerprint at worst", () => {
    for (const name of ["off", "done", "Yes", "10", "10m", "@bob", "--yes"]) {
      const peer = person(name, "aaaa bbbb cccc");
      assert.equal(clearNameOf(peer, [peer, BOB]), `"${name}"`);
    }
    const hostile = person('"Ada Lovelace"', "zzzz zzzz zzzz");
    assert.equal(clearNameOf(ADA_L, [hostile, ...PEOPLE]), "q4wm7c2e");
    assert.equal(clearNameOf(person("", "aaaa bbbb cccc"), PEOPLE), "aaaabbbb");
  });
});

describe("namedAtStart", () => {
  it("takes a name with its blanks, and nobody where it could be the beginning of a line to somebody else", () => {
    assert.deepEqual(named("ada hi"), ["ada", "hi"]);
    assert.equal(named("Ada Lovelace hi"), undefined);
    assert.deepEqual(named("Ada Lovelace hi", [ADA_L, BOB]), ["Ada Lovelace", "hi"]);
    assert.deepEqual(named("ada lovelaces hat"), ["ada", "lovelaces hat"]);
    assert.deepEqual(named("Ada Lovelace"), ["Ada Lovelace", ""]);
  });

  it("takes a name in quotation marks, which say where it ends", () => {
    assert.deepEqual(named('"Ada Lovelace" hi'), ["Ada Lovelace", "hi"]);
    assert.deepEqual(named('"ada lovelace": hi'), ["Ada Lovelace", ": hi"]);
    assert.deepEqual(named('"ada" lovelace'), ["ada", "lovelace"]);
    assert.equal(named('"Ada Lovelace"hi'), undefined);
    assert.equal(named('"Ada Love" hi'), undefined);
    const hostile = person('"Ada Lovelace"', "zzzz zzzz zzzz");
    assert.equal(named('"Ada Lovelace" hi', [hostile, ADA_L]), undefined);
    assert.deepEqual(named(`"'Ada Lovelace'" hi`, [hostile, ADA_L]), ['"Ada Lovelace"', "hi"]);
    const two = [person("Ann", "aaaa bbbb cccc"), person("ann", "dddd eeee ffff")];
    assert.deepEqual(named('"Ann" hi', two), ["Ann", "hi"]);
    assert.equal(named('"ANN" hi', two), undefined);
  });

  it("takes nobody where a name is the start of another's fingerprint", () => {
    const hostile = person("q4wm7c2f", "zzzz zzzz zzzz");
    assert.equal(named("q4wm7c2f hi", [hostile, BOB]), undefined);
    assert.equal(named("q4wm7c2f", [hostile, BOB]), undefined);
  });

  it("takes a name as a whole word only, and no other place than the start", () => {
    for (const text of ["adam hi", "bobby", "hi ada", "ad hi", "", " ", "a"])
      assert.equal(named(text), undefined, text);
    assert.deepEqual(named("bob: hi"), ["bob", ": hi"]);
    assert.deepEqual(named("bob, hi"), ["bob", ", hi"]);
    assert.deepEqual(named("bob\nhi"), ["bob", "hi"]);
  });

  it("does not care for capitals, but for two names that differ in nothing else", () => {
    assert.deepEqual(named("BOB hi"), ["bob", "hi"]);
    const two = [person("Ann", "aaaa bbbb cccc"), person("ann", "dddd eeee ffff")];
    assert.deepEqual(named("ann hi", two), ["ann", "hi"]);
    assert.deepEqual(named("Ann hi", two), ["Ann", "hi"]);
    assert.equal(named("ANN hi", two), undefined, "it could be either");
  });

  it("takes the start of a fingerprint, eight letters or more, of one only", () => {
    assert.deepEqual(named("7ufq3xkd hi"), ["ada", "hi"]);
    assert.deepEqual(named("7UFQ3XKDM2 hi"), ["ada", "hi"]);
    assert.equal(named("7ufq3xk hi"), undefined);
    assert.equal(named("7ufq3xkz hi"), undefined);
    assert.deepEqual(named("q4wm7c2f hi"), ["bob", "hi"]);
    const alike = [person("x", "q4wm 7c2e aaaa"), person("y", "q4wm 7c2e bbbb")];
    assert.equal(named("q4wm7c2e hi", alike), undefined);
    assert.deepEqual(named("q4wm7c2eb hi", alike), ["y", "hi"]);
  });

  it("takes no name for another that only looks like it", () => {
    const cyrillic = person("b\u043eb", "zzzz zzzz zzzz");
    assert.deepEqual(named("b\u043eb hi", [cyrillic, BOB]), ["b\u043eb", "hi"]);
    assert.deepEqual(namedAtStart("bob hi", [cyrillic, BOB])?.peer, BOB);
    assert.equal(named("b\u043eb hi"), undefined);
    assert.equal(named("b0b hi"), undefined);
  });

  it("names nobody where nobody is known, and nobody by no name", () => {
    assert.equal(named("ada", []), undefined);
    assert.equal(named(" hi", [person("", "aaaa bbbb cccc")]), undefined);
  });

  it("finds the end of a name whose small letters are longer", () => {
    const city = person("\u0130stanbul", "aaaa bbbb cccc");
    assert.deepEqual(named("\u0130stanbul hello", [city]), ["\u0130stanbul", "hello"]);
    assert.deepEqual(named('"\u0130STANBUL" hello', [city]), ["\u0130stanbul", "hello"]);
    assert.deepEqual(named("bob \u0130 hello"), ["bob", "\u0130 hello"]);
  });

  it("loses nothing of the text behind the name, whatever it is", () => {
    fc.assert(
      fc.property(fc.constantFrom(ADA, BOB), fc.string(), ({ name }, text) => {
        assert.deepEqual(named(`${name} ${text}`, [ADA, BOB]), [name, text.trimStart()]);
      }),
    );
  });
});

describe("a whole fingerprint", () => {
  it("means its owner, whoever has it for a name", () => {
    const identities = [1, 2].map((seed) => keyPair(TOY_SUITE, new SeededRandom(seed).bytes));
    const [bob, other] = identities.map((identity, index) =>
      pairedPeer(TOY_SUITE, { ...identity, claimedName: `person ${index}`, atMs: 0 }, []),
    );
    const who = fingerprint(TOY_SUITE, bob!).replaceAll(" ", "");
    const hostile = { ...other!, name: who };
    assert.equal(peerMeant(TOY_SUITE, [hostile, bob!], who, "").publicKey, bob!.publicKey);
    // The one of before its second key was pinned is the owner's too.
    const former = fingerprint(TOY_SUITE, { publicKey: bob!.publicKey });
    const impostor = { ...other!, name: former.replaceAll(" ", "") };
    assert.equal(peerMeant(TOY_SUITE, [impostor, bob!], impostor.name, "").publicKey, bob!.publicKey);
    for (const peer of [hostile, impostor]) {
      assert.throws(() => peerMeant(TOY_SUITE, [peer], peer.name, ""), /Nobody here goes by/, "bob is not here");
    }
  });
});

describe("a command for a recipient", () => {
  it("names it by the fingerprint, which is nobody else's, and by all of it", () => {
    assert.equal(recipientOf(ADA), "7ufq3xkdm2pa5t6h");
    assert.equal(recipientOf({ ...ADA, name: "bob" }), recipientOf(ADA));
    for (const one of PEOPLE) assert.equal(named(`${recipientOf(one)} x`)?.[0], one.name);
  });

  it("keeps the recipient that it names itself, and stays as it is if it concerns nobody", () => {
    const say: Command = { type: "say", text: "hi" };
    assert.deepEqual(forRecipient(say, "x"), { ...say, to: "x" });
    assert.deepEqual(forRecipient({ ...say, to: "y" }, "x"), { ...say, to: "y" });
    assert.equal(forRecipient(say, undefined), say);
    for (const type of ["quit", "help", "who", "invite"] as const) {
      const command: Command = { type };
      assert.equal(forRecipient(command, "x"), command);
    }
  });
});
