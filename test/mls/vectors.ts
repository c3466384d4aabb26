// Runs the published vectors of one cipher suite: passive clients, message protection, psk secrets, welcomes.

import assert from "node:assert/strict";
import { it } from "node:test";
import {
  bytesToBase64,
  decodeMlsMessage,
  defaultKeyRetentionConfig,
  makePskIndex,
  processPrivateMessage,
  processPublicMessage,
  type CiphersuiteImpl,
  type ClientConfig,
  type ClientState,
  type GroupContext,
  type MLSMessage,
  type PskIndex,
} from "ts-mls";
import { defaultClientConfig } from "ts-mls/clientConfig.js";
import { encodeCommit } from "ts-mls/commit.js";
import { verifyGroupInfoConfirmationTag, verifyGroupInfoSignature } from "ts-mls/groupInfo.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import { unprotectPublicMessage } from "ts-mls/messageProtectionPublic.js";
import { computePskSecret } from "ts-mls/presharedkey.js";
import { encodeProposal } from "ts-mls/proposal.js";
import { decodeRatchetTree } from "ts-mls/ratchetTree.js";
import { createSecretTree } from "ts-mls/secretTree.js";
import { decryptGroupInfo, decryptGroupSecrets } from "ts-mls/welcome.js";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { decodeState, encodeState, pastOf, withPast } from "../../src/mls/state.ts";
import { joinByWelcome } from "../../src/mls/welcome.ts";
import { effort } from "../effort.ts";
import { sharedVectors } from "../shared.ts";

interface PassiveClient {
  readonly cipher_suite: number;
  readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[];
  readonly key_package: string;
  readonly signature_priv: string;
  readonly encryption_priv: string;
  readonly init_priv: string;
  readonly welcome: string;
  readonly ratchet_tree: string | null;
  readonly initial_epoch_authenticator: string;
  readonly epochs: readonly {
    readonly proposals: readonly string[];
    readonly commit: string;
    readonly epoch_authenticator: string;
  }[];
}

type MessageProtection = Record<
  | "group_id"
  | "tree_hash"
  | "confirmed_transcript_hash"
  | "signature_pub"
  | "encryption_secret"
  | "sender_data_secret"
  | "membership_key"
  | "proposal"
  | "proposal_priv"
  | "proposal_pub"
  | "commit"
  | "commit_priv"
  | "commit_pub"
  | "application"
  | "application_priv",
  string
> & { readonly cipher_suite: number; readonly epoch: number };

interface PskSecret {
  readonly cipher_suite: number;
  readonly psks: readonly { readonly psk_id: string; readonly psk: string; readonly psk_nonce: string }[];
  readonly psk_secret: string;
}

type WelcomeVector = Record<"init_priv" | "key_package" | "signer_pub" | "welcome", string> & {
  readonly cipher_suite: number;
};

const unhex = (text: string): Uint8Array => {
  const bytes = fromHex(text);
  assert.ok(bytes !== undefined);
  return bytes;
};

function message<W extends MLSMessage["wireformat"]>(text: string, ...wireformats: readonly W[]) {
  const bytes = unhex(text);
  const decoded = decodeMlsMessage(bytes, 0);
  assert.equal(decoded?.[1], bytes.length);
  const [read] = decoded;
  assert.ok((wireformats as readonly string[]).includes(read.wireformat));
  return read as MLSMessage & { readonly wireformat: W };
}

function vectorsOf(name: string, suite: number): readonly unknown[] {
  const all = sharedVectors(`mls/${name}.json`) as readonly { readonly cipher_suite: number }[] | undefined;
  return (all ?? []).filter(({ cipher_suite }) => cipher_suite === suite);
}

/** Passive clients skip nobody: the library's checks of credentials accept what the vectors have. */
const CONFIG: ClientConfig = { ...defaultClientConfig, keyRetentionConfig: defaultKeyRetentionConfig };

export function runVectors(suite: number, makeSuite: () => Promise<CiphersuiteImpl>): void {
  for (const file of ["passive-client-welcome", "passive-client-handling-commit", "passive-client-random"]) {
    const vectors = vectorsOf(file, suite) as readonly PassiveClient[];
    if (vectors.length === 0) continue;
    it(`${file}: ${vectors.length}`, async () => {
      const cs = await makeSuite();
      for (const vector of vectors) await runPassiveClient(vector, cs);
    });
  }

  const protection = vectorsOf("message-protection", suite) as readonly MessageProtection[];
  if (protection.length > 0) {
    it(`message-protection: ${protection.length}`, async () => {
      const cs = await makeSuite();
      for (const vector of protection) await runProtection(vector, cs);
    });
  }

  const psks = vectorsOf("psk_secret", suite) as readonly PskSecret[];
  if (psks.length > 0) {
    it(`psk_secret: ${psks.length}`, async () => {
      const cs = await makeSuite();
      for (const { psks: list, psk_secret } of psks) {
        const input = list.map(({ psk_id, psk, psk_nonce }) => {
          const id = { psktype: "external", pskId: unhex(psk_id), pskNonce: unhex(psk_nonce) } as const;
          return [id, unhex(psk)] as [typeof id, Uint8Array];
        });
        assert.equal(toHex(await computePskSecret(input, cs)), psk_secret);
      }
    });
  }

  const welcomes = vectorsOf("welcome", suite) as readonly WelcomeVector[];
  if (welcomes.length > 0) {
    it(`welcome: ${welcomes.length}`, async () => {
      const cs = await makeSuite();
      for (const vector of welcomes) {
        const { keyPackage } = message(vector.key_package, "mls_key_package");
        const { welcome } = message(vector.welcome, "mls_welcome");
        const ref = await makeKeyPackageRef(keyPackage, cs.hash);
        const privateKey = await cs.hpke.importPrivateKey(unhex(vector.init_priv));
        const secrets = await decryptGroupSecrets(privateKey, ref, welcome, cs.hpke);
        const zero = new Uint8Array(cs.kdf.size);
        const info = await decryptGroupInfo(welcome, secrets!.joinerSecret, zero, cs);
        assert.ok(await verifyGroupInfoSignature(info!, unhex(vector.signer_pub), cs.signature));
        assert.ok(await verifyGroupInfoConfirmationTag(info!, secrets!.joinerSecret, zero, cs));
      }
    });
  }
}

