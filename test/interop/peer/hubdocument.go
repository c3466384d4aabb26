package main

// The tables of docs/HUB.md, read from the document itself: what a call, an answer, news and a refusal are made of. So this
// peer knows of them what stands there, and nothing else.

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

type call struct {
	code        byte
	name        string
	ask, answer fieldsForm
}

type hubDocument struct {
	calls, news []call // in the order of the tables; of news `ask` has the fields
	refusals    choiceForm
	refused     fieldsForm
	knock       fieldsForm
}

func (d *hubDocument) call(name string) (call, error) {
	for _, one := range d.calls {
		if one.name == name {
			return one, nil
		}
	}
	return call{}, fmt.Errorf("no call %q", name)
}

func readHubDocument(path string) (*hubDocument, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	d := new(hubDocument)
	section := map[string]string{}
	for _, part := range strings.Split(string(text), "\n## ")[1:] {
		title, body, _ := strings.Cut(part, "\n")
		_, name, _ := strings.Cut(title, ". ")
		section[name] = body
	}
	if d.calls, err = readRows(section["Calls"], 4); err != nil {
		return nil, err
	}
	if d.news, err = readRows(section["News"], 3); err != nil {
		return nil, err
	}
	list := regexp.MustCompile("(?m)^(`[a-z-]+`(, )?)+\\.$").FindString(section["Refusals"])
	for _, name := range regexp.MustCompile("[a-z-]+").FindAllString(list, -1) {
		d.refusals = append(d.refusals, name)
	}
	found := regexp.MustCompile("`(room 16, from 32, [^`]+)`").FindStringSubmatch(section["Calls"])
	if len(d.calls) == 0 || len(d.news) == 0 || len(d.refusals) == 0 || found == nil {
		return nil, fmt.Errorf("%s does not have its tables", path)
	}
	if d.knock, err = parseFields(found[1]); err != nil {
		return nil, err
	}
	// Section 4: the reason, when to try again, a sentence.
	wait, err := parseForm("u32, or none")
	if err != nil {
		return nil, err
	}
	sentence, err := parseForm("text ≤ 255")
	d.refused = fieldsForm{{"refusal", d.refusals}, {"retryAfterMs", wait}, {"sentence", sentence}}
	return d, err
}

// readRows reads the rows of a section that begin with a code.
func readRows(section string, columns int) ([]call, error) {
	var rows []call
	for _, line := range strings.Split(section, "\n") {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		code, err := strconv.ParseUint(strings.TrimSpace(cells[0]), 10, 8)
		if err != nil || len(cells) < columns {
			continue
		}
		one := call{code: byte(code), name: strings.Trim(strings.TrimSpace(cells[1]), "`")}
		if one.ask, err = parseFields(cells[2]); err == nil && columns > 3 {
			one.answer, err = parseFields(cells[3])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", one.name, err)
		}
		rows = append(rows, one)
	}
	return rows, nil
}

// writeCall is a call, or news.
func (one call) write(ask any) ([]byte, error) { return one.ask.write([]byte{one.code}, ask) }

func (one call) writeAnswer(answer any) ([]byte, error) { return one.answer.write([]byte{0}, answer) }

func (d *hubDocument) writeRefusal(refused any) ([]byte, error) {
	return d.refused.write([]byte{1}, refused)
}

// readAnswer returns the fields, and whether they are those of an answer or of a refusal.
func (d *hubDocument) readAnswer(one call, from []byte) (any, bool, error) {
	switch {
	case len(from) > 0 && from[0] == 0:
		value, err := readAll(one.answer, from[1:])
		return value, true, err
	case len(from) > 0 && from[0] == 1:
		value, err := readAll(d.refused, from[1:])
		return value, false, err
	}
	return nil, false, fmt.Errorf("an answer that is neither one nor a refusal")
}

// readNews returns the name of news and their fields; no name: they are of a newer hub.
func (d *hubDocument) readNews(from []byte) (string, any, error) {
	if len(from) == 0 {
		return "", nil, fmt.Errorf("empty news")
	}
	for _, one := range d.news {
		if one.code == from[0] {
			value, err := readAll(one.ask, from[1:])
			return one.name, value, err
		}
	}
	return "", nil, nil
}
