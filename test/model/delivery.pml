/*
 * Delivery between two sides over a link that can be cut at any instant (docs/PROTOCOL.md §7.1, §7.2), for Debian's spin
 * 6.5.2. It knows numbers, stamps, cursors and commits; not what a message says, nor how it is sealed.
 * Every step below is one indivisible act of one side; spin tries all orders of them. How it is run: model.test.ts.
 *
 * Without RESTORE: links are cut and programs crash, the stores stay what they are.
 * With RESTORE: moreover side 0's store is replaced, RESTORE times at most, by an older copy of itself or by a new one.
 * Side 1's stays what it is. What holds then:
 * - nothing enters a store's present history twice;
 * - side 1 gets all that side 0's present store has said, and before each message all that stood before it there;
 * - what side 0's store lacks of side 1's messages, both persons have been told, those very messages;
 * - when the numbers do not fit, both have been told before anything of it is stored.
 * When the numbers fit and only `last` does not, nothing is lost, but one is told alone, and perhaps for nothing: side 0
 * after a second copy, or again after a cut while its first one's messages were passed over; side 1 when it lost an
 * acknowledgement with its power just after side 0 had passed over that message, which then comes after all.
 * What a copy did not have yet is gone with the store that it replaced, unless it had left: nobody knows of it.
 */

/* What bounds the search. */
#ifndef SAYS
#define SAYS 2 /* messages that person 0 says, at most 7 */
#endif
#ifndef ANSWERS
#define ANSWERS SAYS /* messages that person 1 says, no more than that */
#endif
#ifndef CUTS
#define CUTS 1 /* a link that ends while both programs run */
#endif
#ifndef CRASHES
#define CRASHES 1 /* a program that ends at any instant; also stands for a proper end */
#endif
#ifndef ROOM
#define ROOM 2 /* records in flight each way */
#endif
#ifndef GROUP
#define GROUP 2 /* messages of each kind that one commit takes together */
#endif

/*
 * A program: not running; running without a link; on a new link; RESUME written; the other's RESUME read, and it does not
 * fit; the other's RESUME read and carried out.
 */
#define DOWN 0
#define OFF 1
#define NEW 2
#define WAITING 3
#define UNFIT 4
#define OPEN 5

#define NOBODY 0  /* in place of a store's id */
#define NOTHING 0 /* in place of a stamp */

/* Which message it is. That a stamp is given once is what random lives are for (§7.2). */
#define stampOf(message) (message + 1)
#define spoken (s == 0 -> SAYS : ANSWERS)

/* The rules that are one condition each, and the mutants that break them. The other mutants stand where they act. */

#if defined(DATA_BEFORE_OWN_RESUME)
#define mayData (mem[s].state == NEW || mem[s].state == OPEN)
#elif defined(DATA_BEFORE_RESUME)
#define mayData (mem[s].state == WAITING || mem[s].state == OPEN)
#else
#define mayData (mem[s].state == OPEN)
#endif

/*
 * All that came on the last link is committed before RESUME says what is expected. The other way round does no harm
 * between two stores that nobody touched, if an ACK may go beyond what was sent on this link: then lower numbers come.
 */
#ifdef RESUME_BEFORE_COMMIT
#define mayResume true
#define ackBound (disk[s].released)
#else
#define mayResume (mem[s].arriving == 0)
#define ackBound (mem[s].unsent)
#endif

/* DATA leaves when it is committed that it will. */
#if defined(DATA_BEFORE_COMMIT)
#define sendable (disk[s].next + mem[s].saying)
#elif defined(DATA_BEFORE_RELEASE)
#define sendable (disk[s].next)
#else
#define sendable (disk[s].released)
#endif
#ifdef DATA_BEFORE_RELEASE
#define releasable (mem[s].unsent > disk[s].released -> mem[s].unsent : disk[s].released)
#else
#define releasable (disk[s].next)
#endif

#ifdef ACK_BEFORE_COMMIT
#define acknowledgeable (disk[s].expected + mem[s].arriving)
#define ackable (mem[s].ackDue || mem[s].arriving > 0)
#else
#define acknowledgeable (disk[s].expected)
#define ackable (mem[s].ackDue)
#endif

