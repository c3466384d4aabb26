// The calls about people: who is paired, their names, words to compare, invites and introductions.

import { fingerprint } from "../../core/identity/fingerprint.ts";
import { cleanName } from "../../core/identity/peer-name.ts";
import { safetyWords } from "../../core/identity/safety-words.ts";
import type { Peer } from "../../core/identity/peer.ts";
import { isoTime } from "../iso-time.ts";
import { type ApiGround, type Calls, NOTHING } from "./api-ground.ts";
import { ApiProblem } from "./api.ts";
import type { ProgramInvites } from "./api-program.ts";
import { peerJson, personJson, roomPersonJson } from "./json-views.ts";
import { notHere } from "./problems.ts";
import type { PeerJson, UnknownKeyJson, WordsJson } from "./views.ts";

type Names =
  | "peers"
  | "changePeer"
  | "forgetPeer"
  | "words"
  | "verified"
  | "invites"
  | "makeInvite"
  | "revokeInvite"
  | "join"
  | "unknownKeys"
  | "trustKey"
  | "introduce"
  | "introductions"
  | "answerIntroduction";

export function peopleCalls(ground: ApiGround): Calls<Names> {
  const { messenger } = ground.parts;
  const json = (peer: Peer): PeerJson =>
    peerJson(ground.view(peer), { state: ground.stateOf(peer), isMuted: peer.isMuted === true });
  return {
    peers: () => ({ peers: messenger.known.map((peer) => json(peer)) }),
    changePeer: ({ peer: id, name, muted }) => {
      ground.peer(id);
      if (name !== undefined) ground.carryOut({ type: "rename", name, to: id });
      if (muted !== undefined) ground.carryOut({ type: "mute", who: id, isMuted: muted });
      return json(ground.peer(id));
    },
    forgetPeer: ({ peer: id, history = false }) => {
      ground.peer(id);
      ground.carryOut({ type: "forget-peer", who: id, history, confirmed: true });
      return NOTHING;
    },
    words: async ({ peer }) => await wordsOf(ground, peer),
    verified: ({ peer: id }) => {
      ground.peer(id);
      ground.carryOut({ type: "verify", compared: true, to: id });
      return json(ground.peer(id));
    },
    ...inviteCalls(ground),
    join: ({ link }) => {
      ground.carryOut({ type: "room", command: { type: "join-link", link } });
      return NOTHING;
    },
    unknownKeys: () => ({ keys: unknownKeys(ground) }),
    trustKey: ({ key }) => {
      const known = new Set(messenger.known.map((peer) => ground.idOf(peer)));
      ground.carryOut({ type: "trust", who: key });
      const peer = messenger.known.find((one) => !known.has(ground.idOf(one)));
      if (peer === undefined) throw new ApiProblem("internal", "This is a bug in Lair: the key is of nobody.");
      return json(peer);
    },
    introduce: ({ who }) => {
      ground.carryOut({ type: "introduce", who });
      return NOTHING;
    },
    introductions: () => {
      const open = messenger.introductions.map(({ id, peer, by }) => ({
        id,
        who: personJson(peer),
        by: personJson(by),
      }));
      return { introductions: open };
    },
    answerIntroduction: ({ introduction, accept }) => {
      ground.carryOut({ type: "answer-introduction", who: introduction, isAccepted: accept });
      return NOTHING;
    },
  };
}

function unknownKeys(ground: ApiGround): readonly UnknownKeyJson[] {
  const { program, self, suite } = ground.parts;
  return (program.waitingKeys?.() ?? []).map((key) => {
    const print = fingerprint(suite, key);
    const words = safetyWords(suite, self, key);
    return { id: print.replaceAll(" ", ""), name: cleanName(key.claimedName), fingerprint: print, words };
  });
}

function inviteCalls(ground: ApiGround): Calls<"invites" | "makeInvite" | "revokeInvite"> {
  const required = (): ProgramInvites => {
    const { invites } = ground.parts.program;
    if (invites !== undefined) return invites;
    throw notHere("Only lair-server makes invites.", "Use the invite that the other side makes.");
  };
  return {
    invites: () => {
      const open = ground.parts.program.invites?.list() ?? [];
      return { invites: open.map(({ id, expiresAtMs }) => ({ id, expires: isoTime(expiresAtMs) })) };
    },
    makeInvite: () => {
      const { id, expiresAtMs, text } = required().make();
      return { id, expires: isoTime(expiresAtMs), invite: text };
    },
    revokeInvite: ({ invite }) => {
      if (required().revoke(invite)) return NOTHING;
      throw new ApiProblem("peer-unknown", "No invite with this id is open.", "invites lists the open ones.");
    },
  };
}

/** Of somebody who is paired here, by the id; or of somebody of a room, by a name or the start of a fingerprint. */
async function wordsOf(ground: ApiGround, who: string): Promise<WordsJson> {
  const { messenger } = ground.parts;
  const peer = messenger.known.find((one) => ground.idOf(one) === who);
  if (peer === undefined && messenger.rooms.hasHubs) {
    const { who: person, words } = await ground.answer({ type: "verify", who }, "room-verify");
    return { who: roomPersonJson(person), own: ground.self.fingerprint, words };
  }
  ground.peer(who);
  const verify = ground.carryOut({ type: "verify", compared: false, to: who }).find((event) => event.type === "verify");
  if (verify === undefined) throw new ApiProblem("internal", "This is a bug in Lair: there are no words.");
  const { comparedAtMs } = verify.peer;
  return {
    who: personJson(verify.peer),
    own: verify.own,
    words: verify.words,
    ...(comparedAtMs === undefined ? {} : { verified: isoTime(comparedAtMs) }),
  };
}
