//! Long lists in the order of their elements, rendered by several threads.

use std::io;

/// Elements that a thread renders at once.
const CHUNK: usize = 256;

/// Chunks of each thread that are in memory at once.
const AHEAD: usize = 4;

/// Renders some elements, of which the first has this index.
type Render<'r, T> = dyn Fn(usize, &[T]) -> io::Result<Vec<u8>> + Sync + 'r;

/// Writes what is made of all elements, on so many threads; what is written is the same with any number.
pub(crate) fn write_all<T: Sync>(
    elements: &[T],
    jobs: usize,
    render: &Render<'_, T>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let chunks: Vec<(usize, &[T])> =
        elements.chunks(CHUNK).enumerate().map(|(at, chunk)| (at * CHUNK, chunk)).collect();
    let jobs = jobs.clamp(1, chunks.len().max(1));
    for wave in chunks.chunks(jobs * AHEAD) {
        for rendered in rendered(wave, jobs, render) {
            out.write_all(&rendered?)?;
        }
    }
    Ok(())
}

/// Each thread renders every `jobs`-th chunk.
fn rendered<T: Sync>(chunks: &[(usize, &[T])], jobs: usize, render: &Render<'_, T>) -> Vec<io::Result<Vec<u8>>> {
    let share = |thread: usize| chunks.iter().skip(thread).step_by(jobs).map(|(at, chunk)| render(*at, chunk));
    if jobs == 1 {
        return share(0).collect();
    }
    let mut shares: Vec<std::vec::IntoIter<io::Result<Vec<u8>>>> = std::thread::scope(|scope| {
        let work = |thread: usize| move || share(thread).collect::<Vec<_>>();
        let others: Vec<_> = (1..jobs).map(|at| std::thread::Builder::new().spawn_scoped(scope, work(at))).collect();
        let own = share(0).collect::<Vec<_>>().into_iter();
        let other = |handle: io::Result<std::thread::ScopedJoinHandle<'_, Vec<_>>>| match handle.map(|it| it.join()) {
            Ok(Ok(share)) => share.into_iter(),
            Ok(Err(_)) => vec![Err(io::Error::other("a thread of the report broke off"))].into_iter(),
            Err(error) => vec![Err(error)].into_iter(),
        };
        std::iter::once(own).chain(others.into_iter().map(other)).collect()
    });
    let mut all = Vec::with_capacity(chunks.len());
    for at in 0..chunks.len() {
        all.extend(shares.get_mut(at % jobs).and_then(Iterator::next));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_elements() {
        let elements: Vec<usize> = (0..5000).collect();
        let render = |first: usize, some: &[usize]| {
            assert_eq!(some.first(), Some(&first));
            Ok(some.iter().flat_map(|element| format!("{element} ").into_bytes()).collect())
        };
        let meant: String = elements.iter().map(|element| format!("{element} ")).collect();
        for jobs in [0, 1, 2, 3, 64] {
            let mut out = Vec::new();
            write_all(&elements, jobs, &render, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), meant, "{jobs}");
        }
    }

    #[test]
    fn a_fault_of_any_thread_is_one_of_the_whole() {
        let elements: Vec<usize> = (0..2000).collect();
        for bad in [0, 300, 1999] {
            let render = |_: usize, some: &[usize]| match some.contains(&bad) {
                true => Err(io::Error::other("a fault on purpose")),
                false => Ok(Vec::new()),
            };
            for jobs in [1, 2, 5] {
                assert!(write_all(&elements, jobs, &render, &mut Vec::new()).is_err(), "{bad} {jobs}");
            }
        }
        let broken = |_: usize, _: &[usize]| panic!("a fault on purpose");
        let after_the_first = |at: usize, some: &[usize]| if at == 0 { Ok(Vec::new()) } else { broken(at, some) };
        assert!(write_all(&elements, 8, &after_the_first, &mut Vec::new()).is_err());
    }
}