#define other (1 - s)
#define hasLink(x) (mem[x].state >= NEW)

mtype = { RESUME, DATA, ACK };

/*
 * What a commit leaves on the disk. `outbox` are the messages `acknowledged` to `next - 1`, oldest first.
 * `said` and `held` are sets of messages: all that this store's person said and all that this store got from the other.
 * A message is known by when it was said, whatever its number; its stamp is this and its life.
 */
typedef Store {
  byte id;
  byte peer; /* the other store's id, as known */
  byte acknowledged;
  byte released;
  byte next;
  byte expected;
  byte last; /* the stamp of the last message that was taken */
  byte outbox[SAYS];
  byte said;
  byte held
};

/* What a program has in memory: lost with it. */
typedef Run {
  byte state;
  byte acknowledged; /* an ACK by itself reaches the disk later */
  byte unsent;       /* the number of the next DATA on this link */
  bool ackDue;
  byte saying;       /* messages said and not committed */
  byte arriving;     /* messages that came and are not committed */
  byte arrived[GROUP]; /* their stamps; NOTHING for one that is passed over */
#ifdef RESTORE
  bool hasSaid;      /* something that was committed, in this life */
  byte peer;         /* while UNFIT, of the other's RESUME: its id, what it expects, its oldest */
  byte expects;
  byte oldest;
  bool isOurs        /* while UNFIT: what the other took last is what we sent it under that number */
#endif
};

Store disk[2];
Run mem[2];

/*
 * toward[s]: what is on the way to s.
 * RESUME(id, peer, expected, acknowledged, released, last), DATA(seq, message), ACK(next)
 */
chan toward[2] = [ROOM] of { mtype, byte, byte, byte, byte, byte, byte };

byte cutsLeft = CUTS;
byte crashesLeft = CRASHES;

/* For the checks only: committed messages and those that were shown as sent, in all. */
byte committed[2];
byte toldSent[2];
#ifdef RESTORE
/* For a set of messages: those that are the first in a life of their sender's program. A life's count in a store says which
   of them have arrived. */
byte begins[2];
byte restoresLeft = RESTORE;
/* The first taken stands first. */
Store copy[RESTORE];
/* For the checks only. */
byte before[SAYS];  /* what side 0's store had said when it was given this message */
byte lacking;       /* messages of side 1, as this session began, that it no longer has and side 0's store has not */
byte told[2];       /* messages of side 1 of which a person was told that they are lacking */
bool isWarned[2];   /* whether a person was told anything of a store in this session */
#endif

/* For use within one step. */
hidden byte a, b, c, d, e, f, i, n;
hidden byte isOurs, isKnown;

/* ---- the store ---- */

/* The oldest n messages leave the outbox. */
inline trim() {
  for (i : 0 .. SAYS - 1) {
    if
    :: i + n < SAYS -> disk[s].outbox[i] = disk[s].outbox[i + n]
    :: else -> disk[s].outbox[i] = 0
    fi
  }
}

/* A message enters the store: once, in the order in which it was said, and without a hole that nobody was told of. */
inline keep(message) {
#ifndef RESTORE
  assert(disk[s].held == (1 << message) - 1);
  assert(message < committed[other]);
#else
  assert((disk[s].held & (1 << message)) == 0);
  if
  :: s == 0 ->
    assert(disk[0].held < (1 << message));
    assert((((1 << message) - 1) & ~disk[0].held & ~(told[0] & told[1])) == 0)
  :: else ->
    /* The order as well: what stood before it is there, and nothing comes twice. */
    assert((before[message] & ~disk[1].held) == 0)
  fi;
#endif
  disk[s].last = stampOf(message);
  disk[s].held = disk[s].held | (1 << message)
}

