// Errors of Lair for wrong data and forbidden requests.

import { decodeMlsMessage, type MLSMessage } from "ts-mls";
import { CryptoError } from "ts-mls/mlsError.js";
import { LairError } from "../core/errors.ts";
import { MAX_GROUP_MESSAGE_BYTES } from "../core/room/limits.ts";

/** Every error of the library about what somebody has sent becomes one of ours. */
export async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof LairError) throw cause;
    throw malformed(`${what} that does not verify`, cause);
  }
}

/**
 * What HPKE refuses while a commit is made is the key of a member, in a tree from before such keys were refused. Errors that
 * are not HPKE's stay what they are.
 */
export async function encryptingToMembers<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    // Of the library, and of its HPKE, which names its errors so.
    if (!(cause instanceof CryptoError) && !(cause instanceof Error && cause.name === "EncapError")) throw cause;
    throw new LairError(
      "group-malformed",
      "The key of a member is unusable: nobody can encrypt the room's new keys to it.",
      {
        hint: "Remove the member who joined or renewed a key last before this began. Removing anybody else fails again.",
        cause,
      },
    );
  }
}

export function malformed(what: string, cause?: unknown): LairError {
  return new LairError("group-malformed", `Something in a room was refused: ${what}.`, {
    hint: "The room stays as it was. Somebody, or the hub, does not follow the protocol.",
    cause,
  });
}

export function wrongEpoch(theirs: bigint, ours: bigint): LairError {
  return new LairError("group-epoch", `Something in a room is of epoch ${theirs}, and this side is in epoch ${ours}.`, {
    hint: "Read the rest of the room's log first, then rejoin.",
  });
}

export function notAllowed(problem: string, cause?: unknown): LairError {
  return new LairError("group-not-allowed", `The room's rules do not allow this: ${problem}.`, {
    hint: "Ask somebody with a higher role. Type members to see who has one.",
    cause,
  });
}

export function unusable(what: string, cause?: unknown): LairError {
  return new LairError("key-package-unusable", `The key package of this person ${what}.`, {
    hint: "Try again: the hub may have another one of theirs.",
    cause,
  });
}

/** A message of MLS. Throws LairError `group-malformed` for everything else, and for what is too large. */
export function decodeMessage(bytes: Uint8Array): MLSMessage {
  if (bytes.length > MAX_GROUP_MESSAGE_BYTES) throw malformed("too large");
  let decoded: [MLSMessage, number] | undefined;
  try {
    // A copy: the library keeps views of what it reads.
    decoded = decodeMlsMessage(bytes.slice(), 0);
  } catch (cause) {
    throw malformed("not of MLS", cause);
  }
  if (decoded === undefined || decoded[1] !== bytes.length) throw malformed("not of MLS");
  return decoded[0];
}
