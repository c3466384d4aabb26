// GroupCrypto on ts-mls 1.6.4: the only folder that knows that library. It runs in browsers too: WebCrypto, no node:*.
//
// What the library leaves open is closed here: proposals by value only; the policy before a commit is applied; no
// identity exchanged; nothing in the GroupContext beside the room's data; one's own commit by its pending state.

import {
  createApplicationMessage,
  createCommit,
  createGroup,
  createGroupInfoWithExternalPubAndRatchetTree,
  encodeMlsMessage,
  mlsExporter,
  type CiphersuiteImpl,
  type ClientState,
  type GroupInfo,
  type PaddingConfig,
} from "ts-mls";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { consumeRatchet } from "ts-mls/secretTree.js";
import { leafToNodeIndex, toLeafIndex } from "ts-mls/treemath.js";
import { equalInConstantTime } from "../core/bytes.ts";
import { LairError } from "../core/errors.ts";
import { padmeLength } from "../core/padme.ts";
import {
  MAX_CONTEXT_BYTES,
  type Changes,
  type CommitSender,
  type GroupCrypto,
  type GroupInfoView,
  type GroupRules,
  type GroupState,
  type GroupSuite,
  type GroupView,
  type KeyPackageView,
  type Lifetime,
  type Member,
  type NewKeyPackage,
  type PendingCommit,
  type Signer,
  type Taken,
  type TakenCommit,
} from "../core/room/group-crypto.ts";
import { GROUP_ID_BYTES } from "../core/room/limits.ts";
import { checkDistinct, checkRoster, isSameIdentity } from "../core/room/roster.ts";
import { checkedTree, externalCommit } from "./external-commit.ts";
import { joinFields } from "./fields.ts";
import { judge } from "./judging.ts";
import { contextExtension, contextOf, memberAt, rosterOf } from "./leaves.ts";
import { ALWAYS, checkLifetime, newLeaf, proposalsFor, readKeyPackage } from "./packages.ts";
import { decodeMessage, encryptingToMembers, guarded, malformed, wrongEpoch } from "./refusals.ts";
import { decodePending, decodeSecret, encodePending } from "./secrets.ts";
import { CONFIG, NO_PSKS } from "./settings.ts";
import { damagedState, decodeState, encodeState, pastOf, withoutPast, withPast } from "./state.ts";
import { makeSuite, suiteOfName, type SuiteParts } from "./suites.ts";
import { takeCommit, takeMessage } from "./taking.ts";
import { type BareState, judgedOf, proposalsOf, viewOf } from "./views.ts";
import { joinByWelcome } from "./welcome.ts";

const NOTHING = new Uint8Array(0);

/** What the adapter is given. `random` must be a CSPRNG; HPKE draws from WebCrypto itself. */
interface MlsParts extends SuiteParts {
  readonly rules: GroupRules;
}

/** The port on ts-mls. Both suites are loaded when they are first used. */
export function mlsGroupCrypto(parts: MlsParts): GroupCrypto {
  return new MlsGroupCrypto(parts);
}

class MlsGroupCrypto implements GroupCrypto {
  readonly #parts: MlsParts;
  readonly #suites = new Map<GroupSuite, Promise<CiphersuiteImpl>>();

  constructor(parts: MlsParts) {
    this.#parts = parts;
  }

