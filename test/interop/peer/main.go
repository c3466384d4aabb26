// Another Lair, in another language, for the tests: written from docs/PROTOCOL.md and the Noise specification alone,
// with flynn/noise and gorilla/websocket and not one line of Lair's own code. On Debian
// (golang-go golang-github-flynn-noise-dev golang-github-gorilla-websocket-dev), in this folder:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o /tmp/peer .
//
//	peer --state FILE                    a client: pairs by the invite on its first line of input, or, when FILE holds
//	                                     a pair, connects by that
//	peer --serve MIN-MAX --state FILE    a server for one client and one session, with an invite; rekeys every MIN to MAX s
//	peer --vectors WORDS                 prints test/vectors/session.json (vectors.go)
//
// Input, one JSON object a line: {"send":"text"}, {"close":0}. Output, the same: listening, connected, sent, message,
// delivered, pong, rekeyed, closed, refused (no answer to message 1), fatal (a fault, or cut). It leaves with 0 after a
// CLOSE of either side, else with 1.
//
// What it does not do, because gorilla/websocket hides it or one test peer needs no such thing: it does not notice
// that a message came in several WebSocket frames, does not overwrite keys, and forgives a flood of WebSocket pings.
package main

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/gorilla/websocket"
)

var output = json.NewEncoder(os.Stdout)

func emit(e event) {
	if err := output.Encode(e); err != nil {
		os.Exit(1) // nobody listens any more
	}
}

func main() {
	state := flag.String("state", "", "")
	window := flag.String("serve", "", "")
	words := flag.String("vectors", "", "")
	flag.Parse()
	if *words != "" {
		if err := printVectors(*words); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(os.Stdin)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
	}()
	output.SetEscapeHTML(false)
	err := run(*state, *window, lines)
	var refused *refusedError
	switch {
	case errors.As(err, &refused):
		emit(event{"event": "refused", "bytes": refused.bytes})
	case err != nil:
		emit(event{"event": "fatal", "message": err.Error()})
	default:
		return
	}
	os.Exit(1)
}

func run(state, window string, lines <-chan string) error {
	kept, static, err := loadMemory(state, rand.Reader)
	if err != nil {
		return err
	}
	if window != "" {
		return serve(window, static, lines)
	}
	return connect(state, kept, static, lines)
}

// talk is the loop of an open session. Everything happens in this one goroutine.
func talk(socket *websocket.Conn, s *session, lines <-chan string) error {
	type incoming struct {
		data []byte
		err  error
	}
	arrived := make(chan incoming, 1)
	go func() {
		for {
			data, err := receive(socket)
			arrived <- incoming{data, err}
			if err != nil {
				return
			}
		}
	}()
	for {
		for _, one := range s.frames {
			if err := socket.WriteMessage(websocket.BinaryMessage, one); err != nil {
				return fmt.Errorf("cut: %w", err)
			}
		}
		s.frames = nil
		if s.over {
			break
		}
		timer := time.NewTimer(time.Until(s.deadline()))
		var err error
		select {
		case in := <-arrived:
			if in.err != nil {
				drop(socket)
				return fmt.Errorf("cut: %w", in.err)
			}
			err = s.take(in.data)
		case line, more := <-lines:
			if !more {
				lines = nil // from now on it only listens
			} else {
				err = command(s, line)
			}
		case <-timer.C:
		}
		timer.Stop()
		if err == nil && !s.over {
			err = s.tick()
		}
		if err != nil && !errors.Is(err, errClosed) {
			drop(socket)
			return err
		}
	}
	if s.closeReason >= 0 {
		emit(event{"event": "closed", "by": "peer", "reason": s.closeReason})
	} else {
		emit(event{"event": "closed", "by": "self"})
	}
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = socket.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second))
	limit := time.After(2 * time.Second)
	for {
		select {
		case in := <-arrived: // frames after CLOSE are thrown away unopened
			if in.err != nil {
				return socket.Close()
			}
		case <-limit:
			return socket.Close()
		}
	}
}

func command(s *session, line string) error {
	var input struct {
		Send  *string `json:"send"`
		Close *byte   `json:"close"`
	}
	if err := json.Unmarshal([]byte(line), &input); err != nil {
		return fmt.Errorf("bad line of input: %w", err)
	}
	if input.Send != nil {
		return s.say(*input.Send)
	}
	if input.Close != nil {
		return s.close(*input.Close)
	}
	return nil
}

func receive(socket *websocket.Conn) ([]byte, error) {
	kind, data, err := socket.ReadMessage()
	if err == nil && kind != websocket.BinaryMessage {
		err = errors.New("a message that is not binary")
	}
	return data, err
}

// drop ends a connection the way every fault does: no CLOSE, no WebSocket close frame.
func drop(socket *websocket.Conn) { _ = socket.UnderlyingConn().Close() }
