package main

// Calls, answers and news in pieces (docs/HUB.md, section 1).

import (
	"encoding/binary"
	"fmt"
)

const (
	typeCall = 0x30

	transferCall   = 0
	transferAnswer = 1
	transferNews   = 2

	pieceHead     = 6
	longestPiece  = 16373
	shortestPiece = 1024 // of those that are not the last
	maxTransfer   = 4 << 20
	maxIncomplete = 4
)

type transfer struct {
	kind   byte
	number uint32
	bytes  []byte
}

// records cuts it into records, header included.
func (t transfer) records() [][]byte {
	var records [][]byte
	for rest := t.bytes; ; {
		piece := rest
		if len(piece) > longestPiece {
			piece = piece[:longestPiece]
		}
		rest = rest[len(piece):]
		last := byte(0)
		if len(rest) == 0 {
			last = 1
		}
		records = append(records, encode(typeCall, []byte{t.kind}, u32(t.number), []byte{last}, piece))
		if last == 1 {
			return records
		}
	}
}

// What has come of transfers that are not complete.
type pieces struct {
	incomplete map[string][]byte
	total      int
}

// take returns the transfer that this body completes.
func (p *pieces) take(body []byte) (*transfer, error) {
	if len(body) < pieceHead || body[0] > transferNews || body[5] > 1 {
		return nil, fmt.Errorf("a piece that cannot be read")
	}
	piece, last := body[pieceHead:], body[5] == 1
	if len(piece) > longestPiece || !last && len(piece) < shortestPiece {
		return nil, fmt.Errorf("a piece of %d bytes", len(piece))
	}
	if p.incomplete == nil {
		p.incomplete = map[string][]byte{}
	}
	which := string(body[:5])
	joined := append(p.incomplete[which], piece...)
	p.incomplete[which] = joined
	p.total += len(piece)
	if !last && len(p.incomplete) > maxIncomplete || p.total > maxTransfer {
		return nil, fmt.Errorf("too much is incomplete")
	}
	if !last {
		return nil, nil
	}
	delete(p.incomplete, which)
	p.total -= len(joined)
	return &transfer{body[0], binary.BigEndian.Uint32(body[1:]), joined}, nil
}
