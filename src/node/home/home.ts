// The home directory: our identity, and files for what is not in the store (docs/SECURITY.md). HOME/server and
// HOME/client are separate, so that a server and a client of one account can share a home, and so is HOME/hub; HOME/invite
// passes on the last invite. Knows no protocol. Everything is read anew each time: another program may have changed it.

import * as fs from "node:fs";
import { join, resolve } from "node:path";
import { erase, fromUtf8, toUtf8 } from "../../core/bytes.ts";
import { looksLikeInvite, parseInvite } from "../../core/identity/invite.ts";
import type { Identity } from "../../core/identity/identity.ts";
import type { ScryptCost } from "../../core/identity/passphrase.ts";
import type { CipherSuite } from "../../core/noise/index.ts";
import { machineMs } from "../clock.ts";
import { type AccessRules, accessRules, exposuresOf, refuseExposed, refuseExposures } from "./access.ts";
import { AdmittedFile } from "./admitted-file.ts";
import { type Fault, damaged } from "./damage.ts";
import { unwritable } from "./disk-error.ts";
import type { Disk } from "../disk.ts";
import { whileLocked } from "./lock.ts";
import { type IdentityState, OwnIdentity } from "./own-identity.ts";
import { PairingFiles } from "./pairing-files.ts";
import { exposedParents } from "./parents.ts";
import { type ReplaceOptions, removeOldTemporaries, replaceFile } from "./replace-file.ts";
import { readGuarded, statsIfReachable } from "./secret-file.ts";

export { defaultHome } from "./default-home.ts";
export type { IdentityState } from "./own-identity.ts";
export { readSecretFile } from "./secret-file.ts";

// Ours: some 20,000 peers, and a limit on the cost of a wrong file.
const MAX_FILE_BYTES = 8 * 1_048_576;

// Ours: no write takes ten minutes, so an older temporary file belongs to a crash.
const TEMPORARY_MIN_AGE_MS = 600_000;

/** A document that leads to a page at once. `url` has no letters that mean something in HTML. */
function pageLink(url: string): string {
  const head = `<meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Lair</title>`;
  return `<!doctype html>${head}<meta http-equiv="refresh" content="0; url=${url}"><a href="${url}">Lair</a>\n`;
}

// As in ../store/open-store.ts, of any identity, and ../store/hub/open-hub-store.ts.
const STORE_FILE = /^(?:store|hub)(?:\.lock|[\w-]*\.db(?:-wal|-shm|-journal)?)$/;

/** Ours: 32 bytes in base64url; somebody may put another one there. */
const TOKEN = /^[\w-]{32,256}$/;
const LOSS_OF_TOKEN = "Without it lair-hub makes a new one, and whatever uses the API needs that.";
const LOSS_OF_INVITE = "Without it nothing is lost but that invite; lair-server leaves a new one.";

/** The role: which program's part of the home. */
export type Role = "server" | "client" | "hub";

/** Except for the suite, these are for tests and other platforms. */
export interface HomeOptions {
  /** For the identity. */
  readonly suite: CipherSuite;
  readonly platform?: string;
  /** The required owner of these files; by default the effective user of the process. */
  readonly userId?: number;
  readonly disk?: Disk;
  readonly nowMs?: () => number;
  /** Of passphrases, both what new ones cost and what is believed of old ones: the real one is too slow for many tests. */
  readonly scryptCost?: ScryptCost;
}

/**
 * Opens the home directory, creating missing directories (mode 0700), and removes what crashed writes left. Throws
 * LairError home-mode (with every chmod to run) if others could read, change or replace its contents, home-unwritable
 * if a directory cannot be created.
 */
export function openHome(directory: string, role: Role, options: HomeOptions): Home {
  const path = resolve(directory);
  const rules = accessRules(options.platform, options.userId);
  const own = join(path, role);
  const found = () => [...statsOf([path, own], true), ...statsOf([...filesOf(own), join(path, "invite")], false)];
  // Before anything is created in it: another user's home is not touched.
  refuseExposures([...exposedParents(own, path, rules), ...exposuresOf(found(), rules)]);
  makeDirectory(path);
  makeDirectory(own);
  refuseExposed(found(), rules);
  const nowMs = (options.nowMs ?? machineMs)();
  for (const place of [path, own]) removeOldTemporaries(place, nowMs, TEMPORARY_MIN_AGE_MS);
  return new Home(path, role, rules, options);
}

