/* The protocol of working memory, for one partition and one memory X: see docs/redis-format.md. docs/model/README.md says how
   to run it, and which rules may be left out to see that they are needed. */
/* Positions 1..MAXP; every write of X or of something else takes one. */
#ifndef MAXP
#define MAXP 3
#endif
#ifndef ROUNDS
#define ROUNDS 3
#endif
#define NONE 0
byte head = 0;          /* PG: partition head */
byte vx = 0;            /* PG: version of X (position of its last event) */
byte ev[MAXP+1];        /* ev[p] = version of X written at p, 0 = noise */
byte at[MAXP+1];        /* version of X as of position p */
byte acked = 0;         /* highest acknowledged position (token a client may hold) */
byte told = 0;          /* highest version of X that an answer said Redis had applied */
/* Redis */
bool ctl = false;       /* control key present */
byte epoch = 0, applied = 0, seen = 0;
bool ahead[MAXP+1];
byte val = NONE, vepoch = 0;
byte starting = 0;      /* the nonce of the follower that announced last; 0: none */
byte intents = 0;       /* number of writers with an intent on X */
byte flushes = 0, losses = 0;

inline clearAhead() { for (k : 0 .. MAXP) { ahead[k] = false } }

/* apply.lua */
inline applyLua(p, took) {
  atomic {
    if
    :: !ctl -> took = false               /* refused: no epoch */
    :: ctl ->
       took = true;
       if
       :: ev[p] != 0 ->
          if
#ifdef LATEWRITE
          :: (val == NONE || vepoch != epoch || val < ev[p]) -> val = ev[p]; vepoch = epoch
#else
          :: p > seen -> val = ev[p]; vepoch = epoch            /* newest of the partition */
          :: p <= seen && val != NONE && vepoch == epoch && val < ev[p] -> val = ev[p]
#endif
          :: else
          fi
       :: else
       fi;
       if :: p > seen -> seen = p :: else fi;
       if :: p > applied -> ahead[p] = true :: else fi;
       do
       :: applied < MAXP && ahead[applied+1] -> applied = applied + 1; ahead[applied] = false
       :: else -> break
       od
    fi
  }
}

proctype Writer(bool isX) {
  byte p = 0; bool had = false, took = false; byte k;
  /* prepare: Redis reachable or not */
  if :: atomic { isX -> intents++; had = true } :: skip fi;
  /* decide */
  atomic {
    if :: head < MAXP ->
      head++; p = head;
      if :: isX -> vx = p; ev[p] = p :: else -> ev[p] = 0 fi;
      at[p] = vx
    :: else -> p = 0 fi
  };
  if :: p == 0 -> goto done :: else fi;
  if :: goto crash :: skip fi;
  /* commit to Redis: reachable or not */
  if :: applyLua(p, took); atomic { if :: took -> if :: ev[p] > told -> told = ev[p] :: else fi :: else fi } :: skip fi;
  atomic { if :: p > acked -> acked = p :: else fi };
done:
  atomic { if :: had && intents > 0 -> intents--; had = false :: else fi };
  goto end;
crash: /* intent stays until its TTL */
  skip;
end: skip
}

/* intents of crashed writers expire */
active proctype Ttl() { byte n = 0; do :: atomic { n < 2 && intents > 0 -> intents--; n++ } :: n == 2 -> break :: timeout -> break od }

proctype Reader() {
  byte t, v, hh, n; byte k; bool miss;
  for (n : 1 .. 2) {
    atomic {
      /* with a token that has seen everything acknowledged, or with none */
      if :: t = acked :: t = 0 fi;
      miss = true;
      /* one round trip; that control, intent and value are read one after the other is left to the simulation over a real Redis */
      if
      :: ctl && val != NONE && vepoch == epoch && intents == 0 && applied >= t ->
           miss = false;
           assert(val >= at[t]);          /* never before what the token has seen */
           assert(val >= told)            /* never before what an answer said Redis had */
      :: else
      fi };
    if
    :: miss ->
       atomic { v = vx; hh = head };          /* one snapshot */
       /* sleep however long, then fill */
       atomic {
         if
#ifdef NOFILLRULE
         :: ctl && v != 0 ->
#else
         :: ctl && v != 0 && seen <= hh ->
#endif
            if :: (val == NONE || vepoch != epoch || val < v) -> val = v; vepoch = epoch :: else fi
         :: else
         fi }
    :: else
    fi
  }
}

/* Two of them: a leader that was deposed may still be at it. */
proctype Follower(byte nonce; byte roundsMax) {
  byte p, k, h; byte rounds = 0; bool took;
  do
  :: rounds < roundsMax ->
     rounds++;
     if
     :: !ctl ->
        starting = nonce;                      /* announce, */
        h = head;                              /* then read PG, however long it takes, */
        atomic {                               /* then begin: begin.lua */
          if
#ifdef NOFENCE
          :: !ctl ->
#else
          :: !ctl && starting == nonce ->
#endif
             starting = 0;
             ctl = true;
#ifndef NOEPOCH
             epoch = epoch + 1;
#endif
             applied = h; seen = h; clearAhead()
          :: else
          fi }
     :: atomic { ctl && applied < head -> p = applied + 1 }; applyLua(p, took)
     :: else -> if :: timeout -> break :: skip fi
     fi
  :: rounds >= roundsMax -> break
  od;
}

active proctype Redis() { byte k;
  do
  :: atomic { val != NONE && flushes < 2 -> val = NONE; flushes++ }                         /* eviction */
  :: atomic { flushes < 2 -> ctl = false; val = NONE; intents = 0; applied = 0; seen = 0; clearAhead(); flushes++ }  /* FLUSHALL */
  :: atomic { losses < 1 && ctl -> ctl = false; applied = 0; seen = 0; clearAhead(); losses++ }  /* control key lost, value stays */
  :: break
  od
}

init {
  atomic { run Writer(true); run Writer(true); run Writer(false); run Reader(); run Follower(1, ROUNDS); run Follower(2, ROUNDS) }
}
