// The tables of a hub's store and their history, as in `../schema.ts`. Nothing here is sealed row by row: what people say was
// sealed by them, and what somebody changes in this file from outside they notice as they notice a hub that lies.

/** Step n converts version n to version n + 1. A released step is never changed: a change is a new step. */
export const HUB_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE accounts (
    key BLOB PRIMARY KEY,
    signature_key BLOB NOT NULL,
    handle TEXT NOT NULL UNIQUE,
    is_operator INTEGER NOT NULL,
    is_suspended INTEGER NOT NULL,
    joined_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE invites (
    id TEXT PRIMARY KEY,
    psk BLOB NOT NULL,
    uses INTEGER NOT NULL,         -- how many are left
    expires_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE invite_uses (
    invite TEXT NOT NULL REFERENCES invites ON DELETE CASCADE,
    by BLOB NOT NULL,
    PRIMARY KEY (invite, by)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE key_packages (
    place INTEGER PRIMARY KEY,     -- in the order in which they came
    key BLOB NOT NULL,
    id BLOB NOT NULL,
    bytes BLOB NOT NULL,
    expires_ms INTEGER NOT NULL,
    is_last INTEGER NOT NULL,
    UNIQUE (key, id)
  ) STRICT;

  CREATE TABLE rooms (
    id BLOB PRIMARY KEY,
    listed_name TEXT UNIQUE,       -- NULL: not listed
    epoch INTEGER NOT NULL,
    least_epoch INTEGER NOT NULL,  -- messages of earlier ones are not taken
    last_commit INTEGER NOT NULL,
    next INTEGER NOT NULL,
    entries INTEGER NOT NULL,      -- how many are kept, and their bytes
    bytes INTEGER NOT NULL,
    group_info BLOB
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE seats (
    room BLOB NOT NULL REFERENCES rooms ON DELETE CASCADE,
    key BLOB NOT NULL,
    role INTEGER NOT NULL,
    since INTEGER NOT NULL,        -- the first entry that concerns this person
    cursor INTEGER NOT NULL,
    PRIMARY KEY (room, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX seats_of ON seats (key);

  CREATE TABLE entries (
    room BLOB NOT NULL REFERENCES rooms ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    type INTEGER NOT NULL,
    id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    poster BLOB NOT NULL,
    at_ms INTEGER NOT NULL,
    size INTEGER NOT NULL,
    bytes BLOB,                    -- NULL: everybody has it; its id stays a while
    PRIMARY KEY (room, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX posted ON entries (room, poster, id);
  CREATE INDEX kept ON entries (room, seq) WHERE bytes IS NOT NULL;
  CREATE INDEX aging ON entries (at_ms);

  CREATE TABLE posters (
    room BLOB NOT NULL REFERENCES rooms ON DELETE CASCADE,
    key BLOB NOT NULL,
    bytes INTEGER NOT NULL,        -- of this person's entries that are kept
    PRIMARY KEY (room, key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE links (
    room BLOB NOT NULL REFERENCES rooms ON DELETE CASCADE,
    id TEXT NOT NULL,
    uses INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (room, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE link_uses (
    room BLOB NOT NULL,
    link TEXT NOT NULL,
    by BLOB NOT NULL,
    PRIMARY KEY (room, link, by),
    FOREIGN KEY (room, link) REFERENCES links ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE letters (
    place INTEGER PRIMARY KEY,     -- in the order in which they came
    to_key BLOB NOT NULL,
    id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    at_ms INTEGER NOT NULL,
    UNIQUE (to_key, id)
  ) STRICT;
  `,
  // Up to 500 kB: in the row of its room it would be written again with each entry.
  `
  CREATE TABLE group_infos (
    room BLOB PRIMARY KEY REFERENCES rooms ON DELETE CASCADE,
    bytes BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO group_infos (room, bytes) SELECT id, group_info FROM rooms WHERE group_info IS NOT NULL;
  ALTER TABLE rooms DROP COLUMN group_info;
  `,
  `
  ALTER TABLE posters ADD COLUMN entries INTEGER NOT NULL DEFAULT 0;  -- how many of this person's entries are kept
  UPDATE posters SET entries = (SELECT count(*) FROM entries
    WHERE entries.room = posters.room AND entries.poster = posters.key AND entries.bytes IS NOT NULL);
  `,
];