/* Whether this message of the other has arrived: it, or a later one of its life, which is all that a count can tell. */
inline look(message) {
  isKnown = false;
#ifdef RESTORE
#ifndef NO_STAMPS
  n = message;
  do
  :: n < SAYS && (n == message || (begins[other] & (1 << n)) == 0) ->
    isKnown = isKnown || (disk[s].held & (1 << n)) != 0;
    n++
  :: else -> break
  od;
  /* A count is as good as a list, in all that is tried here. */
  assert(isKnown == ((disk[s].held & (1 << message)) != 0))
#endif
#endif
}

/* One transaction: what was said, what came with the cursor, what was acknowledged, and what the link is given now. */
inline commit() {
  n = mem[s].acknowledged - disk[s].acknowledged;
  trim();
  disk[s].acknowledged = mem[s].acknowledged;
  do
  :: mem[s].saying > 0 ->
    disk[s].outbox[disk[s].next - disk[s].acknowledged] = committed[s];
#ifdef RESTORE
    if
    :: s == 0 -> before[committed[0]] = disk[0].said
    :: else
    fi;
    if
    :: !mem[s].hasSaid -> begins[s] = begins[s] | (1 << committed[s])
    :: else
    fi;
    mem[s].hasSaid = true;
#endif
    disk[s].said = disk[s].said | (1 << committed[s]);
    disk[s].next++;
    committed[s]++;
#ifndef SENT_BEFORE_COMMIT
    toldSent[s]++;
#endif
    mem[s].saying--
  :: else -> break
  od;
  for (i : 0 .. GROUP - 1) {
    if
    :: i < mem[s].arriving ->
#ifndef CURSOR_APART
      if
      :: mem[s].arrived[i] != NOTHING -> keep(mem[s].arrived[i] - 1)
      :: else
      fi;
#endif
      disk[s].expected++;
      mem[s].ackDue = hasLink(s);
      mem[s].arrived[i] = NOTHING
    :: else
    fi
  }
  mem[s].arriving = 0;
  if
  :: mem[s].state == OPEN -> disk[s].released = releasable
  :: else
  fi
}

/* ---- the link ---- */

/* This end of the link is gone, and with it what was on the way here. The other side may still read what left here. */
inline leave() {
#ifndef FRAMES_SURVIVE
  do
  :: len(toward[s]) > 0 -> toward[s]?_, _, _, _, _, _, _
  :: else -> break
  od;
#endif
  mem[s].unsent = 0;
#ifdef RESTORE
  mem[s].peer = NOBODY;
  mem[s].expects = 0;
  mem[s].oldest = 0;
  mem[s].isOurs = false;
#endif
  mem[s].ackDue = false
}

/* There is room, or nobody at the other end: then what is written is lost. */
#define canWrite (nfull(toward[other]) || !hasLink(other))

inline write(kind, q, v, w, x, y, z) {
  if
  :: hasLink(other) -> toward[other]!kind, q, v, w, x, y, z
  :: else
  fi
}

/* ---- RESUME ---- */

/* Whether the last that the other took is what we sent it under that number. */
#ifdef NO_LAST
#define isSame true
#else
#define isSame (stampOf(disk[s].outbox[b - 1 - disk[s].acknowledged]) == f)
#endif

/*
 * What follows from the other's RESUME, in one transaction: it expects b, and its oldest is c. If what it took last is
 * ours, everything below b has arrived, n messages. Otherwise nothing counts as delivered, and all that waits gets numbers
 * from b on, which the link is given at once. Numbers never go down.
 */
inline carryOut() {
#ifdef TRIM_ONE_MORE
  if
  :: b < disk[s].released -> b++
  :: else
  fi;
#endif
  d = (b > mem[s].acknowledged -> b : mem[s].acknowledged);
  n = (isOurs -> d : mem[s].acknowledged) - disk[s].acknowledged;
#ifdef NO_RENUMBER
  d = disk[s].acknowledged + n;
#endif
  trim();
  disk[s].next = d + (disk[s].next - disk[s].acknowledged - n);
#ifdef RESTORE
  if
  :: !isOurs ->
    disk[s].released = disk[s].next
  :: else
  fi;
#ifndef NO_SKIP
  /* What the other has had acknowledged once it no longer has: our store lacks it for good. */
  disk[s].expected = (c > disk[s].expected -> c : disk[s].expected);
#endif
  disk[s].peer = a;
  mem[s].peer = NOBODY;
  mem[s].expects = 0;
  mem[s].oldest = 0;
  mem[s].isOurs = false;
#endif
  disk[s].acknowledged = d;
  mem[s].acknowledged = d;
#ifdef NOT_AGAIN
  mem[s].unsent = disk[s].released;
#else
  mem[s].unsent = d;
#endif
  mem[s].state = OPEN
}

