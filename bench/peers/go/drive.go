package main

import (
	"bytes"
	"fmt"
	"sort"
	"time"

	"github.com/gorilla/websocket"
)

type driver struct {
	url string
	// line is for all commands that need one connection only.
	line *line
}

func (d *driver) obey(asked command) (map[string]float64, error) {
	if asked.Do == "handshakes" {
		us, err := responders(asked.Count)
		return map[string]float64{"us": us, "bareUs": us}, err
	}
	if asked.Do == "connects" {
		ms, err := d.connects(asked.Count, asked.Bytes)
		return map[string]float64{"ms": ms}, err
	}
	if d.line == nil {
		var err error
		if d.line, err = d.connect(); err != nil {
			return nil, err
		}
	}
	switch asked.Do {
	case "flood":
		ms, err := d.flood(asked.Count, asked.Bytes)
		return map[string]float64{"ms": ms}, err
	case "echoes":
		return d.echoes(asked.ForMs, asked.Bytes)
	default:
		return nil, fmt.Errorf("unknown command %q", asked.Do)
	}
}

func (d *driver) connect() (*line, error) {
	dialer := websocket.Dialer{ReadBufferSize: bufferBytes, WriteBufferSize: bufferBytes}
	socket, _, err := dialer.Dial(d.url, nil)
	if err != nil {
		return nil, err
	}
	return shakeHands(socket, true)
}

// connects makes so many connections, one after the other, each to its first echo.
func (d *driver) connects(count, size int) (float64, error) {
	start := time.Now()
	for i := 0; i < count; i++ {
		one, err := d.connect()
		if err != nil {
			return 0, err
		}
		if err := one.echo(size); err != nil {
			return 0, err
		}
		if err := one.socket.Close(); err != nil {
			return 0, err
		}
	}
	return milliseconds(start), nil
}

// flood sends so many messages one way, until the responder has said that it has them all.
func (d *driver) flood(count, size int) (float64, error) {
	message := bytes.Repeat([]byte{'o'}, size)
	start := time.Now()
	for i := 0; i < count; i++ {
		if err := d.line.write(message); err != nil {
			return 0, err
		}
	}
	if err := d.line.write([]byte("c")); err != nil {
		return 0, err
	}
	answer, err := d.line.read()
	if err == nil && string(answer) != fmt.Sprint("c", count) {
		err = fmt.Errorf("the responder has %s of %d", answer, count)
	}
	return milliseconds(start), err
}

func (d *driver) echoes(forMs, size int) (map[string]float64, error) {
	var times []float64
	for start := time.Now(); milliseconds(start) < float64(forMs); {
		sent := time.Now()
		if err := d.line.echo(size); err != nil {
			return nil, err
		}
		times = append(times, milliseconds(sent)*1000)
	}
	sort.Float64s(times)
	last := float64(len(times) - 1)
	return map[string]float64{"p50": times[int(last*0.5)], "p99": times[int(last*0.99)]}, nil
}

func (l *line) echo(size int) error {
	message := bytes.Repeat([]byte{'e'}, size)
	if err := l.write(message); err != nil {
		return err
	}
	answer, err := l.read()
	if err == nil && !bytes.Equal(answer, message) {
		err = fmt.Errorf("another echo of %d bytes", len(answer))
	}
	return err
}

func milliseconds(since time.Time) float64 { return float64(time.Since(since).Nanoseconds()) / 1e6 }
