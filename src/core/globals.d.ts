// The globals that the core may use: only UTF-8 and URLs. Every browser and Node have these; the core's own tsconfig
// knows no other global, so a timer, a console or a Buffer does not compile here.
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, bytes: Uint8Array): { readonly read: number; readonly written: number };
}
declare class TextDecoder {
  constructor(label: "utf-8", options: { fatal: boolean; ignoreBOM: boolean });
  decode(bytes: Uint8Array): string;
}
declare class URL {
  constructor(url: string, base?: string);
  static canParse(url: string): boolean;
  readonly hostname: string;
  readonly pathname: string;
  readonly search: string;
}
