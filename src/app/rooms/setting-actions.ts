// The commands about what the user wants of hubs and people.

import { toHex } from "../../core/bytes.ts";
import { safetyWords } from "../../core/identity/safety-words.ts";
import type { RoomSettings } from "./room-store.ts";
import { type ActionParts, type CommandOf } from "./action-parts.ts";

export class SettingActions {
  readonly #parts: ActionParts;

  constructor(parts: ActionParts) {
    this.#parts = parts;
  }

  async follow({ who }: CommandOf<"follow">): Promise<void> {
    const { places, names, showing } = this.#parts;
    const person = await places.anybody(undefined, who);
    const key = toHex(person.signatureKey);
    const isFollowed = !this.#parts.places.hubs.some(({ settings }) => settings.follows.includes(key));
    await this.#setAll(({ follows }) => ({
      follows: isFollowed ? [...follows, key] : follows.filter((one) => one !== key),
    }));
    showing.tell({ type: "followed", who: await names.view(person), isFollowed });
  }

  async mark(command: CommandOf<"marks" | "invisible">): Promise<void> {
    const { isOn } = command;
    const what = command.type === "invisible" ? "invisible" : command.what;
    await this.#setAll(() =>
      what === "invisible" ? { isInvisible: isOn } : what === "typing" ? { tellsTyping: isOn } : { tellsRead: isOn },
    );
    const isHidden =
      what !== "invisible" && isOn && this.#parts.places.hubs.some(({ settings }) => settings.isInvisible);
    this.#parts.showing.tell({ type: "marks", what, isOn, ...(isHidden ? { isHidden } : {}) });
  }

  async verify({ who }: CommandOf<"verify">): Promise<void> {
    const { places, names, suite, identity, showing } = this.#parts;
    const person = await places.anybody(undefined, who);
    showing.tell({ type: "room-verify", who: await names.view(person), words: safetyWords(suite, identity, person) });
  }

  async #setAll(change: (settings: RoomSettings) => Partial<RoomSettings>): Promise<void> {
    for (const hub of this.#parts.places.hubs) await hub.set({ ...hub.settings, ...change(hub.settings) });
  }
}
