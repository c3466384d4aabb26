// A disk of which one call fails: only that one, as when space is short for a moment, or all that follow too, as for a
// program that is killed there and cannot tidy up.

import { type Disk, realDisk } from "../../../src/node/disk.ts";

export class MortalDisk implements Disk {
  #callsLeft: number;
  readonly #end: "fails once" | "dies";
  #state: "well" | "failed" | "revived" = "well";

  constructor(callsBefore: number, end: "fails once" | "dies") {
    this.#callsLeft = callsBefore;
    this.#end = end;
  }

  /** Whether no call was made to fail. */
  get isUnharmed(): boolean {
    return this.#callsLeft >= 0;
  }

  /** Another program uses the disk. */
  revive(): void {
    this.#state = "revived";
  }

  openSync = (path: string, flags: string, mode?: number): number =>
    this.#call(() => realDisk.openSync(path, flags, mode));
  writeSync = (descriptor: number, bytes: Uint8Array, offset: number): number =>
    this.#call(() => realDisk.writeSync(descriptor, bytes, offset));
  fsyncSync = (descriptor: number): void => this.#call(() => realDisk.fsyncSync(descriptor));
  renameSync = (from: string, to: string): void => this.#call(() => realDisk.renameSync(from, to));
  unlinkSync = (path: string): void => this.#call(() => realDisk.unlinkSync(path));
  /** Always: the system closes what a dead program had open. */
  closeSync = (descriptor: number): void => realDisk.closeSync(descriptor);

  #call<Result>(action: () => Result): Result {
    const isHurt = this.#state === "well" && this.#callsLeft-- === 0;
    if (isHurt) this.#state = "failed";
    if (isHurt || (this.#state === "failed" && this.#end === "dies")) {
      throw Object.assign(new Error("injected"), { code: "ENOSPC" });
    }
    return action();
  }
}
