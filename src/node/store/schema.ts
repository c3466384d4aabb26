// The tables of the store and their history: one step per version, counted by PRAGMA user_version. Knows no key;
// sealing.ts explains `body`, `setting` and the nonces, where an "opening" is a key generation.

import type { Connection } from "./connection.ts";
import { damagedStore, newerStore } from "./store-error.ts";

/** Step n converts version n to version n + 1. A released step is never changed: a change is a new step. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id BLOB NOT NULL,              -- of this store, 16 random bytes
    mended INTEGER NOT NULL        -- counts up after a write that failed, see sql-store.ts
  ) STRICT;

  CREATE TABLE openings (
    id INTEGER PRIMARY KEY,
    salt BLOB NOT NULL
  ) STRICT;

  CREATE TABLE peers (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    acknowledged INTEGER NOT NULL,
    released INTEGER NOT NULL,
    next INTEGER NOT NULL,
    expected INTEGER NOT NULL,
    shown INTEGER NOT NULL,
    unshown INTEGER NOT NULL,      -- how many wait in the inbox: its numbers may have gaps
    peer_store BLOB,
    retention_ms INTEGER,          -- NULL: off; -1: for ever
    has_setting INTEGER NOT NULL,
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    setting BLOB NOT NULL          -- sealed; bound to all of the row
  ) STRICT;

  CREATE TABLE messages (
    id INTEGER PRIMARY KEY,        -- in the order in which they were stored
    peer INTEGER NOT NULL REFERENCES peers,
    direction INTEGER NOT NULL,    -- 0: ours, 1: the peer's
    seq INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    waits INTEGER NOT NULL,        -- 1: in the outbox or the inbox
    kept INTEGER NOT NULL,         -- 1: a line of the history, in the index of its words
    ttl_ms INTEGER,                -- ours, waiting: how long it stays once it is acknowledged
    expires_ms INTEGER,
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    body BLOB NOT NULL             -- sealed: stamp and message
  ) STRICT;

  CREATE TABLE lives (
    peer INTEGER NOT NULL REFERENCES peers,
    life BLOB NOT NULL,
    last_seq INTEGER NOT NULL,     -- of what has arrived of it
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    body BLOB NOT NULL,            -- sealed: how much has arrived; bound to all of the row
    PRIMARY KEY (peer, life)
  ) STRICT, WITHOUT ROWID;

  CREATE UNIQUE INDEX waiting ON messages (peer, direction, seq) WHERE waits = 1;
  CREATE INDEX lines ON messages (peer, id) WHERE kept = 1;
  CREATE INDEX aging ON messages (peer, at_ms) WHERE kept = 1 AND waits = 0;
  CREATE INDEX expiring ON messages (peer, expires_ms) WHERE expires_ms IS NOT NULL AND waits = 0;
  CREATE INDEX latest ON lives (peer, last_seq);
  `,
  `
  ALTER TABLE messages ADD COLUMN is_cut INTEGER NOT NULL DEFAULT 0;  -- 1: only its first words are in the index

  CREATE TABLE forgotten (
    peer INTEGER PRIMARY KEY REFERENCES peers,
    last INTEGER NOT NULL          -- lines with this id and below were forgotten, and go when they do not wait any more
  ) STRICT;
  `,
  `
  ALTER TABLE meta ADD COLUMN seen_ms INTEGER;     -- the time that was trusted last, see trusted-time.ts; NULL: none yet
  ALTER TABLE meta ADD COLUMN doubted_ms INTEGER;  -- where a clock that is in doubt stood at first
  `,
  `
  CREATE TABLE pairings (
    id INTEGER PRIMARY KEY,        -- in the order in which they were paired first
    key BLOB NOT NULL UNIQUE,      -- the peer's public key
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    body BLOB NOT NULL             -- sealed: the peer with its psks; bound to id and key
  ) STRICT;

  CREATE TABLE invites (
    id INTEGER PRIMARY KEY,        -- in the order in which they were made
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    body BLOB NOT NULL             -- sealed: id, psk and end; bound to the row's id
  ) STRICT;

  ALTER TABLE meta ADD COLUMN has_taken_over INTEGER NOT NULL DEFAULT 0;  -- 1: pairings that were in files
  `,
  `
  UPDATE meta SET mended = mended;  -- no change here: from now on the sealed peers may have a signature key
  `,
  `
  -- Kind and stream; NULL: a chat message, as those of earlier versions are. The seal of the body covers them.
  ALTER TABLE messages ADD COLUMN kind INTEGER;
  ALTER TABLE messages ADD COLUMN stream INTEGER;
  `,
  `
  CREATE TABLE indexed (
    peer INTEGER PRIMARY KEY REFERENCES peers,
    last INTEGER NOT NULL          -- lines up to this id are in the index of words; later ones follow when there is time
  ) STRICT;
  INSERT INTO indexed (peer, last) SELECT id, (SELECT coalesce(max(id), 0) FROM messages) FROM peers;
  `,
  `
  -- Both are covered by the seal of the row, unless both are NULL.
  ALTER TABLE peers ADD COLUMN history_bytes INTEGER;  -- of the bodies of its lines; NULL: not counted yet
  ALTER TABLE peers ADD COLUMN limit_bytes INTEGER;    -- how many of them are kept; NULL: as many as by default
  `,
  `
  UPDATE meta SET mended = mended;  -- no change here: from now on the sealed peers may have their introducer's key
  `,
  `
  CREATE TABLE rooms (
    id INTEGER PRIMARY KEY,
    key BLOB UNIQUE,               -- the room's id; NULL: forgotten, and goes when its lines are deleted
    hub BLOB,                      -- the hub's public key; NULL: nothing is stored of the room but lines
    place INTEGER NOT NULL,        -- in the order in which they were stored first
    shown INTEGER NOT NULL,        -- the last number that was shown; -1: none
    has_words INTEGER NOT NULL,    -- 1: it has an index of words
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    seal BLOB NOT NULL             -- of nothing; bound to all of the row
  ) STRICT;

  CREATE TABLE room_parts (
    room INTEGER NOT NULL REFERENCES rooms,
    part INTEGER NOT NULL,         -- see room-parts.ts
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    body BLOB NOT NULL,            -- sealed; bound to room and part
    UNIQUE (room, part)
  ) STRICT;

  CREATE TABLE room_lines (
    id INTEGER PRIMARY KEY,        -- in the order in which they were stored
    room INTEGER NOT NULL REFERENCES rooms,
    seq INTEGER NOT NULL,
    entry BLOB NOT NULL,           -- the id of its entry in the hub's log
    at_ms INTEGER NOT NULL,
    is_own INTEGER NOT NULL,
    is_about INTEGER NOT NULL,     -- 1: goes once it was shown; 0: a line, whose words are in the index
    expires_ms INTEGER,
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    body BLOB NOT NULL             -- sealed: who said it, content and words; bound to all of the row and the room
  ) STRICT;

  CREATE INDEX room_lines_in_order ON room_lines (room, seq);
  CREATE INDEX room_lines_by_entry ON room_lines (room, entry);
  CREATE INDEX room_lines_own ON room_lines (room, seq) WHERE is_own = 1 AND is_about = 0;
  CREATE INDEX room_lines_about ON room_lines (room, seq) WHERE is_about = 1;
  CREATE INDEX room_lines_expiring ON room_lines (expires_ms) WHERE expires_ms IS NOT NULL;

  CREATE TABLE room_outgoing (
    id INTEGER PRIMARY KEY,        -- in the order in which they were said
    room INTEGER NOT NULL REFERENCES rooms,
    entry BLOB NOT NULL,
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    body BLOB NOT NULL,            -- sealed: the content, and how it was sealed for the room; bound to room and entry
    UNIQUE (room, entry)
  ) STRICT;

  CREATE INDEX room_outgoing_by_entry ON room_outgoing (entry);

  CREATE TABLE room_packages (
    id INTEGER PRIMARY KEY,        -- in the order in which they were made
    hub BLOB NOT NULL,
    ref BLOB NOT NULL UNIQUE,
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    body BLOB NOT NULL             -- sealed: the key package with its secret; bound to hub and ref
  ) STRICT;

  CREATE TABLE room_people (
    id INTEGER PRIMARY KEY,        -- in the order in which they were met
    key BLOB NOT NULL UNIQUE,      -- the person's public key
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    body BLOB NOT NULL             -- sealed: the pinned signature key, the handle and more; bound to key
  ) STRICT;

  CREATE TABLE room_settings (
    hub BLOB PRIMARY KEY NOT NULL,
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    body BLOB NOT NULL             -- sealed; bound to hub
  ) STRICT;
  `,
  `
  UPDATE meta SET mended = mended;  -- no change here: from now on the sealed peers may be hubs
  `,
  `
  CREATE TABLE room_notices (
    id INTEGER PRIMARY KEY,        -- in the order in which they came
    room INTEGER NOT NULL REFERENCES rooms,
    notice BLOB NOT NULL,          -- its id
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    body BLOB NOT NULL             -- sealed: what is to be told; bound to the row's id, the room and the notice
  ) STRICT;

  CREATE INDEX room_notices_of ON room_notices (room);
  `,
  `
  CREATE TABLE receipts (
    id INTEGER PRIMARY KEY,        -- in the order in which they were stored
    key BLOB NOT NULL,             -- of the caller's key
    place BLOB NOT NULL,           -- a person's public key, or a room's id
    at_ms INTEGER NOT NULL,
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    body BLOB NOT NULL,            -- sealed: the call, and the line that it has said; bound to all of the row but the id
    UNIQUE (key, place)
  ) STRICT;

  CREATE INDEX receipts_by_place ON receipts (place);
  CREATE INDEX receipts_by_time ON receipts (at_ms);
  `,
  `
  -- Messages that wait and are not to be lines of the history, see batch-rows.ts. Earlier ones stay in messages.
  CREATE TABLE batches (
    peer INTEGER NOT NULL REFERENCES peers,
    direction INTEGER NOT NULL,    -- 0: ours, 1: the peer's
    first INTEGER NOT NULL,        -- the numbers of its first and its last message
    last INTEGER NOT NULL,
    heads BLOB NOT NULL,           -- of each message, what is not in the body
    opening INTEGER NOT NULL REFERENCES openings,
    nonce INTEGER NOT NULL,
    body BLOB NOT NULL,            -- sealed: stamp and message of each; bound to the rest of the row
    PRIMARY KEY (peer, direction, first)
  ) STRICT, WITHOUT ROWID;

  DROP INDEX latest;               -- seldom asked for, and written with each message that arrives
  `,
  `
  UPDATE meta SET mended = mended;  -- no change here: from now on a peer whose history was never kept has no index of words
  `,
];

/** The current version of the file. */
export function versionOf(connection: Connection): number {
  return connection.number("PRAGMA user_version") ?? 0;
}

/** Upgrades the file to the newest version, all steps or none. Throws LairError store-newer, touching nothing. */
export function migrate(connection: Connection, migrations: readonly string[]): void {
  const version = versionOf(connection);
  if (version > migrations.length) throw newerStore(connection.path, version);
  if (version < 0) throw damagedStore(connection.path, "has lost its version");
  if (version === migrations.length) return;
  connection.transaction(() => {
    for (const step of migrations.slice(version)) connection.exec(step);
    connection.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}
