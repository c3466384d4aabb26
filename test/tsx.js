// Lets `node --test` run TypeScript, whatever tsconfig the current directory holds.
import { register } from "tsx/esm/api";
register({ tsconfig: false });
