//! Work shared by threads, with results in the order of the work.
//!
//! Each thread takes the next piece. A piece that panics is a fault of Parapet; it hides no other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::judging::STACK;

/// Does `work` for `0..count` on `jobs` threads; `None` stands for a piece that broke off.
pub(crate) fn in_parallel<T: Send>(
    jobs: usize,
    count: usize,
    work: &(dyn Fn(usize) -> T + Sync),
) -> std::io::Result<Vec<Option<T>>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Option<T>)>> = Mutex::new(Vec::with_capacity(count));
    let thread = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return;
            }
            let result = catch_unwind(AssertUnwindSafe(|| work(at))).ok();
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, count.max(1)) {
            std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, thread)?;
        }
        Ok::<(), std::io::Error>(())
    })?;
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

/// The words for a system that gives no thread.
pub(crate) fn no_thread(error: &std::io::Error) -> String {
    format!("no thread can be started: {error}")
}

#[cfg(test)]
mod tests {
    use super::in_parallel;

    #[test]
    fn results_are_in_order_and_a_fault_hides_no_other() {
        let work = |at: usize| if at == 3 { panic!("a fault on purpose") } else { at * at };
        let results = in_parallel(4, 6, &work).unwrap();
        assert_eq!(results, [Some(0), Some(1), Some(4), None, Some(16), Some(25)]);
        assert_eq!(in_parallel(2, 0, &work).unwrap(), []);
    }
}
