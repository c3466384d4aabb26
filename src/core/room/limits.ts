// What the members of a room and its hub must agree on. Knows no cryptography: a hub has none of it.

/** Ours: a path costs its sender one encapsulation for each subtree; 250 members are what bench/groups.ts measures. */
export const MAX_MEMBERS = 250;
/** Ours: a commit or a welcome of a full room has less than half of it (docs/decisions/ts-mls.md). */
export const MAX_GROUP_MESSAGE_BYTES = 2 ** 20;
/** Ours: the hub takes messages of the current epoch and of so many before it, and members keep the keys of as many. */
export const PAST_EPOCHS = 3;
/** Bytes of a room's id, which is that of its group. */
export const GROUP_ID_BYTES = 16;
