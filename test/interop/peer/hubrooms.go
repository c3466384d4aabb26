package main

// What a hub does with rooms (docs/HUB.md, section 3): which there are, and in one of them the log, the seats, links and signals.

import (
	"crypto/rand"
	"fmt"
	"sort"
)

func (h *hub) create(self string, ask fieldsOf) (values, error) {
	id := text16(ask.get("room"))
	if h.rooms[id] != nil {
		return nil, refusal("exists")
	}
	if h.isListed(ask.get("listedName")) {
		return nil, refusal("name-taken")
	}
	h.rooms[id] = &hubRoom{seats: map[string]*hubSeat{self: {role: "admin"}}, links: map[string]*hubLink{}, listed: ask.get("listedName")}
	return values{}, nil
}

func (h *hub) isListed(name any) bool {
	for _, room := range h.rooms {
		if name != nil && room.listed == name {
			return true
		}
	}
	return false
}

func (h *hub) roomsOf(self string) []any {
	list := []any{}
	for _, id := range h.ids() {
		room := h.rooms[id]
		if seat := room.seats[self]; seat != nil {
			list = append(list, values{"room": id, "epoch": room.epoch, "commits": room.commits, "next": uint64(len(room.log)),
				"oldest": 0, "from": seat.from, "cursor": seat.cursor})
		}
	}
	return list
}

