/*
 * Delivery between two sides over a link that can be cut at any instant (docs/PROTOCOL.md §7), for Debian's spin 6.5.2.
 * It knows numbers, cursors and commits; not what a message says, nor how it is sealed.
 * Every step below is one indivisible act of one side; spin tries all orders of them. How it is run: model.test.ts.
 *
 * Without RESTORE: links are cut and programs crash, the stores stay what they are.
 * With RESTORE: moreover side 0's store is once replaced by an older copy of itself, or by a new one.
 */

/* What bounds the search. */
#ifndef SAYS
#define SAYS 2 /* messages that each person says, at most 7 */
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

#define NOBODY 0 /* in place of a store's id */

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
 * `said` and `held` are what the checks below look at, as sets of messages: all that this store's person said and all
 * that this store got from the other. A message is known by when it was said, whatever its number.
 */
typedef Store {
  byte id;
  byte peer; /* the other store's id, as known */
  byte acknowledged;
  byte released;
  byte next;
  byte expected;
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
  byte arrived[GROUP];
#ifdef RESTORE
  byte loaded;       /* messages with a lower number were said before this program began */
  byte peer;         /* while UNFIT, of the other's RESUME: its id, what it expects, its oldest */
  byte expects;
  byte oldest
#endif
};

Store disk[2];
Run mem[2];

/*
 * toward[s]: what is on the way to s.
 * RESUME(id, peer, expected, acknowledged, released), DATA(seq, message), ACK(next)
 */
chan toward[2] = [ROOM] of { mtype, byte, byte, byte, byte, byte };

byte cutsLeft = CUTS;
byte crashesLeft = CRASHES;

/* For the checks only: committed messages and those that were shown as sent, in all; whether a person was told. */
byte committed[2];
byte toldSent[2];
#ifdef RESTORE
bool told[2];
bool restored;
bool copied;
Store copy;
#endif

/* For use within one step. */
hidden byte a, b, c, d, e, i, n;

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
  assert(disk[s].held < (1 << message));
  assert((disk[other].said & ((1 << message) - 1) & ~disk[s].held) == 0 || (told[0] && told[1]));
#endif
  disk[s].held = disk[s].held | (1 << message)
}

/* One transaction: what was said, what came with the cursor, what was acknowledged, and what the link is given now. */
inline commit() {
  n = mem[s].acknowledged - disk[s].acknowledged;
  trim();
  disk[s].acknowledged = mem[s].acknowledged;
  do
  :: mem[s].saying > 0 ->
    disk[s].outbox[disk[s].next - disk[s].acknowledged] = committed[s];
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
      keep(mem[s].arrived[i]);
#endif
      disk[s].expected++;
      mem[s].ackDue = hasLink(s);
      mem[s].arrived[i] = 0
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
  :: len(toward[s]) > 0 -> toward[s]?_, _, _, _, _, _
  :: else -> break
  od;
#endif
  mem[s].unsent = 0;
#ifdef RESTORE
  mem[s].peer = NOBODY;
  mem[s].expects = 0;
  mem[s].oldest = 0;
#endif
  mem[s].ackDue = false
}

/* There is room, or nobody at the other end: then what is written is lost. */
#define canWrite (nfull(toward[other]) || !hasLink(other))

inline write(kind, v, w, x, y, z) {
  if
  :: hasLink(other) -> toward[other]!kind, v, w, x, y, z
  :: else
  fi
}

/* ---- RESUME ---- */

/*
 * What follows from the other's RESUME, in one transaction: it expects b, and its oldest is c. The outbox loses what
 * counts as delivered, n messages, and the others have the numbers from d on. Numbers never go down.
 */
inline carryOut() {
#ifdef TRIM_ONE_MORE
  if
  :: b < disk[s].released -> b++
  :: else
  fi;
#endif
  d = (b > mem[s].acknowledged -> b : mem[s].acknowledged);
  n = d - disk[s].acknowledged;
#ifdef RESTORE
  if
  :: b > disk[s].released ->
    /* Our store is older than what the other has from it. What has a lower number than it expects may have arrived and
       is not sent again. But what was said since this program began has not: the store was put back before that. */
    n = (b < mem[s].loaded -> b : mem[s].loaded);
#ifdef QUEUED_AGAIN
    n = 0;
#endif
    n = (n > disk[s].released -> n : disk[s].released) - disk[s].acknowledged;
#ifdef NO_RENUMBER
    d = disk[s].acknowledged + n;
#endif
    disk[s].released = d
  :: else
  fi;
#ifndef NO_SKIP
  /* What the other has had acknowledged once it no longer has: our store lacks it for good. */
  disk[s].expected = (c > disk[s].expected -> c : disk[s].expected);
#endif
  disk[s].peer = a;
  mem[s].loaded = 0;
  mem[s].peer = NOBODY;
  mem[s].expects = 0;
  mem[s].oldest = 0;
#endif
  trim();
  disk[s].next = d + (disk[s].next - disk[s].acknowledged - n);
  disk[s].acknowledged = d;
  mem[s].acknowledged = d;
#ifdef NOT_AGAIN
  mem[s].unsent = disk[s].released;
#else
  mem[s].unsent = d;
#endif
  mem[s].state = OPEN
}

