// The page and the API of a program: the frontend beside the terminal, the API behind the listener, and the link to it. Only
// --http loads it (`load-page.ts`).
//
//   made ---open---> open, its link is shown ---close---> closed

import { ApiMemory } from "../app/api/api-memory.ts";
import type { ApiProgram } from "../app/api/api-program.ts";
import { LocalApi } from "../app/api/local-api.ts";
import type { ProgramName } from "../app/command-table.ts";
import { errorEvent, type Frontend } from "../app/frontend.ts";
import { Frontends } from "../app/frontends.ts";
import type { Messenger } from "../app/messenger.ts";
import type { Persistence } from "../app/persistence.ts";
import { toBase64Url, toHex } from "../core/bytes.ts";
import { LairError } from "../core/errors.ts";
import type { Identity } from "../core/identity/identity.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { openInBrowser } from "../node/browser.ts";
import { SYSTEM_CLOCK, wallMs } from "../node/clock.ts";
import type { Home } from "../node/home/home.ts";
import { tokenIn } from "../node/home/token-file.ts";
import { listenForPage } from "../node/page-api/listen.ts";
import { isLoopbackAddress } from "../node/websocket/connection-limits.ts";
import { unusableAddress } from "../node/websocket/network-errors.ts";
import { isAllowedHost } from "../node/websocket/upgrade-rules.ts";
import { readCommand } from "../ui/json-commands.ts";
import { toJson } from "../ui/json-lines.ts";
import { type HttpArguments, notOnThisMachine } from "./arguments.ts";
import { loadPageFiles } from "./page-files.ts";
import { ownName, random } from "./start.ts";
import { version } from "./version.ts";

interface PageProgramOptions {
  /** The terminal, the pipe or the JSON lines. */
  readonly main: Frontend;
  readonly http: HttpArguments;
  readonly program: ProgramName;
}

/** What the page stands on, once there is all of it. */
interface PageParts extends Pick<ApiProgram, "listening" | "command" | "invites" | "waitingKeys"> {
  /** Of --name. */
  readonly name: string | undefined;
  readonly home: Home;
  readonly identity: Identity;
  readonly persistence: Persistence;
  readonly suite: CipherSuite;
  readonly messenger: Messenger;
}

type State =
  | { readonly name: "made" | "closed" }
  | { readonly name: "open"; readonly link: string; readonly home: Home; readonly close: () => Promise<void> };

/** Ours: 32 bytes cannot be guessed. */
const TOKEN_BYTES = 32;
/** Ours: enough to tell one run of a program from another. */
const RUN_BYTES = 8;
/** Ours: how often it is looked whether the readers of events are still there. */
const BEAT_MS = 30_000;

function newToken(): string {
  return toBase64Url(random(TOKEN_BYTES));
}

export class PageProgram {
  readonly #options: PageProgramOptions;
  readonly #memory: ApiMemory;
  /** The messenger's: the main one and the page. */
  readonly frontend: Frontends;
  #state: State = { name: "made" };

  constructor(options: PageProgramOptions) {
    this.#options = options;
    this.#memory = new ApiMemory({
      run: toHex(random(RUN_BYTES)),
      toJson,
      nowMs: wallMs,
    });
    this.frontend = new Frontends(options.main, [this.#memory]);
  }

  /**
   * Opens the listener, and shows its link. Rejects with LairError usage, address-in-use, address-unusable, and home-* or
   * file-unreadable for the token file.
   */
  async open(parts: PageParts): Promise<void> {
    const { http, program } = this.#options;
    const token = http.tokenFile === undefined ? newToken() : tokenIn(http.tokenFile, newToken);
    const listener = await listenForPage({
      host: http.host,
      port: http.port,
      api: this.#api(parts),
      files: await loadPageFiles(),
      token,
      version: version(),
      isLoopbackAddress,
      isOwnHost: (host) => isAllowedHost(host, []),
      unusable: (host, port, error) => unusableAddress(host, port, error, "--http"),
      notLoopback: (address) => notOnThisMachine(address, program),
      nowMs: () => SYSTEM_CLOCK.now().monotonicMs,
      everyBeat,
      onWrongTokens: () =>
        this.frontend.show({
          type: "notice",
          text: "Somebody on this machine has tried many wrong tokens at the page's address.",
        }),
      onFault: (error) => this.frontend.show(errorEvent(error)),
    });
    const link = `${listener.url}/#${token}`;
    this.#state = { name: "open", link, home: parts.home, close: async () => await listener.close() };
    const lasting = http.tokenFile === undefined ? {} : { tokenFile: http.tokenFile };
    this.#options.main.show({ type: "http", url: link, ...lasting });
  }

  #api({
    name,
    listening,
    command,
    invites,
    waitingKeys,
    identity,
    persistence,
    suite,
    messenger,
  }: PageParts): LocalApi {
    return new LocalApi({
      program: {
        name: this.#options.program,
        version: version(),
        ownName: ownName(name),
        listening,
        command,
        ...(invites === undefined ? {} : { invites }),
        ...(waitingKeys === undefined ? {} : { waitingKeys }),
      },
      messenger,
      frontends: this.frontend,
      memory: this.#memory,
      history: persistence.history,
      receipts: persistence.receipts,
      isLasting: persistence.isLasting,
      self: identity,
      suite,
      clock: SYSTEM_CLOCK,
      toJson,
      readCommand,
    });
  }

  /** Opens the page in the user's browser. Throws LairError usage, home-unwritable. */
  browse(): void {
    if (this.#state.name !== "open") throw new LairError("usage", "The page is not open yet.", { hint: "Try again." });
    const { link, home } = this.#state;
    openInBrowser(home.leavePageLink(link), (why) =>
      this.frontend.show({ type: "notice", text: `No browser was opened: ${why}. Copy the link instead.` }),
    );
  }

  async close(): Promise<void> {
    if (this.#state.name !== "open") return;
    const { home, close } = this.#state;
    this.#state = { name: "closed" };
    home.removePageLink();
    await close();
  }
}

function everyBeat(action: () => void): () => void {
  const timer = setInterval(action, BEAT_MS).unref();
  return () => clearInterval(timer);
}
