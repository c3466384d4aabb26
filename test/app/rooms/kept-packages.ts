// People of rooms' tests and their key packages, made once in a process: each package takes its time, and every world has the
// same people. Nobody in one world knows anything of another.

import { toHex } from "../../../src/core/bytes.ts";
import { identityFromPrivateKey, type Identity } from "../../../src/core/identity/identity.ts";
import type { GroupCrypto, Lifetime, NewKeyPackage } from "../../../src/core/room/group-crypto.ts";
import { OPENSSL_SUITE as SUITE } from "../../../src/node/openssl-suite/suite.ts";

const people: Identity[] = [];
const packages = new Map<string, { readonly lifetime: Lifetime; readonly made: NewKeyPackage }>();
/** Tests that begin within it of each other have the same packages; a program allows an hour for clocks that differ. */
const SAME_S = 900;

/** The identity of the `number`th person of a world. */
export function identityOf(number: number): Identity {
  return (people[number] ??= identityFromPrivateKey(SUITE, crypto.getRandomValues(new Uint8Array(32))));
}

/** Has a port, that of one world, take what was made in another. */
export function keepPackages(groups: GroupCrypto): GroupCrypto {
  const make = groups.newKeyPackage.bind(groups);
  const counts = new Map<string, number>();
  groups.newKeyPackage = async (suite, signer, lifetime, options = {}) => {
    const kind = `${toHex(signer.identity.publicKey)} ${suite} ${options.isLastResort === true}`;
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    const kept = packages.get(`${kind} ${count}`);
    if (kept !== undefined && isNear(kept.lifetime, lifetime)) return copyOf(kept.made);
    const made = await make(suite, signer, lifetime, options);
    packages.set(`${kind} ${count}`, { lifetime, made: copyOf(made) });
    return made;
  };
  return groups;
}

/** Has a port tell how many of its calls are not done yet: what they wait for is computed in other threads. */
export function counted(groups: GroupCrypto, add: (difference: 1 | -1) => void): GroupCrypto {
  return new Proxy(groups, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        add(1);
        try {
          return await Reflect.apply(value, target, args);
        } finally {
          add(-1);
        }
      };
    },
  });
}

function isNear(one: Lifetime, other: Lifetime): boolean {
  return Math.abs(one.notBefore - other.notBefore) < SAME_S && Math.abs(one.notAfter - other.notAfter) < SAME_S;
}

/** Secrets are erased once they were used. */
function copyOf({ keyPackage, secret, ref }: NewKeyPackage): NewKeyPackage {
  return { keyPackage: keyPackage.slice(), secret: secret.slice(), ref: ref.slice() };
}