/* The other's RESUME says: id a, it knows our store as e, it expects b, it has from c on and sent below d. */
inline resume() {
#ifdef RESTORE
  /* Both sides compare the same, and find the same. */
  if
  :: b < mem[s].acknowledged || b > disk[s].released ||
      disk[s].expected < c || disk[s].expected > d ||
      (disk[s].peer != NOBODY && disk[s].peer != a) || (e != NOBODY && e != disk[s].id) ->
    assert(restored);
    told[s] = true;
#ifdef UNCONFIRMED
    carryOut()
#else
    /* Nothing of it is stored before both were told: a cut here would leave one of them in the dark for good. */
    mem[s].peer = a;
    mem[s].expects = b;
    mem[s].oldest = c;
    mem[s].ackDue = true;
    mem[s].state = UNFIT
#endif
  :: else -> carryOut()
  fi
#else
  /* Two stores of which none was touched always fit. */
  assert(mem[s].acknowledged <= b && b <= disk[s].released);
  assert(c <= disk[s].expected && disk[s].expected <= d);
  carryOut()
#endif
}

/* ---- one side: its person, its program and its end of the link ---- */

proctype Side(byte s) {
  end:
  do
  /* The person says something, with a link or without. */
  :: d_step {
      mem[s].state != DOWN && mem[s].saying < GROUP && committed[s] + mem[s].saying < SAYS ->
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
      write(RESUME, disk[s].id, disk[s].peer, disk[s].expected, mem[s].acknowledged, disk[s].released);
      mem[s].state = WAITING
    }

  :: d_step {
      mem[s].state == WAITING && toward[s]?[RESUME, _, _, _, _, _] ->
      toward[s]?RESUME, a, e, b, c, d;
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
      write(DATA, mem[s].unsent, b, 0, 0, 0);
      mem[s].unsent++
#ifdef FORGET_WHEN_SENT
      ;
      mem[s].acknowledged = mem[s].unsent
#endif
    }

  :: d_step {
      mem[s].state >= WAITING && mem[s].arriving < GROUP && toward[s]?[DATA, _, _, _, _, _] ->
      toward[s]?DATA, a, b, _, _, _;
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
        mem[s].arrived[mem[s].arriving] = b;
        mem[s].arriving++
      fi;
      a = 0;
      b = 0
    }

  :: d_step {
      mem[s].state >= UNFIT && canWrite && ackable ->
      write(ACK, acknowledgeable, 0, 0, 0, 0);
      mem[s].ackDue = false
    }

#ifdef RESTORE
  /* The first ACK says that the other has read our RESUME and told its person. We have as well, and have said so. */
  :: d_step {
      mem[s].state == UNFIT && !mem[s].ackDue && toward[s]?[ACK, _, _, _, _, _] ->
      toward[s]?ACK, _, _, _, _, _;
      a = mem[s].peer;
      b = mem[s].expects;
      c = mem[s].oldest;
      assert(told[0] && told[1]);
      carryOut()
    }
#endif

  :: d_step {
      (mem[s].state == WAITING || mem[s].state == OPEN) && toward[s]?[ACK, _, _, _, _, _] ->
      toward[s]?ACK, a, _, _, _, _;
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
      mem[s].loaded = 0;
#endif
      mem[s].acknowledged = disk[s].acknowledged
    }

  :: d_step {
      mem[s].state == DOWN ->
      mem[s].acknowledged = disk[s].acknowledged;
#ifdef RESTORE
      mem[s].loaded = disk[s].next;
#endif
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
  store.said = 0;
  store.held = 0;
  for (i : 0 .. SAYS - 1) {
    store.outbox[i] = 0
  }
}

/* Side 0's store is copied at any moment and the copy put back while no program runs, or the store begins anew. */
proctype Restore() {
  end:
  do
  :: d_step {
      !copied && !restored && crashesLeft > 0 ->
      duplicate(copy, disk[0]);
      copied = true
    }

  :: d_step {
      copied && !restored && mem[0].state == DOWN ->
      duplicate(disk[0], copy);
      erase(copy);
      restored = true
    }

  :: d_step {
      !copied && !restored && mem[0].state == DOWN ->
      erase(disk[0]);
      disk[0].id = 3;
      restored = true
    }
  od
}
#endif

/* When nothing is left to do, everything that was committed has arrived, and its sender knows. */
inline settled(s) {
  assert(mem[s].state == OPEN && mem[s].saying == 0 && mem[s].arriving == 0 && !mem[s].ackDue);
  assert(committed[s] == SAYS && toldSent[s] == SAYS);
  assert(disk[s].acknowledged == disk[s].next && disk[s].released == disk[s].next);
  assert(disk[s].next == disk[other].expected);
#ifdef RESTORE
  assert((disk[s].said & ~disk[other].held) == 0 || (told[0] && told[1]))
#else
  assert(disk[other].held == (1 << SAYS) - 1)
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
