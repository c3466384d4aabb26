// A disk under the store that fails where a test says so.
import { type Engine, type OpenEngine, openLibsql } from "../../../src/node/store/connection.ts";

/** SQLite's numbers. */
export const CODES = { full: 13, readonly: 8, ioFsync: 1034, ioWrite: 778, cantOpen: 14, noMemory: 7 };

/** Fails the statements for which `judge` names a code, before or after SQLite has carried them out. */
export class Trouble {
  judge: (sql: string) => { readonly code: number; readonly isDone?: boolean } | undefined = () => undefined;

  readonly open: OpenEngine = (...place) => {
    const engine = openLibsql(...place);
    const around = <Result>(sql: string, action: () => Result): Result => {
      const trouble = this.judge(sql);
      const fail = (): never => {
        throw Object.assign(new Error("injected"), { code: "SQLITE_INJECTED", rawCode: trouble!.code });
      };
      if (trouble !== undefined && trouble.isDone !== true) fail();
      const result = action();
      if (trouble !== undefined) fail();
      return result;
    };
    const wrapped: Engine = {
      get inTransaction() {
        return engine.inTransaction;
      },
      exec: (sql) => around(sql, () => engine.exec(sql)),
      prepare(sql) {
        const statement = engine.prepare(sql);
        return {
          raw: () => statement.raw(),
          run: (values) => around(sql, () => statement.run(values)),
          get: (values) => around(sql, () => statement.get(values)),
          all: (values) => around(sql, () => statement.all(values)),
        };
      },
      close: () => engine.close(),
    };
    return wrapped;
  };
}
