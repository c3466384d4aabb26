// The looks: 16-colour palette only, so that the user's theme decides, and the few symbols with their ASCII spelling.
// Meaning never hangs on a colour alone.

export type Paint = (text: string) => string;

export interface Style {
  readonly dim: Paint;
  readonly strong: Paint;
  readonly warning: Paint;
  /** What was looked for. Without looks it stands between stars, and takes two columns more. */
  readonly found: Paint;
  /** Whether there are no looks at all: nothing is dim, and what matters must be said in characters. */
  readonly isPlain: boolean;
  /** The colour of a peer, always the same one for the same fingerprint. */
  peer(fingerprint: string): Paint;
  /** Begins the program's own lines. */
  readonly dot: string;
  readonly promptMark: string;
  readonly ellipsis: string;
}
