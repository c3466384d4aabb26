// Another Lair, in another language, for the tests: written from docs/PROTOCOL.md and the Noise specification alone,
// with flynn/noise and gorilla/websocket and not one line of Lair's own code. On Debian
// (golang-go golang-github-flynn-noise-dev golang-github-gorilla-websocket-dev), in this folder:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o /tmp/peer .
//
//	peer --state FILE                    a client: pairs by the invite on its first line of input, or, when FILE holds
//	                                     a pair, connects by that
//	peer --serve MIN-MAX --state FILE    a server for one client, with an invite; rekeys every MIN to MAX s
//	peer --state FILE --hub HUB.md       a client that is a member of a hub; HUB.md is the document (member.go)
//	peer --serve MIN-MAX --state FILE --hub HUB.md   a hub, in memory (hubserver.go)
//	peer --vectors WORDS                 prints test/vectors/session.json (vectors.go)
//	peer --hub-vectors HUB.md            prints test/vectors/hub.json (hubvectors.go)
//	peer --room-vectors                  prints test/vectors/rooms.json (roomvectors.go)
//
// Input, one JSON object a line: {"send":"text"}, {"close":0}, {"cut":true} (the connection is dropped), {"connect":""} (a
// client comes back, to another address if one is given), {"play":"..."} (play.go), {"call":"..."} (member.go). Output, the same: listening, connected,
// playing, memory, confirmed (the other's first ACK where the stores do not fit), sent, message, repeated (DATA whose number had
// come before), passed (DATA whose stamp had), ignored (DATA of another kind than chat), unreadable, ack, delivered, pong, rekeyed, cut, closed, refused (no answer to
// message 1), fatal (a fault that it found). After a cut it can come back: what is said meanwhile waits in its store. It
// leaves with 0 after a CLOSE of either side, else with 1.
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
	"sync"
	"time"

	"github.com/flynn/noise"
	"github.com/gorilla/websocket"
)

var output = json.NewEncoder(os.Stdout)

var outputMutex sync.Mutex

func emit(e event) {
	outputMutex.Lock()
	defer outputMutex.Unlock()
	if err := output.Encode(e); err != nil {
		os.Exit(1) // nobody listens any more
	}
}

func main() {
	state := flag.String("state", "", "")
	window := flag.String("serve", "", "")
	words := flag.String("vectors", "", "")
	hub := flag.String("hub", "", "")
	rooms := flag.Bool("room-vectors", false, "")
	hubTables := flag.String("hub-vectors", "", "")
	flag.Parse()
	if printed, err := printed(*words, *hubTables, *rooms); printed {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(os.Stdin)
		scanner.Buffer(nil, 16<<20) // a commit in hex
		for scanner.Scan() {
			lines <- scanner.Text()
		}
	}()
	output.SetEscapeHTML(false)
	err := run(*state, *window, *hub, lines)
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

// printed prints the vectors that are asked for, if any are.
func printed(words, hubTables string, rooms bool) (bool, error) {
	switch {
	case words != "":
		return true, printVectors(words)
	case rooms:
		return true, printRoomVectors()
	case hubTables != "":
		document, err := readHubDocument(hubTables)
		if err == nil {
			err = printHubVectors(document)
		}
		return true, err
	}
	return false, nil
}

func run(state, window, hub string, lines <-chan string) error {
	kept, static, err := loadMemory(state, rand.Reader)
	if err != nil {
		return err
	}
	store, err := newStore(rand.Reader)
	if err != nil {
		return err
	}
	p := &peer{kept: kept, static: static, store: store, lines: lines}
	if hub != "" {
		if p.hub, err = readHubDocument(hub); err != nil {
			return err
		}
	}
	if window != "" && p.hub != nil {
		return serveHub(window, static, p.hub)
	}
	if window != "" {
		return p.serve(window)
	}
	for {
		err := p.connect(state)
		var cut *cutError
		if !errors.As(err, &cut) {
			return err
		}
		if err := p.wait(); err != nil {
			return err
		}
	}
}

// What lives as long as the program.
type peer struct {
	kept   memory
	static noise.DHKey
	store  *store
	lines  <-chan string
	copied *store // see play.go
	coming string // what it plays in its next session
	deaf   bool
	hub    *hubDocument  // it is a member of a hub, see member.go
	news   <-chan []byte // of a hub, for this member
}

// The connection ended without CLOSE, by whatever it was.
type cutError struct{ cause error }

func (e *cutError) Error() string { return "cut: " + e.cause.Error() }

// talk is the loop of an open session. Everything happens in this one goroutine.
func (p *peer) talk(socket *websocket.Conn, s *session) error {
	err := p.converse(socket, s)
	var cut *cutError
	if errors.As(err, &cut) {
		drop(socket)
		emit(event{"event": "cut", "message": cut.cause.Error()})
	}
	p.deaf = false
	return err
}

type incoming struct {
	data []byte
	err  error
}

func (p *peer) converse(socket *websocket.Conn, s *session) error {
	arrived := make(chan incoming, 1)
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			data, err := receive(socket)
			select {
			case arrived <- incoming{data, err}:
			case <-ended:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	for {
		for _, one := range s.frames {
			if err := socket.WriteMessage(websocket.BinaryMessage, one); err != nil {
				return &cutError{err}
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
				return &cutError{in.err}
			}
			if !p.deaf {
				err = s.take(in.data)
			}
		case line, more := <-p.lines:
			if !more {
				p.lines = nil // from now on it only listens
			} else {
				err = p.command(s, line)
			}
		case news := <-p.news:
			err = s.sendNews(news)
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

type input struct {
	Send    *string         `json:"send"`
	Close   *byte           `json:"close"`
	Cut     bool            `json:"cut"`
	Connect *string         `json:"connect"`
	Play    string          `json:"play"`
	Call    string          `json:"call"`
	Ask     json.RawMessage `json:"ask"`
	Records []hexBytes      `json:"records"`
	Raw     *hexBytes       `json:"raw"`
}

func readInput(line string) (input, error) {
	var one input
	err := json.Unmarshal([]byte(line), &one)
	if err != nil {
		err = fmt.Errorf("bad line of input: %w", err)
	}
	return one, err
}

func (p *peer) command(s *session, line string) error {
	one, err := readInput(line)
	switch {
	case err != nil:
		return err
	case one.Cut:
		return &cutError{errors.New("as it was told")}
	case one.Play != "":
		return p.play(one.Play, s)
	case one.Close != nil:
		return s.close(*one.Close)
	case one.Records != nil:
		return s.sendRecords(one.Records)
	case one.Raw != nil:
		return s.callRaw(*one.Raw)
	case one.Call != "":
		return s.call(one.Call, one.Ask)
	case one.Send != nil:
		return s.say(*one.Send)
	}
	return nil
}

// apart is a line of input while there is no session: what is said waits. It returns true when it is time to connect.
func (p *peer) apart(line string) (bool, error) {
	one, err := readInput(line)
	switch {
	case err != nil:
		return false, err
	case one.Connect != nil:
		if *one.Connect != "" {
			p.kept.URL = *one.Connect
		}
		return true, nil
	case one.Play != "":
		return false, p.play(one.Play, nil)
	case one.Send != nil:
		chat, err := chatText(time.Now().UnixMilli(), *one.Send)
		if err == nil {
			p.store.add(chatRoute, chat)
		}
		return false, err
	}
	return false, nil
}

// wait is what a client does after a cut, until it is told to come back.
func (p *peer) wait() error {
	for line := range p.lines {
		if again, err := p.apart(line); again || err != nil {
			return err
		}
	}
	return errors.New("cut, and nobody says that it is to come back")
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
