// Which peer the prompt is at: what is typed goes to that one. It changes when the person says so, and by itself only
// as long as the person has not turned to anybody: then to a peer that connects, and never while something is typed;
// and to the only peer when a line was typed at nobody (`submission.ts`), which then needs another Enter.
//
//   nobody ---a peer connects, or is the only one---> offered ---`to`, or something is said---------> chosen
//     ^                                                 |  ^                                             |
//     |                                                 +--+ another connects, and it is not connected   |
//     +----- the peer is forgotten ---------------------+------------------------------------------------+

import type { ProgramEvent } from "../app/events.ts";
import type { PeerView } from "../core/identity/peer-view.ts";

type State =
  | { readonly name: "nobody"; readonly peer?: undefined }
  | { readonly name: "offered" | "chosen"; readonly peer: PeerView };

type Introduction = Pick<Extract<ProgramEvent, { type: "introduction" }>, "peer" | "by">;

export class Selection {
  readonly #isTyping: () => boolean;
  #state: State = { name: "nobody" };
  /** Everybody whom a line may name. */
  people: readonly PeerView[] = [];
  /** Those who were introduced and wait for an answer, by the ids of their introductions. */
  readonly #introduced = new Map<string, Introduction>();
  /** Fingerprints. */
  readonly #connected = new Set<string>();

  /** `isTyping`: whether a line has been begun, or a change could not be shown now. */
  constructor(isTyping: () => boolean = () => false) {
    this.#isTyping = isTyping;
  }

  get peer(): PeerView | undefined {
    return this.#state.peer;
  }

  isAt(peer: PeerView | undefined): boolean {
    return peer !== undefined && this.peer?.fingerprint === peer.fingerprint;
  }

  /** By itself, with a word to the person. */
  turnTo(peer: PeerView): void {
    this.#state = { name: "offered", peer };
  }

  /** Those who were introduced and wait for an answer. */
  get introduced(): readonly PeerView[] {
    const byPrint = new Map([...this.#introduced.values()].map(({ peer }) => [peer.fingerprint, peer]));
    return [...byPrint.values()];
  }

  learn(event: ProgramEvent): void {
    switch (event.type) {
      case "introduction":
        // The same of the same two again takes the place of the earlier one.
        for (const [id, earlier] of this.#introduced) if (isOfSame(earlier, event)) this.#introduced.delete(id);
        this.#introduced.set(event.id, event);
        break;
      case "introduction-answered":
        this.#introduced.delete(event.id);
        break;
      case "selected":
        this.#state = { name: event.by === "user" ? "chosen" : "offered", peer: event.peer };
        break;
      case "connected":
        this.#connected.add(event.peer.fingerprint);
        if (event.formerFingerprint !== undefined) this.#reprint(event.formerFingerprint, event.peer);
        if (this.#mayTurn) this.#state = { name: "offered", peer: event.peer };
        else this.#refresh(event.peer);
        break;
      case "disconnected":
        if (event.peer !== undefined) this.#connected.delete(event.peer.fingerprint);
        break;
      case "queued":
      case "sent":
        // By an aside to somebody else too: from now on, the prompt does not turn by itself.
        if (this.isAt(event.peer)) this.#state = { name: "chosen", peer: event.peer };
        else if (this.#state.name === "offered") this.#state = { ...this.#state, name: "chosen" };
        break;
      case "peer-forgotten":
        if (this.isAt(event.peer)) this.#state = { name: "nobody" };
        break;
      case "people":
        this.people = event.peers;
        for (const peer of event.peers) this.#refresh(peer);
        break;
      case "renamed":
      case "verify":
        this.#refresh(event.peer);
        break;
      case "peers":
        for (const peer of event.peers) this.#refresh(peer);
        break;
      case "status":
        if (event.status.peer !== undefined) this.#refresh(event.status.peer);
        break;
      default:
        break;
    }
  }

  get #mayTurn(): boolean {
    if (this.#state.name === "chosen" || this.#isTyping()) return false;
    return this.#state.name === "nobody" || !this.#connected.has(this.#state.peer.fingerprint);
  }

  /** The same peer has another fingerprint from now on. */
  #reprint(former: string, peer: PeerView): void {
    if (this.#state.name !== "nobody" && this.#state.peer.fingerprint === former)
      this.#state = { ...this.#state, peer };
  }

  /** It may have been renamed. */
  #refresh(peer: PeerView): void {
    if (this.#state.name !== "nobody" && this.isAt(peer)) this.#state = { ...this.#state, peer };
  }
}

function isOfSame(one: Introduction, other: Introduction): boolean {
  return one.peer.fingerprint === other.peer.fingerprint && one.by.fingerprint === other.by.fingerprint;
}
