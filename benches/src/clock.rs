//! The processor time of this thread: other programs on the machine do not count.

use std::time::Duration;

/// The processor time that this thread has taken.
#[cfg(unix)]
pub(crate) fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// The processor time that all threads have taken.
#[cfg(unix)]
pub(crate) fn now_of_threads() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Where there is no such clock, the time that went by.
#[cfg(not(unix))]
pub(crate) fn now_of_threads() -> Duration {
    now()
}

/// Where there is no such clock, the time that went by.
#[cfg(not(unix))]
pub(crate) fn now() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

/// What a step takes, and what it gives.
pub(crate) fn timed<T>(step: impl FnOnce() -> T) -> (Duration, T) {
    let start = now();
    let given = step();
    (now().saturating_sub(start), given)
}

/// The same of a step that starts threads.
pub(crate) fn timed_threads<T>(step: impl FnOnce() -> T) -> (Duration, T) {
    let start = now_of_threads();
    let given = step();
    (now_of_threads().saturating_sub(start), given)
}
