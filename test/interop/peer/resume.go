package main

// RESUME, what the two sides follow from it, and what of the exchange outlives a session (docs/PROTOCOL.md, section
// 7.1). The store here is memory, but it outlives any number of sessions of one run and so plays one that lasts.

import (
	"encoding/binary"
	"fmt"
	"io"
)

type storeID [16]byte

type resume struct {
	store, known      storeID
	next, first, sent uint64
}

func (r resume) encode() []byte {
	return encode(typeResume, r.store[:], r.known[:], u64(r.next), u64(r.first), u64(r.sent))
}

func readResume(body []byte) (resume, error) {
	r := resume{storeID(*(*[16]byte)(body)), storeID(*(*[16]byte)(body[16:])), binary.BigEndian.Uint64(body[32:]),
		binary.BigEndian.Uint64(body[40:]), binary.BigEndian.Uint64(body[48:])}
	if r.first > r.sent || r.sent > 1<<52 || r.next > 1<<52 {
		return r, fmt.Errorf("RESUME with next %d, first %d, sent %d", r.next, r.first, r.sent)
	}
	return r, nil
}

// A store that was begun anew, or that is an older copy of itself.
type notice struct {
	Whose   string `json:"whose"`
	What    string `json:"what"`
	Missing uint64 `json:"missing"`
	Assumed uint64 `json:"assumed"`
}

type agreement struct {
	delivered, start, expected uint64
	notices                    []notice
}

func agree(mine, theirs resume) agreement {
	result := agreement{delivered: larger(mine.first, theirs.next), start: larger(mine.first, theirs.next),
		expected: larger(mine.next, theirs.first)}
	assumed := uint64(0)
	if theirs.next > mine.sent {
		result.delivered = mine.sent
		assumed = mine.sent - mine.first
	}
	if what := condition(mine, theirs); what != "" {
		result.notices = append(result.notices, notice{"own", what, above(theirs.first, mine.next), assumed})
	}
	if what := condition(theirs, mine); what != "" {
		result.notices = append(result.notices, notice{"peer", what, above(mine.first, theirs.next), 0})
	}
	return result
}

// condition says whether the store of the one is "new" or "older", or "", by what the other knows of it.
func condition(one, other resume) string {
	switch {
	case one.store == storeID{} || other.known == storeID{}:
		return ""
	case one.store != other.known:
		return "new"
	case other.next > one.sent || other.first > one.next:
		return "older"
	}
	return ""
}

func larger(a, b uint64) uint64 {
	if a > b {
		return a
	}
	return b
}

// above is by how much a is more than b.
func above(a, b uint64) uint64 {
	return larger(a, b) - b
}

type store struct {
	id, known storeID
	outbox    [][]byte // chat messages that are not acknowledged, in order
	first     uint64   // the number of the oldest of them
	sent      uint64   // numbers below have been given to messages of some session
	next      uint64   // the number that the peer's next message has
}

func newStore(random io.Reader) (*store, error) {
	s := new(store)
	_, err := io.ReadFull(random, s.id[:])
	return s, err
}

func (s *store) resume() resume { return resume{s.id, s.known, s.next, s.first, s.sent} }

// follow carries out what two RESUMEs say; `delivered` is called for each number that has arrived.
func (s *store) follow(a agreement, theirs storeID, delivered func(uint64)) {
	s.known = theirs
	s.acknowledge(a.delivered, delivered)
	if a.start > s.first { // our messages that wait get higher numbers, which none of them has had yet
		s.first, s.sent = a.start, a.start
	}
	s.next = a.expected
}

func (s *store) acknowledge(next uint64, delivered func(uint64)) {
	for ; s.first < next; s.first++ {
		s.outbox = s.outbox[1:]
		delivered(s.first)
	}
}
