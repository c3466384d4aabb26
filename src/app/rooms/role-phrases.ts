// The roles of a room's members, as they stand behind "is" in a sentence.

export const ROLE_PHRASES = { admin: "an admin", moderator: "a moderator", member: "a plain member" } as const;
