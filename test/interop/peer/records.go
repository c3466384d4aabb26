package main

// Records, padding, and the JSON in them (docs/PROTOCOL.md, sections 3.4, 4, 5 and 7.3). No keys and no state.

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	typeHello      = 0x01
	typeClose      = 0x02
	typePing       = 0x03
	typePong       = 0x04
	typeRekeyInit  = 0x10
	typeRekeyReply = 0x11
	typeRekeyDone  = 0x12
	typeData       = 0x20
	typeAck        = 0x21
	typeResume     = 0x22
	maxPlaintext   = 65519
	maxText        = 16384
	maxSeconds     = 315576000
	maxTime        = 8640000000000000
)

// The body of each type has between least and most bytes.
var bodyBytes = map[byte]struct{ least, most int }{
	typeHello: {2, 925}, typeClose: {1, 1}, typePing: {8, 8}, typePong: {8, 8}, typeRekeyInit: {52, 52},
	typeRekeyReply: {52, 52}, typeRekeyDone: {4, 4}, typeData: {23, maxPlaintext - 3}, typeAck: {8, 8},
	typeResume: {68, 68}, typeCall: {pieceHead, maxPlaintext - 3},
}

// The kind and the stream of a message (section 7.2).
type route struct {
	kind   byte
	stream uint16
}

var chatRoute = route{1, 0}

func (r route) encode() []byte { return binary.BigEndian.AppendUint16([]byte{r.kind}, r.stream) }

func readRoute(body []byte) route { return route{body[20], binary.BigEndian.Uint16(body[21:])} }

type record struct {
	kind byte
	body []byte
}

func encode(kind byte, body ...[]byte) []byte {
	out := []byte{kind, 0, 0}
	for _, part := range body {
		out = append(out, part...)
	}
	binary.BigEndian.PutUint16(out[1:], uint16(len(out)-3))
	return out
}

func u32(value uint32) []byte { return binary.BigEndian.AppendUint32(nil, value) }
func u64(value uint64) []byte { return binary.BigEndian.AppendUint64(nil, value) }

func pad(records []byte) []byte {
	length := len(records)
	padded := 256
	if length > 256 {
		e := bits.Len(uint(length)) - 1
		unit := 1 << (e - bits.Len(uint(e)))
		padded = (length + unit - 1) / unit * unit
		if padded > maxPlaintext {
			padded = maxPlaintext
		}
	}
	return append(append(make([]byte, 0, padded), records...), make([]byte, padded-length)...)
}

// decode cuts a plaintext into its records and refuses what section 4 and the lengths of section 5 refuse. It stops at
// a record that is wrong and returns those before it too, since they have to be acted upon.
func decode(plaintext []byte) ([]record, error) {
	if len(plaintext) > maxPlaintext {
		return nil, fmt.Errorf("a plaintext of %d bytes", len(plaintext))
	}
	var records []record
	last := false
	for rest := plaintext; len(rest) > 0; {
		if rest[0] == 0 {
			for _, b := range rest {
				if b != 0 {
					return records, fmt.Errorf("padding that is not zero")
				}
			}
			return records, nil
		}
		if len(rest) < 3 {
			return records, fmt.Errorf("a record header is cut short")
		}
		kind, length := rest[0], int(binary.BigEndian.Uint16(rest[1:]))
		if len(rest) < 3+length {
			return records, fmt.Errorf("record 0x%02x reaches beyond its frame", kind)
		}
		limits, known := bodyBytes[kind]
		switch {
		case last:
			return records, fmt.Errorf("record 0x%02x behind the last one of its frame", kind)
		case !known && kind < 0x80:
			return records, fmt.Errorf("record of unknown type 0x%02x", kind)
		case known && (length < limits.least || length > limits.most):
			return records, fmt.Errorf("record 0x%02x with a body of %d bytes", kind, length)
		}
		records = append(records, record{kind, rest[3 : 3+length]})
		last = kind == typeClose || kind == typeRekeyReply || kind == typeRekeyDone
		rest = rest[3+length:]
	}
	return records, nil
}

// An object's members by their exact names: encoding/json into a struct would not mind "V" for "v".
func object(text []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("JSON that is not UTF-8")
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, err
	}
	if members == nil {
		return nil, fmt.Errorf("JSON that is not an object")
	}
	return members, nil
}

// member reads one member, which must be there and must not be null (encoding/json would leave the zero value).
func member[T any](members map[string]json.RawMessage, name string) (T, error) {
	var value *T
	if err := json.Unmarshal(members[name], &value); err != nil || value == nil {
		var zero T
		return zero, fmt.Errorf("member %q is missing or wrong", name)
	}
	return *value, nil
}