#ifdef RESTORE
#define isNew(known, id) (known != NOBODY && known != id)

/* What a side tells its person: of its own store, and of the other's. */
inline tell() {
  if
  :: isNew(e, disk[s].id) || (e != NOBODY && (!isOurs || c > disk[s].expected)) -> isWarned[s] = true
  :: else
  fi;
  if
  :: isNew(disk[s].peer, a) || (disk[s].peer != NOBODY && (disk[s].expected > d || mem[s].acknowledged > b)) ->
    isWarned[s] = true
  :: else
  fi;
  if
  :: c > disk[s].expected ->
    assert(s == 0 && isWarned[0]);
    told[0] = told[0] | lacking
  :: else
  fi;
  if
  :: mem[s].acknowledged > b ->
    assert(s == 1 && isWarned[1]);
    told[1] = told[1] | lacking
  :: else
  fi
}
#endif

/*
 * The other's RESUME says: id a, it knows our store as e, it expects b, it has from c on and sent below d, and f is the
 * stamp of what it took last.
 */
inline resume() {
  isOurs = b <= mem[s].acknowledged || (b <= disk[s].released && isSame);
#ifdef RESTORE
  tell();
  assert(!isWarned[s] || restoresLeft < RESTORE);
  /* Both sides compare the same, and find the same. */
  if
  :: b > disk[s].released || disk[s].expected > d || c > disk[s].expected || mem[s].acknowledged > b ->
    assert(isWarned[s]);
#ifdef UNCONFIRMED
    carryOut()
#else
    /* Nothing of it is stored before both were told: a cut here would leave one of them in the dark for good. */
    mem[s].peer = a;
    mem[s].expects = b;
    mem[s].oldest = c;
    mem[s].isOurs = isOurs;
    mem[s].ackDue = true;
    mem[s].state = UNFIT
#endif
  :: else ->
    assert(isOurs || isWarned[s]);
    carryOut()
  fi
#else
  /* Two stores of which none was touched always fit. */
  assert(mem[s].acknowledged <= b && b <= disk[s].released);
  assert(c <= disk[s].expected && disk[s].expected <= d);
  assert(isOurs);
  carryOut()
#endif
}

/* ---- one side: its person, its program and its end of the link ---- */

