package main

// RESUME, what the two sides follow from it, and what of the exchange outlives a session (docs/PROTOCOL.md, sections
// 7.1 and 7.2). The store here is memory, but it outlives any number of sessions of one run and so plays one that lasts.

import (
	"encoding/binary"
	"fmt"
	"io"
)

type storeID [16]byte
type lifeID [8]byte

// Which message it is, whatever number it has: life, index.
type stamp [12]byte

func makeStamp(life lifeID, index uint32) stamp {
	var s stamp
	copy(s[:], life[:])
	binary.BigEndian.PutUint32(s[8:], index)
	return s
}

func (s stamp) life() lifeID  { return lifeID(*(*[8]byte)(s[:])) }
func (s stamp) index() uint64 { return uint64(binary.BigEndian.Uint32(s[8:])) }

type resume struct {
	store, known      storeID
	next, first, sent uint64
	last              stamp
}

func (r resume) encode() []byte {
	return encode(typeResume, r.store[:], r.known[:], u64(r.next), u64(r.first), u64(r.sent), r.last[:])
}

func readResume(body []byte) (resume, error) {
	r := resume{storeID(*(*[16]byte)(body)), storeID(*(*[16]byte)(body[16:])), binary.BigEndian.Uint64(body[32:]),
		binary.BigEndian.Uint64(body[40:]), binary.BigEndian.Uint64(body[48:]), stamp(*(*[12]byte)(body[56:]))}
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
}

type agreement struct {
	delivered, start, expected uint64
	misfit                     bool
	notices                    []notice
}

// agree is what follows from the two RESUMEs; `waiting` are the stamps of mine from `first` on.
func agree(mine, theirs resume, waiting []stamp) agreement {
	result := agreement{delivered: mine.first, start: larger(mine.first, theirs.next),
		expected: larger(mine.next, theirs.first), misfit: misfits(mine, theirs) || misfits(theirs, mine)}
	same := theirs.next <= mine.first // then there is nothing to compare
	if !same && theirs.next <= mine.sent && waiting[theirs.next-1-mine.first] == theirs.last {
		same, result.delivered = true, theirs.next
	}
	if what := condition(mine, theirs, !same || theirs.first > mine.next); what != "" {
		result.notices = append(result.notices, notice{"own", what, above(theirs.first, mine.next)})
	}
	if what := condition(theirs, mine, mine.next > theirs.sent || mine.first > theirs.next); what != "" {
		result.notices = append(result.notices, notice{"peer", what, above(mine.first, theirs.next)})
	}
	return result
}

// jumps says whether the other is more than 2^32 ahead of what was said to it or heard from it.
func jumps(mine, theirs resume) bool {
	return above(theirs.next, mine.sent) > 1<<32 || above(theirs.sent, mine.next) > 1<<32
}

func misfits(one, other resume) bool { return other.next > one.sent || other.first > one.next }

// condition says whether the store of the one is "new" or "older", or "", by what the other knows of it.
func condition(one, other resume, differs bool) string {
	switch {
	case one.store == storeID{} || other.known == storeID{}:
		return ""
	case one.store != other.known:
		return "new"
	case differs:
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

type message struct {
	stamp stamp
	route route
	body  []byte
}

type store struct {
	id, known storeID
	life      lifeID
	index     uint32            // of the next message in this life
	outbox    []message         // those that are not acknowledged, in order
	first     uint64            // the number of the oldest of them
	sent      uint64            // numbers below have been given to messages of some session
	next      uint64            // the number that the peer's next message has
	last      stamp             // of the last message of the peer that was taken
	counts    map[lifeID]uint64 // of each life of the peer: everything with an index below has come
}

func newStore(random io.Reader) (*store, error) {
	s := new(store)
	if _, err := io.ReadFull(random, s.id[:]); err != nil {
		return nil, err
	}
	return s, s.live(random)
}

// live begins a new life, as a program does that opens its store.
func (s *store) live(random io.Reader) error {
	s.index = 0
	_, err := io.ReadFull(random, s.life[:])
	return err
}

func (s *store) copy() *store {
	other := *s
	other.outbox = append([]message(nil), s.outbox...)
	other.counts = map[lifeID]uint64{}
	for life, count := range s.counts {
		other.counts[life] = count
	}
	return &other
}

// stamp makes the next one.
func (s *store) stamp() stamp {
	s.index++
	return makeStamp(s.life, s.index-1)
}

func (s *store) add(r route, body []byte) { s.outbox = append(s.outbox, message{s.stamp(), r, body}) }

// take says whether the message with the expected number is one that has not come before.
func (s *store) take(one stamp) bool {
	s.next++
	if one.index() < s.counts[one.life()] {
		return false
	}
	if s.counts == nil {
		s.counts = map[lifeID]uint64{}
	}
	s.counts[one.life()], s.last = one.index()+1, one
	return true
}

func (s *store) resume() resume { return resume{s.id, s.known, s.next, s.first, s.sent, s.last} }

func (s *store) waiting() []stamp {
	stamps := make([]stamp, len(s.outbox))
	for i, one := range s.outbox {
		stamps[i] = one.stamp
	}
	return stamps
}

// follow carries out what two RESUMEs say; `delivered` is called for each number that has arrived.
func (s *store) follow(a agreement, theirs storeID, delivered func(uint64)) {
	s.known = theirs
	s.acknowledge(a.delivered, delivered)
	if a.start > s.first { // all of ours that wait get higher numbers, and are sent
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
