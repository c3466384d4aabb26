// What a server reports about those it did not accept: peers that came while it was busy, and new keys. They can come
// as often as they like, under names of their choice. Knows no session.

import type { ProgramEvent } from "./events.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import type { PublicIdentity } from "../core/identity/identity.ts";
import type { Peer } from "../core/identity/peer.ts";
import { cleanName } from "../core/identity/peer-name.ts";
import { quotedName } from "../core/identity/quoted-name.ts";
import { safetyWords } from "../core/identity/safety-words.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { Clock } from "./ports.ts";
import { OnceAMinute } from "./once-a-minute.ts";

/** Of a fingerprint, in the command that accepts it: hard enough to hit with another key, and quickly typed. */
const TRUST_LETTERS = 8;

/** Somebody who knows the psk and has a key that was not accepted. */
export interface UnknownKey extends PublicIdentity {
  /** As they put it. */
  readonly name: string;
  readonly address: string;
}

/** Somebody who proved nothing. */
interface Stranger {
  /** One of a few: what is told once a minute. */
  readonly kind: string;
  /** What happened to them. */
  readonly text: string;
  /** Undefined if they did not get that far. */
  readonly address: string | undefined;
}

interface TurnedAwayOptions {
  readonly clock: Clock;
  readonly suite: CipherSuite;
  readonly self: PublicIdentity;
  readonly show: (event: ProgramEvent) => void;
}

export class TurnedAway {
  readonly #options: TurnedAwayOptions;
  /** By fingerprint: one who comes repeatedly hides nobody else. */
  readonly #busy = new Map<string, OnceAMinute<Peer>>();
  readonly #untrusted: OnceAMinute<UnknownKey>;
  readonly #faults = new Map<string, OnceAMinute<ErrorEvent>>();
  readonly #strangers = new Map<string, OnceAMinute<Stranger>>();

  constructor(options: TurnedAwayOptions) {
    this.#options = options;
    this.#untrusted = new OnceAMinute(options.clock, (key, times) => this.#tellUntrusted(key, times));
  }

  /** A peer came while another one was connected. */
  busy(peer: Peer): void {
    const { clock, suite, show } = this.#options;
    const print = fingerprint(suite, peer);
    let notices = this.#busy.get(print);
    if (notices === undefined) {
      notices = new OnceAMinute(clock, ({ name }, times) => {
        const often = times === 1 ? "" : ` ${times} times in the last minute`;
        show({
          type: "notice",
          text: `The peer ${quotedName(name)} tried to connect${often} and was refused because you are busy.`,
        });
      });
      this.#busy.set(print, notices);
    }
    notices.note(peer);
  }

  untrusted(key: UnknownKey): void {
    this.#untrusted.note(key);
  }

  /** The session of somebody with the right secret ended in an error of this kind. */
  fault(error: ErrorEvent): void {
    const { clock, show } = this.#options;
    let notices = this.#faults.get(error.code);
    if (notices === undefined) {
      notices = new OnceAMinute(clock, (latest, times) => {
        const often = times === 1 ? [] : [`${times} times in the last minute`];
        show({ ...latest, details: [...(latest.details ?? []), ...often] });
      });
      this.#faults.set(error.code, notices);
    }
    notices.note(error);
  }

  /** Only for --verbose. */
  stranger(stranger: Stranger): void {
    const { clock, show } = this.#options;
    let notices = this.#strangers.get(stranger.kind);
    if (notices === undefined) {
      notices = new OnceAMinute(clock, ({ text, address }, times) => {
        const from = address === undefined ? "" : `${address}: `;
        const often = times === 1 ? "" : ` (the last of ${times} in the last minute)`;
        show({ type: "notice", text: `${from}${text}${often}`, detail: true });
      });
      this.#strangers.set(stranger.kind, notices);
    }
    notices.note(stranger);
  }

  #tellUntrusted(key: UnknownKey, times: number): void {
    const { suite, self, show } = this.#options;
    const { name, address } = key;
    const print = fingerprint(suite, key);
    const start = print.replaceAll(" ", "").slice(0, TRUST_LETTERS);
    const clean = cleanName(name);
    const called = clean === "" ? "" : `, who goes by ${quotedName(clean)},`;
    const often = times === 1 ? "" : ` This is the last of ${times} such attempts in the last minute.`;
    show({
      type: "error",
      code: "not-trusted",
      message: `Somebody at ${address}${called} knows the psk, but has a key that is not known here.${often}`,
      details: [`key     ${print}`, `words   ${safetyWords(suite, self, key).join(" ")}`],
      hint: `Ask there, through another channel, whether both match. To accept this key: trust ${start}`,
    });
  }
}

type ErrorEvent = Extract<ProgramEvent, { type: "error" }>;