proctype Side(byte s) {
  end:
  do
  /* The person says something, with a link or without. */
  :: d_step {
      mem[s].state != DOWN && mem[s].saying < GROUP && committed[s] + mem[s].saying < spoken ->
#ifdef SENT_BEFORE_COMMIT
      toldSent[s]++;
#endif
      mem[s].saying++
    }

  :: d_step {
      mem[s].state != DOWN &&
      (mem[s].saying > 0 || mem[s].arriving > 0 || mem[s].acknowledged != disk[s].acknowledged ||
        (mem[s].state == OPEN && disk[s].released != releasable)) ->
      commit()
    }

  /* The first record on a new link. */
  :: d_step {
      mem[s].state == NEW && mayResume && canWrite ->
      write(RESUME, disk[s].id, disk[s].peer, disk[s].expected, mem[s].acknowledged, disk[s].released, disk[s].last);
      mem[s].state = WAITING
    }

  :: d_step {
      mem[s].state == WAITING && toward[s]?[RESUME, _, _, _, _, _, _] ->
      toward[s]?RESUME, a, e, b, c, d, f;
      resume()
    }

  :: d_step {
      mayData && mem[s].unsent < sendable && canWrite ->
#ifdef DATA_BEFORE_COMMIT
      b = (mem[s].unsent < disk[s].next
        -> disk[s].outbox[mem[s].unsent - disk[s].acknowledged]
        : committed[s] + mem[s].unsent - disk[s].next);
#else
      b = disk[s].outbox[mem[s].unsent - disk[s].acknowledged];
#endif
      write(DATA, mem[s].unsent, b, 0, 0, 0, 0);
      mem[s].unsent++
#ifdef FORGET_WHEN_SENT
      ;
      mem[s].acknowledged = mem[s].unsent
#endif
    }

  :: d_step {
      mem[s].state >= WAITING && mem[s].arriving < GROUP && toward[s]?[DATA, _, _, _, _, _, _] ->
      toward[s]?DATA, a, b, _, _, _, _;
      /* No DATA meets a side that has not got RESUME. */
      assert(mem[s].state == OPEN);
      /* A number that was left out is fatal; two honest sides never come to that. */
      assert(a <= disk[s].expected + mem[s].arriving);
      if
      :: a < disk[s].expected + mem[s].arriving ->
#ifdef NO_DEDUP
        keep(b);
#endif
        mem[s].ackDue = true
      :: else ->
#ifdef CURSOR_APART
        keep(b);
#endif
        /* Under another number before: the other's store is an older copy, from which it was still to be sent. */
        look(b);
        mem[s].arrived[mem[s].arriving] = (isKnown -> NOTHING : stampOf(b));
        mem[s].arriving++
      fi;
      a = 0;
      b = 0
    }

  :: d_step {
      mem[s].state >= UNFIT && canWrite && ackable ->
      write(ACK, acknowledgeable, 0, 0, 0, 0, 0);
      mem[s].ackDue = false
    }

#ifdef RESTORE
  /* The first ACK says that the other has read our RESUME and told its person. We have as well, and have said so. */
  :: d_step {
      mem[s].state == UNFIT && !mem[s].ackDue && toward[s]?[ACK, _, _, _, _, _, _] ->
      toward[s]?ACK, _, _, _, _, _, _;
      a = mem[s].peer;
      b = mem[s].expects;
      c = mem[s].oldest;
      isOurs = mem[s].isOurs;
      assert(isWarned[0] && isWarned[1]);
      carryOut()
    }
#endif

  :: d_step {
      (mem[s].state == WAITING || mem[s].state == OPEN) && toward[s]?[ACK, _, _, _, _, _, _] ->
      toward[s]?ACK, a, _, _, _, _, _;
      assert(mem[s].state == OPEN);
      /* An ACK that goes back, or beyond what was sent, is fatal. */
      assert(mem[s].acknowledged <= a && a <= ackBound);
      mem[s].unsent = (a > mem[s].unsent -> a : mem[s].unsent);
      mem[s].acknowledged = a
    }

  /* The link ends: here first, or here too. */
  :: d_step {
      hasLink(s) && (!hasLink(other) || cutsLeft > 0) ->
      if
      :: hasLink(other) -> cutsLeft--
      :: else
      fi;
      leave();
      mem[s].state = OFF
    }

  /* The program is killed. */
  :: d_step {
      mem[s].state != DOWN && crashesLeft > 0 ->
      crashesLeft--;
      leave();
      mem[s].state = DOWN;
      mem[s].saying = 0;
      mem[s].arriving = 0;
      for (i : 0 .. GROUP - 1) {
        mem[s].arrived[i] = 0
      }
#ifdef RESTORE
      mem[s].hasSaid = false;
#endif
      mem[s].acknowledged = disk[s].acknowledged
    }

  :: d_step {
      mem[s].state == DOWN ->
      mem[s].acknowledged = disk[s].acknowledged;
      mem[s].state = OFF
    }
  od
}

