// Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", 2019, §4): the length to which something is
// padded, so that its length says little. Knows nothing of what is padded.

/** The class of a length: `smallest` for all up to it; above that Padmé's, for 256 bytes and more at most 6.25 % longer. */
export function padmeLength(length: number, smallest: number): number {
  if (length <= smallest) return smallest;
  const exponent = Math.floor(Math.log2(length));
  const mantissaBits = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** (exponent - mantissaBits);
  return Math.ceil(length / step) * step;
}
