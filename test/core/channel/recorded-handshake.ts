// A recorded handshake computed from outside, by the specification of Noise (§5, §9) and docs/PROTOCOL.md §3.5, by somebody
// who is neither side. It shares only the table of patterns with src. It knows no private key; `attacker.ts` does.

import { createDecipheriv } from "node:crypto";
import { handshakePattern, type Role } from "../../../src/core/noise/index.ts";
import { ReferenceSymmetricState } from "../noise/reference.ts";

const EMPTY = new Uint8Array(0);

/** A handshake as it was recorded. */
export interface RecordedHandshake {
  readonly pattern: string;
  readonly prologue: Uint8Array;
  readonly messages: readonly Uint8Array[];
  readonly publicKeys: Readonly<Record<Role, Uint8Array>>;
}

/** What a handshake came to. */
export interface Solved {
  /** k1 and k2. */
  readonly keys: readonly [Uint8Array, Uint8Array];
  readonly exporterSecret: Uint8Array;
  readonly handshakeHash: Uint8Array;
  /** Whether every ciphertext in its messages authenticated. */
  readonly isAuthentic: boolean;
}

/** A handshake from outside, token by token, by somebody who is neither side: `dh` answers for two public keys. */
export function solve(
  { pattern, prologue, messages, publicKeys }: RecordedHandshake,
  psk: Uint8Array,
  dh: (initiators: Uint8Array, responders: Uint8Array) => Uint8Array,
): Solved {
  const state = new ReferenceSymmetricState("AESGCM", "SHA256", `Noise_${pattern}_25519_AESGCM_SHA256`);
  const ephemerals: Record<Role, Uint8Array> = { initiator: EMPTY, responder: EMPTY };
  const publicKey = (letter: string, owner: Role): Uint8Array => (letter === "e" ? ephemerals : publicKeys)[owner];
  let isAuthentic = true;
  const read = (ciphertext: Uint8Array): void => {
    if (state.key !== undefined && !opened(state.key, state.nonce++, state.handshakeHash, ciphertext)) {
      isAuthentic = false;
    }
    state.mixHash(ciphertext);
  };
  const { preMessages, messages: steps } = handshakePattern(pattern);
  state.mixHash(prologue);
  for (const owner of preMessages) state.mixHash(publicKeys[owner]);
  for (const [index, { sender, tokens }] of steps.entries()) {
    let rest = messages[index]!;
    const take = (length: number): Uint8Array => {
      const taken = rest.subarray(0, length);
      rest = rest.subarray(length);
      return taken;
    };
    for (const token of tokens) {
      if (token === "e") {
        ephemerals[sender] = take(32);
        state.mixHash(ephemerals[sender]);
        // §9.2 of Noise: both patterns have a psk.
        state.mixKey(ephemerals[sender]);
      } else if (token === "s") read(take(state.key === undefined ? 32 : 48));
      else if (token === "psk") state.mixKeyAndHash(psk);
      else state.mixKey(dh(publicKey(token[0]!, "initiator"), publicKey(token[1]!, "responder")));
    }
    read(rest);
  }
  const [first, second, exporterSecret] = state.split();
  return { keys: [first, second], exporterSecret, handshakeHash: state.handshakeHash, isAuthentic };
}

/** AES-256-GCM; undefined when it does not authenticate, which is what most guesses come to. */
export function opened(key: Uint8Array, nonce: bigint, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(nonce, 4);
  const text = ciphertext.subarray(0, -16);
  const decipher = createDecipheriv("aes-256-gcm", key, bytes, { authTagLength: 16 });
  decipher.setAAD(ad).setAuthTag(ciphertext.subarray(text.length));
  const plaintext = decipher.update(text);
  try {
    decipher.final();
    return new Uint8Array(plaintext);
  } catch {
    return undefined;
  }
}
