//! The language server: translation and scheduling.
//!
//! A handler translates, asks once, translates back; features live in `parapet-ide`. Edits are written down before a
//! handler first waits, so that they are applied in the order in which they came; questions run on threads of their own
//! with a snapshot of the database, and stop when the next edit comes.

mod actions;
mod capabilities;
mod checking;
mod colours;
mod completion;
mod discovery;
mod document;
mod findings;
mod handlers;
mod host;
mod lenses;
mod library;
mod live;
mod manifests;
mod proto;
mod publish;
mod ranges;
mod renames;
mod reports;
mod server;
mod sieve;
mod signatures;
mod symbols;
mod templates;
mod testing;
mod translate;
mod world;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, Runtime};
use tower_lsp::{LspService, Server};

use crate::server::Parapet;

/// So many requests are worked on at once: with few, an edit waits in line behind the questions that it should cancel.
const CONCURRENCY: usize = 128;

/// So many bytes of messages wait for the server.
const PIPE: usize = 256 << 10;

/// Serves an editor on standard input and output until it says goodbye. The exit status: 0 after a shutdown, else 1.
pub fn run() -> io::Result<u8> {
    let runtime = runtime()?;
    let status = runtime.block_on(serve(tokio::io::stdin(), tokio::io::stdout(), library::folder()));
    // A thread may still wait for input that never comes.
    runtime.shutdown_background();
    Ok(status)
}

/// The threads that the server runs on. Rules nest as deeply as the parser allows, and the checker recurses by them.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(16)
        .thread_stack_size(parapet_driver::STACK * 4)
        .enable_time()
        .build()
}

/// Serves an editor on these streams; the standard library is shown as files below `library`.
pub async fn serve(input: impl AsyncRead + Unpin, output: impl AsyncWrite, library: PathBuf) -> u8 {
    let left = AtomicBool::new(false);
    let (service, socket) = LspService::new(|client| Parapet::new(client, library.clone()));
    let (messages, passed) = tokio::io::duplex(PIPE);
    let (passed, _) = tokio::io::split(passed);
    let server = Server::new(passed, output, socket).concurrency_level(CONCURRENCY).serve(service);
    let sieve = sieve::sieve(input, messages, &left);
    tokio::pin!(server, sieve);
    // The server ends when it is told to, whether or not the editor closes its end.
    tokio::select! {
        () = &mut server => {}
        () = &mut sieve => server.await,
    }
    u8::from(!left.load(Ordering::SeqCst))
}
