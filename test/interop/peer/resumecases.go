package main

// The cases of RESUME in test/vectors/session.json: what two sides say of their stores, and what follows for each of them
// (docs/PROTOCOL.md, section 7.1).

// Of a case: what a side says, and the stamps of what it has sent and has not been acknowledged.
type position struct {
	said resume
	sent []stamp
}

func resumes(client, server storeID) []vectorResume {
	none, another := storeID{}, storeID(*(*[16]byte)(example("another server store")))
	// Here the messages with the numbers 0, 1, 2 ... have the same indexes, unless it says otherwise.
	c, s, copied := exampleLife("client"), exampleLife("server"), exampleLife("server, as a copy")
	const most = uint64(1) << 52
	var result []vectorResume
	add := func(note string, client, server position) {
		ours, theirs := agree(client.said, server.said, client.sent), agree(server.said, client.said, server.sent)
		result = append(result, vectorResume{note, client.said.encode(), server.said.encode(), hexOf(client.sent),
			hexOf(server.sent), ours.misfit, outcome(ours), outcome(theirs)})
	}
	// In the order of the record: store, known, next, first, sent, last.
	add("a first session",
		position{resume{client, none, 0, 0, 0, stamp{}}, nil},
		position{resume{server, none, 0, 0, 0, stamp{}}, nil})
	add("nothing was under way",
		position{resume{client, server, 3, 2, 2, makeStamp(s, 2)}, nil},
		position{resume{server, client, 2, 3, 3, makeStamp(c, 1)}, nil})
	add("2 and 3 of the client have arrived and their ACK has not; 4 has not, nor have 3 to 5 of the server",
		position{resume{client, server, 3, 2, 5, makeStamp(s, 2)}, stamps(c, 2, 3, 4)},
		position{resume{server, client, 4, 3, 6, makeStamp(c, 3)}, stamps(s, 3, 4, 5)})
	add("the server's store is new",
		position{resume{client, server, 4, 5, 6, makeStamp(s, 3)}, stamps(c, 5)},
		position{resume{another, none, 0, 0, 0, stamp{}}, nil})
	add("the server's store is new, and the session before was cut when only the server had the other's ACK",
		position{resume{client, server, 4, 5, 6, makeStamp(s, 3)}, stamps(c, 5)},
		position{resume{another, client, 5, 4, 4, stamp{}}, nil})
	add("the server's store is new, and the session before was cut when only the client had the other's ACK",
		position{resume{client, another, 4, 5, 6, makeStamp(s, 3)}, stamps(c, 5)},
		position{resume{another, none, 0, 0, 0, stamp{}}, nil})
	add("the server's store is an older copy, without three messages that it had acknowledged",
		position{resume{client, server, 3, 5, 5, makeStamp(s, 2)}, nil},
		position{resume{server, client, 2, 3, 3, makeStamp(c, 1)}, nil})
	add("the server's store is an older copy, without two messages that it had sent",
		position{resume{client, server, 9, 5, 5, makeStamp(s, 8)}, nil},
		position{resume{server, client, 5, 7, 7, makeStamp(c, 4)}, nil})
	add("the same, and two were under way when the copy was made: they are sent again, and their stamps are known",
		position{resume{client, server, 9, 5, 5, makeStamp(s, 8)}, nil},
		position{resume{server, client, 5, 5, 7, makeStamp(c, 4)}, stamps(s, 5, 6)})
	add("both stores are older copies",
		position{resume{client, server, 5, 6, 6, makeStamp(s, 4)}, nil},
		position{resume{server, client, 4, 7, 8, makeStamp(c, 3)}, stamps(s, 7)})
	add("the server's store is a copy, and another copy of it has used 5 and 6 since: the numbers fit, the stamp does not",
		position{resume{client, server, 7, 5, 5, makeStamp(copied, 1)}, nil},
		position{resume{server, client, 5, 5, 8, makeStamp(c, 4)}, stamps(s, 5, 6, 7)})
	add("the server keeps nothing, as before, and was started anew",
		position{resume{client, none, 4, 5, 6, makeStamp(s, 3)}, stamps(c, 5)},
		position{resume{none, none, 0, 0, 0, stamp{}}, nil})
	add("the server keeps nothing this time",
		position{resume{client, server, 4, 5, 6, makeStamp(s, 3)}, stamps(c, 5)},
		position{resume{none, none, 0, 0, 0, stamp{}}, nil})
	add("the highest numbers, and the highest index",
		position{resume{client, server, most, most - 1, most, makeStamp(s, 7)}, stamps(c, 1<<32-1)},
		position{resume{server, client, most, most, most, makeStamp(c, 1<<32-1)}, nil})
	return result
}

func exampleLife(name string) lifeID { return lifeID(*(*[8]byte)(example(name + " life"))) }

func stamps(life lifeID, indexes ...uint32) []stamp {
	var result []stamp
	for _, index := range indexes {
		result = append(result, makeStamp(life, index))
	}
	return result
}

func hexOf(stamps []stamp) []hexBytes {
	result := make([]hexBytes, len(stamps))
	for i := range stamps {
		result[i] = stamps[i][:]
	}
	return result
}

func outcome(a agreement) vectorOutcome {
	notices := a.notices
	if notices == nil {
		notices = []notice{}
	}
	return vectorOutcome{a.delivered, a.start, a.expected, notices}
}
