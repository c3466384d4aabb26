// A reader of TypeScript that is just good enough for layers.test.ts: tokens without comments, and the imports in them.
// It knows strings, templates and regular expressions, and no grammar.

export interface Token {
  readonly kind: "word" | "string" | "template" | "mark";
  /** Of a template: with a "*" for each expression; the expressions' tokens follow, each lot between parentheses. */
  text: string;
}

/** Comments; strings; regular expressions (only where a value may begin); words; marks. */
const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\//y;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const REGEX = /\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const WORD = /#?[\p{ID_Start}$_][\p{ID_Continue}$]*|\.?\d[\w.]*/uy;
/** After one of these words, or any mark but a closing one, a slash begins a regular expression. */
const BEFORE_VALUE = /^(?:return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield)$/;

/** The tokens of a source, without comments. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  /** The templates that are open, and how many braces are open in the expression of each. */
  const templates: { readonly token: Token; depth: number }[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    at += text?.length ?? 0;
    return text;
  };
  const readTemplate = (token: Token): void => {
    token.text += match(/(?:[^`\\$]|\\[^]|\$(?!\{))*/y) ?? "";
    if (match(/`/y) !== undefined) return;
    at += 2;
    token.text += "*";
    tokens.push({ kind: "mark", text: "(" });
    templates.push({ token, depth: 0 });
  };
  while (at < source.length) {
    if (match(/\s+/y) !== undefined || match(COMMENT) !== undefined) continue;
    const last = tokens.at(-1);
    const isValueNext =
      last === undefined ||
      (last.kind === "mark" && !/[)\]}]/.test(last.text)) ||
      (last.kind === "word" && BEFORE_VALUE.test(last.text));
    if (isValueNext && match(REGEX) !== undefined) {
      tokens.push({ kind: "mark", text: ")" });
      continue;
    }
    const string = match(STRING);
    if (string !== undefined) {
      tokens.push({ kind: "string", text: string.slice(1, -1) });
      continue;
    }
    const word = match(WORD);
    if (word !== undefined) {
      tokens.push({ kind: "word", text: word });
      continue;
    }
    const mark = source[at++]!;
    const template = templates.at(-1);
    if (mark === "`") {
      const token: Token = { kind: "template", text: "" };
      tokens.push(token);
      readTemplate(token);
    } else if (mark === "}" && template?.depth === 0) {
      templates.pop();
      tokens.push({ kind: "mark", text: ")" });
      readTemplate(template.token);
    } else {
      if (template !== undefined && mark === "{") template.depth++;
      if (template !== undefined && mark === "}") template.depth--;
      tokens.push({ kind: "mark", text: mark });
    }
  }
  return tokens;
}

/**
 * What a source imports: static, re-exported, by side effect, dynamic or as a type. A template's expressions are "*",
 * and "*" alone stands for a name that is computed in another way.
 */
export function importsOf(tokens: readonly Token[]): string[] {
  return tokens.flatMap(({ kind, text }, index) => {
    if (kind !== "word" || tokens[index - 1]?.text === ".") return [];
    const [next, second] = [tokens[index + 1], tokens[index + 2]];
    if ((text === "from" || text === "import") && next?.kind === "string") return [next.text];
    if (text === "import" && next?.text === "(")
      return [second?.kind === "string" || second?.kind === "template" ? second.text : "*"];
    return [];
  });
}
