//! Work on many things on every processor; what comes of it comes in their order.

use std::{
    num::NonZeroUsize,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

/// Does something with each item; each worker has a state of its own. Returns what came of them, in their order.
pub fn each<I: Sync, S, R: Send>(
    items: &[I],
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &I) -> R + Sync,
) -> Vec<R> {
    let workers = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(items.len().max(1));
    let next = AtomicUsize::new(0);
    let all = |send: mpsc::Sender<(usize, R)>| {
        let mut state = state();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return };
            if send.send((at, work(&mut state, item))).is_err() {
                return;
            }
        }
    };
    let (send, receive) = mpsc::channel();
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        // This thread works too: a single item costs no second one.
        for _ in 1..workers {
            let (send, all) = (send.clone(), &all);
            scope.spawn(move || all(send));
        }
        all(send);
        receive.into_iter().collect()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, it)| it).collect()
}