  async newKeyPackage(
    suite: GroupSuite,
    signer: Signer,
    lifetime: Lifetime,
    { isLastResort = false }: { readonly isLastResort?: boolean } = {},
  ): Promise<NewKeyPackage> {
    checkLifetime(lifetime);
    const cs = await this.#suite(suite);
    const { publicPackage, privatePackage } = await newLeaf(suite, signer, lifetime, isLastResort, cs);
    const keyPackage = encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage: publicPackage });
    return {
      keyPackage,
      secret: joinFields(keyPackage, privatePackage.initPrivateKey, privatePackage.hpkePrivateKey),
      ref: await makeKeyPackageRef(publicPackage, cs.hash),
    };
  }

  async readKeyPackage(bytes: Uint8Array): Promise<KeyPackageView> {
    const { keyPackage: _, ...view } = await readKeyPackage(bytes, (suite) => this.#suite(suite));
    return view;
  }

  async create(suite: GroupSuite, signer: Signer, groupId: Uint8Array, context: Uint8Array): Promise<GroupState> {
    if (groupId.length !== GROUP_ID_BYTES) throw new RangeError(`groupId: expected ${GROUP_ID_BYTES} bytes`);
    if (context.length > MAX_CONTEXT_BYTES) throw new RangeError(`context: at most ${MAX_CONTEXT_BYTES} bytes`);
    const cs = await this.#suite(suite);
    const { publicPackage, privatePackage } = await newLeaf(suite, signer, ALWAYS, false, cs);
    const extensions = [contextExtension(context)];
    return encodeState(await createGroup(groupId, publicPackage, privatePackage, extensions, cs, CONFIG));
  }

  async view(state: GroupState): Promise<GroupView> {
    return viewOf(decodeState(state));
  }

  async commit(
    state: GroupState,
    signer: Signer,
    changes: Changes,
    { nowMs, authenticatedData = NOTHING }: { readonly nowMs: number; readonly authenticatedData?: Uint8Array },
  ): Promise<PendingCommit> {
    const [decoded, cs] = await this.#opened(state, signer);
    const proposals = await proposalsFor(changes, decoded, nowMs, (suite) => this.#suite(suite));
    const sender: CommitSender = { kind: "member", ...memberAt(decoded.ratchetTree, decoded.privatePath.leafIndex) };
    const judged = judgedOf(decoded, sender, proposals);
    judge(judged, this.#parts.rules, "group-not-allowed");

    // The library forgets that the key of this commit is used up; another one in this epoch must have the next.
    const node = leafToNodeIndex(toLeafIndex(decoded.privatePath.leafIndex));
    const { newTree } = await consumeRatchet(decoded.secretTree, node, "commit", cs);
    const options = { extraProposals: proposals, ratchetTreeExtension: true, authenticatedData };
    const context = { state: withoutPast(decoded), cipherSuite: cs, pskIndex: NO_PSKS };
    const { newState, commit, welcome } = await encryptingToMembers(() => createCommit(context, options));
    const bytes = encodeMlsMessage(commit);
    return {
      commit: bytes,
      welcome: welcome && encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome }),
      pending: encodePending(decoded.groupContext.epoch, bytes, withPast(newState, new Map()), proposals),
      state: encodeState({ ...decoded, secretTree: newTree }, state.group),
    };
  }

  async applyOwn(state: GroupState | undefined, pending: Uint8Array, commit: Uint8Array): Promise<TakenCommit> {
    const own = decodePending(pending);
    if (!equalInConstantTime(commit, own.commit)) {
      throw new LairError("group-malformed", "The log brought another commit than the one that is pending.");
    }
    const next = decodeState(own.next);
    const message = decodeMessage(commit);
    const authenticatedData =
      message.wireformat === "mls_private_message"
        ? message.privateMessage.authenticatedData
        : message.wireformat === "mls_public_message"
          ? message.publicMessage.content.authenticatedData
          : NOTHING;
    const after = viewOf(next);
    const self = memberAt(next.ratchetTree, next.privatePath.leafIndex);
    if (message.wireformat !== "mls_private_message") {
      // External: of the group before it is known what its GroupInfo said.
      const [before, sender] = [own.before, { kind: "newcomer", ...self }] as const;
      if (before === undefined) throw damagedState(undefined);
      const proposals = proposalsOf(own.proposals, before.roster);
      checkRoster(before.roster, after.roster, sender, proposals);
      return { kind: "commit", state: own.next, sender, proposals, authenticatedData, before, after };
    }
    if (state === undefined) throw new RangeError("state: a member's commit is applied to a state");
    const decoded = decodeState(state);
    if (decoded.groupContext.epoch !== own.epoch || !isSameGroup(decoded, next)) {
      throw wrongEpoch(own.epoch, decoded.groupContext.epoch);
    }
    const sender: CommitSender = { kind: "member", ...memberAt(decoded.ratchetTree, decoded.privatePath.leafIndex) };
    const judged = judgedOf(decoded, sender, own.proposals);
    judge(judged, this.#parts.rules, "group-not-allowed");
    checkRoster(judged.roster, after.roster, sender, judged.proposals);
    // What has been opened since the commit was made stays opened: the past is that of the current state.
    const applied = encodeState(withPast(next, pastOf(decoded)));
    const { proposals } = judged;
    return { kind: "commit", state: applied, sender, proposals, authenticatedData, before: viewOf(decoded), after };
  }

  async take(state: GroupState, bytes: Uint8Array): Promise<Taken> {
    const message = decodeMessage(bytes);
    const [decoded, cs] = await this.#opened(state);
    switch (message.wireformat) {
      case "mls_private_message":
        checkGroup(decoded, message.privateMessage.groupId);
        if (message.privateMessage.contentType === "application") {
          return takeMessage(state, decoded, message.privateMessage, cs);
        }
        if (message.privateMessage.contentType !== "commit") throw malformed("a proposal outside a commit");
        return takeCommit(decoded, message.privateMessage, undefined, this.#parts.rules, cs);
      case "mls_public_message":
        checkGroup(decoded, message.publicMessage.content.groupId);
        return takeCommit(decoded, undefined, message.publicMessage, this.#parts.rules, cs);
      default:
        throw malformed("no message of a group");
    }
  }

  async seal(
    state: GroupState,
    signer: Signer,
    plaintext: Uint8Array,
    authenticatedData: Uint8Array = NOTHING,
  ): Promise<{ readonly state: GroupState; readonly message: Uint8Array }> {
    const [decoded, cs] = await this.#opened(state, signer);
    const padded = { ...decoded, clientConfig: { ...CONFIG, paddingConfig: paddingFor(plaintext) } };
    const { newState, privateMessage } = await createApplicationMessage(padded, plaintext, cs, authenticatedData);
    const message = encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage });
    return { state: encodeState(newState, state.group), message };
  }

  async exportSecret(state: GroupState, label: string, context: Uint8Array, length: number): Promise<Uint8Array> {
    const [decoded, cs] = await this.#opened(state);
    return mlsExporter(decoded.keySchedule.exporterSecret, label, context, length, cs);
  }

  async welcomeRefs(welcome: Uint8Array): Promise<readonly Uint8Array[]> {
    const message = decodeMessage(welcome);
    if (message.wireformat !== "mls_welcome") throw malformed("no welcome");
    return message.welcome.secrets.map(({ newMember }) => newMember.slice());
  }

  async join(
    welcome: Uint8Array,
    secret: Uint8Array,
    signer: Signer,
  ): Promise<{ readonly state: GroupState; readonly view: GroupView; readonly by: Member }> {
    const message = decodeMessage(welcome);
    if (message.wireformat !== "mls_welcome") throw malformed("no welcome");
    const { keyPackage, keys, suite } = decodeSecret(secret, signer);
    const cs = await this.#suite(suite);
    return guarded("a welcome", async () => {
      const { state, signer: adder } = await joinByWelcome(message.welcome, keyPackage, keys, NO_PSKS, CONFIG, cs);
      const view = viewOf(state);
      checkDistinct(view.roster);
      return { state: encodeState(state), view, by: memberAt(state.ratchetTree, adder) };
    });
  }

  async groupInfo(state: GroupState, signer: Signer): Promise<Uint8Array> {
    const [decoded, cs] = await this.#opened(state, signer);
    const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(decoded, [], cs);
    return encodeMlsMessage({ version: "mls10", wireformat: "mls_group_info", groupInfo });
  }

  async readGroupInfo(bytes: Uint8Array): Promise<GroupInfoView> {
    const [groupInfo, suite, cs] = await this.#groupInfo(bytes);
    return guarded("a GroupInfo", async () => {
      const { tree, signer } = await checkedTree(groupInfo, CONFIG, cs);
      const { groupId, epoch, extensions } = groupInfo.groupContext;
      return { suite, groupId, epoch, context: contextOf(extensions), roster: rosterOf(tree), signer };
    });
  }

  async joinExternally(
    bytes: Uint8Array,
    signer: Signer,
    {
      psk,
      authenticatedData = NOTHING,
    }: {
      readonly psk?: { readonly id: Uint8Array; readonly secret: Uint8Array };
      readonly authenticatedData?: Uint8Array;
    } = {},
  ): Promise<PendingCommit> {
    const before = await this.readGroupInfo(bytes);
    const [groupInfo, suite, cs] = await this.#groupInfo(bytes);
    const former = before.roster.find((member) => isSameIdentity(member, signer.identity))?.leafIndex;
    const sender: CommitSender = { kind: "newcomer", ...signer.identity };
    const { commit, proposals, state } = await guarded("a GroupInfo", async () => {
      const { publicPackage, privatePackage } = await newLeaf(suite, signer, ALWAYS, false, cs);
      return externalCommit(groupInfo, publicPackage, privatePackage, former, psk, authenticatedData, CONFIG, cs);
    });
    const shown = proposalsOf(proposals, before.roster);
    judge(
      { context: before.context, roster: before.roster, sender, proposals: shown },
      this.#parts.rules,
      "group-not-allowed",
    );
    const encoded = encodeMlsMessage(commit);
    const pending = encodePending(before.epoch, encoded, state, proposals, bytes);
    return { commit: encoded, welcome: undefined, pending, state: undefined };
  }

  /** Decodes a state, and checks that it is the signer's. */
  async #opened(state: GroupState, signer?: Signer): Promise<[ClientState, CiphersuiteImpl]> {
    const decoded = decodeState(state);
    const suite = suiteOfName(decoded.groupContext.cipherSuite);
    if (suite === undefined) throw damagedState(undefined);
    if (signer !== undefined) {
      const own = memberAt(decoded.ratchetTree, decoded.privatePath.leafIndex);
      if (!isSameIdentity(own, signer.identity)) throw new RangeError("signer: another identity than the state's");
    }
    const signaturePrivateKey = signer?.seed ?? NOTHING;
    return [{ ...decoded, signaturePrivateKey, clientConfig: CONFIG }, await this.#suite(suite)];
  }

  #suite(suite: GroupSuite): Promise<CiphersuiteImpl> {
    const known = this.#suites.get(suite) ?? makeSuite(suite, this.#parts);
    this.#suites.set(suite, known);
    return known;
  }

  async #groupInfo(bytes: Uint8Array): Promise<[GroupInfo, GroupSuite, CiphersuiteImpl]> {
    const message = decodeMessage(bytes);
    if (message.wireformat !== "mls_group_info") throw malformed("no GroupInfo");
    const suite = suiteOfName(message.groupInfo.groupContext.cipherSuite);
    if (suite === undefined) throw malformed("a suite that rooms don't use");
    return [message.groupInfo, suite, await this.#suite(suite)];
  }
}

/** Ours: nearly every line is shorter, so nearly all look alike. */
const SMALLEST_BYTES = 512;
/** Beside the plaintext: its length, and a signature. */
const FRAMING_BYTES = 96;

/** A message's length says its class of Padmé only. */
function paddingFor(plaintext: Uint8Array): PaddingConfig {
  return { kind: "padUntilLength", padUntilLength: padmeLength(plaintext.length + FRAMING_BYTES, SMALLEST_BYTES) };
}

function isSameGroup(a: BareState, b: BareState): boolean {
  return equalInConstantTime(a.groupContext.groupId, b.groupContext.groupId);
}

function checkGroup({ groupContext }: ClientState, groupId: Uint8Array): void {
  if (!equalInConstantTime(groupContext.groupId, groupId)) throw malformed("of another group");
}
