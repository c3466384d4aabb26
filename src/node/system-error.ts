// The errors of the operating system: the code of a failed call, and its meaning in half a sentence. What to do about
// it depends on the call, so most hints are elsewhere.

/** The code of an error that has one: the system's, such as "ENOENT", or Node's own, such as "ERR_TLS_...". */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The code of a failed system call, such as "ENOSPC"; not Node's own ERR_ codes, which tell of mistakes in a program. */
export function systemCode(error: unknown): string | undefined {
  const code = errorCode(error);
  return code !== undefined && /^E(?!RR_)[A-Z0-9]+$/.test(code) ? code : undefined;
}

/** What a code means for a file, and what to do where the file is in the home. */
export const FILE_ERRORS: { readonly [code: string]: readonly [what: string, hint: string] } = {
  ENOSPC: ["the disk is full", "Free some space, then try again."],
  EDQUOT: ["your quota on this disk is used up", "Free some space, then try again."],
  EFBIG: ["a limit on the size of files was reached", "Raise the limit (ulimit -f), then try again."],
  EROFS: ["the file system is read-only", "Make it writable, or choose another place with --home."],
  EACCES: ["permission denied", "Give yourself permission, or choose another place with --home."],
  EPERM: ["the system does not permit it", "Choose another place with --home."],
  ENOTDIR: ["a part of this path is not a directory", "Move that file away, or choose another place with --home."],
  EEXIST: ["something that is not a directory is in the way", "Move it away, or choose another place with --home."],
  EISDIR: ["a directory is in the way", "Move it away, or choose another place with --home."],
  ENOENT: ["the directory is not there", "Create it, or choose another place with --home."],
  ENOLCK: [
    "the file system refuses locks",
    "Keep the home on a disk of this machine: choose another place with --home.",
  ],
  EMFILE: ["too many files are open in this program", "Raise the limit (ulimit -n), then try again."],
  ENFILE: ["too many files are open on this machine", "End some programs, then try again."],
  EIO: ["the disk failed", "Check the disk, then try again."],
  ELOOP: ["the symbolic links form a loop", "Fix them, or choose another place with --home."],
};
