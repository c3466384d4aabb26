// The types of WebCrypto that the libraries under ts-mls name and that only a browser's types declare as globals. Both
// Node and browsers have what they stand for.

type Crypto = typeof crypto;
type SubtleCrypto = typeof crypto.subtle;
type CryptoKey = Awaited<ReturnType<SubtleCrypto["deriveKey"]>>;
type CryptoKeyPair = { readonly publicKey: CryptoKey; readonly privateKey: CryptoKey };
type KeyUsage = CryptoKey["usages"][number];
type KeyAlgorithm = CryptoKey["algorithm"];
type BufferSource = ArrayBuffer | ArrayBufferView<ArrayBuffer>;
interface JsonWebKey {
  readonly kty?: string;
  readonly crv?: string;
  readonly d?: string;
  readonly x?: string;
  readonly y?: string;
}
interface HmacKeyGenParams {
  readonly name: string;
  readonly hash: string | { readonly name: string };
  readonly length?: number;
}
