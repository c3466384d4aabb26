// Which record may arrive when (docs/PROTOCOL.md §5, §8.2), as tables. Knows nothing of what a record says.

import { LairError } from "../errors.ts";
import type { RekeyStepName } from "./key-schedule.ts";
import { FIRST_OPTIONAL_TYPE, RECORD } from "./record.ts";

const ALWAYS: readonly RekeyStepName[] = [
  "idle",
  "sending-init",
  "awaiting-reply",
  "sending-done",
  "sending-reply",
  "awaiting-done",
];

/** The records that may arrive first; any other is fatal then, and RESUME is fatal at any other time. */
const EXPECTED_FIRST: ReadonlySet<number> = new Set([RECORD.resume, RECORD.close]);

/** Every known type and the steps at which it may arrive later; at any other step it is fatal. Nothing is ignored. */
const EXPECTED_AT: ReadonlyMap<number, readonly RekeyStepName[]> = new Map([
  [RECORD.hello, []],
  [RECORD.close, ALWAYS],
  [RECORD.ping, ALWAYS],
  [RECORD.pong, ALWAYS],
  [RECORD.rekeyInit, ["idle"]],
  [RECORD.rekeyReply, ["awaiting-reply"]],
  [RECORD.rekeyDone, ["awaiting-done"]],
  [RECORD.data, ALWAYS],
  [RECORD.ack, ALWAYS],
  [RECORD.resume, []],
  [RECORD.call, ALWAYS],
]);

/**
 * The records that use up the control budget, besides optional types. A separate rule limits rekeys (§8.4), one step at
 * a time.
 */
const CHARGED: ReadonlySet<number> = new Set([RECORD.ping, RECORD.pong]);

const LAST_IN_FRAME: ReadonlySet<number> = new Set([RECORD.close, RECORD.rekeyReply, RECORD.rekeyDone]);

/** Where the receiver stands when a record arrives. */
interface ReceivingState {
  /** Whether the peer has said RESUME. */
  readonly hasHeardResume: boolean;
  /** Whether the two sides have agreed on calls; if not, a call is of an unknown type. */
  readonly carriesCalls: boolean;
  readonly step: RekeyStepName;
  /** Whether the record is the last of its frame. */
  readonly isLast: boolean;
}

/** Throws LairError `record-unknown` or `record-unexpected` for a record of a type that must not arrive now. */
export function requireExpected(type: number, { hasHeardResume, carriesCalls, step, isLast }: ReceivingState): void {
  const steps = type === RECORD.call && !carriesCalls ? undefined : EXPECTED_AT.get(type);
  if (steps === undefined && type < FIRST_OPTIONAL_TYPE) {
    throw new LairError("record-unknown", "The other side sent a record of an unknown type: its Lair may be newer.");
  }
  const isExpected = hasHeardResume ? (steps?.includes(step) ?? true) : EXPECTED_FIRST.has(type);
  if (!isExpected) {
    throw new LairError("record-unexpected", "The other side sent a record at a time when it is not allowed.");
  }
  if (LAST_IN_FRAME.has(type) && !isLast) {
    throw new LairError("record-unexpected", "The other side sent more data in a frame after its last record.");
  }
}

/** Whether a record of this type uses up the peer's control budget. */
export function isCharged(type: number): boolean {
  return CHARGED.has(type) || !EXPECTED_AT.has(type);
}
