package main

// The cases of RESUME in test/vectors/session.json: what two sides say of their stores, and what follows for each of them
// (docs/PROTOCOL.md, section 7.1).

func resumes(client, server storeID) []vectorResume {
	none, another := storeID{}, storeID(*(*[16]byte)(example("another server store")))
	var result []vectorResume
	add := func(note string, c, s resume) {
		result = append(result, vectorResume{note, c.encode(), s.encode(), outcome(agree(c, s)), outcome(agree(s, c))})
	}
	// In the order of the record: store, known, next, first, sent.
	add("a first session", resume{client, none, 0, 0, 0}, resume{server, none, 0, 0, 0})
	add("nothing was under way", resume{client, server, 3, 2, 2}, resume{server, client, 2, 3, 3})
	add("2 and 3 of the client have arrived and their ACK has not; 4 has not, nor have 3 to 5 of the server",
		resume{client, server, 3, 2, 5}, resume{server, client, 4, 3, 6})
	add("the server's store is new", resume{client, server, 4, 5, 6}, resume{another, none, 0, 0, 0})
	add("the server's store is new, and has said so in a session that was cut at once",
		resume{client, another, 4, 5, 6}, resume{another, client, 0, 0, 0})
	add("the server's store is an older copy, without three messages that it had acknowledged",
		resume{client, server, 3, 5, 5}, resume{server, client, 2, 3, 3})
	add("the server's store is an older copy, without two messages that it had sent",
		resume{client, server, 9, 5, 5}, resume{server, client, 5, 7, 7})
	add("the same, and two were under way when the copy was made",
		resume{client, server, 9, 5, 5}, resume{server, client, 5, 5, 7})
	add("both stores are older copies", resume{client, server, 5, 6, 6}, resume{server, client, 4, 7, 8})
	add("the server keeps nothing, as before, and was started anew",
		resume{client, none, 4, 5, 6}, resume{none, none, 0, 0, 0})
	add("the server keeps nothing this time", resume{client, server, 4, 5, 6}, resume{none, none, 0, 0, 0})
	add("the highest numbers", resume{client, server, 1 << 52, 1<<52 - 1, 1 << 52},
		resume{server, client, 1 << 52, 1 << 52, 1 << 52})
	return result
}

func outcome(a agreement) vectorOutcome {
	notices := a.notices
	if notices == nil {
		notices = []notice{}
	}
	return vectorOutcome{a.delivered, a.start, a.expected, notices}
}
