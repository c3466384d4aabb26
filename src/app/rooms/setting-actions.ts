// The commands about the user's settings for hubs and people.

import { toHex } from "../../core/bytes.ts";
import { safetyWords } from "../../core/identity/safety-words.ts";
import type { RoomReport } from "./room-reports.ts";
import type { RoomSettings } from "./room-store.ts";
import { type ActionParts, type CommandOf } from "./action-parts.ts";

export class SettingActions {
  readonly #parts: ActionParts;

  constructor(parts: ActionParts) {
    this.#parts = parts;
  }

  async follow({ who, isOn }: CommandOf<"follow">): Promise<RoomReport> {
    const { places, names, showing } = this.#parts;
    const person = await places.anybody(undefined, who);
    const key = toHex(person.signatureKey);
    const isFollowed = isOn ?? !this.#parts.places.hubs.some(({ settings }) => settings.follows.includes(key));
    await this.#setAll(({ follows }) => {
      const others = follows.filter((one) => one !== key);
      return { follows: isFollowed ? [...others, key] : others };
    });
    const report = { type: "followed", who: await names.view(person), isFollowed } as const;
    showing.tell(report);
    return report;
  }

  async mark(command: CommandOf<"marks" | "invisible">): Promise<RoomReport> {
    const { isOn } = command;
    const what = command.type === "invisible" ? "invisible" : command.what;
    await this.#setAll(() =>
      what === "invisible" ? { isInvisible: isOn } : what === "typing" ? { tellsTyping: isOn } : { tellsRead: isOn },
    );
    const isHidden =
      what !== "invisible" && isOn && this.#parts.places.hubs.some(({ settings }) => settings.isInvisible);
    const report = { type: "marks", what, isOn, ...(isHidden ? { isHidden } : {}) } as const;
    this.#parts.showing.tell(report);
    return report;
  }

  async verify({ who }: CommandOf<"verify">): Promise<RoomReport> {
    const { places, names, suite, identity } = this.#parts;
    const person = await places.anybody(undefined, who);
    return { type: "room-verify", who: await names.view(person), words: safetyWords(suite, identity, person) };
  }

  async #setAll(change: (settings: RoomSettings) => Partial<RoomSettings>): Promise<void> {
    for (const hub of this.#parts.places.hubs) await hub.set({ ...hub.settings, ...change(hub.settings) });
  }
}