func (h *hub) ids() []string {
	var ids []string
	for id := range h.rooms {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	return ids
}

func (h *hub) listed(after any) []any {
	found := map[string]string{}
	var names []string
	for id, room := range h.rooms {
		if name, is := room.listed.(string); is && (after == nil || name > after.(string)) {
			found[name] = id
			names = append(names, name)
		}
	}
	sort.Strings(names)
	list := []any{}
	for _, name := range names {
		list = append(list, values{"room": found[name], "name": name})
	}
	return list
}

func (h *hub) doInRoom(self string, room *hubRoom, name string, ask fieldsOf) (values, error) {
	seat := room.seats[self]
	switch name {
	case "commit":
		return h.commit(self, room, ask)
	case "knock":
		return h.knock(self, room, ask)
	case "outside":
		if seat == nil {
			if ask.get("link") == nil {
				return nil, refusal("no-room")
			}
			if err := room.useOf(ask.get("link")); err != nil {
				return nil, err
			}
		}
		if room.groupInfo == nil {
			return nil, refusal("not-allowed")
		}
		return values{"groupInfo": room.groupInfo, "epoch": room.epoch, "commits": room.commits}, nil
	}
	if seat == nil {
		return nil, refusal("no-room")
	}
	switch name {
	case "seats":
		list := []any{}
		for key, one := range room.seats {
			online := h.online[key]
			list = append(list, values{"key": key, "role": one.role, "isOnline": online != nil && online.visible})
		}
		return values{"seats": list}, nil
	case "post":
		if seq, is := room.find(self, ask); is {
			return values{"seq": seq}, nil
		}
		epoch := ask.get("epoch").(uint64)
		if epoch > room.epoch || epoch+3 < room.epoch || epoch < room.least {
			return nil, refusal("stale")
		}
		return values{"seq": h.append(self, room, ask, ask.get("type").(string))}, nil
	case "read":
		entries := []any{}
		size := 0
		for _, one := range room.log {
			size += len(one["bytes"].(hexBytes)) + 100
			if seq := one["seq"].(uint64); seq >= ask.get("from").(uint64) && seq >= seat.from {
				if size > maxTransfer-100 || len(entries) == 4096 {
					break
				}
				entries = append(entries, map[string]any(one))
			} else {
				size = 0
			}
		}
		return values{"entries": entries}, nil
	case "acknowledge":
		next := ask.get("next").(uint64)
		if next > uint64(len(room.log)) {
			return nil, refusal("stale")
		}
		seat.cursor = larger(seat.cursor, next)
		return values{}, nil
	case "signal":
		for key := range room.seats {
			if key != self {
				h.tell(key, "signal", values{"room": ask.get("room"), "from": self, "bytes": ask.get("bytes")})
			}
		}
		return values{}, nil
	}
	if seat.role == "member" {
		return nil, refusal("not-allowed")
	}
	return room.doWithLinks(name, ask)
}

// find is the number of an entry that the same poster has sent before.
func (r *hubRoom) find(self string, ask fieldsOf) (uint64, bool) {
	for _, one := range r.log {
		if one["poster"] == self && text16(one["id"]) == text16(ask.get("id")) {
			return one["seq"].(uint64), true
		}
	}
	return 0, false
}

func (h *hub) append(self string, room *hubRoom, ask fieldsOf, kind string) uint64 {
	seq := uint64(len(room.log))
	room.log = append(room.log, values{"seq": seq, "type": kind, "id": ask.get("id"), "epoch": ask.get("epoch"), "poster": self,
		"atMs": nowMs(), "bytes": ask.get("bytes")})
	for key := range room.seats {
		h.tell(key, "entries", values{"room": ask.get("room"), "next": seq + 1})
	}
	return seq
}

func (r *hubRoom) useOf(id any) error {
	link := r.links[fmt.Sprint(id)]
	switch {
	case link == nil:
		return refusal("link-unknown")
	case link.expiresAtMs <= nowMs():
		return refusal("link-expired")
	case link.uses == 0:
		return refusal("link-spent")
	}
	return nil
}

func (h *hub) commit(self string, room *hubRoom, ask fieldsOf) (values, error) {
	if seq, is := room.find(self, ask); is {
		return values{"seq": seq}, nil
	}
	if ask.get("commits") != room.commits {
		return nil, refusal("stale")
	}
	seat, link := room.seats[self], ask.get("link")
	if seat == nil && link == nil {
		return nil, refusal("no-room")
	}
	if err := h.judge(self, room, ask); err != nil {
		return nil, err
	}
	if seat == nil {
		if err := room.useOf(link); err != nil {
			return nil, err
		}
		room.links[link.(string)].uses--
	}
	next := uint64(len(room.log))
	room.epoch = ask.get("epoch").(uint64) + 1
	for _, one := range ask.get("seats").([]any) {
		key, role := text16(one.(fieldsOf).get("key")), one.(fieldsOf).get("role").(string)
		if there := room.seats[key]; there != nil {
			there.role = role
			continue
		}
		room.seats[key] = &hubSeat{role: role, from: next, cursor: next}
		room.least = room.epoch
	}
	for _, one := range ask.get("removed").([]any) {
		key := text16(one)
		if room.seats[key] != nil {
			room.least = room.epoch
			delete(room.seats, key)
			h.tell(key, "room-closed", values{"room": ask.get("room")})
		}
	}
	room.groupInfo, room.commits = ask.get("groupInfo"), next+1
	if listing, is := ask.get("listing").(fieldsOf); is {
		room.listed = listing.get("name")
	}
	if welcome, is := ask.get("welcome").(fieldsOf); is {
		for _, to := range welcome.get("to").([]any) {
			h.send(text16(to), "welcome", welcome.get("bytes"))
		}
	}
	seq := h.append(self, room, ask, "commit")
	if len(room.seats) == 0 {
		delete(h.rooms, text16(ask.get("room")))
	}
	return values{"seq": seq}, nil
}

// judge is the table of what a commit says.
func (h *hub) judge(self string, room *hubRoom, ask fieldsOf) error {
	seats, removed, own := ask.get("seats").([]any), ask.get("removed").([]any), room.seats[self]
	if own == nil {
		one, is := values(nil), len(seats) == 1
		if is {
			one = values{"key": text16(seats[0].(fieldsOf).get("key")), "role": seats[0].(fieldsOf).get("role")}
		}
		if !is || one["key"] != self || one["role"] != "member" || len(removed) > 0 || ask.get("listing") != nil || ask.get("welcome") != nil {
			return refusal("not-allowed")
		}
		return nil
	}
	named := map[string]bool{}
	for _, one := range seats {
		key, role := text16(one.(fieldsOf).get("key")), one.(fieldsOf).get("role")
		there := room.seats[key]
		if h.accounts[key] == nil {
			return refusal("unknown-person")
		}
		isOwn := key == self && role == "member"
		isNew := there == nil && role == "member"
		isAsBefore := there != nil && there.role == role
		if own.role != "admin" && !isOwn && !isNew && !isAsBefore {
			return refusal("not-allowed")
		}
		named[key] = true
	}
	for _, one := range removed {
		key := text16(one)
		there := room.seats[key]
		if there != nil && key != self && (own.role == "member" || there.role != "member") {
			return refusal("not-allowed")
		}
	}
	if listing, is := ask.get("listing").(fieldsOf); is {
		if own.role == "member" {
			return refusal("not-allowed")
		}
		if name := listing.get("name"); name != room.listed && h.isListed(name) {
			return refusal("name-taken")
		}
	}
	if welcome, is := ask.get("welcome").(fieldsOf); is {
		for _, to := range welcome.get("to").([]any) {
			if !named[text16(to)] {
				return refusal("not-allowed")
			}
		}
	}
	return nil
}

func (h *hub) knock(self string, room *hubRoom, ask fieldsOf) (values, error) {
	switch {
	case room.listed == nil:
		return nil, refusal("no-room")
	case room.seats[self] != nil:
		return nil, refusal("exists")
	}
	written, err := h.document.knock.write(nil, values{"room": ask.get("room"), "from": self, "bytes": ask.get("bytes")})
	if err != nil {
		panic(err)
	}
	for key, seat := range room.seats {
		if seat.role != "member" {
			h.send(key, "knock", hexBytes(written))
		}
	}
	return values{}, nil
}

func (r *hubRoom) doWithLinks(name string, ask fieldsOf) (values, error) {
	id, _ := ask.get("link").(string)
	switch name {
	case "add-link":
		uses, expires := ask.get("uses").(uint64), ask.get("expiresAtMs").(uint64)
		if known := r.links[id]; known != nil {
			if known.uses != uses || known.expiresAtMs != expires {
				return nil, refusal("exists")
			}
			return values{"invite": hexBytes(known.psk)}, nil
		}
		psk := make([]byte, 32)
		if _, err := rand.Read(psk); err != nil {
			panic(err)
		}
		r.links[id] = &hubLink{uses, expires, psk}
		return values{"invite": hexBytes(psk)}, nil
	case "revoke-link":
		if r.links[id] == nil {
			return nil, refusal("link-unknown")
		}
		delete(r.links, id)
		return values{}, nil
	case "links":
		list := []any{}
		for id, one := range r.links {
			list = append(list, values{"link": id, "uses": one.uses, "expiresAtMs": one.expiresAtMs})
		}
		return values{"links": list}, nil
	}
	return nil, refusal("unknown-call")
}
