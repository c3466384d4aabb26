// What Lair is compared with: Noise_XXpsk2_25519_AESGCM_SHA256 by flynn/noise over a WebSocket by gorilla/websocket, each
// used in the plain way. Both sides, one a process; bench/peers/end.ts says what they are asked. In this folder, on Debian
// (golang-go golang-github-flynn-noise-dev golang-github-gorilla-websocket-dev):
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o /tmp/peer .
//
//	peer serve          the responder: prints {"url":"..."}, and ends with its input
//	peer drive ADDRESS  the initiator: ADDRESS is that line; a command on each line of input, its answer on one of output
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/gorilla/websocket"
)

// It ends by itself, whatever happens to the bench.
const life = 15 * time.Minute

// A message fits in one frame.
const bufferBytes = 32 * 1024

func main() {
	time.AfterFunc(life, func() { os.Exit(0) })
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "serve":
		return serve()
	case len(args) == 2 && args[0] == "drive":
		return drive(args[1])
	default:
		return errors.New("peer serve | peer drive ADDRESS")
	}
}

func serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	upgrader := websocket.Upgrader{ReadBufferSize: bufferBytes, WriteBufferSize: bufferBytes}
	handler := func(response http.ResponseWriter, request *http.Request) {
		if socket, err := upgrader.Upgrade(response, request, nil); err == nil {
			_ = answer(socket) // it ends when the initiator has gone
			_ = socket.Close()
		}
	}
	go func() { _ = http.Serve(listener, http.HandlerFunc(handler)) }()
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"url": "ws://" + listener.Addr().String()}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// answer sends back what is to be echoed, counts what is not, and says the count when it is asked for.
func answer(socket *websocket.Conn) error {
	line, err := shakeHands(socket, false)
	if err != nil {
		return err
	}
	count := 0
	for {
		message, err := line.read()
		if err != nil {
			return err
		}
		switch message[0] {
		case 'e':
			err = line.write(message)
		case 'o':
			count++
		case 'c':
			err = line.write([]byte(fmt.Sprint("c", count)))
			count = 0
		default:
			err = errors.New("unknown message")
		}
		if err != nil {
			return err
		}
	}
}

// command is one line of input: what to do, how often, and with how many bytes in a message.
type command struct {
	Do    string `json:"do"`
	Count int    `json:"count"`
	Bytes int    `json:"bytes"`
	ForMs int    `json:"forMs"`
}

func drive(address string) error {
	var server struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal([]byte(address), &server); err != nil {
		return err
	}
	d := &driver{url: server.URL}
	scanner, output := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	for scanner.Scan() {
		var asked command
		if err := json.Unmarshal(scanner.Bytes(), &asked); err != nil {
			return err
		}
		result, err := d.obey(asked)
		if err != nil {
			return err
		}
		if err := output.Encode(result); err != nil {
			return err
		}
	}
	return scanner.Err()
}
