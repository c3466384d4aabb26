// The style: only the 16-colour palette, so that the user's theme decides, and the few symbols with their ASCII forms.
// No meaning depends on colour alone.

export type Paint = (text: string) => string;

export interface Style {
  readonly dim: Paint;
  readonly strong: Paint;
  readonly warning: Paint;
  /** A search word. Without styles it is between stars, and takes two more columns. */
  readonly found: Paint;
  /** Whether there are no styles at all: nothing is dim, and what matters must be written as characters. */
  readonly isPlain: boolean;
  /** The colour of a peer, always the same for the same fingerprint. */
  peer(fingerprint: string): Paint;
  /** The beginning of the program's own lines. */
  readonly dot: string;
  readonly promptMark: string;
  readonly ellipsis: string;
}
