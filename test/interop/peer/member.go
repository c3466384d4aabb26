package main

// This peer as a member of a hub (docs/HUB.md), with --hub: it makes the calls that it is told to, and says what is answered
// and what news come. It knows nothing of MLS: what is sealed in a room is made and read by the test.
//
//	{"call":"find","ask":{"key":null,"handle":"ada"}}   values as in test/vectors/hub.json
//	{"raw":"ff"}                                        these bytes, as a call
//	{"records":["30..."]}                               these records, which may be none
//
// Output: answer (with "answer") or refusal (with "refusal"), each with "call" and "number"; news.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// What a session has of its calls; nil if it is none with a hub.
type calling struct {
	document *hubDocument
	arriving pieces
	next     uint32
	asked    map[uint32]call // those without an answer
	early    [][]byte        // records that wait until both sides have sent RESUME
	// Of a hub: the answer to a call. An error is fatal.
	serve func(asked []byte) ([]byte, error)
}

func newCalling(document *hubDocument) *calling {
	if document == nil {
		return nil
	}
	return &calling{document: document, asked: map[uint32]call{}}
}

func (s *session) call(name string, ask json.RawMessage) error {
	if s.calls == nil {
		return errors.New("calls are for a hub")
	}
	one, err := s.calls.document.call(name)
	if err != nil {
		return err
	}
	var fields any
	decoder := json.NewDecoder(bytes.NewReader(ask))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		return err
	}
	made, err := one.write(fields)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return s.sendCall(one, made)
}

func (s *session) sendCall(one call, made []byte) error {
	number := s.calls.next
	s.calls.next++
	s.calls.asked[number] = one
	s.calls.early = append(s.calls.early, transfer{transferCall, number, made}.records()...)
	s.transmitCalls()
	return s.flush()
}

// callRaw sends as a call what may be none.
func (s *session) callRaw(made hexBytes) error {
	if s.calls == nil {
		return errors.New("calls are for a hub")
	}
	return s.sendCall(call{name: "raw"}, made)
}

// sendRecords sends records as they are, in frames of their own.
func (s *session) sendRecords(records []hexBytes) error {
	for _, one := range records {
		s.queue(one)
		if err := s.flush(); err != nil {
			return err
		}
	}
	return nil
}

// serveCall is a hub's part. It ignores answers and news.
func (s *session) serveCall(asked transfer) error {
	if asked.kind != transferCall {
		return nil
	}
	answer, err := s.calls.serve(asked.bytes)
	if err != nil {
		return err
	}
	for _, record := range (transfer{transferAnswer, asked.number, answer}).records() {
		s.queue(record)
	}
	return nil
}

// sendNews waits with them until both sides have sent RESUME.
func (s *session) sendNews(news []byte) error {
	s.calls.early = append(s.calls.early, transfer{transferNews, s.calls.next, news}.records()...)
	s.calls.next++
	s.transmitCalls()
	return s.flush()
}

func (s *session) transmitCalls() {
	if s.calls == nil || !s.resumed {
		return
	}
	for _, record := range s.calls.early {
		s.queue(record)
	}
	s.calls.early = nil
}

func (s *session) takePiece(body []byte) error {
	if s.calls == nil {
		return fmt.Errorf("a piece of a call, and this is no hub's session")
	}
	whole, err := s.calls.arriving.take(body)
	if err != nil || whole == nil {
		return err
	}
	if s.calls.serve != nil {
		return s.serveCall(*whole)
	}
	switch whole.kind {
	case transferNews:
		name, fields, err := s.calls.document.readNews(whole.bytes)
		if err == nil && name != "" {
			s.emit(event{"event": "news", "news": name, "number": whole.number, "fields": fields})
		}
		return err
	case transferAnswer:
		one, asked := s.calls.asked[whole.number]
		if !asked {
			return fmt.Errorf("an answer to nothing: %d", whole.number)
		}
		delete(s.calls.asked, whole.number)
		fields, isAnswer, err := s.calls.document.readAnswer(one, whole.bytes)
		if err != nil {
			return fmt.Errorf("the answer to %s: %w", one.name, err)
		}
		what := "answer"
		if !isAnswer {
			what = "refusal"
		}
		s.emit(event{"event": what, "call": one.name, "number": whole.number, what: fields})
	default:
		return fmt.Errorf("a hub that makes calls")
	}
	return nil
}
