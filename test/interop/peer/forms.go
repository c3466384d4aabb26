package main

// The values of docs/HUB.md, section 2, in the notation of its tables: "room 16", "handle (text ≤ 64, or none)",
// "list ≤ 64 of (id 16, bytes (bytes ≤ 16384))". A form is read from that text; it writes and reads values as JSON has
// them: numbers, hex for bytes, strings for texts and names of a list, null for none.

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

type form interface {
	write(out []byte, value any) ([]byte, error)
	read(r *reader) (any, error)
}

// A field's name and value; several are an object, in the order of the table.
type oneField struct {
	name  string
	value any
}
type fieldsOf []oneField

func (f fieldsOf) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, one := range f {
		name, err := json.Marshal(one.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(one.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}

func (f fieldsOf) get(name string) any {
	for _, one := range f {
		if one.name == name {
			return one.value
		}
	}
	return nil
}

type reader struct{ rest []byte }

func (r *reader) take(length uint64) ([]byte, error) {
	if uint64(len(r.rest)) < length {
		return nil, fmt.Errorf("%d bytes are missing", length-uint64(len(r.rest)))
	}
	taken := r.rest[:length]
	r.rest = r.rest[length:]
	return taken, nil
}

// number reads an unsigned one of so many bytes.
func (r *reader) number(length int) (uint64, error) {
	taken, err := r.take(uint64(length))
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(append(make([]byte, 8-length), taken...)), nil
}

func putNumber(out []byte, length int, value uint64) []byte {
	return append(out, u64(value)[8-length:]...)
}

// u32 and u64. A u64 is below 2^53.
type numberForm struct {
	length int
	below  uint64
}

func (f numberForm) write(out []byte, value any) ([]byte, error) {
	var number uint64
	switch given := value.(type) {
	case int:
		number = uint64(given)
	case uint64:
		number = given
	case json.Number:
		parsed, err := strconv.ParseUint(given.String(), 10, 64)
		if err != nil {
			return nil, err
		}
		number = parsed
	default:
		return nil, fmt.Errorf("%v is no number", value)
	}
	if number >= f.below {
		return nil, fmt.Errorf("%d is too large", number)
	}
	return putNumber(out, f.length, number), nil
}

func (f numberForm) read(r *reader) (any, error) {
	number, err := r.number(f.length)
	if err == nil && number >= f.below {
		err = fmt.Errorf("%d is too large", number)
	}
	return number, err
}

// bytesForm is exactly so many bytes if lengthBytes is 0, else at most so many behind their length.
type bytesForm struct {
	lengthBytes int
	most        uint64
	isText      bool
}

func (f bytesForm) write(out []byte, value any) ([]byte, error) {
	var given []byte
	switch value := value.(type) {
	case hexBytes:
		given = value
	case []byte:
		given = value
	case string:
		if given = []byte(value); !f.isText {
			var err error
			if given, err = hex.DecodeString(value); err != nil {
				return nil, err
			}
		}
	default:
		return nil, fmt.Errorf("%v is neither text nor bytes", value)
	}
	length := uint64(len(given))
	if length > f.most || f.lengthBytes == 0 && length != f.most || f.isText && !utf8.Valid(given) {
		return nil, fmt.Errorf("%d bytes where %d are allowed, or no UTF-8", length, f.most)
	}
	return append(putNumber(out, f.lengthBytes, length), given...), nil
}

func (f bytesForm) read(r *reader) (any, error) {
	length := f.most
	if f.lengthBytes > 0 {
		var err error
		if length, err = r.number(f.lengthBytes); err != nil {
			return nil, err
		}
	}
	if length > f.most {
		return nil, fmt.Errorf("%d bytes where %d are allowed", length, f.most)
	}
	taken, err := r.take(length)
	if err != nil {
		return nil, err
	}
	if !f.isText {
		return hexBytes(taken), nil
	}
	if !utf8.Valid(taken) {
		return nil, fmt.Errorf("a text that is not UTF-8")
	}
	return string(taken), nil
}

type choiceForm []string

func (f choiceForm) write(out []byte, value any) ([]byte, error) {
	for i, name := range f {
		if value == name {
			return append(out, byte(i)), nil
		}
	}
	return nil, fmt.Errorf("%v is none of %v", value, []string(f))
}

func (f choiceForm) read(r *reader) (any, error) {
	place, err := r.number(1)
	if err == nil && place >= uint64(len(f)) {
		err = fmt.Errorf("%d is none of %v", place, []string(f))
	}
	if err != nil {
		return nil, err
	}
	return f[place], nil
}

type flagForm struct{}

func (flagForm) write(out []byte, value any) ([]byte, error) {
	switch value {
	case true:
		return append(out, 1), nil
	case false:
		return append(out, 0), nil
	}
	return nil, fmt.Errorf("%v is no flag", value)
}

func (flagForm) read(r *reader) (any, error) {
	flag, err := r.number(1)
	if err == nil && flag > 1 {
		err = fmt.Errorf("a flag of %d", flag)
	}
	return flag == 1, err
}

type optionalForm struct{ of form }

func (f optionalForm) write(out []byte, value any) ([]byte, error) {
	if value == nil {
		return append(out, 0), nil
	}
	return f.of.write(append(out, 1), value)
}

func (f optionalForm) read(r *reader) (any, error) {
	flag, err := flagForm{}.read(r)
	if err != nil || flag != true {
		return nil, err
	}
	return f.of.read(r)
}

type listForm struct {
	most uint64
	of   form
}

func (f listForm) write(out []byte, value any) ([]byte, error) {
	list, ok := value.([]any)
	if !ok || uint64(len(list)) > f.most {
		return nil, fmt.Errorf("no list of at most %d", f.most)
	}
	out = putNumber(out, 4, uint64(len(list)))
	for _, one := range list {
		var err error
		if out, err = f.of.write(out, one); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (f listForm) read(r *reader) (any, error) {
	count, err := r.number(4)
	if err != nil || count > f.most {
		return nil, fmt.Errorf("a list of %d, where %d are allowed (%v)", count, f.most, err)
	}
	list := []any{}
	for i := uint64(0); i < count; i++ {
		one, err := f.of.read(r)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

type namedForm struct {
	name string
	form form
}
type fieldsForm []namedForm

func (f fieldsForm) write(out []byte, value any) ([]byte, error) {
	given, ok := value.(map[string]any)
	if !ok || len(given) != len(f) {
		return nil, fmt.Errorf("%v does not have these fields: %v", value, f)
	}
	for _, field := range f {
		one, has := given[field.name]
		if !has {
			return nil, fmt.Errorf("field %q is missing", field.name)
		}
		var err error
		if out, err = field.form.write(out, one); err != nil {
			return nil, fmt.Errorf("%s: %w", field.name, err)
		}
	}
	return out, nil
}

func (f fieldsForm) read(r *reader) (any, error) {
	values := fieldsOf{}
	for _, field := range f {
		value, err := field.form.read(r)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field.name, err)
		}
		values = append(values, oneField{field.name, value})
	}
	return values, nil
}

// readAll reads a value that has nothing behind it.
func readAll(f form, from []byte) (any, error) {
	r := &reader{from}
	value, err := f.read(r)
	if err == nil && len(r.rest) > 0 {
		err = fmt.Errorf("%d bytes too many", len(r.rest))
	}
	return value, err
}

// parts splits at the commas that stand in no parentheses.
func parts(text string) []string {
	var found []string
	depth, start := 0, 0
	for i, letter := range text {
		switch {
		case letter == '(':
			depth++
		case letter == ')':
			depth--
		case letter == ',' && depth == 0:
			found = append(found, strings.TrimSpace(text[start:i]))
			start = i + 1
		}
	}
	return append(found, strings.TrimSpace(text[start:]))
}

// parseFields reads a list of fields with their names: a cell of a table. An empty one has none.
func parseFields(text string) (fieldsForm, error) {
	fields := fieldsForm{}
	if strings.TrimSpace(text) == "" {
		return fields, nil
	}
	for _, part := range parts(text) {
		name, rest, found := strings.Cut(part, " ")
		if !found {
			return nil, fmt.Errorf("a field without a form: %q", part)
		}
		if strings.HasPrefix(rest, "(") && strings.HasSuffix(rest, ")") {
			rest = rest[1 : len(rest)-1]
		}
		one, err := parseForm(rest)
		if err != nil {
			return nil, err
		}
		fields = append(fields, namedForm{name, one})
	}
	return fields, nil
}

// parseForm reads one form: what stands behind a name, without the parentheses around it.
func parseForm(text string) (form, error) {
	if all := parts(text); len(all) > 1 {
		last := len(all) - 1
		if all[last] != "or none" {
			return parseFields(text)
		}
		of, err := parseForm(strings.Join(all[:last], ", "))
		return optionalForm{of}, err
	}
	switch text {
	case "u8":
		return numberForm{1, 1 << 8}, nil
	case "u32":
		return numberForm{4, 1 << 32}, nil
	case "u64":
		return numberForm{8, 1 << 53}, nil
	case "flag":
		return flagForm{}, nil
	}
	if length, err := strconv.ParseUint(text, 10, 32); err == nil {
		return bytesForm{0, length, false}, nil
	}
	kind, rest, _ := strings.Cut(text, " ≤ ")
	most, of, isList := strings.Cut(rest, " of ")
	limit, err := strconv.ParseUint(most, 10, 32)
	switch {
	case kind == "bytes" && err == nil:
		return bytesForm{4, limit, false}, nil
	case kind == "text" && err == nil:
		return bytesForm{2, limit, true}, nil
	case kind == "list" && err == nil && isList:
		each, err := parseForm(strings.TrimSuffix(strings.TrimPrefix(of, "("), ")"))
		return listForm{limit, each}, err
	case strings.Contains(text, " / "):
		return choiceForm(strings.Split(text, " / ")), nil
	}
	return parseFields(text)
}
