// Lets `node --test` run TypeScript, whatever tsconfig the current directory holds, and without a cache in the temporary
// directory: another user of the machine could put code of his own there.
process.env.TSX_DISABLE_CACHE = "1";
const { register } = await import("tsx/esm/api");
register({ tsconfig: false });
