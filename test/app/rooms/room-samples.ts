// What a member may have of its rooms, for the tests of the stores.

import { toUtf8 } from "../../../src/core/bytes.ts";
import type {
  Outgoing,
  Pin,
  RoomLine,
  StoredNotice,
  StoredPackage,
  StoredRoom,
} from "../../../src/app/rooms/room-store.ts";

export const key = (number: number): Uint8Array => new Uint8Array(32).fill(number);
export const id = (number: number): Uint8Array => new Uint8Array(16).fill(number);
export const [HUB, OTHER_HUB] = [key(200), key(201)] as const;
export const [OPS, ART] = [id(100), id(101)] as const;

export function room(change: Partial<StoredRoom> = {}): StoredRoom {
  return {
    id: OPS,
    hub: HUB,
    standing: "joined",
    name: "ops",
    state: { group: toUtf8("group"), ratchets: toUtf8("ratchets") },
    since: 3,
    first: 2,
    next: 8,
    commits: 5,
    log: toUtf8("log"),
    pending: undefined,
    timerS: 60,
    renewedAtMs: 1_000,
    lost: undefined,
    disagreeing: [],
    listedName: undefined,
    madeFor: undefined,
    isUnwanted: undefined,
    link: undefined,
    by: undefined,
    ...change,
  };
}

export function line(seq: number, change: Partial<RoomLine> = {}): RoomLine {
  return {
    room: OPS,
    seq,
    id: id(seq),
    from: { publicKey: key(1), signatureKey: key(2) },
    atMs: 1_000 + seq,
    content: toUtf8(`line ${seq}`),
    isOwn: false,
    kind: "line",
    words: `line ${seq}`,
    expiresAtMs: undefined,
    ...change,
  };
}

export function outgoing(number: number, change: Partial<Outgoing> = {}): Outgoing {
  return { room: OPS, id: id(number), content: toUtf8(`to send ${number}`), sealed: undefined, ...change };
}

export function notice(number: number, change: Partial<StoredNotice> = {}): StoredNotice {
  const by = { name: "ada", fingerprint: "1234 5678" };
  const report = { type: "topic-changed", room: { id: "64", name: "ops" }, topic: `topic ${number}`, by } as const;
  return { room: OPS, id: id(number), seq: number, report, ...change };
}

export function keyPackage(number: number, change: Partial<StoredPackage> = {}): StoredPackage {
  return {
    hub: HUB,
    ref: key(number),
    secret: toUtf8(`secret ${number}`),
    suite: "hybrid",
    isLastResort: false,
    expiresAtMs: 5_000,
    toPublish: toUtf8(`package ${number}`),
    ...change,
  };
}

export function pin(number: number, change: Partial<Pin> = {}): Pin {
  return {
    publicKey: key(number),
    signatureKey: key(number + 1),
    handle: undefined,
    how: { kind: "present" },
    ...change,
  };
}