type hello struct {
	name     string
	sig      []byte        // the signature key
	min, max time.Duration // of the server only
	caps     []string
}

// helloText writes the members in the order of section 3.4. Rekey is "[min,max]" on the server, else empty.
func helloText(name, agent string, sig []byte, rekey string, caps ...string) []byte {
	quoted, _ := json.Marshal(name)
	window := ""
	if rekey != "" {
		window = `"rekey":` + rekey + `,`
	}
	key := base64.RawURLEncoding.EncodeToString(sig)
	can, _ := json.Marshal(append([]string{}, caps...))
	return []byte(fmt.Sprintf(`{"v":1,"name":%s,"agent":"%s","sig":"%s",%s"caps":%s}`, quoted, agent, key, window, can))
}

// readHello reads the payload of message 2 or 3.
func readHello(payload []byte, fromServer bool) (hello, error) {
	var result hello
	records, err := decode(payload)
	if err != nil {
		return result, err
	}
	if len(records) != 1 || records[0].kind != typeHello {
		return result, fmt.Errorf("a handshake payload without exactly one HELLO")
	}
	members, err := object(records[0].body)
	if err != nil {
		return result, err
	}
	if version, err := member[float64](members, "v"); err != nil || version != 1 {
		return result, fmt.Errorf("HELLO of another version")
	}
	if result.name, err = member[string](members, "name"); err != nil {
		return result, err
	}
	if len(result.name) > 64 || strings.TrimSpace(result.name) == "" || strings.IndexFunc(result.name, unicode.IsControl) >= 0 {
		return result, fmt.Errorf("HELLO with a name that breaks the rule")
	}
	agent, err := member[string](members, "agent")
	if err != nil || len(agent) > 64 {
		return result, fmt.Errorf("HELLO without a proper agent")
	}
	sig, err := member[string](members, "sig")
	if err == nil {
		result.sig, err = base64.RawURLEncoding.Strict().DecodeString(sig)
	}
	if err != nil || len(result.sig) != 32 || strings.ContainsAny(sig, "\r\n") {
		return result, fmt.Errorf("HELLO without a proper signature key")
	}
	caps, err := member[[]string](members, "caps")
	if err != nil || len(caps) > 16 {
		return result, fmt.Errorf("HELLO without proper caps")
	}
	for _, one := range caps {
		if len(one) < 1 || len(one) > 32 {
			return result, fmt.Errorf("HELLO with a bad name in caps")
		}
	}
	result.caps = caps
	if fromServer {
		window, err := member[[]float64](members, "rekey")
		if err != nil || len(window) != 2 || !(window[0] >= 1 && window[0] <= window[1] && window[1] <= 3600) {
			return result, fmt.Errorf("HELLO without a proper rekey window")
		}
		result.min = time.Duration(window[0] * float64(time.Second))
		result.max = time.Duration(window[1] * float64(time.Second))
	}
	return result, nil
}

type chatMessage struct {
	kind string
	at   int64
	text string
	// Seconds: a text disappears after so many, unless 0; from a timer on all do.
	ttl, seconds int64
}

func chatText(at int64, text string) ([]byte, error) {
	if len(text) > maxText || !utf8.ValidString(text) {
		return nil, fmt.Errorf("a text of more than %d bytes, or no UTF-8", maxText)
	}
	quoted, err := json.Marshal(text)
	return []byte(fmt.Sprintf(`{"kind":"text","at":%d,"text":%s}`, at, quoted)), err
}

func readChat(body []byte) (chatMessage, error) {
	var message chatMessage
	members, err := object(body)
	if err != nil {
		return message, err
	}
	if message.kind, err = member[string](members, "kind"); err != nil || message.kind == "" || len(message.kind) > 32 {
		return message, fmt.Errorf("a chat message without a proper kind")
	}
	if message.kind != "text" && message.kind != "timer" {
		return message, nil
	}
	if message.at, err = whole(members, "at", 0, maxTime); err != nil {
		return message, err
	}
	if message.kind == "timer" {
		message.seconds, err = whole(members, "seconds", 0, maxSeconds)
		return message, err
	}
	if message.text, err = member[string](members, "text"); err != nil || len(message.text) > maxText {
		return message, fmt.Errorf("a text without a proper text")
	}
	if _, has := members["ttl"]; has {
		message.ttl, err = whole(members, "ttl", 1, maxSeconds)
	}
	return message, err
}

// whole reads a member that is a whole number from least to most.
func whole(members map[string]json.RawMessage, name string, least, most float64) (int64, error) {
	value, err := member[float64](members, name)
	if err != nil || value != math.Trunc(value) || value < least || value > most {
		return 0, fmt.Errorf("member %q is missing or wrong", name)
	}
	return int64(value), nil
}
