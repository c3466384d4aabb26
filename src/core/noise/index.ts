// The Noise Protocol Framework, revision 34, as a library of its own: `import { ... } from "lair-chat/noise"`.

export { CipherState, MAX_MESSAGE_BYTES } from "./cipher-state.ts";
export { type HandshakeOptions, HandshakeState, type Transport } from "./handshake-state.ts";
export { NOBLE_SUITE, nobleSuite } from "./noble-suite.ts";
export { NoiseError, type NoiseErrorCode } from "./noise-error.ts";
export {
  type DhToken,
  type HandshakePattern,
  handshakePattern,
  type MessagePattern,
  PATTERN_NAMES,
  type Role,
  type Token,
} from "./pattern.ts";
export { parseProtocolName, type ProtocolName } from "./protocol-name.ts";
export { type ScryptCost, scryptBytes } from "./scrypt-cost.ts";
export { isSignatureKey, SIGNATURE_BYTES, SIGNATURE_KEY_BYTES } from "./signature-key.ts";
export {
  type CipherFunctions,
  type CipherSuite,
  type DhFunctions,
  type HashFunctions,
  type KdfFunctions,
  type KeyPair,
  type RandomSource,
  type SignatureFunctions,
  suiteName,
  TAG_BYTES,
} from "./suite.ts";
export { type SplitKeys, SymmetricState } from "./symmetric-state.ts";
