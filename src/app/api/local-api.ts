// The API in the program itself: the messenger, the pairings, the history and the rooms behind one interface. The listener
// checks the shapes of what it is called with; what they mean is checked here.

import type { Api, ApiEvent, CallOptions, InputOf, OutputOf } from "./api.ts";
import { equalInConstantTime, toUtf8 } from "../../core/bytes.ts";
import { ApiGround, type ApiParts, type Calls, type Keyed } from "./api-ground.ts";
import { type CallName, CALLS } from "./calls.ts";
import { ConversationCalls } from "./conversation-calls.ts";
import { messageCalls } from "./message-calls.ts";
import { peopleCalls } from "./people-calls.ts";
import { PersonLines } from "./person-lines.ts";
import { asProblem, requireCharacters } from "./problems.ts";
import { programCalls } from "./program-calls.ts";
import { callText, Repeats, takenKey } from "./repeats.ts";
import { roomCalls } from "./room-calls.ts";
import { RoomLines } from "./room-lines.ts";

/**
 * The API of this program.
 *
 * @example
 * const memory = new ApiMemory({ run, toJson, nowMs });
 * const frontends = new Frontends(terminal, [memory]);
 * const messenger = new Messenger({ frontend: frontends, ... });
 * const api: Api = new LocalApi({ program, messenger, frontends, memory, ... });
 */
export class LocalApi implements Api {
  readonly #parts: ApiParts;
  readonly #calls: Calls<CallName>;
  readonly #repeats = new Repeats();

  constructor(parts: ApiParts) {
    const ground = new ApiGround(parts);
    const people = new PersonLines(ground);
    const rooms = new RoomLines(ground);
    this.#parts = parts;
    this.#calls = {
      ...programCalls(ground),
      ...new ConversationCalls(ground, people, rooms).calls,
      ...messageCalls(ground),
      ...peopleCalls(ground),
      ...roomCalls(ground),
    };
  }

  async call<Name extends CallName>(
    name: Name,
    input: InputOf<Name>,
    options: CallOptions = {},
  ): Promise<OutputOf<Name>> {
    const { idempotencyKey: key } = options;
    try {
      requireCharacters(input);
      if (key === undefined || CALLS[name].method === "GET") return await this.#calls[name](input);
      return await this.#repeats.once(
        key,
        name,
        input,
        async () => await this.#calls[name](input, this.#keyed(key, name, input)),
      );
    } catch (error) {
      throw asProblem(error);
    }
  }

  /** Undefined: nothing outlives the program. Throws ApiProblem for a key that another call has had, LairError store-*. */
  #keyed(key: string, name: CallName, input: object): Keyed | undefined {
    const { receipts, suite, clock } = this.#parts;
    if (receipts === undefined) return undefined;
    const digest = (text: string): Uint8Array => suite.hash.hash(toUtf8(`lair receipt ${key} ${text}`));
    const receipt = { key: digest(""), call: digest(callText(name, input)), atMs: clock.now().wallMs };
    const kept = receipts.receiptsOf(receipt.key, receipt.atMs);
    if (kept.every(({ call }) => equalInConstantTime(call, receipt.call))) return { receipt, kept };
    throw takenKey();
  }

  /** The listener must not throw. */
  listen(listener: (event: ApiEvent) => void, since?: string): () => void {
    return this.#parts.memory.log.listen(listener, since);
  }
}