/**
 * An open home. Reading throws LairError home-damaged for a file that is not as it was written, home-mode and
 * file-unreadable for one that must not or cannot be read. Writing throws these too, because a damaged file is never
 * replaced, and home-unwritable, after which the old content is still there.
 */
export class Home {
  readonly directory: string;
  readonly role: Role;
  /** The directory of this role; mode 0700, and existing. */
  readonly ownDirectory: string;
  readonly #rules: AccessRules;
  readonly #writing: ReplaceOptions;
  readonly #identity: OwnIdentity;
  /** Peers and invites in files, if they are not in the store (yet). */
  readonly pairings: PairingFiles;

  constructor(directory: string, role: Role, rules: AccessRules, options: HomeOptions) {
    this.directory = directory;
    this.role = role;
    this.ownDirectory = join(directory, role);
    this.#rules = rules;
    this.#writing = { disk: options.disk, platform: options.platform };
    const path = join(this.ownDirectory, "identity.json");
    const file = {
      path,
      read: () => this.#read(path),
      write: (bytes: Uint8Array) => this.#write(path, bytes),
      change: <Result>(action: () => Result) => this.#change(action),
    };
    this.#identity = new OwnIdentity(file, options.suite, options.scryptCost);
    this.pairings = new PairingFiles({
      directory: this.ownDirectory,
      read: (path) => this.#read(path),
      write: (path, bytes) => this.#write(path, bytes),
      change: (action) => this.#change(action),
    });
  }

  /** The path of the identity, for messages. */
  get identityPath(): string {
    return this.#identity.path;
  }

  /** Whether there is an identity, and whether it is under a passphrase. */
  get identityState(): IdentityState {
    return this.#identity.state;
  }

  /**
   * The identity, or undefined before the first start. The caller owns (and erases) the pair. Throws LairError
   * passphrase-needed when it is under a passphrase.
   */
  loadIdentity(): Identity | undefined {
    return this.#identity.load();
  }

  /**
   * The identity, or undefined: a different passphrase, or somebody has changed the file. Takes half a second or more,
   * on purpose. An identity without a passphrase needs none. The caller erases `passphrase`.
   */
  unlock(passphrase: Uint8Array): Identity | undefined {
    return this.#identity.unlock(passphrase);
  }

  /**
   * Stores a first identity, under a passphrase of 1 to 1,024 bytes if there is one. An existing identity is never
   * replaced: LairError home-unwritable.
   */
  saveIdentity(pair: Identity, passphrase?: Uint8Array): void {
    this.#identity.save(pair, passphrase);
  }

  /** Puts the existing identity under another passphrase, or under none. The pair must be the same. */
  protectIdentity(pair: Identity, passphrase: Uint8Array | undefined): void {
    this.#identity.protect(pair, passphrase);
  }

  /**
   * The identity; at the first start the one that `create` makes, stored. Two programs that start at once get the same
   * one. Throws LairError passphrase-needed if it is under a passphrase.
   */
  identity(create: () => Identity): Identity {
    return this.#identity.obtain(create);
  }

  /** Leaves an invite for a client of the same account, in HOME/invite, replacing the previous one. */
  leaveInvite(text: string): void {
    parseInvite(text);
    this.findInvite(); // throws when what is there is damaged
    this.#write(join(this.directory, "invite"), toUtf8(text.trim()));
  }

  /** The valid invite that a server of the same account left; undefined if there is none. */
  findInvite(): string | undefined {
    const path = join(this.directory, "invite");
    const file = this.#read(path);
    if (file === undefined) return undefined;
    const text = fromUtf8(file)?.trim();
    erase(file);
    const fault = faultOfInvite(text);
    if (text === undefined || fault !== undefined) throw damaged(path, fault ?? "garbled", LOSS_OF_INVITE);
    return text;
  }

