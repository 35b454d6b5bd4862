//! One file on several threads: one reads and hashes its bytes, one cuts them into values, some make records of these, one types
//! what needs it.
//!
//! What one thread has done it hands on to the next in order, so that the result is that of one thread. A few pieces wait
//! between them, no more: memory does not grow with the file.

use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use parapet_inventory::{Delivered, Sink, Taking};
use sha2::Sha256;

use super::parts::{Hashing, Passed};
use crate::host::Host;
use crate::judging::STACK;

/// Bytes that are handed on at once.
const CHUNK: usize = 256 << 10;

/// What is delivered is handed on so many at once.
const BATCH: usize = 128;

/// So many pieces wait for the next thread.
const WAITING: usize = 8;

/// Hands on what is delivered.
struct Handing {
    batch: Vec<Delivered>,
    next: SyncSender<Vec<Delivered>>,
}

impl Handing {
    fn push(&mut self, delivered: Delivered) {
        self.batch.push(delivered);
        if self.batch.len() >= BATCH {
            self.flush();
        }
    }

    /// Where the next thread broke off nobody takes it; whoever waits for that thread learns of it.
    fn flush(&mut self) {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        drop(self.next.send(batch));
    }
}

/// Calls `read` with a sink whose deliveries come to `sink` on another thread. `Err`: no thread can be started.
pub(super) fn delivering<R>(sink: &mut (dyn Sink + Send), read: impl FnOnce(&mut dyn Sink) -> R) -> io::Result<R> {
    std::thread::scope(|scope| {
        let (next, delivered) = sync_channel::<Vec<Delivered>>(WAITING);
        let take = move || {
            let sink: &mut dyn Sink = sink;
            delivered.into_iter().flatten().for_each(|delivered| delivered.into(sink));
        };
        let taking = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, take)?;
        let mut handing = Handing { batch: Vec::with_capacity(BATCH), next };
        let result = read(&mut Taking(|delivered| handing.push(delivered)));
        handing.flush();
        drop(handing);
        match taking.join() {
            Ok(()) => Ok(result),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Calls `read` with the bytes of a file that another thread reads and hashes; gives their digest, too. The first `Err`: no
/// thread can be started; the second: the file cannot be opened.
pub(super) fn reading<R>(
    host: &dyn Host,
    path: &Path,
    passed: &Passed<'_>,
    read: impl FnOnce(&mut dyn Read) -> R,
) -> io::Result<io::Result<(R, Option<Sha256>)>> {
    std::thread::scope(|scope| {
        let (next, chunks) = sync_channel::<io::Result<Vec<u8>>>(WAITING);
        let hash = move || match host.open(path) {
            Ok(reader) => hashed(Hashing { inner: reader, hash: passed.hash(), passed }, &next),
            Err(error) => {
                drop(next.send(Err(error)));
                None
            }
        };
        let hashing = std::thread::Builder::new().spawn_scoped(scope, hash)?;
        let result = match chunks.recv() {
            Ok(Err(error)) => Err(error),
            Ok(Ok(chunk)) => Ok(read(&mut Chunks { chunks, chunk, at: 0 })),
            Err(_) => Ok(read(&mut io::empty())),
        };
        match hashing.join() {
            Ok(hash) => Ok(result.map(|result| (result, hash))),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Reads to the end, whether or not anyone takes all of it: the digest is that of the whole file.
fn hashed(mut reader: Hashing<'_>, next: &SyncSender<io::Result<Vec<u8>>>) -> Option<Sha256> {
    // The first says that the file is open.
    let mut wanted = next.send(Ok(Vec::new())).is_ok();
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        match (&mut reader).take(CHUNK as u64).read_to_end(&mut chunk) {
            Ok(0) => return reader.hash,
            Ok(_) => wanted = wanted && next.send(Ok(chunk)).is_ok(),
            Err(error) => {
                if !chunk.is_empty() && wanted {
                    wanted = next.send(Ok(chunk)).is_ok();
                }
                if wanted {
                    drop(next.send(Err(error)));
                }
                return reader.hash;
            }
        }
    }
}

/// The bytes that another thread reads.
struct Chunks {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    at: usize,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.chunk.len() {
            match self.chunks.recv() {
                Ok(chunk) => (self.chunk, self.at) = (chunk?, 0),
                Err(_) => return Ok(0),
            }
        }
        let read = self.chunk.get(self.at..).unwrap_or_default().read(buffer)?;
        self.at += read;
        Ok(read)
    }
}
