// RFC 7748 §6.1: Alice's and Bob's X25519 keys, as two people for the known answers.
import { fromHex } from "../../../src/core/bytes.ts";

export const alicePublic = fromHex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")!;
export const bobPrivate = fromHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")!;
export const bobPublic = fromHex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")!;

/** SHA-256 of "lair test psk": `printf 'lair test psk' | sha256sum`. */
export const somePsk = fromHex("eddc73df24057e51c059b0ee397763af93a9d717cfce4d713a9ee7a7335e535f")!;