  /** Removes the left invite, or with `only` that one and no newer one; whether it did. */
  removeLeftInvite(only?: string): boolean {
    const found = this.findInvite();
    if (found === undefined || (only !== undefined && found !== only.trim())) return false;
    const path = join(this.directory, "invite");
    try {
      fs.unlinkSync(path);
    } catch (error) {
      throw unwritable(path, error);
    }
    return true;
  }

  /**
   * Leaves a file that leads to the page: a browser is asked to open it, because every user of the machine can read
   * arguments, and the link is a secret. Returns its path.
   */
  leavePageLink(url: string): string {
    this.#write(this.#pageLinkPath, toUtf8(pageLink(url)));
    return this.#pageLinkPath;
  }

  /** Removes that file, if there is one. */
  removePageLink(): void {
    fs.rmSync(this.#pageLinkPath, { force: true });
  }

  get #pageLinkPath(): string {
    return join(this.ownDirectory, "page.html");
  }

  /** The server's memory of accepted first messages. Only one program at a time may use it. */
  openAdmitted(): AdmittedFile {
    const path = join(this.ownDirectory, "admitted");
    return new AdmittedFile({ ...this.#writing, path, read: () => this.#read(path) });
  }

  /**
   * The token of a hub's operator, as text; at the first start the one that `create` makes, stored. The file is
   * {@link operatorTokenPath}.
   */
  operatorToken(create: () => string): string {
    return this.#change(() => {
      const path = this.operatorTokenPath;
      const file = this.#read(path);
      const found = file === undefined ? undefined : fromUtf8(file)?.trim();
      erase(file);
      if (file !== undefined && !TOKEN.test(found ?? "")) throw damaged(path, "garbled", LOSS_OF_TOKEN);
      if (found !== undefined) return found;
      const token = create();
      this.#write(path, toUtf8(`${token}\n`));
      return token;
    });
  }

  get operatorTokenPath(): string {
    return join(this.ownDirectory, "operator.token");
  }

  /** Throws LairError home-mode, with the chmod to run, if others could read or change one of these files. */
  refuseExposed(paths: readonly string[]): void {
    refuseExposed(statsOf(paths, false), this.#rules);
  }

  #read(path: string): Uint8Array | undefined {
    return readGuarded(path, this.#rules, { followsLinks: false, maxBytes: MAX_FILE_BYTES });
  }

  /** Erases `bytes` afterwards. The caller has read the old content, so it is not damaged. */
  #write(path: string, bytes: Uint8Array): void {
    try {
      replaceFile(path, bytes, this.#writing);
    } finally {
      erase(bytes);
    }
  }

  #change<Result>(action: () => Result): Result {
    return whileLocked(join(this.ownDirectory, "lock"), action);
  }
}

function faultOfInvite(text: string | undefined): Fault | undefined {
  if (text === "") return "empty";
  if (text === undefined || !looksLikeInvite(text)) return "garbled";
  try {
    erase(parseInvite(text).psk);
    return undefined;
  } catch {
    return "garbled";
  }
}

/** All that a program of a role may read in its directory: a copy without modes is told of as a whole. */
function filesOf(own: string): readonly string[] {
  const names = ["identity.json", "peers.json", "invites.json", "admitted", "operator.token", "lock"];
  return [...names, ...namesIn(own).filter((name) => STORE_FILE.test(name))].map((name) => join(own, name));
}

function namesIn(directory: string): readonly string[] {
  try {
    return fs.readdirSync(directory).toSorted();
  } catch {
    // Missing, or closed: the code that reads a file in it reports that.
    return [];
  }
}

function makeDirectory(path: string): void {
  try {
    fs.mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** The stats of the existing paths. The code that reads an unreachable path reports why. */
function statsOf(paths: readonly string[], isDirectory: boolean) {
  return paths.flatMap((path) => {
    const stats = statsIfReachable(path);
    return stats === undefined ? [] : [{ path, stats, isDirectory }];
  });
}