async function runPassiveClient(vector: PassiveClient, cs: CiphersuiteImpl): Promise<void> {
  const external = Object.fromEntries(
    vector.external_psks.map(({ psk_id, psk }) => [bytesToBase64(unhex(psk_id)), unhex(psk)]),
  );
  const keys = {
    initPrivateKey: unhex(vector.init_priv),
    hpkePrivateKey: unhex(vector.encryption_priv),
    signaturePrivateKey: unhex(vector.signature_priv),
  };
  const { keyPackage } = message(vector.key_package, "mls_key_package");
  const { welcome } = message(vector.welcome, "mls_welcome");
  const tree = vector.ratchet_tree === null ? undefined : decodeRatchetTree(unhex(vector.ratchet_tree), 0)?.[0];
  const psks = makePskIndex(undefined, external);
  let { state } = await joinByWelcome(welcome, keyPackage, keys, psks, CONFIG, cs, tree);
  assert.equal(toHex(state.keySchedule.epochAuthenticator), vector.initial_epoch_authenticator);
  for (const { proposals, commit, epoch_authenticator } of vector.epochs.slice(0, effort(4, undefined))) {
    state = throughTheCodec(state, keys.signaturePrivateKey);
    const past = pastOf(state);
    const known = makePskIndex(state, external);
    for (const proposal of proposals) state = await process(state, proposal, known, cs);
    state = withPast(await process(state, commit, known, cs), past);
    assert.equal(toHex(state.keySchedule.epochAuthenticator), epoch_authenticator);
  }
}

async function process(state: ClientState, text: string, psks: PskIndex, cs: CiphersuiteImpl): Promise<ClientState> {
  const read = message(text, "mls_public_message", "mls_private_message");
  // As the adapter does: the past is kept beside the library.
  const alone = { ...state, historicalReceiverData: new Map() };
  const { newState } =
    read.wireformat === "mls_public_message"
      ? await processPublicMessage(alone, read.publicMessage, psks, cs)
      : await processPrivateMessage(alone, read.privateMessage, psks, cs);
  return newState;
}

/** As it comes out of the store. */
function throughTheCodec(state: ClientState, signaturePrivateKey: Uint8Array): ClientState {
  const { group, ratchets } = encodeState(state);
  const stored = { group: group.slice(), ratchets: ratchets.slice() };
  return { ...decodeState(stored), signaturePrivateKey, clientConfig: CONFIG };
}

async function runProtection(vector: MessageProtection, cs: CiphersuiteImpl): Promise<void> {
  const groupContext: GroupContext = {
    version: "mls10",
    cipherSuite: cs.name,
    groupId: unhex(vector.group_id),
    epoch: BigInt(vector.epoch),
    treeHash: unhex(vector.tree_hash),
    confirmedTranscriptHash: unhex(vector.confirmed_transcript_hash),
    extensions: [],
  };
  const signer = unhex(vector.signature_pub);
  // Two leaves, and the sender is the second one.
  const secrets = await createSecretTree(2, unhex(vector.encryption_secret), cs.kdf);
  const open = async (text: string) => {
    const { privateMessage } = message(text, "mls_private_message");
    const { content } = await unprotectPrivateMessage(
      unhex(vector.sender_data_secret),
      privateMessage,
      secrets,
      [],
      groupContext,
      CONFIG.keyRetentionConfig,
      cs,
      signer,
    );
    return content.content;
  };
  const read = async (text: string) => {
    const { publicMessage } = message(text, "mls_public_message");
    const key = unhex(vector.membership_key);
    return (await unprotectPublicMessage(key, groupContext, [], publicMessage, cs, signer)).content;
  };
  for (const content of [await open(vector.proposal_priv), await read(vector.proposal_pub)]) {
    assert.ok(content.contentType === "proposal");
    assert.equal(toHex(encodeProposal(content.proposal)), vector.proposal);
  }
  for (const content of [await open(vector.commit_priv), await read(vector.commit_pub)]) {
    assert.ok(content.contentType === "commit");
    assert.equal(toHex(encodeCommit(content.commit)), vector.commit);
  }
  const application = await open(vector.application_priv);
  assert.ok(application.contentType === "application");
  assert.equal(toHex(application.applicationData), vector.application);
}