/* A full handshake: both programs run, and neither has a link. */
proctype Handshake() {
  end:
  do
  :: d_step {
      mem[0].state == OFF && mem[1].state == OFF ->
#ifndef FRAMES_SURVIVE
      assert(empty(toward[0]) && empty(toward[1]));
#endif
#if defined(DATA_BEFORE_OWN_RESUME) || defined(DATA_BEFORE_RESUME)
      mem[0].unsent = mem[0].acknowledged;
      mem[1].unsent = mem[1].acknowledged;
#endif
#ifdef RESTORE
      isWarned[0] = false;
      isWarned[1] = false;
      lacking = disk[1].said & ~disk[0].held;
      for (i : 0 .. SAYS - 1) {
        if
        :: mem[1].acknowledged + i < disk[1].next ->
          lacking = lacking & ~(1 << disk[1].outbox[mem[1].acknowledged - disk[1].acknowledged + i])
        :: else
        fi
      }
#endif
      mem[0].state = NEW;
      mem[1].state = NEW
    }
  od
}

#ifdef RESTORE
inline duplicate(to, from) {
  to.id = from.id;
  to.peer = from.peer;
  to.acknowledged = from.acknowledged;
  to.released = from.released;
  to.next = from.next;
  to.expected = from.expected;
  to.last = from.last;
  to.said = from.said;
  to.held = from.held;
  for (i : 0 .. SAYS - 1) {
    to.outbox[i] = from.outbox[i]
  }
}

inline erase(store) {
  store.id = 0;
  store.peer = NOBODY;
  store.acknowledged = 0;
  store.released = 0;
  store.next = 0;
  store.expected = 0;
  store.last = NOTHING;
  store.said = 0;
  store.held = 0;
  for (i : 0 .. SAYS - 1) {
    store.outbox[i] = 0
  }
}

#define hasCopy(k) (copy[k].id != NOBODY)
#if RESTORE == 2
#define copies (hasCopy(0) + hasCopy(1))
#else
#define copies hasCopy(0)
#endif

/* The copy is put back, and the one behind it moves up. */
inline putBack(k) {
  duplicate(disk[0], copy[k]);
#if RESTORE == 2
  if
  :: k == 0 -> duplicate(copy[0], copy[1])
  :: else
  fi;
#endif
  erase(copy[RESTORE - 1]);
  restoresLeft--
}

/*
 * Side 0's store is copied at any moment and the copy put back while its program does not run, or the store begins anew.
 * No copy is taken for which there is no chance left to be put back.
 */
proctype Restore() {
  end:
  do
  :: d_step {
      copies < restoresLeft && copies < crashesLeft + (mem[0].state == DOWN) ->
      a = copies;
      duplicate(copy[a], disk[0]);
      a = 0
    }

  :: d_step {
      mem[0].state == DOWN && hasCopy(0) ->
      putBack(0)
    }

#if RESTORE == 2
  :: d_step {
      mem[0].state == DOWN && hasCopy(1) ->
      putBack(1)
    }
#endif

  :: d_step {
      mem[0].state == DOWN && copies < restoresLeft ->
      erase(disk[0]);
      disk[0].id = 2 + restoresLeft;
      restoresLeft--
    }
  od
}
#endif

/* When nothing is left to do, everything that was committed has arrived, and its sender knows. */
inline settled(s) {
  assert(mem[s].state == OPEN && mem[s].saying == 0 && mem[s].arriving == 0 && !mem[s].ackDue);
  assert(committed[s] == spoken && toldSent[s] == spoken);
  assert(disk[s].acknowledged == disk[s].next && disk[s].released == disk[s].next);
  assert(disk[s].next == disk[other].expected);
#ifdef RESTORE
  assert((disk[s].said & ~disk[other].held & ~(s == 1 -> told[0] & told[1] : 0)) == 0)
#else
  assert(disk[other].held == (1 << spoken) - 1)
#endif
}

init {
  d_step {
    disk[0].id = 1;
    disk[1].id = 2;
    mem[0].state = OFF;
    mem[1].state = OFF
  }
  atomic {
    run Side(0);
    run Side(1);
#ifdef RESTORE
    run Restore();
#endif
    run Handshake()
  }
  timeout;
  d_step {
    settled(0);
    settled(1)
  }
}
