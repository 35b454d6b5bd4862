//! Threads that make records of the values of one input.
//!
//! The thread that cuts the input collects values and hands some on at once; what became of them comes back in any order and
//! is delivered in that of the input, so that the result is that of one thread. No more than a few batches are on their way:
//! memory does not grow with the input.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use parapet_model::json;

use crate::delivered::{Delivered, Taking};
use crate::delivery::{Delivery, Kept};
use crate::element::{Cut, Envelope};
use crate::formats::Format;
use crate::place::Place;
use crate::sink::Summary;
use crate::source::Source;

/// A batch has so many bytes, or values; in tests of small inputs, few.
const BYTES: usize = if cfg!(test) { 400 } else { 128 << 10 };
const VALUES: usize = 256;

/// A value of more bytes than this is not copied: it is made into records where it was cut.
pub(crate) const LARGEST: usize = if cfg!(test) { 3000 } else { 4 << 20 };

/// So many batches for each thread are on their way.
const AHEAD: usize = 3;

/// JSON nests as deeply as the parser allows.
const STACK: usize = 16 << 20;

/// Values that wait for a thread.
#[derive(Default)]
struct Batch {
    number: usize,
    envelope: Envelope,
    bytes: Vec<u8>,
    places: Vec<json::Place>,
    cuts: Vec<Waiting>,
}

struct Waiting {
    bytes: Range<usize>,
    place: Place,
    pointer: Box<str>,
    /// Its members and those inside, among all places.
    glance: Option<(Range<usize>, Range<usize>)>,
}

/// What became of a batch.
pub(crate) struct Done {
    pub(crate) delivered: Vec<Delivered>,
    pub(crate) summary: Summary,
}

/// See the module.
pub(crate) struct Crew {
    batch: Batch,
    todo: Sender<Batch>,
    done: Receiver<(usize, std::thread::Result<Done>)>,
    threads: usize,
    sent: usize,
    received: usize,
    /// The number of the batch whose turn it is.
    next: usize,
    early: BTreeMap<usize, Done>,
}

impl Crew {
    /// Starts threads, which end when the crew is dropped. `Err`: no thread can be started.
    pub(crate) fn start<'scope, 'env>(
        scope: &'scope std::thread::Scope<'scope, 'env>,
        source: &'env Source<'env>,
        asked: Option<&'static Format>,
        threads: usize,
    ) -> io::Result<Crew> {
        let (todo, batches) = channel::<Batch>();
        let (finished, done) = channel();
        let batches = Arc::new(Mutex::new(batches));
        for _ in 0..threads {
            let (batches, finished) = (batches.clone(), finished.clone());
            let work = move || {
                let mut kept = Kept::shared();
                loop {
                    let batch = batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    // Nobody hands on anything any more, or waits for what becomes of it.
                    let Ok(batch) = batch else { return };
                    let number = batch.number;
                    // Who waits for the batch must learn of a fault, and not wait for ever.
                    let done = catch_unwind(AssertUnwindSafe(|| batch.work(source, asked, &mut kept)));
                    if finished.send((number, done)).is_err() {
                        return;
                    }
                }
            };
            std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work)?;
        }
        let early = BTreeMap::new();
        Ok(Crew { batch: Batch::default(), todo, done, threads, sent: 0, received: 0, next: 0, early })
    }

    /// Takes a value on, to be handed on with others.
    pub(crate) fn add(&mut self, cut: Cut<'_>, envelope: &Envelope) {
        if self.batch.cuts.is_empty() {
            self.batch.envelope = envelope.clone();
        }
        self.batch.add(cut);
        if self.batch.bytes.len() >= BYTES || self.batch.cuts.len() >= VALUES {
            self.hand_on();
        }
    }

    pub(crate) fn hand_on(&mut self) {
        if self.batch.cuts.is_empty() {
            return;
        }
        let mut batch = std::mem::take(&mut self.batch);
        batch.number = self.sent;
        self.sent += 1;
        // Where nobody takes it, whoever waits for it learns of that.
        drop(self.todo.send(batch));
    }

    /// What became of the batch whose turn it is. Waits for it where many are on their way, or where `all` are wanted.
    pub(crate) fn next(&mut self, all: bool) -> Option<Done> {
        loop {
            if let Some(done) = self.early.remove(&self.next) {
                self.next += 1;
                return Some(done);
            }
            // What came early waits in memory, too: of one that is slow the others must not run away.
            let waits = all || self.sent - self.next > self.threads * AHEAD;
            let (number, done) = match waits && self.sent > self.received {
                true => match self.done.recv() {
                    Ok(done) => done,
                    // Records that nobody makes must not be missing in silence.
                    Err(_) => resume_unwind(Box::new("the threads that make records are gone")),
                },
                false => self.done.try_recv().ok()?,
            };
            self.received += 1;
            match done {
                Ok(done) => drop(self.early.insert(number, done)),
                Err(fault) => resume_unwind(fault),
            }
        }
    }
}

impl Batch {
    fn add(&mut self, cut: Cut<'_>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(cut.bytes);
        let glance = cut.glance.map(|glance| {
            let start = self.places.len();
            self.places.extend_from_slice(glance.members);
            let inner = self.places.len();
            self.places.extend_from_slice(glance.inner);
            (start..inner, inner..self.places.len())
        });
        let bytes = start..self.bytes.len();
        self.cuts.push(Waiting { bytes, place: cut.place, pointer: cut.pointer.into(), glance });
    }

    fn work(self, source: &Source<'_>, asked: Option<&'static Format>, kept: &mut Kept) -> Done {
        let mut delivered = Vec::with_capacity(self.cuts.len());
        let summary = {
            let mut sink = Taking(|one| delivered.push(one));
            let mut cx = Delivery::new(source, &mut sink, asked);
            cx.is_known();
            cx.exchange(kept);
            for waiting in &self.cuts {
                let places = |range: &Range<usize>| self.places.get(range.clone()).unwrap_or_default();
                let glance = waiting.glance.as_ref();
                let glance =
                    glance.map(|(members, inner)| json::Members { members: places(members), inner: places(inner) });
                let bytes = self.bytes.get(waiting.bytes.clone()).unwrap_or_default();
                let cut = Cut { bytes, place: waiting.place, pointer: &waiting.pointer, glance };
                crate::read::deliver(&mut cx, cut, &self.envelope);
            }
            cx.exchange(kept);
            cx.said()
        };
        Done { delivered, summary }
    }
}
