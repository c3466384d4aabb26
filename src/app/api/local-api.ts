// The API in the program itself: the messenger, the pairings, the history and the rooms behind one interface. The listener
// checks the shapes of what it is called with; what they mean is checked here.

import type { Api, ApiEvent, CallOptions, InputOf, OutputOf } from "./api.ts";
import { ApiGround, type ApiParts, type Calls } from "./api-ground.ts";
import { type CallName, CALLS } from "./calls.ts";
import { ConversationCalls } from "./conversation-calls.ts";
import { messageCalls } from "./message-calls.ts";
import { peopleCalls } from "./people-calls.ts";
import { PersonLines } from "./person-lines.ts";
import { asProblem, requireCharacters } from "./problems.ts";
import { programCalls } from "./program-calls.ts";
import { Repeats } from "./repeats.ts";
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
      const carryOut = async (): Promise<OutputOf<Name>> => await this.#calls[name](input);
      if (key === undefined || CALLS[name].method === "GET") return await carryOut();
      return await this.#repeats.once(key, name, input, carryOut);
    } catch (error) {
      throw asProblem(error);
    }
  }

  /** The listener must not throw. */
  listen(listener: (event: ApiEvent) => void, since?: string): () => void {
    return this.#parts.memory.log.listen(listener, since);
  }
}
