// Pairing by invite over a wire that is cut on the way, and what must come of it: the next try connects.

import assert from "node:assert/strict";
import type { Program } from "./program.ts";
import { Proxy, type ProxyOptions } from "./proxy.ts";
import { connected, inviteOf, portOf, type Fixture } from "./fixture.ts";

/** What one pairing carries up to its first acknowledged message, both ways together: between 2,500 and 3,500 bytes. */
export const PAIRING_BYTES = 3_500;

export class Interruption {
  readonly #fixture: Fixture;
  readonly #server: Program;
  readonly #proxy: Proxy;
  #invites = 0;

  private constructor(fixture: Fixture, server: Program, proxy: Proxy) {
    this.#fixture = fixture;
    this.#server = server;
    this.#proxy = proxy;
  }

  static async prepare(fixture: Fixture): Promise<Interruption> {
    const server = fixture.server();
    await inviteOf(server);
    return new Interruption(fixture, server, await Proxy.to(fixture, await portOf(server)));
  }

  /** Pairs a new client over a wire that is cut so, and then again over one that is not. */
  async play(cut: ProxyOptions, what: string): Promise<void> {
    const server = this.#server;
    if (this.#invites > 0) server.tell({ command: "invite" });
    this.#invites += 1;
    const invite = String((await server.count("invite", this.#invites))[this.#invites - 1]!["invite"]);
    const home = this.#fixture.home();
    const args = [this.#proxy.url, "--invite-file", this.#fixture.file(invite)];

    this.#proxy.options = cut;
    // It would come back by itself, and what it says is to be gone with it.
    const first = this.#fixture.client({ home, args: [...args, "--once", "--no-store"] });
    // It says something as soon as it can, so that there is always something left to cut.
    first.tell({ send: "hello" });
    const { code } = await first.exited;
    assert.ok([1, 3, 4].includes(code), `${what}: it left with ${code}.\n${first.stdout}${first.stderr}`);
    assert.doesNotMatch(first.stdout + first.stderr, /^\s+at /m);

    this.#proxy.options = {};
    const known = server.all("connected").length;
    const again = this.#fixture.client({ home, args });
    await again.next("connected");
    await server.count("connected", known + 1);
    again.tell({ send: what });
    await again.next("delivered");
    // The two outputs are read in no order.
    await server.until(what, () => server.all("message").at(-1)?.["text"] === what || undefined);
    again.tell({ command: "quit" });
    await again.leaves(0);

    // And without the invite, from then on.
    const later = this.#fixture.client({ home });
    await connected(later);
    later.tell({ command: "quit" });
    await later.leaves(0);
  }
}
